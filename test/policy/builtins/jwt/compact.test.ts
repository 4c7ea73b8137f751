import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import {
  decodeHeader,
  decodePart,
  objectOf,
  signingInput,
  splitCompact,
} from '../../../../src/policy/builtins/jwt/compact.ts';
import { writeValue } from '../../../../src/policy/value-text.ts';

const encode = (text: string): string => Buffer.from(text).toString('base64url');
const header = (json: string): string => writeValue(decodeHeader(splitCompact(`${encode(json)}..`)));

t.test('a token has three parts, of which the first two are signed', async (t) => {
  const jwt = splitCompact('a.b.c');
  t.strictSame(jwt, { header: 'a', payload: 'b', signature: 'c' });
  t.equal(signingInput(jwt), 'a.b');
  t.strictSame(splitCompact('..'), { header: '', payload: '', signature: '' });
});

t.test('what does not have three parts is no token', async (t) => {
  t.throws(() => splitCompact('abc'), new BuiltinError('encoded JWT had no period separators'));
  t.throws(() => splitCompact('a.b'), new BuiltinError('encoded JWT must have 3 sections, found 2'));
  t.throws(() => splitCompact('a.b.c.d.e'), new BuiltinError('encoded JWT must have 3 sections, found 5'));
  t.throws(() => splitCompact(true), new BuiltinError('operand 1 must be string but got boolean'));
});

t.test('parts may be padded, and broken into lines', async (t) => {
  for (const part of ['QUI', 'QUI=', 'QU\n\n\n\nI'])
    t.equal(decodePart(splitCompact(`${part}..`), 'header').toString(), 'AB', part);
});

t.test('a part that is not base64url is told by its name', async (t) => {
  for (const part of ['A', 'QUI==', 'Q+I', 'QUI ', 'é', 'QU\nI'])
    t.throws(
      () => decodePart(splitCompact(`.${part}.`), 'payload'),
      new BuiltinError('JWT payload had invalid encoding'),
      part,
    );
});

t.test('a header is a JSON object', async (t) => {
  t.equal(header('{"alg": "none"}'), '{"alg": "none"}');
  t.throws(() => header('[]'), new BuiltinError('bad JWT header: decoded JSON type was not an Object'));
  t.throws(() => header('{'), new BuiltinError('bad JWT header: invalid JSON'));
});

t.test('a JWE is told from a JWS', async (t) => {
  t.throws(
    () => header('{"alg": "dir", "enc": null}'),
    new BuiltinError('JWT is a JWE object, which is not supported'),
  );
});

t.test('each byte of JSON that is no UTF-8 becomes U+FFFD', async (t) => {
  const bytes = Buffer.from('{"a":"\xe2\x82\xff"}', 'latin1');
  t.equal(writeValue(objectOf(bytes)), '{"a": "\ufffd\ufffd\ufffd"}');
});
