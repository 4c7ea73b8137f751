import t, { type Test } from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { type Jwk, parseJwks } from '../../../../src/policy/builtins/jwt/jwk.ts';
import type { Key } from '../../../../src/policy/builtins/jwt/key.ts';
import { AUTHORITY } from '../../../support/certificates.ts';
import { keyPairFor } from '../../../support/keys.ts';

const RSA = keyPairFor('RS256', { modulusLength: 1_024 });
const EC = keyPairFor('ES256');
const ED = keyPairFor('EdDSA');
const OCT = { kty: 'oct', k: 'AQID' };

const parse = (jwk: unknown): readonly Jwk[] => parseJwks(JSON.stringify(jwk));
const one = (jwk: unknown): Jwk => parse(jwk)[0] as Jwk;
/** What kind of key it is, and whether a private one. */
function described(key: Key): string {
  if (key === null || key instanceof Uint8Array) return key === null ? 'nothing' : 'secret';
  return `${key.signer === null ? 'public' : 'private'} ${key.publicKey.type}`;
}
const refused = (t: Test, jwk: unknown, message: string): void => {
  t.throws(() => one(jwk).key(), new BuiltinError(message), JSON.stringify(jwk));
};

t.test('a JWK is a key, and a set of them is several', async (t) => {
  const keys = [RSA.publicJwk, RSA.privateJwk, EC.publicJwk, EC.privateJwk, ED.publicJwk, ED.privateJwk, OCT];
  const kinds = [
    'public RSA',
    'private RSA',
    'public EC',
    'private EC',
    'public Ed25519',
    'private Ed25519',
    'secret',
  ];
  t.strictSame(
    parse({ keys, other: true }).map(({ key }) => described(key())),
    kinds,
  );
  t.strictSame(
    keys.map((jwk) => described(one(jwk).key())),
    kinds,
  );
  t.strictSame(parse({ keys: [] }), []);
});

t.test('a key may say which it is and what it is for', async (t) => {
  const { alg, kid } = one({ ...OCT, alg: 'HS256', kid: 'k' });
  t.strictSame([alg, kid], ['HS256', 'k']);
  const unsaid = one({ ...OCT, kid: null });
  t.strictSame([unsaid.alg, unsaid.kid], ['', '']);
  for (const known of ['none', 'RSA-OAEP', 'Ed25519', 'A128GCM', 'dir'])
    t.equal(one({ ...OCT, alg: known }).alg, known);
  for (const unknown of ['', 'foo', null]) refused(t, { ...OCT, alg: unknown }, 'unknown "alg" of a key');
});

t.test('what is no key is refused', async (t) => {
  t.throws(() => parseJwks('{"kty": '), new BuiltinError('invalid JSON'));
  for (const jwk of [null, [], 'x', { keys: [null] }]) refused(t, jwk, 'a JWK is an object');
  for (const jwk of [{}, { kty: 'rsa' }, { kty: null }]) refused(t, jwk, 'invalid key type from JSON');
  for (const keys of [null, {}]) refused(t, { keys }, 'failed to decode "keys": it is no array');
});

t.test('a set has up to 1,000 keys', async (t) => {
  t.equal(parse({ keys: Array.from({ length: 1_000 }, () => OCT) }).length, 1_000);
  refused(t, { keys: Array.from({ length: 1_001 }, () => OCT) }, 'too many keys in "keys" array: max 1000');
});

t.test('numbers are base64 of any kind', async (t) => {
  const n = RSA.publicJwk['n'] as string;
  const standard = Buffer.from(n, 'base64url').toString('base64');
  for (const written of [n, `${n}=`, standard, standard.replace(/=+$/, ''), `AAAA${n}`])
    t.equal(described(one({ ...RSA.publicJwk, n: written }).key()), 'public RSA', written);
  for (const written of [`${n}==`, '!', 1])
    refused(t, { ...RSA.publicJwk, n: written }, 'invalid "n" of a key');
});

t.test('an RSA key has a modulus and an odd exponent', async (t) => {
  const { n, e } = RSA.publicJwk;
  for (const missing of [{ e }, { e, n: null }, { e, n: 'AAAA' }])
    refused(t, { kty: 'RSA', ...missing }, 'missing "n" of an RSA key');
  for (const wrong of [undefined, '', 'AAAA', 'Ag', 'gAAAAAAAAAE'])
    refused(t, { kty: 'RSA', n, e: wrong }, 'invalid "e" of an RSA key');
  t.ok(one({ kty: 'RSA', n, e: 'f________w' }).key());
});

