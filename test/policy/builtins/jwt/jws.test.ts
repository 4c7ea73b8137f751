import { constants, createHmac, createPrivateKey, sign } from 'node:crypto';
import * as fc from 'fast-check';
import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { parseJwks } from '../../../../src/policy/builtins/jwt/jwk.ts';
import {
  ALGORITHMS,
  type Algorithm,
  signatureOf,
  verifies,
  verifiesHmac,
  verifiesLoosely,
} from '../../../../src/policy/builtins/jwt/jws.ts';
import type { Key } from '../../../../src/policy/builtins/jwt/key.ts';
import { keyPairFor } from '../../../support/keys.ts';

const INPUT = 'header.payload';
const algorithm = (name: string): Algorithm => ALGORITHMS.get(name) as Algorithm;
const keyOf = (jwk: object): Key => parseJwks(JSON.stringify(jwk))[0]?.key() ?? null;

type Pair = { readonly secret: Key; readonly open: Key; readonly jwk: Readonly<Record<string, unknown>> };
const pairs = new Map<string, Pair>();

/** Made once for each algorithm. */
function pairFor(alg: string): Pair {
  const made = pairs.get(alg);
  if (made) return made;
  const octets = { kty: 'oct', k: 'c2VjcmV0' };
  const { privateJwk, publicJwk } = alg.startsWith('HS')
    ? { privateJwk: octets, publicJwk: octets }
    : keyPairFor(alg);
  const pair = { secret: keyOf(privateJwk), open: keyOf(publicJwk), jwk: privateJwk };
  pairs.set(alg, pair);
  return pair;
}

t.test('what is signed by an algorithm verifies by it, and by no other', async (t) => {
  for (const [name, signed] of ALGORITHMS) {
    const { secret, open } = pairFor(name);
    const signature = signatureOf(signed, secret, INPUT);
    for (const [other, tried] of ALGORITHMS)
      t.equal(verifies(tried, open, INPUT, signature), name === other, `${name} by ${other}`);
    t.equal(verifies(signed, secret, INPUT, signature), true, `${name} by the private key`);
    t.equal(verifies(signed, open, `${INPUT}x`, signature), false, `${name} of another input`);
    t.equal(verifies(signed, pairFor(name === 'EdDSA' ? 'ES256' : 'EdDSA').open, INPUT, signature), false);
  }
});

t.test('no signature that is changed verifies', async () => {
  fc.assert(
    fc.property(
      fc.constantFrom('HS256', 'RS256', 'PS384', 'ES512', 'EdDSA'),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (name, at, mask) => {
        const { secret, open } = pairFor(name);
        const signature = signatureOf(algorithm(name), secret, INPUT);
        const place = at % signature.length;
        signature.writeUInt8(signature.readUInt8(place) ^ mask, place);
        return !verifies(algorithm(name), open, INPUT, signature);
      },
    ),
    { numRuns: 30 },
  );
});

t.test('the loose way takes no private key, no secret and no key of another kind', async (t) => {
  for (const [name, signed] of ALGORITHMS) {
    const { secret, open } = pairFor(name);
    const signature = signatureOf(signed, secret, INPUT);
    t.equal(verifiesLoosely(signed, open, INPUT, signature), !name.startsWith('HS'), name);
    t.equal(verifiesLoosely(signed, secret, INPUT, signature), false, `${name} by the private key`);
    t.equal(verifiesLoosely(signed, null, INPUT, signature), false);
  }
});

t.test('the loose way takes halves with zeros before them, or without', async (t) => {
  const { secret, open } = pairFor('ES256');
  const signature = signatureOf(algorithm('ES256'), secret, INPUT);
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
  const zeros = Buffer.alloc(3);
  const long = Buffer.concat([zeros, r, zeros, s]);
  t.equal(verifiesLoosely(algorithm('ES256'), open, INPUT, long), true);
  t.equal(verifies(algorithm('ES256'), open, INPUT, long), false);
  t.equal(verifiesLoosely(algorithm('ES256'), open, INPUT, Buffer.concat([r, zeros.subarray(2), s])), true);
  t.equal(
    verifiesLoosely(algorithm('ES256'), open, INPUT, Buffer.concat([Buffer.of(1), r, Buffer.of(1), s])),
    false,
  );
  for (const nothing of [Buffer.alloc(0), Buffer.alloc(1), Buffer.alloc(64)])
    t.equal(verifiesLoosely(algorithm('ES256'), open, INPUT, nothing), false);
});

