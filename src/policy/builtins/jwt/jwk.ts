/** JSON Web Keys (RFC 7517, RFC 7518, section 6, and RFC 8037), with the checks of OPA's library, lestrrat-go/jwx. */
import { RegoObject, type Value } from '../../value.ts';
import { decodeBase64 } from '../go/base64.ts';
import { BuiltinError } from '../builtin.ts';
import { unmarshalJson } from '../go/unmarshal-json.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { ecKey, ed25519Key, type Key, rsaKey } from './key.ts';

export type Jwk = {
  /** Empty where it says none. */
  readonly alg: string;
  readonly kid: string;
  /** Throws BuiltinError where the parts of the key do not make one. */
  readonly key: () => Key;
};

/** The `alg` that a key may say; those that OPA signs with are among them. RFC 7518 and its successors. */
const KNOWN_ALGORITHMS = new Set(
  [
    'ES256 ES256K ES384 ES512 EdDSA Ed25519 HS256 HS384 HS512 none PS256 PS384 PS512 RS256 RS384 RS512',
    'A128GCMKW A128KW A192GCMKW A192KW A256GCMKW A256KW dir ECDH-ES ECDH-ES+A128KW ECDH-ES+A192KW ECDH-ES+A256KW',
    'PBES2-HS256+A128KW PBES2-HS384+A192KW PBES2-HS512+A256KW RSA1_5 RSA-OAEP RSA-OAEP-256 RSA-OAEP-384 RSA-OAEP-512',
    'A128CBC-HS256 A128GCM A192CBC-HS384 A192GCM A256CBC-HS512 A256GCM',
  ].flatMap((names) => names.split(' ')),
);
const MOST_KEYS = 1_000;
const LONGEST_CHAIN = 10;
const LARGEST_CERTIFICATE = 256 * 1024;
const OKP_CURVES = new Set(['Ed25519', 'Ed448', 'P-256', 'P-384', 'P-521', 'X25519', 'X448']);
/** Bytes of a public and of a private key. */
const OKP_SIZE = 32;

/** The keys of a JWK set, or the one of a JWK. Throws BuiltinError when one of them is not right. */
export function parseJwks(json: string): readonly Jwk[] {
  const document = unmarshalJson(json);
  if (!(document instanceof RegoObject)) throw new BuiltinError('a JWK is an object');
  const keys = document.get('keys');
  if (keys === undefined) return [readJwk(document)];
  if (!Array.isArray(keys)) throw new BuiltinError('failed to decode "keys": it is no array');
  if (keys.length > MOST_KEYS) throw new BuiltinError(`too many keys in "keys" array: max ${MOST_KEYS}`);
  return keys.map(readJwk);
}

function readJwk(jwk: Value): Jwk {
  if (!(jwk instanceof RegoObject)) throw new BuiltinError('a JWK is an object');
  const read = READERS.get(text(jwk, 'kty') ?? '');
  if (read === undefined) throw new BuiltinError('invalid key type from JSON');
  const alg = text(jwk, 'alg');
  if (alg !== undefined && !KNOWN_ALGORITHMS.has(alg)) throw new BuiltinError('unknown "alg" of a key');
  checkUnused(jwk);
  return { alg: alg ?? '', kid: text(jwk, 'kid') ?? '', key: read(jwk) };
}

/** What says nothing about the key, but must be of the right type. */
function checkUnused(jwk: RegoObject): void {
  for (const name of ['use', 'x5t', 'x5t#S256', 'x5u']) text(jwk, name);
  const operations = jwk.get('key_ops') ?? [];
  if (!Array.isArray(operations) || operations.some((name) => typeof name !== 'string' && name !== null))
    throw new BuiltinError('invalid "key_ops" of a key');
  const chain = jwk.get('x5c') ?? (jwk.has('x5c') ? null : []);
  if (!Array.isArray(chain) || chain.length > LONGEST_CHAIN) throw new BuiltinError('invalid "x5c" of a key');
  chain.forEach(checkCertificate);
}

