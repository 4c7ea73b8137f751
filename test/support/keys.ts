/** Key pairs for tests, made when asked for. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';

export type KeyPair = {
  /** With `kid` and `alg`. */
  readonly privateJwk: Readonly<Record<string, unknown>>;
  readonly publicJwk: Readonly<Record<string, unknown>>;
};

const CURVES: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };

/** One for this algorithm; RSA where that is neither an elliptic curve's nor Edwards's. */
export function keyPairFor(alg: string, { kid = alg, modulusLength = 2_048 } = {}): KeyPair {
  const { privateKey, publicKey } = generate(alg, modulusLength);
  const jwk = (key: KeyObject) => ({ ...key.export({ format: 'jwk' }), kid, alg });
  return { privateJwk: jwk(privateKey), publicJwk: jwk(publicKey) };
}

function generate(alg: string, modulusLength: number): { privateKey: KeyObject; publicKey: KeyObject } {
  const namedCurve = CURVES[alg] ?? (alg.startsWith('ECDH-ES') ? 'P-256' : undefined);
  if (namedCurve !== undefined) return generateKeyPairSync('ec', { namedCurve });
  if (alg === 'EdDSA' || alg === 'Ed25519') return generateKeyPairSync('ed25519');
  return generateKeyPairSync('rsa', { modulusLength });
}