t.test('a private RSA key has its primes, and may be without what follows of them', async (t) => {
  const { dp, dq, qi, ...numbers } = RSA.privateJwk;
  t.equal(described(one(numbers).key()), 'private RSA');
  // OPA does not look at some of them alone.
  t.equal(described(one({ ...numbers, dp: dq, qi }).key()), 'private RSA');
  refused(t, { ...RSA.privateJwk, d: null }, 'missing "d" of an RSA key');
  for (const prime of ['p', 'q'])
    refused(t, { ...RSA.privateJwk, [prime]: undefined }, 'missing "p" or "q" of an RSA key');
  t.doesNotThrow(() => one({ ...RSA.privateJwk, p: undefined }), 'which is told only when the key is wanted');
  const mixed = one({ ...RSA.privateJwk, dp: dq }).key();
  t.throws(
    () => (mixed as { signer: () => unknown }).signer(),
    new BuiltinError('crypto/rsa: invalid CRT exponent'),
  );
});

t.test('an EC key is on its curve', async (t) => {
  refused(t, { ...EC.publicJwk, crv: 'P-999' }, 'invalid "crv" of an EC key');
  refused(t, { ...EC.publicJwk, y: undefined }, 'invalid size of an EC key for curve P-256');
  refused(t, { ...EC.publicJwk, y: EC.publicJwk['x'] }, 'invalid ECDSA public key: no point on curve P-256');
});

t.test('an octet key pair is of a known curve, of which only Ed25519 verifies', async (t) => {
  t.equal(described(one({ ...ED.publicJwk, crv: 'X25519' }).key()), 'nothing');
  for (const crv of ['Ed448', 'P-256'])
    refused(t, { ...ED.publicJwk, crv, x: 'AAAA' }, `invalid curve algorithm ${crv}`);
  for (const crv of ['Ed', null, undefined])
    refused(t, { ...ED.publicJwk, crv }, 'invalid "crv" of an OKP key');
  for (const wrong of [{ x: 'AAAA' }, { x: undefined }, { d: 'AAAA' }, { d: null }, { crv: 'Ed448', x: '' }])
    refused(t, { ...ED.publicJwk, ...wrong }, 'invalid size of an OKP key');
  refused(
    t,
    { ...ED.privateJwk, x: keyPairFor('EdDSA').publicJwk['x'] },
    'ed25519: invalid x value given d value',
  );
});

t.test('a symmetric key has octets', async (t) => {
  for (const k of [undefined, null, '']) refused(t, { kty: 'oct', k }, 'missing "k" of a symmetric key');
});

t.test('what says nothing about the key has to be of the right type too', async (t) => {
  for (const name of ['kty', 'alg', 'kid', 'use', 'x5t', 'x5t#S256', 'x5u'])
    refused(t, { ...OCT, [name]: 1 }, `invalid "${name}" of a key`);
  for (const operations of ['sign', [1], {}])
    refused(t, { ...OCT, key_ops: operations }, 'invalid "key_ops" of a key');
  t.ok(one({ ...OCT, use: 'any', x5t: null, key_ops: ['any', null] }));
  t.ok(one({ ...OCT, key_ops: null, anything: [1] }));
});

t.test('the certificates of a chain can be read', async (t) => {
  const certificate = AUTHORITY.replaceAll(/-----.*-----/g, '');
  t.ok(one({ ...OCT, x5c: Array(10).fill(certificate.replaceAll('\n', '\n \t')) }));
  t.ok(one({ ...OCT, x5c: [] }));
  const large = Buffer.alloc(256 * 1024 + 1).toString('base64');
  for (const chain of [
    null,
    certificate,
    [certificate.replace('M', '-')],
    Array(11).fill(certificate),
    [large],
  ])
    refused(t, { ...OCT, x5c: chain }, 'invalid "x5c" of a key');
  for (const wrong of ['AAAA', '', 1]) refused(t, { ...OCT, x5c: [wrong] }, 'x509: malformed certificate');
});
