/** Whether a chain's policies fit together: RFC 5280, section 6.1, as RFC 9618 changed it, and Go's `x509`, policiesValid. */
import type { Certificate } from './certificate.ts';

/** Policies are their OIDs' DER, a character for each byte. */
type Policy = string;
type Node = {
  readonly policy: Policy;
  expected: readonly Policy[];
  readonly parents: Set<Node>;
  readonly children: Set<Node>;
};
type Stratum = Map<Policy, Node>;

const ANY: Policy = Buffer.from('551d2000', 'hex').toString('latin1');
const policyOf = (der: Buffer): Policy => der.toString('latin1');

function newNode(policy: Policy, parents: readonly Node[]): Node {
  const node = { policy, expected: [policy], parents: new Set(parents), children: new Set<Node>() };
  for (const parent of parents) parent.children.add(node);
  return node;
}

/** A stratum for each certificate from the root's on; the last one's nodes are leaves. */
class PolicyGraph {
  readonly #strata: Stratum[] = [new Map([[ANY, newNode(ANY, [])]])];

  get #leaves(): Stratum {
    return this.#strata.at(-1) as Stratum;
  }

  /** RFC 9618, section 5.2: 6.1.3 (d). */
  add(policies: readonly Policy[], mayBeAny: boolean): void {
    const above = this.#leaves;
    const expecting = new Map<Policy, Node[]>();
    for (const node of above.values()) for (const policy of node.expected) append(expecting, policy, node);
    this.#strata.push(new Map());
    const any = above.get(ANY);
    for (const policy of policies.filter((one) => one !== ANY)) {
      const parents = expecting.get(policy) ?? (any ? [any] : []);
      if (parents.length > 0) this.#leaves.set(policy, newNode(policy, parents));
    }
    const missing =
      mayBeAny && policies.includes(ANY)
        ? [...expecting].filter(([policy]) => !this.#leaves.has(policy))
        : [];
    for (const [policy, parents] of missing) this.#leaves.set(policy, newNode(policy, parents));
    this.#prune();
  }

  /** 6.1.4 (b), where mappings are allowed, and where they are not. */
  map(mappings: ReadonlyMap<Policy, readonly Policy[]>, mayMap: boolean): void {
    if (!mayMap) for (const issuer of mappings.keys()) this.#deleteLeaf(issuer);
    this.#prune();
    if (!mayMap) return;
    for (const [issuer, subjects] of mappings) {
      const any = this.#leaves.get(ANY);
      const node = this.#leaves.get(issuer) ?? (any && newNode(issuer, [any]));
      if (!node) continue;
      node.expected = subjects;
      this.#leaves.set(issuer, node);
    }
  }

  /** 6.1.5 (g): whether any policy is left that the authorities agree on. */
  isSatisfied(): boolean {
    return (
      this.#leaves.has(ANY) ||
      this.#strata.some((stratum) =>
        [...stratum.values()].some(
          ({ policy, parents }) => policy !== ANY && parents.size === 1 && [...parents][0]?.policy === ANY,
        ),
      )
    );
  }

  #deleteLeaf(policy: Policy): void {
    const node = this.#leaves.get(policy);
    if (!node) return;
    for (const parent of node.parents) parent.children.delete(node);
    this.#leaves.delete(policy);
  }

  /** Nodes without children go, but for the leaves and the root. */
  #prune(): void {
    for (const stratum of this.#strata.slice(1, -1).toReversed())
      for (const node of stratum.values()) {
        if (node.children.size > 0) continue;
        for (const parent of node.parents) parent.children.delete(node);
        stratum.delete(node.policy);
      }
  }
}

/** `chain` begins with the leaf and ends with the root, whose own policies do not count. */
export function hasValidPolicies(chain: readonly Certificate[]): boolean {
  const certificates = chain.slice(0, -1).toReversed();
  const leaf = certificates.at(-1);
  if (!leaf) return true;
  let graph: PolicyGraph | null = new PolicyGraph();
  // How many certificates are left until it holds.
  const left = { explicit: chain.length, mapping: chain.length, any: chain.length };
  for (const [at, certificate] of certificates.entries()) {
    const { policies, policyMappings } = certificate.contents;
    if (!policies || policies.length === 0) graph = null;
    if (left.explicit === 0 && !graph) return false;
    const isSelfSigned = certificate.rawIssuer.equals(certificate.rawSubject);
    const isLeaf = at === certificates.length - 1;
    graph?.add((policies ?? []).map(policyOf), left.any > 0 || (isSelfSigned && !isLeaf));
    if (isLeaf) break;
    if (graph && policyMappings.length > 0) {
      const pairs = policyMappings.map(([issuer, subject]) => [policyOf(issuer), policyOf(subject)] as const);
      if (left.mapping > 0 && pairs.flat().includes(ANY)) return false;
      graph.map(grouped(pairs), left.mapping > 0);
    }
    count(left, certificate, isSelfSigned);
  }
  const explicit = leaf.contents.requireExplicitPolicy === 0n ? 0 : Math.max(left.explicit - 1, 0);
  return explicit > 0 || (graph?.isSatisfied() ?? false);
}

/** 6.1.4 (h) to (j). */
function count(
  left: Record<'explicit' | 'mapping' | 'any', number>,
  certificate: Certificate,
  isSelfSigned: boolean,
): void {
  const { requireExplicitPolicy, inhibitPolicyMapping, inhibitAnyPolicy } = certificate.contents;
  const after = (now: number, limit: bigint | null): number => {
    const next = isSelfSigned ? now : Math.max(now - 1, 0);
    return limit !== null && limit >= 0n && limit < BigInt(next) ? Number(limit) : next;
  };
  left.explicit = after(left.explicit, requireExplicitPolicy);
  left.mapping = after(left.mapping, inhibitPolicyMapping);
  left.any = after(left.any, inhibitAnyPolicy);
}

function grouped(pairs: readonly (readonly [Policy, Policy])[]): ReadonlyMap<Policy, readonly Policy[]> {
  const groups = new Map<Policy, Policy[]>();
  for (const [issuer, subject] of pairs) append(groups, issuer, subject);
  return groups;
}

function append<T>(lists: Map<Policy, T[]>, policy: Policy, member: T): void {
  const list = lists.get(policy);
  if (list) list.push(member);
  else lists.set(policy, [member]);
}
