/** Signatures of certificates: Go's `x509`, getSignatureAlgorithmFromAI and checkSignature. */
import { constants, verify } from 'node:crypto';
import { attempt } from '../builtin.ts';
import { constructed, DerReader, TAG } from './der.ts';
import { type AlgorithmIdentifier, isWeak, keyObject, type PublicKey, readAlgorithm } from './public-key.ts';

/** What certificates may be signed by. Go refuses what MD5 and SHA-1 sign, and cannot verify DSA. */
type Scheme = { readonly key: PublicKey['type']; readonly hash: string | null; readonly pss: boolean };

/** By Go's numbers of the algorithms. */
const SCHEMES: ReadonlyMap<number, Scheme> = new Map([
  [4, { key: 'RSA', hash: 'sha256', pss: false }],
  [5, { key: 'RSA', hash: 'sha384', pss: false }],
  [6, { key: 'RSA', hash: 'sha512', pss: false }],
  [10, { key: 'EC', hash: 'sha256', pss: false }],
  [11, { key: 'EC', hash: 'sha384', pss: false }],
  [12, { key: 'EC', hash: 'sha512', pss: false }],
  [13, { key: 'RSA', hash: 'sha256', pss: true }],
  [14, { key: 'RSA', hash: 'sha384', pss: true }],
  [15, { key: 'RSA', hash: 'sha512', pss: true }],
  [16, { key: 'Ed25519', hash: null, pss: false }],
]);

const ED25519 = '1.3.101.112';
const PSS = '1.2.840.113549.1.1.10';
const MGF1 = '1.2.840.113549.1.1.8';
const NUMBERS: Readonly<Record<string, number>> = {
  '1.2.840.113549.1.1.4': 2,
  '1.2.840.113549.1.1.5': 3,
  '1.3.14.3.2.29': 3,
  '1.2.840.113549.1.1.11': 4,
  '1.2.840.113549.1.1.12': 5,
  '1.2.840.113549.1.1.13': 6,
  '1.2.840.10040.4.3': 7,
  '2.16.840.1.101.3.4.3.2': 8,
  '1.2.840.10045.4.1': 9,
  '1.2.840.10045.4.3.2': 10,
  '1.2.840.10045.4.3.3': 11,
  '1.2.840.10045.4.3.4': 12,
};
/** The number of PSS by the hash's OID, and the salt's length that goes with it. */
const PSS_HASHES: Readonly<Record<string, readonly [number, bigint]>> = {
  '2.16.840.1.101.3.4.2.1': [13, 32n],
  '2.16.840.1.101.3.4.2.2': [14, 48n],
  '2.16.840.1.101.3.4.2.3': [15, 64n],
};

/** Go's number of the algorithm, as OPA shows it; 0 for one that it does not know. */
export function signatureAlgorithm({ oid, parameters }: AlgorithmIdentifier): number {
  if (oid === ED25519) return parameters.length === 0 ? 16 : 0;
  if (oid !== PSS) return NUMBERS[oid] ?? 0;
  return attempt(() => pssAlgorithm(parameters)) ?? 0;
}

/** RFC 4055, section 3.1: of a hash, MGF1 with the same, and a salt of its length. */
function pssAlgorithm(parameters: Buffer): number {
  const start = (bytes: Buffer): DerReader => new DerReader(bytes, 'x509: PSS', { highTags: true }).reader();
  const reader = start(parameters);
  const tagged = (number: number, tag: number): DerReader =>
    reader.enter(constructed(number), tag) ? reader : reader.fail();
  const hash = readAlgorithm(tagged(0, TAG.sequence).reader());
  const mask = readAlgorithm(tagged(1, TAG.sequence).reader());
  const salt = tagged(2, TAG.integer).int64();
  const trailer = reader.enter(constructed(3), TAG.integer) ? reader.int64() : 1n;
  const maskHash = readAlgorithm(start(mask.parameters));
  const plain = [hash, maskHash].every(
    ({ parameters: own }) => own.length === 0 || own.equals(Buffer.from([5, 0])),
  );
  if (!plain || mask.oid !== MGF1 || maskHash.oid !== hash.oid || trailer !== 1n) return 0;
  const [number, length] = PSS_HASHES[hash.oid] ?? [0, 0n];
  return salt === length ? number : 0;
}

/** Whether the signature by this algorithm is of these bytes and of this key. False for RSA keys that Go does not use. */
export function verifiesSignature(
  algorithm: number,
  signed: Buffer,
  signature: Buffer,
  key: PublicKey,
): boolean {
  const scheme = SCHEMES.get(algorithm);
  if (scheme?.key !== key.type || isWeak(key)) return false;
  const object = keyObject(key);
  const padding = scheme.pss ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  const options = key.type === 'RSA' ? { padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {};
  try {
    return object !== null && verify(scheme.hash, signed, { key: object, ...options }, signature);
  } catch {
    // OpenSSL does not use each key that it takes.
    return false;
  }
}
