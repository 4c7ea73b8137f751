import { generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import type { Key } from '../../../../src/policy/builtins/jwt/key.ts';
import { pemKey } from '../../../../src/policy/builtins/jwt/pem-key.ts';
import { AUTHORITY } from '../../../support/certificates.ts';

const spki = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' });
const type = (key: Key): string | undefined => (key instanceof Uint8Array ? 'secret' : key?.publicKey.type);
const EC = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;

t.test('a certificate holds a key', async (t) => {
  const { raw, publicKey } = new X509Certificate(AUTHORITY);
  const key = pemKey('CERTIFICATE', raw);
  t.equal(type(key), 'EC');
  t.ok(key && 'verifier' in key && key.verifier?.equals(publicKey));
  t.throws(() => pemKey('CERTIFICATE', raw.subarray(1)), new BuiltinError('x509: malformed certificate'));
});

t.test('a public key is of any kind that Go knows', async (t) => {
  t.equal(type(pemKey('PUBLIC KEY', spki(EC))), 'EC');
  t.equal(type(pemKey('PUBLIC KEY', spki(generateKeyPairSync('ed25519').publicKey))), 'Ed25519');
  t.equal(pemKey('PUBLIC KEY', spki(generateKeyPairSync('x25519').publicKey)), null);
});

t.test('what is no public key to Go is refused', async (t) => {
  const [der, x25519] = [spki(EC), spki(generateKeyPairSync('x25519').publicKey)];
  const refused = [
    spki(generateKeyPairSync('ed448').publicKey),
    der.subarray(0, -1),
    Buffer.concat([der, Buffer.of(0)]),
    // X25519 of 31 bytes, and with a parameter.
    Buffer.concat([Buffer.from('3029300506032b656e032000', 'hex'), x25519.subarray(13)]),
    Buffer.concat([Buffer.from('302c300706032b656e0500032100', 'hex'), x25519.subarray(12)]),
    Buffer.alloc(0),
  ];
  for (const bytes of refused)
    t.throws(
      () => pemKey('PUBLIC KEY', bytes),
      new BuiltinError('failed to parse a PEM public key'),
      bytes.toString('hex'),
    );
});

t.test('another block holds no key', async (t) => {
  for (const other of ['PRIVATE KEY', 'RSA PUBLIC KEY', 'certificate', ''])
    t.throws(
      () => pemKey(other, spki(EC)),
      new BuiltinError('failed to extract a Key from the PEM certificate'),
      other,
    );
});
