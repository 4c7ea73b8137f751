import { sign, verify } from 'node:crypto';
import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { ecKey, ed25519Key, publicPair, rsaKey } from '../../../../src/policy/builtins/jwt/key.ts';
import { keyPairFor } from '../../../support/keys.ts';

const message = Buffer.from('message');
const bytes = (jwk: Readonly<Record<string, unknown>>, name: string): Buffer =>
  Buffer.from(jwk[name] as string, 'base64url');
const number = (jwk: Readonly<Record<string, unknown>>, name: string): bigint =>
  BigInt(`0x${bytes(jwk, name).toString('hex')}`);

t.test('an RSA key is made of its numbers', async (t) => {
  const { privateJwk } = keyPairFor('RS256', { modulusLength: 1_024 });
  const [n = 0n, e = 0n, d = 0n, p = 0n, q = 0n] = ['n', 'e', 'd', 'p', 'q'].map((name) =>
    number(privateJwk, name),
  );
  const numbers = { n, e, d, p, q, dp: null, dq: null, qInverse: null };
  const { verifier, signer } = rsaKey(numbers);
  t.ok(verifier && signer && verify('sha256', message, verifier, sign('sha256', message, signer())));
  t.equal(rsaKey({ n, e }).signer, null);
  t.throws(() => rsaKey({ ...numbers, q: q + 2n }).signer?.(), new BuiltinError('crypto/rsa: p * q != n'));
});

t.test('an EC key is made of its point, and of its number', async (t) => {
  for (const alg of ['ES256', 'ES384', 'ES512']) {
    const { privateJwk } = keyPairFor(alg);
    const [x, y, d] = ['x', 'y', 'd'].map((name) => bytes(privateJwk, name));
    const { verifier, signer } = ecKey(privateJwk['crv'] as string, x, y, d);
    t.ok(verifier && signer && verify('sha256', message, verifier, sign('sha256', message, signer())), alg);
    t.equal(ecKey(privateJwk['crv'] as string, x, y, undefined).signer, null);
  }
});

t.test('an EC key signs with its number even when the point is of another', async (t) => {
  const [one, other] = [keyPairFor('ES256').privateJwk, keyPairFor('ES256').privateJwk];
  const pair = ecKey('P-256', bytes(one, 'x'), bytes(one, 'y'), bytes(other, 'd'));
  const signature = sign('sha256', message, pair.signer?.() ?? '');
  const { verifier } = ecKey('P-256', bytes(other, 'x'), bytes(other, 'y'), undefined);
  t.ok(verifier && verify('sha256', message, verifier, signature));
});

t.test('an EC key is of a curve that JWKs have, of its size, and on it', async (t) => {
  const { privateJwk } = keyPairFor('ES256');
  const [x, y, d] = ['x', 'y', 'd'].map((name) => bytes(privateJwk, name)) as [Buffer, Buffer, Buffer];
  for (const crv of ['P-224', 'secp256k1', 'Ed25519', ''])
    t.throws(() => ecKey(crv, x, y, d), new BuiltinError('invalid "crv" of an EC key'), crv);
  const size = new BuiltinError('invalid size of an EC key for curve P-256');
  t.throws(() => ecKey('P-256', x.subarray(1), y, d), size);
  t.throws(() => ecKey('P-256', x, Buffer.concat([Buffer.of(0), y]), d), size);
  t.throws(() => ecKey('P-256', x, y, Buffer.alloc(0)), size);
  t.throws(() => ecKey('P-256', undefined, undefined, undefined), size);
  const off = new BuiltinError('invalid ECDSA public key: no point on curve P-256');
  t.throws(() => ecKey('P-256', x, x, undefined), off);
  t.throws(() => ecKey('P-256', Buffer.alloc(32), Buffer.alloc(32), undefined), off);
  for (const byte of [0, 255])
    t.throws(
      () => ecKey('P-256', x, y, Buffer.alloc(32, byte)).signer?.(),
      new BuiltinError('invalid "d" of an EC key'),
    );
});

t.test('an Ed25519 key is made of 32 bytes, and of 32 more', async (t) => {
  const { privateJwk } = keyPairFor('Ed25519');
  const [x, d] = [bytes(privateJwk, 'x'), bytes(privateJwk, 'd')];
  const { verifier, signer } = ed25519Key(x, d);
  t.ok(verifier && signer && verify(null, message, verifier, sign(null, message, signer())));
  t.equal(ed25519Key(x, undefined).signer, null);
  t.throws(() => ed25519Key(Buffer.alloc(32), d), new BuiltinError('ed25519: invalid x value given d value'));
});

t.test('a key that verifies nothing is kept as that', async (t) => {
  const { verifier, signer } = publicPair({ type: 'DSA', p: 1n, q: 1n, g: 1n, y: 1n });
  t.strictSame([verifier, signer], [null, null]);
});
