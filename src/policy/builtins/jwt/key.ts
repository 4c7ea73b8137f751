/** Keys that signatures are made and verified with: as Go's packages know them, and as `node:crypto` does. */
import { createECDH, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { BuiltinError } from '../builtin.ts';
import { type Curve, CURVES, parsePoint } from '../x509/curves.ts';
import { base64url, keyObject, type PublicKey } from '../x509/public-key.ts';
import { type RsaNumbers, rsaPrivateKey } from '../x509/rsa-private-key.ts';

export type KeyPair = {
  readonly publicKey: PublicKey;
  /** The public key; null for what verifies nothing, such as DSA. */
  readonly verifier: KeyObject | null;
  /** Null for a public key. Throws BuiltinError for one whose parts do not fit together. */
  readonly signer: (() => KeyObject) | null;
};

/** Octets are a secret. Null is a key of a kind that verifies nothing, such as X25519. */
export type Key = KeyPair | Uint8Array | null;

/** The key of a certificate, say. */
export const publicPair = (publicKey: PublicKey): KeyPair => ({
  publicKey,
  verifier: keyObject(publicKey),
  signer: null,
});

/** `rsa.PublicKey`, or `rsa.PrivateKey`. */
export function rsaKey(numbers: Pick<RsaNumbers, 'n' | 'e'> | RsaNumbers): KeyPair {
  const { n, e } = numbers;
  return { ...publicPair({ type: 'RSA', n, e }), signer: 'd' in numbers ? () => rsaSigner(numbers) : null };
}

function rsaSigner(numbers: RsaNumbers): KeyObject {
  const { n, e, d, primes, dp, dq, qInverse: qi } = rsaPrivateKey(numbers);
  const [p = 0n, q = 0n] = primes;
  const members = Object.entries({ n, e, d, p, q, dp, dq, qi });
  return privateKeyOf({
    kty: 'RSA',
    ...Object.fromEntries(members.map(([name, number]) => [name, base64url(number)])),
  });
}

/** Those of RFC 7518. */
const JWK_CURVES: ReadonlyMap<string, Curve> = new Map(
  [...CURVES.values()].filter(({ name }) => name !== 'P-224').map((curve) => [curve.name, curve]),
);

/** `ecdsa.PublicKey`, or `ecdsa.PrivateKey`. Throws BuiltinError for another curve, and for a point that is not on it. */
export function ecKey(
  crv: string,
  x: Buffer | undefined,
  y: Buffer | undefined,
  d: Buffer | undefined,
): KeyPair {
  const curve = JWK_CURVES.get(crv);
  if (!curve) throw new BuiltinError('invalid "crv" of an EC key');
  if (x?.length !== curve.size || y?.length !== curve.size || (d && d.length !== curve.size))
    throw new BuiltinError(`invalid size of an EC key for curve ${crv}`);
  const bytes = Buffer.concat([Buffer.of(4), x, y]);
  const point = parsePoint(curve, bytes);
  if (!point) throw new BuiltinError(`invalid ECDSA public key: no point on curve ${crv}`);
  const pair = publicPair({ type: 'EC', curve, point: bytes, ...point });
  return d ? { ...pair, signer: () => ecSigner(curve, d) } : pair;
}

/** Go signs with the number that it is given, whether the point is its or not. */
function ecSigner({ name, openssl, size }: Curve, d: Buffer): KeyObject {
  const ecdh = createECDH(openssl);
  try {
    ecdh.setPrivateKey(d);
  } catch {
    throw new BuiltinError('invalid "d" of an EC key');
  }
  const point = ecdh.getPublicKey();
  return privateKeyOf({
    kty: 'EC',
    crv: name,
    x: point.toString('base64url', 1, 1 + size),
    y: point.toString('base64url', 1 + size),
    d: d.toString('base64url'),
  });
}

/** RFC 8410's PKCS #8 before the 32 bytes of an Ed25519 key. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** `ed25519.PublicKey`, or `ed25519.PrivateKey`; of 32 bytes each. Throws BuiltinError where `x` is not the public key of `d`. */
export function ed25519Key(x: Buffer, d: Buffer | undefined): KeyPair {
  const pair = publicPair({ type: 'Ed25519', bytes: x });
  if (!d) return pair;
  const signer = createPrivateKey({ key: Buffer.concat([PKCS8, d]), format: 'der', type: 'pkcs8' });
  if (createPublicKey(signer).export({ format: 'jwk' }).x !== x.toString('base64url'))
    throw new BuiltinError('ed25519: invalid x value given d value');
  return { ...pair, signer: () => signer };
}

function privateKeyOf(jwk: Readonly<Record<string, string>>): KeyObject {
  try {
    return createPrivateKey({ key: jwk, format: 'jwk' });
  } catch {
    throw new BuiltinError(`invalid ${jwk['kty']} private key`);
  }
}