t.test('the loose way takes salts of any length', async (t) => {
  const { open, jwk } = pairFor('PS256');
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  for (const saltLength of [0, 20, 32, 200]) {
    const signature = sign('sha256', Buffer.from(INPUT), {
      key,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength,
    });
    t.equal(verifiesLoosely(algorithm('PS256'), open, INPUT, signature), true);
    t.equal(verifies(algorithm('PS256'), open, INPUT, signature), saltLength === 32);
  }
});

t.test('the hash need not be the curve’s', async (t) => {
  const { secret, open } = pairFor('ES512');
  const signature = signatureOf(algorithm('ES256'), secret, INPUT);
  t.equal(signature.length, 132);
  t.equal(verifies(algorithm('ES256'), open, INPUT, signature), true);
});

t.test('an HMAC is of any secret', async (t) => {
  const mac = createHmac('sha256', '').update(INPUT).digest();
  t.equal(verifiesHmac(algorithm('HS256'), '', INPUT, mac), true);
  t.equal(verifiesHmac(algorithm('HS256'), 'x', INPUT, mac), false);
  t.equal(verifiesHmac(algorithm('HS256'), '', INPUT, mac.subarray(1)), false);
});

t.test('RSA keys that Go holds for weak neither sign nor verify', async (t) => {
  const weak = keyPairFor('RS256', { modulusLength: 768 });
  const key = createPrivateKey({ key: weak.privateJwk, format: 'jwk' });
  const signature = sign('sha256', Buffer.from(INPUT), key);
  t.equal(verifies(algorithm('RS256'), keyOf(weak.publicJwk), INPUT, signature), false);
  t.equal(verifiesLoosely(algorithm('RS256'), keyOf(weak.publicJwk), INPUT, signature), false);
  t.throws(
    () => signatureOf(algorithm('RS256'), keyOf(weak.privateJwk), INPUT),
    new BuiltinError('the key is none to sign with by RSA'),
  );
  const { jwk } = pairFor('RS256');
  for (const e of ['AQ', 'gAAAAQ'])
    t.equal(verifies(algorithm('RS256'), keyOf({ kty: 'RSA', n: jwk['n'], e }), INPUT, signature), false, e);
});

t.test('a key that OpenSSL does not use verifies nothing', async (t) => {
  const n = Buffer.alloc(2_500, 255).toString('base64url');
  t.equal(
    verifies(algorithm('RS256'), keyOf({ kty: 'RSA', n, e: 'AQAB' }), INPUT, Buffer.alloc(2_500)),
    false,
  );
});

t.test('a key signs only by the algorithms that it is for', async (t) => {
  const short = keyPairFor('RS256', { modulusLength: 1_024 });
  const attempts: [string, Key][] = [
    ['HMAC', pairFor('EdDSA').secret],
    ['RSA', pairFor('HS256').secret],
    ['RSA', pairFor('RS256').open],
    ['ECDSA', pairFor('RS256').secret],
    ['EdDSA', null],
    // 512 bits of digest, as many of salt and two octets are more than 1,024 bits.
    ['PSS', keyOf(short.privateJwk)],
  ];
  const names: Readonly<Record<string, string>> = {
    HMAC: 'HS512',
    RSA: 'RS512',
    ECDSA: 'ES512',
    EdDSA: 'EdDSA',
    PSS: 'PS512',
  };
  for (const [family, key] of attempts)
    t.throws(
      () => signatureOf(algorithm(names[family] as string), key, INPUT),
      new BuiltinError(`the key is none to sign with by ${family}`),
    );
});
