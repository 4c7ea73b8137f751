import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import {
  parsePkcs8,
  parseSec1,
  privateJwk,
  type PrivateKey,
  privateKeyValue,
} from '../../../../src/policy/builtins/x509/private-key.ts';
import { toPlain, writeJson } from '../../../../src/policy/value-text.ts';
import { bits, der, integer, octets, oid, sequence } from '../../../support/der.ts';

const EC = '1.2.840.10045.2.1';
const P256 = oid('1.2.840.10045.3.1.7');
const pkcs8 = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'pkcs8' });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const d = Buffer.from(ec.export({ format: 'jwk' }).d ?? '', 'base64url');
const sec1 = (...more: readonly Buffer[]): Buffer => sequence(integer(1), octets(d), ...more);

t.test("OpenSSL's keys are read, and are the same as JWK", async (t) => {
  for (const { privateKey } of [
    generateKeyPairSync('rsa', { modulusLength: 1024 }),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    generateKeyPairSync('ec', { namedCurve: 'P-521' }),
    generateKeyPairSync('ed25519'),
    generateKeyPairSync('x25519'),
  ])
    t.strictSame(toPlain(privateJwk(parsePkcs8(pkcs8(privateKey)))), {
      ...privateKey.export({ format: 'jwk' }),
    });
});

t.test('P-224 has no JWK', async (t) => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp224r1' });
  const key = parsePkcs8(pkcs8(privateKey));
  t.throws(() => privateJwk(key), new BuiltinError('jwk: unsupported curve P-224'));
  t.match(writeJson(privateKeyValue(key)), /^\{"Curve":\{\},"D":\d+,"X":\d+,"Y":\d+\}$/);
});

t.test('an RSA key of three primes has no JWK', async (t) => {
  const key: PrivateKey = {
    type: 'RSA',
    n: 105n,
    e: 5n,
    d: 5n,
    primes: [3n, 5n, 7n],
    dp: 1n,
    dq: 1n,
    qInverse: 2n,
    more: [{ exponent: 5n, coefficient: 1n, product: 15n }],
  };
  t.throws(() => privateJwk(key), new BuiltinError('jwk: invalid number of primes in rsa.PrivateKey'));
  t.equal(
    writeJson(privateKeyValue(key)),
    '{"D":5,"E":5,"N":105,"Precomputed":{"CRTValues":[{"Coeff":1,"Exp":5,"R":15}],"Dp":1,"Dq":1,"Qinv":2},"Primes":[3,5,7]}',
  );
});

t.test('keys of Curve25519 are shown as bytes, or not at all', async (t) => {
  const seed = octets(Buffer.alloc(32));
  const read = (id: string): PrivateKey => parsePkcs8(sequence(integer(0), sequence(oid(id)), octets(seed)));
  const ed25519 = Buffer.from(privateKeyValue(read('1.3.101.112')) as string, 'base64');
  t.strictSame([ed25519.length, ed25519.toString('hex', 0, 34)], [64, `${'00'.repeat(32)}3b6a`]);
  t.equal(writeJson(privateKeyValue(read('1.3.101.110'))), '{}');
});

t.test('the curve is named beside the key, or in it', async (t) => {
  const own = sec1(der(0xa0, P256));
  t.equal(parseSec1(own).curve.name, 'P-256');
  t.equal(parseSec1(sec1(der(0xa0, oid('1.2.3'))), '1.2.840.10045.3.1.7').curve.name, 'P-256');
  const read = (parameters: Buffer, key: Buffer): PrivateKey =>
    parsePkcs8(sequence(integer(0), sequence(oid(EC), parameters), octets(key)));
  t.equal(read(P256, sec1()).type, 'EC');
  t.equal(read(der(5), own).type, 'EC', 'parameters that name none do not matter');
  t.throws(() => read(oid('1.2.3'), own), new BuiltinError('x509: unknown elliptic curve'));
  t.throws(() => parseSec1(sec1()), new BuiltinError('x509: unknown elliptic curve'));
});

t.test('the key may have too few bytes, or zeros in front', async (t) => {
  const read = (bytes: Buffer): string =>
    parseSec1(sequence(integer(1), octets(bytes), der(0xa0, P256), der(0xa1, bits('x')))).d.toString('hex');
  t.equal(read(Buffer.from([5])), '05'.padStart(64, '0'));
  t.equal(read(Buffer.concat([Buffer.alloc(40), d])), d.toString('hex'));
  t.throws(() => read(Buffer.alloc(33, 1)), new BuiltinError('x509: invalid private key length'));
  t.throws(() => read(Buffer.alloc(32)), new BuiltinError('ecdsa: invalid private key'));
  t.throws(() => read(Buffer.alloc(32, 0xff)), new BuiltinError('ecdsa: invalid private key'));
});

t.test('what is no key is an error', async (t) => {
  const fails = (message: string, act: () => unknown): void => {
    t.throws(act, new BuiltinError(message), message);
  };
  const okp = (parameters: Buffer, key: Buffer) => () =>
    parsePkcs8(sequence(integer(0), sequence(oid('1.3.101.112'), parameters), octets(key)));
  const none = Buffer.alloc(0);
  fails('asn1: structure error: malformed PKCS#8 private key', () => parsePkcs8(none));
  fails('asn1: structure error: malformed EC private key', () => parseSec1(sequence(integer(1))));
  fails('asn1: structure error: malformed Ed25519 private key', okp(none, none));
  fails('x509: invalid Ed25519 private key', okp(der(5), octets(Buffer.alloc(32))));
  fails('x509: invalid Ed25519 private key', okp(none, octets(Buffer.alloc(31))));
  fails('x509: unknown EC private key version', () =>
    parseSec1(sequence(integer(2), octets(d), der(0xa0, P256))),
  );
  fails('x509: PKCS#8 wrapping contained private key with unknown algorithm: 1.2.3', () =>
    parsePkcs8(sequence(integer(0), sequence(oid('1.2.3')), octets(none))),
  );
});
