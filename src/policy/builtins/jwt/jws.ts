/** Signatures of JWS by the algorithms of RFC 7518, section 3, and RFC 8037, each with the keys that OPA takes for it. */
import { constants, createHmac, type KeyObject, sign, timingSafeEqual, verify } from 'node:crypto';
import { BuiltinError } from '../builtin.ts';
import { isWeak, type PublicKey } from '../x509/public-key.ts';
import type { Key, KeyPair } from './key.ts';

/** `key` is the type that a key has to be of; null is a secret. */
type Family = { readonly key: PublicKey['type'] | null; readonly pss: boolean };

const FAMILIES = {
  HMAC: { key: null, pss: false },
  RSA: { key: 'RSA', pss: false },
  PSS: { key: 'RSA', pss: true },
  ECDSA: { key: 'EC', pss: false },
  EdDSA: { key: 'Ed25519', pss: false },
} as const satisfies Readonly<Record<string, Family>>;

export type Algorithm = {
  readonly family: keyof typeof FAMILIES;
  readonly hash: 'sha256' | 'sha384' | 'sha512' | null;
};

/** By their names in JOSE: what `encode_sign` takes, and what a key's `alg` may be. */
export const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map([
  ['HS256', { family: 'HMAC', hash: 'sha256' }],
  ['HS384', { family: 'HMAC', hash: 'sha384' }],
  ['HS512', { family: 'HMAC', hash: 'sha512' }],
  ['RS256', { family: 'RSA', hash: 'sha256' }],
  ['RS384', { family: 'RSA', hash: 'sha384' }],
  ['RS512', { family: 'RSA', hash: 'sha512' }],
  ['PS256', { family: 'PSS', hash: 'sha256' }],
  ['PS384', { family: 'PSS', hash: 'sha384' }],
  ['PS512', { family: 'PSS', hash: 'sha512' }],
  ['ES256', { family: 'ECDSA', hash: 'sha256' }],
  ['ES384', { family: 'ECDSA', hash: 'sha384' }],
  ['ES512', { family: 'ECDSA', hash: 'sha512' }],
  ['EdDSA', { family: 'EdDSA', hash: null }],
]);

/** Whether the signature is of this input; false also where the key is not one for the algorithm. */
export function verifies(algorithm: Algorithm, key: Key, input: string, signature: Buffer): boolean {
  if (key instanceof Uint8Array)
    return algorithm.family === 'HMAC' && verifiesHmac(algorithm, key, input, signature);
  const pair = pairFor(algorithm, key);
  if (pair === null) return false;
  const { publicKey } = pair;
  if (publicKey.type === 'EC' && signature.length !== 2 * publicKey.curve.size) return false;
  return verifiesBy(algorithm, pair, input, signature, constants.RSA_PSS_SALTLEN_DIGEST);
}

/**
 * As `io.jwt.verify_*` do it, which take less care than `decode_verify`: a salt of any length, the halves of an ECDSA signature with or
 * without zeros before them. But they take no private keys.
 */
export function verifiesLoosely(algorithm: Algorithm, key: Key, input: string, signature: Buffer): boolean {
  const pair = key instanceof Uint8Array ? null : pairFor(algorithm, key);
  if (pair === null || pair.signer !== null) return false;
  const { publicKey } = pair;
  const fitted = publicKey.type === 'EC' ? fitHalves(signature, publicKey.curve.size) : signature;
  return fitted !== null && verifiesBy(algorithm, pair, input, fitted, constants.RSA_PSS_SALTLEN_AUTO);
}

/** In the same time wherever they differ. */
export function verifiesHmac(
  { hash }: Algorithm,
  secret: string | Uint8Array,
  input: string,
  signature: Buffer,
): boolean {
  const mac = createHmac(hash as string, secret)
    .update(input)
    .digest();
  return mac.length === signature.length && timingSafeEqual(mac, signature);
}

/** Throws BuiltinError where the key is not one to sign with by the algorithm. */
export function signatureOf(algorithm: Algorithm, key: Key, input: string): Buffer {
  const unfit = new BuiltinError(`the key is none to sign with by ${algorithm.family}`);
  if (key instanceof Uint8Array) {
    if (algorithm.family !== 'HMAC') throw unfit;
    return createHmac(algorithm.hash as string, key)
      .update(input)
      .digest();
  }
  const signer = pairFor(algorithm, key)?.signer?.();
  if (!signer) throw unfit;
  try {
    return sign(
      algorithm.hash,
      Buffer.from(input),
      options(algorithm, signer, constants.RSA_PSS_SALTLEN_DIGEST),
    );
  } catch {
    // Such as an RSA key that is too short for the digest.
    throw unfit;
  }
}

/** The key, if it is one for the algorithm and Go would use it: of RSA's, some are too weak. */
function pairFor({ family }: Algorithm, key: KeyPair | null): KeyPair | null {
  if (key?.publicKey.type !== FAMILIES[family].key) return null;
  return isWeak(key.publicKey) ? null : key;
}

function verifiesBy(
  algorithm: Algorithm,
  { verifier }: KeyPair,
  input: string,
  signature: Buffer,
  saltLength: number,
): boolean {
  if (verifier === null) return false;
  try {
    return verify(algorithm.hash, Buffer.from(input), options(algorithm, verifier, saltLength), signature);
  } catch {
    // Nothing is known to get here; whatever does is no signature.
    return false;
  }
}

const options = ({ family }: Algorithm, key: KeyObject, saltLength: number) =>
  FAMILIES[family].pss
    ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
    : { key, dsaEncoding: 'ieee-p1363' as const };

/** The two numbers at the curve's size; null where one does not fit. */
function fitHalves(signature: Buffer, size: number): Buffer | null {
  const middle = Math.floor(signature.length / 2);
  const [r, s] = [fit(signature.subarray(0, middle), size), fit(signature.subarray(middle), size)];
  return r && s && Buffer.concat([r, s]);
}

/** A number of big-endian bytes, in as many as given; null where it does not fit. */
function fit(bytes: Buffer, size: number): Buffer | null {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = bytes.subarray(first < 0 ? bytes.length : first);
  return digits.length > size ? null : Buffer.concat([Buffer.alloc(size - digits.length), digits]);
}