function checkCertificate(encoded: Value): void {
  const joined = typeof encoded === 'string' ? encoded.replaceAll(/[ \t\v\f]/g, '') : '';
  const der = decodeBase64(joined, 'base64', 'padded');
  if (der === null || der.length > LARGEST_CERTIFICATE) throw new BuiltinError('invalid "x5c" of a key');
  parseCertificate(der);
}

/** By `kty`. */
const READERS: ReadonlyMap<string, (jwk: RegoObject) => () => Key> = new Map([
  ['RSA', readRsa],
  ['EC', readEc],
  ['OKP', readOkp],
  ['oct', readOct],
]);

function readRsa(jwk: RegoObject): () => Key {
  const [n, e] = [number(jwk, 'n'), number(jwk, 'e')];
  if (!n) throw new BuiltinError('missing "n" of an RSA key');
  if (!e || e % 2n === 0n || e >= 1n << 63n) throw new BuiltinError('invalid "e" of an RSA key');
  if (!jwk.has('d')) return constant(rsaKey({ n, e }));
  if (bytes(jwk, 'd')?.length === 0) throw new BuiltinError('missing "d" of an RSA key');
  const [d = 0n, p, q] = ['d', 'p', 'q'].map((name) => number(jwk, name));
  const [dp = null, dq = null, qInverse = null] = ['dp', 'dq', 'qi'].map((name) => number(jwk, name));
  return () => {
    if (p === undefined || q === undefined) throw new BuiltinError('missing "p" or "q" of an RSA key');
    return rsaKey({ n, e, d, p, q, dp, dq, qInverse });
  };
}

function readEc(jwk: RegoObject): () => Key {
  return constant(ecKey(text(jwk, 'crv') ?? '', bytes(jwk, 'x'), bytes(jwk, 'y'), bytes(jwk, 'd')));
}

function readOkp(jwk: RegoObject): () => Key {
  const [crv, x, d] = [text(jwk, 'crv') ?? '', bytes(jwk, 'x'), bytes(jwk, 'd')];
  if (!OKP_CURVES.has(crv)) throw new BuiltinError('invalid "crv" of an OKP key');
  const isRightSize = ({ length }: Buffer): boolean =>
    crv === 'Ed25519' || crv === 'X25519' ? length === OKP_SIZE : length > 0;
  if (!x || !isRightSize(x) || (d && !isRightSize(d))) throw new BuiltinError('invalid size of an OKP key');
  return () => {
    if (crv === 'Ed25519') return ed25519Key(x, d);
    if (crv === 'X25519') return null;
    throw new BuiltinError(`invalid curve algorithm ${crv}`);
  };
}

function readOct(jwk: RegoObject): () => Key {
  const secret = bytes(jwk, 'k');
  if (!secret?.length) throw new BuiltinError('missing "k" of a symmetric key');
  return constant(secret);
}

const constant = (key: Key) => (): Key => key;

/** A member that is text; null is empty text. Throws BuiltinError for what is no text. */
function text(jwk: RegoObject, name: string): string | undefined {
  const value = jwk.get(name);
  if (value === undefined || typeof value === 'string') return value;
  if (value === null) return '';
  throw new BuiltinError(`invalid "${name}" of a key`);
}

/** A member that is base64 in any of its forms. Throws BuiltinError for what is none. */
function bytes(jwk: RegoObject, name: string): Buffer | undefined {
  const encoded = text(jwk, name);
  if (encoded === undefined) return undefined;
  const alphabet = /[+/]/.test(encoded) ? 'base64' : 'base64url';
  const decoded = decodeBase64(encoded, alphabet, encoded.endsWith('=') ? 'padded' : 'raw');
  if (decoded === null) throw new BuiltinError(`invalid "${name}" of a key`);
  return decoded;
}

function number(jwk: RegoObject, name: string): bigint | undefined {
  const digits = bytes(jwk, name);
  return digits && BigInt(`0x0${digits.toString('hex')}`);
}
