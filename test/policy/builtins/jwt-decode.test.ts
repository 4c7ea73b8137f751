import { createHmac } from 'node:crypto';
import t from 'tap';
import { BuiltinError } from '../../../src/policy/builtins/builtin.ts';
import { jwtDecode } from '../../../src/policy/builtins/jwt-decode.ts';
import { caller } from '../../support/builtin.ts';

const call = caller(jwtDecode);
const encode = (text: string): string => Buffer.from(text).toString('base64url');

/** Signed with the secret `s`. */
function token(payload: string, header = '{"alg": "HS256"}', secret = 's'): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

const decode = (text: string) => call('io.jwt.decode', JSON.stringify(text));
const verify = (text: string, constraints = '{"secret": "s"}') =>
  call('io.jwt.decode_verify', JSON.stringify(text), constraints);
const UNVERIFIED = '[false, {}, {}]';
const NEST = '{"alg": "HS256", "cty": "JWT"}';

t.test('a token is taken apart, whoever signed it', async (t) => {
  t.equal(
    decode(`${encode('{"alg":"none"}')}.${encode('{"n": 1.0}')}.AQID`),
    '[{"alg": "none"}, {"n": 1.0}, "010203"]',
  );
});

t.test('a token in a token is taken apart instead, with quotes or without', async (t) => {
  const inner = `${encode('{"alg":"none"}')}.e30.AQ`;
  for (const payload of [inner, `"${inner}"`, `'"${inner}""`])
    t.equal(
      decode(`${encode('{"cty":"JWT"}')}.${encode(payload)}.!`),
      '[{"alg": "none"}, {}, "01"]',
      payload,
    );
  t.equal(
    decode(token(token(token('{"deep": 1}'), NEST), NEST))?.slice(0, 31),
    '[{"alg": "HS256"}, {"deep": 1},',
  );
  t.equal(decode(`${encode('{"cty":"jwt"}')}.e30.`), '[{"cty": "jwt"}, {}, ""]', 'another content type');
});

t.test('what cannot be taken apart is an error', async (t) => {
  const faults: Readonly<Record<string, string>> = {
    abc: 'encoded JWT had no period separators',
    '!.e30.': 'JWT header had invalid encoding',
    'e30.!.': 'JWT payload had invalid encoding',
    'e30.e30.!': 'JWT signature had invalid encoding',
    'e30.W10.': 'decoded JSON type was not an Object',
    [`${encode('{"cty":1}')}.e30.`]: 'cty: must be a string',
    [`${encode('{"cty":"JWT"}')}.${encode('""""')}.`]: 'encoded JWT had no period separators',
  };
  for (const [text, message] of Object.entries(faults))
    t.throws(() => decode(text), new BuiltinError(message), text);
});

t.test('a token that is signed and right is verified, with what it says', async (t) => {
  t.equal(verify(token('{"a": 1}')), '[true, {"alg": "HS256"}, {"a": 1}]');
});

t.test('one that is not is unverified, and says nothing', async (t) => {
  const unverified: Readonly<Record<string, string>> = {
    'another secret': token('{}', undefined, 't'),
    'no algorithm': token('{}', '{}'),
    'an algorithm that is not wanted': token('{}', '{"alg": "HS384"}'),
    'something critical and unknown': token('{}', '{"alg": "HS256", "crit": ["x"], "x": 1}'),
    expired: token('{"exp": 1}'),
  };
  for (const [name, text] of Object.entries(unverified)) t.equal(verify(text), UNVERIFIED, name);
  t.equal(verify(token('{}'), '{"secret": "s", "alg": "HS512"}'), UNVERIFIED);
});

t.test('of a token in a token both are signed', async (t) => {
  const nest = '{"alg": "HS256", "cty": "jWt"}';
  t.equal(verify(token(token('{"a": 1}'), nest)), '[true, {"alg": "HS256"}, {"a": 1}]');
  t.equal(verify(token(token('{}', undefined, 't'), nest)), UNVERIFIED);
  t.equal(verify(token(token('{}'), nest, 't')), UNVERIFIED);
  t.throws(
    () => verify(token(`"${token('{}')}"`, nest)),
    new BuiltinError('JWT header had invalid encoding'),
    'in quotes it is none',
  );
});

t.test('what is signed may be no JWT all the same', async (t) => {
  t.throws(() => verify(token('[]')), new BuiltinError('decoded JSON type was not an Object'));
  t.throws(() => verify(token('{"exp": "x"}')), new BuiltinError('exp value must be a number'));
  t.throws(() => verify('a'), new BuiltinError('encoded JWT had no period separators'));
  t.throws(
    () => verify(token('{}'), '["secret"]'),
    new BuiltinError('operand 2 must be object but got array'),
  );
});

t.test('errors do not tell the secret or the token', async (t) => {
  const text = token('{"exp": "verySecret"}', undefined, 'verySecret');
  for (const constraints of [
    '{"secret": "verySecret"}',
    '{"secret": "verySecret", "x": 1}',
    '{"cert": "verySecret"}',
  ])
    t.throws(
      () => verify(text, constraints),
      { message: /^(?!.*(?:verySecret|ZlcnlTZWNyZXQ))/ },
      constraints,
    );
});
