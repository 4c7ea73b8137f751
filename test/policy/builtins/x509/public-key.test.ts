import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { DerReader } from '../../../../src/policy/builtins/x509/der.ts';
import {
  base64url,
  keyObject,
  parsePublicKey,
  type PublicKey,
  publicKeyAlgorithm,
  publicKeyValue,
  readAlgorithm,
} from '../../../../src/policy/builtins/x509/public-key.ts';
import { writeJson } from '../../../../src/policy/value-text.ts';
import { bits, der, integer, oid, sequence } from '../../../support/der.ts';

const NULL = der(5);
const RSA = '1.2.840.113549.1.1.1';
const EC = '1.2.840.10045.2.1';
const ED25519 = '1.3.101.112';

const parse = (id: string, parameters: Buffer, key: Buffer): PublicKey | null =>
  parsePublicKey({ oid: id, parameters }, { bytes: key, length: key.length * 8 });

/** Of a SubjectPublicKeyInfo. */
function parseInfo(info: Buffer): PublicKey | null {
  const reader = new DerReader(info, 'it is malformed').reader();
  return parsePublicKey(readAlgorithm(reader.reader()), reader.bitString());
}

t.test("OpenSSL's keys are read, and made again", async (t) => {
  const pairs = [
    generateKeyPairSync('rsa', { modulusLength: 1024 }),
    ...['secp224r1', 'prime256v1', 'secp384r1', 'secp521r1'].map((namedCurve) =>
      generateKeyPairSync('ec', { namedCurve }),
    ),
    generateKeyPairSync('ed25519'),
  ];
  for (const { publicKey } of pairs) {
    const key = parseInfo(publicKey.export({ format: 'der', type: 'spki' }));
    t.ok(key && keyObject(key)?.equals(publicKey), publicKey.asymmetricKeyType ?? '');
  }
});

t.test('keys are shown as Go shows them', async (t) => {
  t.equal(
    writeJson(publicKeyValue(parse(RSA, NULL, sequence(integer(2n ** 70n), integer(3))))),
    '{"E":3,"N":1180591620717411303424}',
  );
  t.equal(
    writeJson(publicKeyValue(parse(ED25519, Buffer.alloc(0), Buffer.alloc(32, 1)))),
    '"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="',
  );
  const dsa = parse('1.2.840.10040.4.1', sequence(integer(5), integer(2), integer(3)), integer(4));
  t.equal(writeJson(publicKeyValue(dsa)), '{"G":3,"P":5,"Q":2,"Y":4}');
  t.equal(dsa && keyObject(dsa), null, 'which verifies nothing');
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  t.match(
    writeJson(publicKeyValue(parseInfo(publicKey.export({ format: 'der', type: 'spki' })))),
    /^\{"Curve":\{\},"X":\d+,"Y":\d+\}$/,
  );
  t.equal(publicKeyValue(null), null);
});

t.test('a key of another algorithm is none', async (t) => {
  t.equal(parse('1.3.101.110', Buffer.alloc(0), Buffer.alloc(32)), null, 'such as X25519');
  t.equal(publicKeyAlgorithm({ oid: '1.3.101.110', parameters: NULL }), 0);
  t.strictSame(
    [RSA, '1.2.840.10040.4.1', EC, ED25519].map((id) => publicKeyAlgorithm({ oid: id, parameters: NULL })),
    [1, 2, 3, 4],
  );
});

t.test('keys that are not right are errors', async (t) => {
  const fails = (message: string, id: string, parameters: Buffer, key: Buffer): void => {
    t.throws(() => parse(id, parameters, key), new BuiltinError(`x509: ${message}`), message);
  };
  const empty = Buffer.alloc(0);
  fails('RSA key missing NULL parameters', RSA, empty, sequence(integer(5), integer(3)));
  fails('invalid RSA public key', RSA, NULL, sequence(integer(5)));
  fails('invalid RSA public key', RSA, NULL, sequence(integer(5), integer(2n ** 63n)));
  fails('RSA modulus is not a positive number', RSA, NULL, sequence(integer(0), integer(3)));
  fails('RSA public exponent is not a positive number', RSA, NULL, sequence(integer(5), integer(-3)));
  fails('invalid ECDSA parameters', EC, NULL, empty);
  fails('unsupported elliptic curve', EC, oid('1.3.132.0.10'), empty);
  fails('invalid point on P-256', EC, oid('1.2.840.10045.3.1.7'), Buffer.alloc(65, 4));
  fails('invalid Ed25519 public key', ED25519, NULL, Buffer.alloc(32));
  fails('invalid Ed25519 public key', ED25519, empty, Buffer.alloc(31));
  const parameters = sequence(integer(5), integer(2), integer(3));
  fails('invalid DSA public key', '1.2.840.10040.4.1', parameters, empty);
  fails('invalid DSA parameters', '1.2.840.10040.4.1', NULL, integer(4));
  fails('zero or negative DSA parameter', '1.2.840.10040.4.1', parameters, integer(0));
});

t.test('the bits of a key that are not whole bytes are moved to the end', async (t) => {
  const key = parseInfo(sequence(sequence(oid(ED25519)), bits(Buffer.alloc(32, 8), 3)));
  t.strictSame(key, { type: 'Ed25519', bytes: Buffer.alloc(32, 1) });
});

t.test('what OpenSSL does not take verifies nothing', async (t) => {
  t.equal(
    keyObject({ type: 'EC', curve: { prefix: Buffer.alloc(1) }, point: Buffer.alloc(1) } as PublicKey),
    null,
  );
});

t.test('numbers are written without zeros in front', async (t) => {
  t.equal(base64url(65_537n), 'AQAB');
  t.equal(base64url(0x0fn), 'Dw');
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 512 });
  const jwk = publicKey.export({ format: 'jwk' });
  const key = parseInfo(
    createPublicKey(publicKey.export({ format: 'pem', type: 'spki' })).export({
      format: 'der',
      type: 'spki',
    }),
  );
  t.equal(key?.type === 'RSA' && base64url(key.n), jwk.n);
});
