/** Public keys in PEM: of certificates (RFC 5280), and of their own, in PKIX's form (RFC 7468, section 13). */
import { BuiltinError } from '../builtin.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { DerReader } from '../x509/der.ts';
import { parsePublicKey, readAlgorithm } from '../x509/public-key.ts';
import { type Key, publicPair } from './key.ts';

/** Of a block's type and bytes. Throws BuiltinError. */
export function pemKey(type: string, der: Buffer): Key {
  if (type === 'CERTIFICATE') {
    const { publicKey } = parseCertificate(der);
    return publicKey && publicPair(publicKey);
  }
  if (type === 'PUBLIC KEY') return pkixKey(der);
  throw new BuiltinError('failed to extract a Key from the PEM certificate');
}

const X25519 = '1.3.101.110';

/** `x509.ParsePKIXPublicKey`. */
function pkixKey(der: Buffer): Key {
  const reader = new DerReader(der, 'failed to parse a PEM public key', { highTags: true });
  const info = reader.reader();
  const algorithm = readAlgorithm(info.reader());
  const bits = info.bitString();
  if (!reader.isEmpty()) reader.fail();
  if (algorithm.oid === X25519) {
    if (algorithm.parameters.length > 0 || bits.length !== 32 * 8) reader.fail();
    return null;
  }
  const publicKey = parsePublicKey(algorithm, bits) ?? reader.fail();
  return publicPair(publicKey);
}
