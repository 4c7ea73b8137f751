import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import t from 'tap';
import { DerReader } from '../../../../src/policy/builtins/x509/der.ts';
import {
  parsePublicKey,
  type PublicKey,
  readAlgorithm,
} from '../../../../src/policy/builtins/x509/public-key.ts';
import { signatureAlgorithm, verifiesSignature } from '../../../../src/policy/builtins/x509/signature.ts';
import { der, integer, oid, sequence } from '../../../support/der.ts';

const NONE: Buffer = Buffer.alloc(0);
const NULL: Buffer = der(5);
const SHA256 = '2.16.840.1.101.3.4.2.1';
const PSS = '1.2.840.113549.1.1.10';
const MGF1 = '1.2.840.113549.1.1.8';

t.test('algorithms have the numbers of Go', async (t) => {
  const number = (id: string, parameters = NONE): number => signatureAlgorithm({ oid: id, parameters });
  t.equal(number('1.2.840.113549.1.1.4'), 2, 'MD5 with RSA');
  t.equal(number('1.2.840.113549.1.1.11', NULL), 4);
  t.equal(number('1.3.14.3.2.29'), 3, "Microsoft's SHA-1 with RSA");
  t.equal(number('1.2.840.10045.4.3.4'), 12);
  t.equal(number('1.3.101.112'), 16);
  t.equal(number('1.3.101.112', NULL), 0, 'Ed25519 has no parameters');
  t.equal(number('1.3.101.113'), 0);
});

type Pss = {
  hash?: string;
  hashParameters?: Buffer;
  mgf?: string;
  mgfHash?: Buffer;
  salt?: number;
  more?: Buffer;
};

function pss({
  hash = SHA256,
  hashParameters = NULL,
  mgf = MGF1,
  mgfHash,
  salt = 32,
  more = NONE,
}: Pss): number {
  const parameters = sequence(
    der(0xa0, sequence(oid(hash), hashParameters)),
    der(0xa1, sequence(oid(mgf), mgfHash ?? sequence(oid(hash), NULL))),
    der(0xa2, integer(salt)),
    more,
  );
  return signatureAlgorithm({ oid: PSS, parameters });
}

t.test('PSS is known with three hashes, MGF1 of the same, and a salt as long', async (t) => {
  t.equal(pss({}), 13);
  t.equal(pss({ hash: '2.16.840.1.101.3.4.2.2', salt: 48 }), 14);
  t.equal(pss({ hash: '2.16.840.1.101.3.4.2.3', salt: 64 }), 15);
  t.equal(pss({ hashParameters: NONE, mgfHash: sequence(oid(SHA256)) }), 13);
  t.equal(pss({ more: der(0xa3, integer(1)) }), 13);
});

t.test('PSS with anything else is unknown', async (t) => {
  t.equal(pss({ salt: 20 }), 0);
  t.equal(pss({ hash: '1.3.14.3.2.26', salt: 20 }), 0, 'SHA-1');
  t.equal(pss({ hashParameters: integer(1) }), 0);
  t.equal(pss({ mgf: '1.2.3' }), 0);
  t.equal(pss({ mgfHash: sequence(oid('1.3.14.3.2.26'), NULL) }), 0);
  t.equal(pss({ mgfHash: sequence(oid(SHA256), integer(1)) }), 0);
  t.equal(pss({ more: der(0xa3, integer(2)) }), 0);
  t.equal(signatureAlgorithm({ oid: PSS, parameters: NULL }), 0);
  t.equal(signatureAlgorithm({ oid: PSS, parameters: sequence() }), 0);
});

function parse(key: KeyObject): PublicKey {
  const reader = new DerReader(key.export({ format: 'der', type: 'spki' }), 'it is malformed').reader();
  return parsePublicKey(readAlgorithm(reader.reader()), reader.bitString()) as PublicKey;
}

const signed = Buffer.from('signed');
const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
const padding = constants.RSA_PKCS1_PSS_PADDING;

t.test('signatures of the algorithm and the key are told from others', async (t) => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'secp224r1' });
  const ed25519 = generateKeyPairSync('ed25519');
  for (const [number, pair, signature] of [
    [4, rsa, sign('sha256', signed, rsa.privateKey)],
    [5, rsa, sign('sha384', signed, rsa.privateKey)],
    [6, rsa, sign('sha512', signed, rsa.privateKey)],
    [13, rsa, sign('sha256', signed, { key: rsa.privateKey, padding, saltLength: 32 })],
    [14, rsa, sign('sha384', signed, { key: rsa.privateKey, padding, saltLength: 48 })],
    [10, ec, sign('sha256', signed, ec.privateKey)],
    [11, ec, sign('sha384', signed, ec.privateKey)],
    [12, ec, sign('sha512', signed, ec.privateKey)],
    [16, ed25519, sign(null, signed, ed25519.privateKey)],
  ] as const) {
    const key = parse(pair.publicKey);
    const algorithms = Array.from({ length: 17 }, (_, at) => at);
    const right = algorithms.filter((algorithm) => verifiesSignature(algorithm, signed, signature, key));
    t.strictSame(right, [number]);
    t.notOk(verifiesSignature(number, Buffer.from('other'), signature, key));
    t.notOk(verifiesSignature(number, signed, Buffer.concat([signature, Buffer.alloc(1)]), key));
    t.notOk(verifiesSignature(number, signed, NONE, key));
  }
});

t.test('what SHA-1 signed is refused, and a salt of another length', async (t) => {
  const key = parse(rsa.publicKey);
  t.notOk(verifiesSignature(3, signed, sign('sha1', signed, rsa.privateKey), key));
  const salted = sign('sha256', signed, { key: rsa.privateKey, padding, saltLength: 20 });
  t.notOk(verifiesSignature(13, signed, salted, key));
});

t.test("RSA keys below Go's strength verify nothing", async (t) => {
  const short = generateKeyPairSync('rsa', { modulusLength: 1016 });
  t.notOk(verifiesSignature(4, signed, sign('sha256', signed, short.privateKey), parse(short.publicKey)));
  const signature = sign('sha256', signed, rsa.privateKey);
  const key = parse(rsa.publicKey) as Extract<PublicKey, { type: 'RSA' }>;
  for (const e of [1n, 65_536n, 2n ** 31n + 1n])
    t.notOk(verifiesSignature(4, signed, signature, { ...key, e }), `e = ${e}`);
  t.notOk(verifiesSignature(4, signed, signature, { ...key, n: key.n + 1n }));
});

t.test('a key that OpenSSL does not use verifies nothing', async (t) => {
  const large: PublicKey = { type: 'RSA', n: 2n ** 20_000n + 1n, e: 3n };
  t.notOk(verifiesSignature(4, signed, Buffer.alloc(2_501), large));
  t.notOk(verifiesSignature(4, signed, NONE, { type: 'DSA', p: 5n, q: 2n, g: 3n, y: 4n }));
});
