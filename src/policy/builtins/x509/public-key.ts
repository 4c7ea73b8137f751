/** Public keys of certificates: Go's `x509`, parsePublicKey. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { RegoNumber } from '../../number.ts';
import { RegoObject, type Value } from '../../value.ts';
import { BuiltinError } from '../builtin.ts';
import { type Curve, CURVES, parsePoint } from './curves.ts';
import { type BitString, DerReader, rightAligned } from './der.ts';

/** RFC 5280, section 4.1.1.2. `parameters` is the whole value; empty where there are none. */
export type AlgorithmIdentifier = { readonly oid: string; readonly parameters: Buffer };

export type RsaPublicKey = { readonly type: 'RSA'; readonly n: bigint; readonly e: bigint };
export type EcPublicKey = {
  readonly type: 'EC';
  readonly curve: Curve;
  readonly point: Buffer;
  readonly x: bigint;
  readonly y: bigint;
};
export type Ed25519PublicKey = { readonly type: 'Ed25519'; readonly bytes: Buffer };
/** Verifies nothing: Go reads them and no more. */
type DsaPublicKey = { readonly type: 'DSA' } & Readonly<Record<'p' | 'q' | 'g' | 'y', bigint>>;
export type PublicKey = RsaPublicKey | EcPublicKey | Ed25519PublicKey | DsaPublicKey;

/** Go's number of each, as OPA shows it; 0 is any other. */
const NUMBERS: Readonly<Record<string, number>> = {
  '1.2.840.113549.1.1.1': 1,
  '1.2.840.10040.4.1': 2,
  '1.2.840.10045.2.1': 3,
  '1.3.101.112': 4,
};
const NULL = Buffer.from([5, 0]);

export const publicKeyAlgorithm = ({ oid }: AlgorithmIdentifier): number => NUMBERS[oid] ?? 0;

/**
 * Whether it is an RSA key that Go's `crypto/rsa` does not use: that takes 1,024 bits and more, and an odd exponent of 3 to 2³¹ −
 * 1.
 */
export const isWeak = (key: PublicKey): boolean =>
  key.type === 'RSA' &&
  (key.n < 1n << 1_023n || key.n % 2n === 0n || key.e < 2n || key.e % 2n === 0n || key.e >= 1n << 31n);

/** Null for an algorithm that Go does not know. Throws BuiltinError for a key that is not right. */
export function parsePublicKey(algorithm: AlgorithmIdentifier, key: BitString): PublicKey | null {
  const bytes = rightAligned(key);
  switch (publicKeyAlgorithm(algorithm)) {
    case 1:
      return parseRsa(algorithm.parameters, bytes);
    case 2:
      return parseDsa(algorithm.parameters, bytes);
    case 3:
      return parseEc(algorithm.parameters, bytes);
    case 4:
      if (algorithm.parameters.length > 0 || bytes.length !== 32)
        throw new BuiltinError('x509: invalid Ed25519 public key');
      return { type: 'Ed25519', bytes };
    default:
      return null;
  }
}

function parseRsa(parameters: Buffer, bytes: Buffer): RsaPublicKey {
  if (!parameters.equals(NULL)) throw new BuiltinError('x509: RSA key missing NULL parameters');
  const reader = new DerReader(bytes, 'x509: invalid RSA public key').reader();
  const [n, e] = [reader.integer(), reader.int64()];
  if (n <= 0n) throw new BuiltinError('x509: RSA modulus is not a positive number');
  if (e <= 0n) throw new BuiltinError('x509: RSA public exponent is not a positive number');
  return { type: 'RSA', n, e };
}

function parseDsa(parameters: Buffer, bytes: Buffer): DsaPublicKey {
  const y = new DerReader(bytes, 'x509: invalid DSA public key').integer();
  const reader = new DerReader(parameters, 'x509: invalid DSA parameters').reader();
  const [p, q, g] = [reader.integer(), reader.integer(), reader.integer()];
  if ([y, p, q, g].some((number) => number <= 0n))
    throw new BuiltinError('x509: zero or negative DSA parameter');
  return { type: 'DSA', p, q, g, y };
}

function parseEc(parameters: Buffer, bytes: Buffer): EcPublicKey {
  const curve = CURVES.get(new DerReader(parameters, 'x509: invalid ECDSA parameters').oid());
  if (!curve) throw new BuiltinError('x509: unsupported elliptic curve');
  const point = parsePoint(curve, bytes);
  if (!point) throw new BuiltinError(`x509: invalid point on ${curve.name}`);
  return { type: 'EC', curve, point: bytes, ...point };
}

/** OID and parameters, of a reader of what the sequence holds. */
export function readAlgorithm(reader: DerReader): AlgorithmIdentifier {
  const oid = reader.oid();
  return { oid, parameters: reader.isEmpty() ? Buffer.alloc(0) : reader.any().whole };
}

/** For verifying with; null for what verifies nothing: DSA, and keys that OpenSSL does not take. */
export function keyObject(key: PublicKey): KeyObject | null {
  try {
    if (key.type === 'RSA')
      return createPublicKey({
        key: { kty: 'RSA', n: base64url(key.n), e: base64url(key.e) },
        format: 'jwk',
      });
    const der =
      key.type === 'EC'
        ? [key.curve.prefix, key.point]
        : key.type === 'Ed25519'
          ? [ED25519, key.bytes]
          : null;
    return der && createPublicKey({ key: Buffer.concat(der), format: 'der', type: 'spki' });
  } catch {
    return null;
  }
}

/** DER of a SubjectPublicKeyInfo up to the key's bytes. */
const ED25519 = Buffer.from('302a300506032b6570032100', 'hex');

/** Big-endian, without zeros in front. */
export function base64url(number: bigint): string {
  const digits = number.toString(16);
  return Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex').toString('base64url');
}

/** As Go's JSON of it. */
export function publicKeyValue(key: PublicKey | null): Value {
  const numbers = (members: Readonly<Record<string, bigint>>): Readonly<Record<string, RegoNumber>> =>
    Object.fromEntries(Object.entries(members).map(([name, number]) => [name, RegoNumber.of(number)]));
  switch (key?.type) {
    case 'RSA':
      return RegoObject.of(numbers({ N: key.n, E: key.e }));
    case 'EC':
      return RegoObject.of({ Curve: RegoObject.of({}), ...numbers({ X: key.x, Y: key.y }) });
    case 'Ed25519':
      return key.bytes.toString('base64');
    case 'DSA':
      return RegoObject.of(numbers({ P: key.p, Q: key.q, G: key.g, Y: key.y }));
    case undefined:
      return null;
  }
}
