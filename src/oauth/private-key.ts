/** Private keys of the configuration, as jose uses them. */
import { type CryptoKey, importJWK, type JWK } from 'jose';

/**
 * Imports a key that `check` has judged. What it says of its use is left out: Web Crypto wants exactly that, and refuses what key
 * generators write (RFC 7517 sections 4.2 and 4.3).
 */
export async function importPrivateKey(jwk: JWK, alg: string): Promise<CryptoKey> {
  const { use: _use, key_ops: _operations, ext: _extractable, ...key } = jwk;
  return (await importJWK(key, alg)) as CryptoKey;
}
