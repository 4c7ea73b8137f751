/** Chains from a certificate to a root: RFC 5280, section 6, as Go's `x509` builds and judges them (Verify). No revocation. */
import type { Certificate } from './certificate.ts';
import { keepsConstraints } from './chain-constraints.ts';
import { SUBJECT_ALT_NAME } from './extensions.ts';
import { isForHost } from './hostname.ts';
import { hasValidPolicies } from './policy-graph.ts';
import { verifiesSignature } from './signature.ts';
import { ANY_USAGE } from './usages.ts';

export type Verification = {
  readonly root: Certificate;
  readonly intermediates: readonly Certificate[];
  /** Nanoseconds since the epoch. */
  readonly now: bigint;
  /** Empty for any. */
  readonly host: string;
  /** OIDs; one of them has to be allowed all along the chain. */
  readonly usages: readonly string[];
};

/** Go's limit (maxChainSignatureChecks): certificates of one name could make very many chains. */
const MOST_SIGNATURES = 100;
/** Of the key usage extension. */
const MAY_SIGN_CERTIFICATES = 1 << 5;

/** The first chain that holds, from the leaf to the root; null where none does. */
export function verifiedChain(leaf: Certificate, verification: Verification): readonly Certificate[] | null {
  const { root, now, host, usages } = verification;
  if (!isValid(leaf, [], now)) return null;
  if (host !== '' && !isForHost(leaf.contents.altNames, host)) return null;
  const chains = leaf.raw.equals(root.raw) ? [[leaf]] : new ChainBuilder(verification).chainsFrom([leaf]);
  const isAccepted = (chain: readonly Certificate[]): boolean =>
    hasValidPolicies(chain) && isFor(chain, usages) && keepsConstraints(chain);
  return chains.find(isAccepted) ?? null;
}

type Chain = readonly [Certificate, ...Certificate[]];

class ChainBuilder {
  readonly #root: Certificate;
  readonly #intermediates: readonly Certificate[];
  readonly #now: bigint;
  #signatures = 0;

  constructor({ root, intermediates, now }: Verification) {
    this.#root = root;
    this.#intermediates = distinct(intermediates);
    this.#now = now;
  }

  /** All that begin with these. */
  chainsFrom(chain: Chain): readonly Chain[] {
    const child = chain.at(-1) as Certificate;
    const chains: Chain[] = [];
    const grow = (parent: Certificate): Chain | null =>
      this.#mayFollow(parent, chain) ? [...chain, parent] : null;
    if (this.#root.rawSubject.equals(child.rawIssuer)) {
      const grown = grow(this.#root);
      if (grown && isValid(this.#root, chain, this.#now)) chains.push(grown);
    }
    for (const parent of likelyParents(child, this.#intermediates)) {
      if (this.#signatures > MOST_SIGNATURES) break;
      const grown = grow(parent);
      if (grown && isAuthority(parent) && isValid(parent, chain, this.#now))
        chains.push(...this.chainsFrom(grown));
    }
    return chains;
  }

  #mayFollow(parent: Certificate, chain: Chain): boolean {
    this.#signatures += 1;
    return (
      this.#signatures <= MOST_SIGNATURES &&
      parent.publicKey !== null &&
      !isIn(chain, parent) &&
      isSignedBy(chain.at(-1) as Certificate, parent)
    );
  }
}

function distinct(certificates: readonly Certificate[]): readonly Certificate[] {
  const seen = new Set<string>();
  return certificates.filter(({ raw }) => {
    const key = raw.toString('latin1');
    return !seen.has(key) && seen.add(key);
  });
}

/** Those of the issuer's name; first those whose key's identifier is the one that is sought, last those with another. */
function likelyParents(child: Certificate, certificates: readonly Certificate[]): readonly Certificate[] {
  const wanted = child.contents.authorityKeyId ?? Buffer.alloc(0);
  const unlikeliness = ({ contents }: Certificate): number => {
    const own = contents.subjectKeyId ?? Buffer.alloc(0);
    if (own.equals(wanted)) return 0;
    return own.length === 0 || wanted.length === 0 ? 1 : 2;
  };
  return certificates
    .filter(({ rawSubject }) => rawSubject.equals(child.rawIssuer))
    .toSorted((a, b) => unlikeliness(a) - unlikeliness(b));
}

/** By name, key and alternative names, so that authorities that signed each other make no circle. */
function isIn(chain: Chain, candidate: Certificate): boolean {
  const altNames = altNamesOf(candidate);
  for (const one of chain) {
    if (!one.rawSubject.equals(candidate.rawSubject) || !one.rawPublicKey.equals(candidate.rawPublicKey))
      continue;
    const own = altNamesOf(one);
    if (own === null || altNames === null) return own === altNames;
    if (own.equals(altNames)) return true;
  }
  return false;
}

const altNamesOf = ({ extensions }: Certificate): Buffer | null =>
  extensions.find(({ oid }) => oid === SUBJECT_ALT_NAME)?.value ?? null;

function isSignedBy(child: Certificate, parent: Certificate): boolean {
  const { basicConstraints, keyUsage } = parent.contents;
  const maySign = basicConstraints ? basicConstraints.isCa : parent.version !== 3n;
  if (!maySign || (keyUsage !== 0 && (keyUsage & MAY_SIGN_CERTIFICATES) === 0) || parent.publicKey === null)
    return false;
  return verifiesSignature(child.signatureAlgorithm, child.rawTbs, child.signature, parent.publicKey);
}

const isAuthority = ({ contents }: Certificate): boolean => contents.basicConstraints?.isCa ?? false;

/** For what the certificate is at this place: `before` are those from the leaf on. */
function isValid(
  { contents, notBefore, notAfter }: Certificate,
  before: readonly Certificate[],
  now: bigint,
): boolean {
  const { maxPathLength = -1n } = contents.basicConstraints ?? {};
  return (
    contents.unhandled.length === 0 &&
    notBefore.instant <= now &&
    now <= notAfter.instant &&
    (maxPathLength < 0n || BigInt(before.length - 1) <= maxPathLength)
  );
}

/** A certificate that says nothing of usages allows all. */
function isFor(chain: readonly Certificate[], usages: readonly string[]): boolean {
  if (usages.includes(ANY_USAGE)) return true;
  const limits = chain
    .map(({ contents }) => contents.extendedKeyUsage)
    .filter((allowed) => allowed.length > 0 && !allowed.includes(ANY_USAGE));
  return usages.some((usage) => limits.every((allowed) => allowed.includes(usage)));
}
