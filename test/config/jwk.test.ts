import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import t from 'tap';
import { SIGNATURE_ALGORITHMS } from '../../src/config/authorization-server.ts';
import { DECRYPTING, jwkFault, jwksFault, SIGNING } from '../../src/config/jwk.ts';
import { Secret } from '../../src/config/units.ts';
import { keyPairFor } from '../support/keys.ts';

const secret = (value: unknown): Secret =>
  new Secret(typeof value === 'string' ? value : JSON.stringify(value));
const { privateJwk: right, publicJwk } = keyPairFor('ES256');

t.test('a private key that can do what its alg says is taken, for every algorithm there is', async (t) => {
  t.strictSame(Object.keys(SIGNING), [...SIGNATURE_ALGORITHMS]);
  for (const alg of Object.keys(SIGNING))
    t.equal(jwkFault(secret(keyPairFor(alg).privateJwk), SIGNING), null, alg);
  const keys = Object.keys(DECRYPTING).map((alg) => keyPairFor(alg).privateJwk);
  t.equal(jwksFault(secret({ keys }), DECRYPTING), null);
  const x25519 = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
  t.equal(jwksFault(secret({ keys: [{ ...x25519, alg: 'ECDH-ES' }] }), DECRYPTING), null);
});

t.test('what is no private JWK is refused, and nothing of it is shown', async (t) => {
  const { d, ...rest } = right;
  const pem = createPrivateKey({ format: 'jwk', key: right }).export({ format: 'pem', type: 'pkcs8' });
  const cases: [unknown, string][] = [
    [pem, 'expected a private JWK, in JSON'],
    ['"text"', 'expected a private JWK, in JSON'],
    ['[]', 'expected a private JWK, in JSON'],
    ['null', 'expected a private JWK, in JSON'],
    [{ keys: [right] }, 'expected one private JWK, not a set of them'],
    [{ ...right, kid: undefined }, 'needs a kid, by which the server finds its public key'],
    [{ ...right, kid: '' }, 'needs a kid, by which the server finds its public key'],
    [{ ...right, kid: 7 }, 'needs a kid, by which the server finds its public key'],
    [publicJwk, 'is no private key'],
    [rest, 'is no private key'],
    [{ ...right, d: '!' }, 'is no private key'],
    [{ ...right, d: keyPairFor('ES256').privateJwk['d'] }, 'is no private key'],
    [{ kty: 'oct', k: 'c2VjcmV0', kid: 'a', alg: 'ES256' }, 'is no private key'],
  ];
  for (const [jwk, fault] of cases) {
    t.equal(jwkFault(secret(jwk), SIGNING), fault, JSON.stringify(jwk));
    t.notOk(fault.includes(String(d)));
  }
});

t.test('an alg is named, is known, and fits its key', async (t) => {
  const needs = `needs an alg, one of ${SIGNATURE_ALGORITHMS.join(', ')}`;
  for (const alg of [undefined, '', 'none', 'HS256', 'RSA-OAEP', 'es256', 'toString', 7])
    t.equal(jwkFault(secret({ ...right, alg }), SIGNING), needs, String(alg));
  for (const alg of ['RS256', 'PS512', 'ES384', 'EdDSA'])
    t.equal(jwkFault(secret({ ...right, alg }), SIGNING), `is no key for its alg ${alg}`);
  const edwards = keyPairFor('EdDSA').privateJwk;
  t.equal(jwkFault(secret({ ...edwards, alg: 'Ed25519' }), SIGNING), null, 'two names of one key');
  t.equal(
    jwksFault(secret({ keys: [{ ...edwards, alg: 'ECDH-ES' }] }), DECRYPTING),
    'key 1 of 1: is no key for its alg ECDH-ES',
  );
  const weak = keyPairFor('RS256', { modulusLength: 1_024 }).privateJwk;
  t.equal(jwkFault(secret(weak), SIGNING), 'is too weak: an RSA key has at least 2048 bits');
});

t.test('a key of which the halves do not fit is none, of every kind', async (t) => {
  const x25519 = () => generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
  const { d } = keyPairFor('ES384').privateJwk;
  t.equal(jwkFault(secret({ ...keyPairFor('ES384').privateJwk, d }), SIGNING), 'is no private key');
  const { d: other } = keyPairFor('EdDSA').privateJwk;
  t.equal(jwkFault(secret({ ...keyPairFor('EdDSA').privateJwk, d: other }), SIGNING), 'is no private key');
  const agreeing = { ...x25519(), d: x25519().d, alg: 'ECDH-ES' };
  t.equal(jwksFault(secret({ keys: [agreeing] }), DECRYPTING), 'key 1 of 1: is no private key');
});

t.test('a key that says what it is for is for that', async (t) => {
  const { privateJwk: decrypting } = keyPairFor('RSA-OAEP');
  const { privateJwk: agreeing } = keyPairFor('ECDH-ES');
  const told = (jwk: object, more: object): string | null =>
    jwk === right
      ? jwkFault(secret({ ...jwk, ...more }), SIGNING)
      : (jwksFault(secret({ keys: [{ ...jwk, ...more }] }), DECRYPTING)?.slice('key 1 of 1: '.length) ??
        null);
  const cases: [jwk: object, right: object[], wrong: object[]][] = [
    [right, [{ use: 'sig' }, { key_ops: ['verify', 'sign'] }], [{ use: 'enc' }, { key_ops: ['verify'] }]],
    [decrypting, [{ use: 'enc' }, { key_ops: ['decrypt'] }], [{ use: 'sig' }, { key_ops: ['unwrapKey'] }]],
    [agreeing, [{ use: 'enc' }, { key_ops: ['deriveBits'] }], [{ use: 'x' }, { key_ops: 'deriveBits' }]],
  ];
  for (const [jwk, fitting, unfit] of cases) {
    for (const more of fitting) t.equal(told(jwk, more), null, JSON.stringify(more));
    for (const more of unfit)
      t.equal(told(jwk, more), 'is for something else, by its use or key_ops', JSON.stringify(more));
  }
});

t.test('of a set, the key that is at fault is named by its place', async (t) => {
  const key = keyPairFor('RSA-OAEP-256').privateJwk;
  for (const set of ['x', '{}', [key], key, { keys: [] }, { keys: key }])
    t.equal(jwksFault(secret(set), DECRYPTING), 'expected a JWKS, in JSON, with a key at least');
  t.equal(jwksFault(secret({ keys: [{ ...key, kid: undefined }] }), DECRYPTING), null, 'a kid is no must');
  for (const [second, fault] of [
    [7, 'expected a private JWK'],
    [{ ...key, d: undefined }, 'is no private key'],
    [{ ...key, alg: 'RSA1_5' }, `needs an alg, one of ${Object.keys(DECRYPTING).join(', ')}`],
  ] as const)
    t.equal(jwksFault(secret({ keys: [key, second] }), DECRYPTING), `key 2 of 2: ${fault}`);
});
