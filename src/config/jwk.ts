/** Private keys of the configuration, as JWKs (RFC 7517): are they such, and can they do what their `alg` says? */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { Secret } from './units.ts';

/** A kind of key: its `kty`, and where it has several, its curves; `op` is what it is for, as `key_ops` says it. */
type Kind = { readonly kty: string; readonly crv?: readonly string[]; readonly op: Operation };
type Operation = 'sign' | 'decrypt' | 'deriveBits';

const RSA: Kind = { kty: 'RSA', op: 'sign' };
const EDWARDS: Kind = { kty: 'OKP', crv: ['Ed25519'], op: 'sign' };
const ec = (crv: string): Kind => ({ kty: 'EC', crv: [crv], op: 'sign' });

/** Signature algorithms (RFC 7518 section 3.1, RFC 8037, RFC 9864), each with the keys that it takes. */
export const SIGNING: Algorithms = {
  RS256: [RSA],
  RS384: [RSA],
  RS512: [RSA],
  PS256: [RSA],
  PS384: [RSA],
  PS512: [RSA],
  ES256: [ec('P-256')],
  ES384: [ec('P-384')],
  ES512: [ec('P-521')],
  EdDSA: [EDWARDS],
  Ed25519: [EDWARDS],
};

const OAEP: readonly Kind[] = [{ kty: 'RSA', op: 'decrypt' }];
const AGREEING: readonly Kind[] = [
  { kty: 'EC', crv: ['P-256', 'P-384', 'P-521'], op: 'deriveBits' },
  { kty: 'OKP', crv: ['X25519'], op: 'deriveBits' },
];

/** Key management algorithms (RFC 7518 section 4.1). Not RSA1_5, whose padding tells what it should not (RFC 8725 section 3.2). */
export const DECRYPTING: Algorithms = {
  'RSA-OAEP': OAEP,
  'RSA-OAEP-256': OAEP,
  'RSA-OAEP-384': OAEP,
  'RSA-OAEP-512': OAEP,
  'ECDH-ES': AGREEING,
  'ECDH-ES+A128KW': AGREEING,
  'ECDH-ES+A192KW': AGREEING,
  'ECDH-ES+A256KW': AGREEING,
};

/** RFC 7518 sections 3.3 and 4.3. */
const LEAST_RSA_BITS = 2_048;

type Jwk = Readonly<Record<string, unknown>>;
/** Algorithms by name, each with the kinds of keys that it takes. */
type Algorithms = Readonly<Record<string, readonly Kind[]>>;

/** Why this secret is no private JWK with a `kid` and one of these algorithms; null when it is. Nothing of its value is said. */
export function jwkFault(secret: Secret, algorithms: Algorithms): string | null {
  const jwk = parsed(secret);
  if (!jwk) return 'expected a private JWK, in JSON';
  const { kid } = jwk;
  if (Array.isArray(jwk['keys'])) return 'expected one private JWK, not a set of them';
  if (typeof kid !== 'string' || kid === '') return 'needs a kid, by which the server finds its public key';
  return keyFault(jwk, algorithms);
}

/** Why this secret is no JWKS of private keys, each with one of these algorithms; null when it is. */
export function jwksFault(secret: Secret, algorithms: Algorithms): string | null {
  const keys = parsed(secret)?.['keys'];
  if (!Array.isArray(keys) || keys.length === 0) return 'expected a JWKS, in JSON, with a key at least';
  for (const [index, key] of (keys as unknown[]).entries()) {
    const fault = isObject(key) ? keyFault(key, algorithms) : 'expected a private JWK';
    if (fault !== null) return `key ${index + 1} of ${keys.length}: ${fault}`;
  }
  return null;
}

function keyFault(jwk: Jwk, algorithms: Algorithms): string | null {
  const { alg, kty, crv } = jwk;
  const kinds = typeof alg === 'string' && Object.hasOwn(algorithms, alg) ? algorithms[alg] : undefined;
  if (!kinds) return `needs an alg, one of ${Object.keys(algorithms).join(', ')}`;
  const key = imported(jwk);
  if (!key) return 'is no private key';
  const kind = kinds.find((one) => one.kty === kty && (one.crv?.includes(String(crv)) ?? true));
  if (!kind) return `is no key for its alg ${String(alg)}`;
  if (!isFor(kind.op, jwk)) return `is for something else, by its use or key_ops`;
  if ((key.asymmetricKeyDetails?.modulusLength ?? LEAST_RSA_BITS) < LEAST_RSA_BITS)
    return `is too weak: an RSA key has at least ${LEAST_RSA_BITS} bits`;
  return null;
}

/** RFC 7517 sections 4.2 and 4.3. Web Crypto refuses a key that is not, when it is first needed. */
const isFor = (op: Operation, { use, key_ops }: Jwk): boolean =>
  (use === undefined || use === (op === 'sign' ? 'sig' : 'enc')) &&
  (key_ops === undefined || (Array.isArray(key_ops) && key_ops.includes(op)));

function parsed(secret: Secret): Jwk | null {
  try {
    const value: unknown = JSON.parse(secret.reveal());
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** The private key; null where it is none, or not whole. */
function imported(jwk: Jwk): KeyObject | null {
  try {
    const key = createPrivateKey({ format: 'jwk', key: jwk });
    return isWhole(key, jwk) ? key : null;
  } catch {
    return null;
  }
}

/** Does its public half fit? Node makes that of OKP keys anew, and takes of others what does not fit, even a `d` that is no number. */
function isWhole(key: KeyObject, jwk: Jwk): boolean {
  const publicKey = createPublicKey(key);
  if (jwk['kty'] === 'OKP') return publicKey.export({ format: 'jwk' }).x === jwk['x'];
  const data = Buffer.from('portcullis');
  return verify('sha256', data, publicKey, sign('sha256', data, key));
}

const isObject = (value: unknown): value is Jwk =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
