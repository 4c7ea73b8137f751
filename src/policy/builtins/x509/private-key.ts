/** Private keys: PKCS #8 (RFC 5958), SEC 1 (RFC 5915) and PKCS #1, as Go's `x509` reads them and OPA shows them. */
import { createECDH, createPrivateKey, createPublicKey } from 'node:crypto';
import { RegoNumber } from '../../number.ts';
import { RegoObject, type Value } from '../../value.ts';
import { attempt, BuiltinError } from '../builtin.ts';
import { type Curve, CURVES, parsePoint } from './curves.ts';
import { constructed, DerReader, TAG } from './der.ts';
import { base64url, readAlgorithm } from './public-key.ts';
import { parsePkcs1, type RsaPrivateKey } from './rsa-private-key.ts';

type EcPrivateKey = {
  readonly type: 'EC';
  readonly curve: Curve;
  readonly d: Buffer;
  /** The uncompressed point. */
  readonly point: Buffer;
};
/** Of Curve25519, to sign with or to agree on keys with. */
type OkpPrivateKey = {
  readonly type: 'Ed25519' | 'X25519';
  readonly seed: Buffer;
  readonly publicKey: Buffer;
};
export type PrivateKey = RsaPrivateKey | EcPrivateKey | OkpPrivateKey;

const readerOf = (der: Buffer, what: string): DerReader =>
  new DerReader(der, `asn1: structure error: malformed ${what}`, { highTags: true });

/** Throws BuiltinError. */
export function parsePkcs8(der: Buffer): PrivateKey {
  const reader = readerOf(der, 'PKCS#8 private key').reader();
  reader.int64();
  const { oid, parameters } = readAlgorithm(reader.reader());
  const content = reader.content(TAG.octetString);
  switch (oid) {
    case '1.2.840.113549.1.1.1':
      return parsePkcs1(content);
    case '1.2.840.10045.2.1':
      // Parameters that name no curve leave that to the key.
      return parseSec1(
        content,
        attempt(() => readerOf(parameters, 'parameters').oid()),
      );
    case '1.3.101.112':
      return parseOkp('Ed25519', parameters, content);
    case '1.3.101.110':
      return parseOkp('X25519', parameters, content);
    default:
      throw new BuiltinError(`x509: PKCS#8 wrapping contained private key with unknown algorithm: ${oid}`);
  }
}

/** Throws BuiltinError. `named` goes before the curve that the key names. */
export function parseSec1(der: Buffer, named: string | null = null): EcPrivateKey {
  const reader = readerOf(der, 'EC private key').reader();
  if (reader.int64() !== 1n) throw new BuiltinError('x509: unknown EC private key version');
  const bytes = reader.content(TAG.octetString);
  const own = reader.enter(constructed(0), TAG.oid) ? reader.oid() : '';
  if (reader.enter(constructed(1), TAG.bitString)) reader.bitString();
  const curve = CURVES.get(named ?? own);
  if (!curve) throw new BuiltinError('x509: unknown elliptic curve');
  const surplus = Math.max(bytes.length - curve.size, 0);
  if (bytes.subarray(0, surplus).some((byte) => byte !== 0))
    throw new BuiltinError('x509: invalid private key length');
  const digits = bytes.subarray(surplus);
  const d = Buffer.concat([Buffer.alloc(curve.size - digits.length), digits]);
  const pair = createECDH(curve.openssl);
  try {
    pair.setPrivateKey(d);
  } catch {
    throw new BuiltinError('ecdsa: invalid private key');
  }
  return { type: 'EC', curve, d, point: pair.getPublicKey() };
}

/** DER of a PKCS #8 up to the seed. */
const OKP_PREFIXES = {
  Ed25519: Buffer.from('302e020100300506032b657004220420', 'hex'),
  X25519: Buffer.from('302e020100300506032b656e04220420', 'hex'),
};

function parseOkp(type: 'Ed25519' | 'X25519', parameters: Buffer, content: Buffer): OkpPrivateKey {
  const seed = readerOf(content, `${type} private key`).content(TAG.octetString);
  if (parameters.length > 0 || seed.length !== 32)
    throw new BuiltinError(`x509: invalid ${type} private key`);
  const key = createPrivateKey({
    key: Buffer.concat([OKP_PREFIXES[type], seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return { type, seed, publicKey: Buffer.from(x, 'base64url') };
}

const number = (value: bigint): RegoNumber => RegoNumber.of(value);

/** Go's JSON of it. */
export function privateKeyValue(key: PrivateKey): Value {
  switch (key.type) {
    case 'Ed25519':
      return Buffer.concat([key.seed, key.publicKey]).toString('base64');
    case 'X25519':
      return RegoObject.of({});
    case 'EC': {
      const { x = 0n, y = 0n } = parsePoint(key.curve, key.point) ?? {};
      const d = BigInt(`0x${key.d.toString('hex')}`);
      return RegoObject.of({ Curve: RegoObject.of({}), X: number(x), Y: number(y), D: number(d) });
    }
    case 'RSA':
      return rsaValue(key);
  }
}

const rsaValue = (key: RsaPrivateKey): RegoObject =>
  RegoObject.of({
    N: number(key.n),
    E: number(key.e),
    D: number(key.d),
    Primes: key.primes.map(number),
    Precomputed: RegoObject.of({
      Dp: number(key.dp),
      Dq: number(key.dq),
      Qinv: number(key.qInverse),
      CRTValues: key.more.map(({ exponent, coefficient, product }) =>
        RegoObject.of({ Exp: number(exponent), Coeff: number(coefficient), R: number(product) }),
      ),
    }),
  });

/** RFC 7518, section 6, and RFC 8037. Throws BuiltinError for keys that have no JWK here. */
export function privateJwk(key: PrivateKey): RegoObject {
  if (key.type === 'RSA') return rsaJwk(key);
  if (key.type !== 'EC')
    return RegoObject.of({
      kty: 'OKP',
      crv: key.type,
      x: key.publicKey.toString('base64url'),
      d: key.seed.toString('base64url'),
    });
  const { curve, d, point } = key;
  if (curve.name === 'P-224') throw new BuiltinError('jwk: unsupported curve P-224');
  return RegoObject.of({
    kty: 'EC',
    crv: curve.name,
    x: point.toString('base64url', 1, 1 + curve.size),
    y: point.toString('base64url', 1 + curve.size),
    d: d.toString('base64url'),
  });
}

function rsaJwk({ n, e, d, primes, dp, dq, qInverse }: RsaPrivateKey): RegoObject {
  const [p = 0n, q = 0n, another] = primes;
  if (another !== undefined) throw new BuiltinError('jwk: invalid number of primes in rsa.PrivateKey');
  const members = { n, e, d, p, q, dp, dq, qi: qInverse };
  const encoded = Object.entries(members).map(([name, value]) => [name, base64url(value)] as const);
  return new RegoObject([['kty', 'RSA'], ...encoded]);
}
