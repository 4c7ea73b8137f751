import { createHmac, createPrivateKey, sign } from 'node:crypto';
import t from 'tap';
import { BuiltinError } from '../../../src/policy/builtins/builtin.ts';
import { jwtVerify } from '../../../src/policy/builtins/jwt-verify.ts';
import { caller } from '../../support/builtin.ts';
import { SERVER } from '../../support/certificates.ts';
import { keyPairFor } from '../../support/keys.ts';

const call = caller(jwtVerify);
const verify = (alg: string, token: string, key: string): string | undefined =>
  call(`io.jwt.verify_${alg.toLowerCase()}`, JSON.stringify(token), JSON.stringify(key));
const encode = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url');

function es256(header: object, key: string | object): string {
  const input = `${encode(header)}.${encode({ a: 1 })}`;
  const privateKey =
    typeof key === 'string' ? createPrivateKey(key) : createPrivateKey({ key: key as never, format: 'jwk' });
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

t.test('there is a builtin for each algorithm', async (t) => {
  const hashed = ['es', 'hs', 'ps', 'rs'].flatMap((family) =>
    ['256', '384', '512'].map((size) => `${family}${size}`),
  );
  t.strictSame(
    Object.keys(jwtVerify).toSorted(),
    ['eddsa', ...hashed].map((name) => `io.jwt.verify_${name}`).toSorted(),
  );
});

t.test('a token is verified by a certificate, whatever its header says', async (t) => {
  for (const header of [{ alg: 'ES256' }, { alg: 'none' }, {}, { kid: 'k', crit: ['x'], x: 1 }]) {
    t.equal(verify('ES256', es256(header, SERVER.key), SERVER.cert), 'true');
    t.equal(verify('ES384', es256(header, SERVER.key), SERVER.cert), 'false');
    t.equal(verify('RS256', es256(header, SERVER.key), SERVER.cert), 'false');
  }
});

t.test('of a set the key is tried that the header names, else each that is for its algorithm', async (t) => {
  const [one, other] = [keyPairFor('ES256', { kid: 'one' }), keyPairFor('ES256', { kid: 'other' })];
  const keys = JSON.stringify({ keys: [one.publicJwk, other.publicJwk] });
  t.equal(verify('ES256', es256({ alg: 'ES256', kid: 'other' }, other.privateJwk), keys), 'true');
  t.equal(verify('ES256', es256({ alg: 'ES256', kid: 'one' }, other.privateJwk), keys), 'false');
  t.equal(verify('ES256', es256({ alg: 'ES256' }, other.privateJwk), keys), 'true');
  t.equal(verify('ES256', es256({ alg: 'ES512' }, other.privateJwk), keys), 'false');
});

t.test('a token is verified by a secret, and its header is not read', async (t) => {
  const token = `!.?.${createHmac('sha512', 'secret').update('!.?').digest('base64url')}`;
  t.equal(verify('HS512', token, 'secret'), 'true');
  t.equal(verify('HS512', token, ''), 'false');
  t.equal(verify('HS384', token, 'secret'), 'false');
});

t.test('what is no token, or no key, is an error', async (t) => {
  const token = es256({ alg: 'ES256' }, SERVER.key);
  t.throws(() => verify('ES256', 'a', SERVER.cert), new BuiltinError('encoded JWT had no period separators'));
  t.throws(() => verify('HS256', 'a', 's'), new BuiltinError('encoded JWT had no period separators'));
  t.throws(() => verify('ES256', token, ''), new BuiltinError('invalid JSON'));
  t.throws(
    () => verify('ES256', `${token}!`, SERVER.cert),
    new BuiltinError('JWT signature had invalid encoding'),
  );
  t.throws(() => verify('HS256', 'e30.e30.!', 's'), new BuiltinError('JWT signature had invalid encoding'));
  t.throws(
    () => verify('ES256', 'W10.e30.', SERVER.cert),
    new BuiltinError('bad JWT header: decoded JSON type was not an Object'),
  );
  t.throws(
    () => verify('ES256', es256({ kid: 1 }, SERVER.key), SERVER.cert),
    new BuiltinError('kid: must be a string'),
  );
  for (const name of ['hs256', 'rs256'])
    t.throws(
      () => call(`io.jwt.verify_${name}`, '"e30.e30."', '1'),
      new BuiltinError('operand 2 must be string but got number'),
    );
});
