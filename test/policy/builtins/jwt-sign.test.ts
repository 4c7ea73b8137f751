import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import t from 'tap';
import { BuiltinError } from '../../../src/policy/builtins/builtin.ts';
import { jwtDecode } from '../../../src/policy/builtins/jwt-decode.ts';
import { jwtSign } from '../../../src/policy/builtins/jwt-sign.ts';
import { fromPlain, writeValue } from '../../../src/policy/value-text.ts';
import { caller } from '../../support/builtin.ts';
import { keyPairFor } from '../../support/keys.ts';

const call = caller({ ...jwtSign, ...jwtDecode });
const KEY = '{"kty": "oct", "k": "c2VjcmV0"}';
const sign = (header: string, payload: string, key = KEY) => call('io.jwt.encode_sign', header, payload, key);
const signRaw = (header: string, payload: string, key = KEY) =>
  call('io.jwt.encode_sign_raw', ...[header, payload, key].map((text) => JSON.stringify(text)));
/** Header and payload, if the signature is of the secret `secret`. */
function parts(token: string | undefined): readonly string[] {
  const [header = '', payload = '', signature] = (JSON.parse(token ?? '""') as string).split('.');
  if (createHmac('sha256', 'secret').update(`${header}.${payload}`).digest('base64url') !== signature)
    return [];
  return [header, payload].map((part) => Buffer.from(part, 'base64url').toString());
}

t.test('header and payload are JSON in the order of names, as Go writes it', async (t) => {
  t.strictSame(parts(sign('{"typ": "JWT", "alg": "HS256"}', '{"b": {2, 1}, "a": "<é>", "n": 1.50}')), [
    '{"alg":"HS256","typ":"JWT"}',
    String.raw`{"a":"\u003cé\u003e","b":[1,2],"n":1.50}`,
  ]);
});

t.test('raw header and payload are signed as they are', async (t) => {
  const header = '{"typ": "text",\r\n "alg": "HS256"}';
  t.strictSame(parts(signRaw(header, 'any text')), [header, 'any text']);
});

t.test('what is signed with a private key is verified by the public one', async () => {
  const pairs = ['RS256', 'PS256', 'ES256', 'EdDSA'].map((alg) => [alg, keyPairFor(alg)] as const);
  const text = (value: unknown): string => writeValue(fromPlain(value));
  fc.assert(
    fc.property(
      fc.constantFrom(...pairs),
      fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()),
      ([alg, { privateJwk, publicJwk }], claims) => {
        // Claims that mean something might not be right.
        const payload = text({ claims: JSON.parse(JSON.stringify(claims)) as unknown });
        const token = sign(text({ alg }), payload, text(privateJwk)) ?? '';
        const result = call('io.jwt.decode_verify', token, text({ cert: JSON.stringify(publicJwk) }));
        return result === `[true, {"alg": "${alg}"}, ${payload}]`;
      },
    ),
    { numRuns: 30 },
  );
});

t.test('of a set the first key signs', async (t) => {
  const set = `{"keys": [${KEY}, {"kty": "oct", "k": "AQID"}]}`;
  t.strictSame(parts(sign('{"alg": "HS256"}', '{}', set)), ['{"alg":"HS256"}', '{}']);
  t.throws(
    () => sign('{"alg": "HS256"}', '{}', '{"keys": []}'),
    new BuiltinError('no keys found in JWK set'),
  );
});

t.test('the header names an algorithm that is known', async (t) => {
  for (const header of ['{}', '{"alg": 1}', '{"alg": ["HS256"]}', '[{"alg": "HS256"}]', '"alg"'])
    t.throws(() => signRaw(header, '{}'), new BuiltinError("missing or invalid 'alg' header"), header);
  for (const header of ['', '{"alg": "HS256"', '{"alg": "HS256"} x'])
    t.throws(
      () => signRaw(header, '{}'),
      new BuiltinError("missing or invalid 'alg' header: cannot parse JSON"),
      header,
    );
  for (const alg of ['none', 'HS1', 'Ed25519'])
    t.throws(() => signRaw(`{"alg": "${alg}"}`, '{}'), new BuiltinError(`unknown JWS algorithm: ${alg}`));
});

t.test('of names that come twice in a raw header the first counts', async (t) => {
  const twice = '{"x": {"alg": "none"}, "\\u0061lg": "HS256", "alg": "none", "y": ["\\\\", "alg"]}';
  t.strictSame(parts(signRaw(twice, '{}')), [twice, '{}']);
  t.throws(
    () => signRaw('{"alg": 1, "alg": "HS256"}', '{}'),
    new BuiltinError("missing or invalid 'alg' header"),
  );
});

t.test('the payload is JSON unless the type says otherwise', async (t) => {
  for (const typ of ['', '"typ": "JWT", ', '"typ": null, ', '"typ": "JWT", "typ": "text", '])
    t.throws(
      () => signRaw(`{${typ}"alg": "HS256"}`, 'text'),
      new BuiltinError('type is JWT but payload is not JSON'),
      typ,
    );
  t.strictSame(parts(signRaw('{"alg":"HS256","typ":"jwt"}', ''))[1], '');
  t.strictSame(parts(signRaw('{"alg":"HS256"}', ' [1] '))[1], ' [1] ');
});

t.test('the key is one for the algorithm', async (t) => {
  t.throws(() => sign('{"alg": "ES256"}', '{}'), new BuiltinError('the key is none to sign with by ECDSA'));
  t.throws(() => sign('{"alg": "HS256"}', '{}', '{}'), new BuiltinError('invalid key type from JSON'));
  t.throws(
    () => call('io.jwt.encode_sign_raw', '"{}"', '"{}"', '{}'),
    new BuiltinError('operand 3 must be string but got object'),
  );
});
