import { generateKeyPairSync } from 'node:crypto';
import t from 'tap';
import { BuiltinError } from '../../../src/policy/builtins/builtin.ts';
import { keys } from '../../../src/policy/builtins/keys.ts';
import { caller } from '../../support/builtin.ts';
import { pem } from '../../support/issuing.ts';

const call = caller(keys);
const parse = (text: string): string | undefined => call('crypto.parse_private_keys', JSON.stringify(text));
const jwk = (text: string): string | undefined =>
  call('crypto.x509.parse_rsa_private_key', JSON.stringify(text));
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const ALL = [
  pem('RSA PRIVATE KEY', rsa.export({ format: 'der', type: 'pkcs1' })),
  pem('PUBLIC KEY', Buffer.from('passed over')),
  pem('PRIVATE KEY', ec.export({ format: 'der', type: 'pkcs8' })),
  pem('EC PRIVATE KEY', ec.export({ format: 'der', type: 'sec1' })),
].join('');

t.test('all keys of a text are parsed, whatever kind they are', async (t) => {
  for (const text of [ALL, base64(ALL)]) {
    const [first, ...others] = JSON.parse(parse(text) ?? '') as readonly object[];
    t.match(Object.keys(first ?? {}), ['D', 'E', 'N', 'Precomputed', 'Primes']);
    t.strictSame(
      others.map((key) => Object.keys(key)),
      [
        ['Curve', 'D', 'X', 'Y'],
        ['Curve', 'D', 'X', 'Y'],
      ],
    );
  }
});

t.test('the first key of a text is parsed to a JWK, not only if it is RSA', async (t) => {
  const { kty, n, d } = rsa.export({ format: 'jwk' });
  for (const text of [ALL, base64(ALL), base64(`${ALL}after`)])
    t.match(JSON.parse(jwk(text) ?? ''), { kty, n, d });
  const last = pem('EC PRIVATE KEY', ec.export({ format: 'der', type: 'sec1' }));
  t.strictSame(JSON.parse(jwk(last) ?? ''), { ...ec.export({ format: 'jwk' }) });
});

t.test('where there are none, that is told', async (t) => {
  t.equal(parse(''), 'null');
  t.equal(parse('nope'), '[]');
  t.equal(parse('no base64 and no PEM'), '[]');
  t.equal(jwk('nope'), 'null');
  t.equal(jwk(pem('PUBLIC KEY', Buffer.from('x'))), 'null');
});

t.test('a key that is not right is an error, and so is what is no text', async (t) => {
  const broken = `${ALL}${pem('PRIVATE KEY', Buffer.from('x'))}`;
  const malformed = new BuiltinError('asn1: structure error: malformed PKCS#8 private key');
  t.throws(() => parse(broken), malformed);
  t.throws(() => jwk(broken), malformed, 'though it is not the first');
  t.throws(() => jwk(''), new BuiltinError('input PEM data was empty'));
  t.throws(() => jwk('!'), new BuiltinError('illegal base64 data'));
  for (const name of Object.keys(keys))
    t.throws(() => call(name, '1'), new BuiltinError('operand 1 must be string but got number'));
});
