import { generateKeyPairSync } from 'node:crypto';
import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { keyPair } from '../../../../src/policy/builtins/x509/key-pair.ts';
import type { RegoObject, Value } from '../../../../src/policy/value.ts';
import { toPlain } from '../../../../src/policy/value-text.ts';
import { bits, der, integer, oid, sequence } from '../../../support/der.ts';
import { ecKey, ed25519Key, issue, nameOf, pem } from '../../../support/issuing.ts';
import { WEAK } from '../../../support/certificates.ts';

const key = ecKey();
const { der: certificate } = issue({ name: 'a', key });
const pkcs8 = key.export({ format: 'der', type: 'pkcs8' });
const base64 = (bytes: Buffer | string): string => Buffer.from(bytes).toString('base64');
const CERTIFICATE = pem('CERTIFICATE', certificate);
const KEY = pem('PRIVATE KEY', pkcs8);
const fails = (message: string, certificateText: string, keyText: string): void => {
  t.throws(() => keyPair(certificateText, keyText), new BuiltinError(message), message);
};

t.test('a pair is shown as Go shows it', async (t) => {
  const shown = keyPair(CERTIFICATE, KEY);
  const { Certificate, Leaf, PrivateKey, ...others } = toPlain(shown) as Record<string, unknown>;
  t.strictSame(Certificate, [base64(certificate)]);
  t.match(Leaf, { Raw: base64(certificate), Subject: { CommonName: 'a' } });
  t.notOk((shown.get('Leaf') as RegoObject).has('URIStrings'));
  t.match(PrivateKey, { Curve: {}, D: Number, X: Number, Y: Number });
  t.strictSame(others, {
    OCSPStaple: null,
    SignedCertificateTimestamps: null,
    SupportedSignatureAlgorithms: null,
  });
});

t.test('each may be PEM, base64 of PEM, or base64 of DER', async (t) => {
  const leafOf = (certificateText: string, keyText: string): Value | undefined =>
    keyPair(certificateText, keyText).get('Certificate');
  for (const certificateText of [CERTIFICATE, base64(CERTIFICATE), base64(certificate)])
    for (const keyText of [KEY, base64(KEY), base64(pkcs8)])
      t.strictSame(leafOf(certificateText, keyText), [base64(certificate)]);
});

t.test('of several blocks, the certificates and the first key count', async (t) => {
  const other = pem('CERTIFICATE', issue({ name: 'b' }).der);
  const shown = keyPair(
    `${KEY}${CERTIFICATE}${other}`,
    `${other}${KEY}${pem('PRIVATE KEY', Buffer.alloc(1))}`,
  );
  t.equal((shown.get('Certificate') as readonly Value[]).length, 2);
  fails('tls: private key does not match public key', `${other}${CERTIFICATE}`, KEY);
});

t.test('a key may be of any kind, whatever its block says', async (t) => {
  const sec1 = key.export({ format: 'der', type: 'sec1' });
  for (const type of ['RSA PRIVATE KEY', 'SOME PRIVATE KEY']) t.ok(keyPair(CERTIFICATE, pem(type, sec1)));
  t.ok(keyPair(WEAK.cert, WEAK.key), 'RSA');
  const ed25519 = ed25519Key();
  const issued = issue({ name: 'a', key: ed25519, hash: null });
  t.ok(keyPair(base64(issued.der), base64(ed25519.export({ format: 'der', type: 'pkcs8' }))));
});

t.test('what makes no pair is an error', async () => {
  const pkcs8Of = (type: 'ed25519' | 'x25519'): string =>
    base64(
      (type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519')).privateKey.export(
        {
          format: 'der',
          type: 'pkcs8',
        },
      ),
    );
  const mismatch = 'tls: private key does not match public key';
  fails(mismatch, CERTIFICATE, base64(ecKey().export({ format: 'der', type: 'pkcs8' })));
  fails(mismatch, CERTIFICATE, pkcs8Of('ed25519'));
  fails(mismatch, WEAK.cert, KEY);
  fails(mismatch, base64(issue({ name: 'a', key: ed25519Key(), hash: null }).der), pkcs8Of('x25519'));
  const unknown = sequence(
    sequence(
      integer(1),
      sequence(oid('1.2.3')),
      nameOf('a'),
      sequence(der(0x17, '200101000000Z'), der(0x17, '200101000000Z')),
      nameOf('a'),
      sequence(sequence(oid('1.2.3')), bits('')),
    ),
    sequence(oid('1.2.3')),
    bits(''),
  );
  fails(mismatch, base64(unknown), KEY);
  fails('illegal base64 data', 'x', KEY);
  fails('illegal base64 data', CERTIFICATE, 'x');
  fails('tls: failed to find any PEM data in certificate input', KEY, KEY);
  fails('tls: failed to find any PEM data in key input', CERTIFICATE, CERTIFICATE);
  fails('tls: failed to find any PEM data in key input', CERTIFICATE, pem('MYPRIVATE KEY', pkcs8));
  fails('tls: failed to parse private key', CERTIFICATE, base64('x'));
  fails('x509: malformed certificate', base64('x'), KEY);
  fails('x509: trailing data', base64(Buffer.concat([certificate, certificate])), KEY);
});
