/** A certificate and its private key: Go's `tls.X509KeyPair`, as OPA shows it. */
import { RegoObject } from '../../value.ts';
import { attempt, BuiltinError } from '../builtin.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import { base64, certificateValue } from './certificate-value.ts';
import { type Block, fromBase64, pemBlocks } from './encoded.ts';
import { parsePkcs8, parseSec1, type PrivateKey, privateKeyValue } from './private-key.ts';
import { parsePkcs1 } from './rsa-private-key.ts';

/** Each in PEM, base64 of PEM, or base64 of DER. The first certificate is the key's. Throws BuiltinError. */
export function keyPair(certificateText: string, keyText: string): RegoObject {
  const chain = blocks(certificateText, 'CERTIFICATE').filter(({ type }) => type === 'CERTIFICATE');
  const key = blocks(keyText, 'PRIVATE KEY').find(({ type }) => /^(?:.* )?PRIVATE KEY$/s.test(type));
  const [first] = chain;
  if (!first) throw new BuiltinError('tls: failed to find any PEM data in certificate input');
  if (!key) throw new BuiltinError('tls: failed to find any PEM data in key input');
  const leaf = parseCertificate(first.der);
  const privateKey = parsePrivateKey(key.der);
  if (!isPair(leaf, privateKey)) throw new BuiltinError('tls: private key does not match public key');
  return RegoObject.of({
    Certificate: chain.map(({ der }) => base64(der)),
    PrivateKey: privateKeyValue(privateKey),
    SupportedSignatureAlgorithms: null,
    OCSPStaple: null,
    SignedCertificateTimestamps: null,
    Leaf: certificateValue(leaf),
  });
}

/** All of PEM; DER makes one of the type given. */
function blocks(text: string, type: string): readonly Block[] {
  const bytes = text.startsWith('-----BEGIN ') ? Buffer.from(text) : fromBase64(text);
  const pem = bytes.toString('latin1');
  return pem.startsWith('-----BEGIN ') ? pemBlocks(pem) : [{ type, der: bytes }];
}

/** Whatever the block's type says. Throws BuiltinError. */
function parsePrivateKey(der: Buffer): PrivateKey {
  const key =
    attempt(() => parsePkcs1(der)) ?? attempt(() => parsePkcs8(der)) ?? attempt(() => parseSec1(der));
  if (!key) throw new BuiltinError('tls: failed to parse private key');
  return key;
}

function isPair({ publicKey }: Certificate, key: PrivateKey): boolean {
  if (publicKey?.type === 'RSA') return key.type === 'RSA' && key.n === publicKey.n && key.e === publicKey.e;
  if (publicKey?.type === 'EC') return key.type === 'EC' && key.point.equals(publicKey.point);
  return publicKey?.type === 'Ed25519' && key.type === 'Ed25519' && key.publicKey.equals(publicKey.bytes);
}
