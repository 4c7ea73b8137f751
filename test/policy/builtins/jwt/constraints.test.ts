import { createHmac } from 'node:crypto';
import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { splitCompact } from '../../../../src/policy/builtins/jwt/compact.ts';
import {
  areClaimsRight,
  type Constraints,
  isSigned,
  readConstraints,
} from '../../../../src/policy/builtins/jwt/constraints.ts';
import { parseValue } from '../../../../src/policy/value-text.ts';
import type { RegoObject } from '../../../../src/policy/value.ts';
import { evaluation } from '../../../support/builtin.ts';

const object = (text: string): RegoObject => parseValue(text) as RegoObject;
const read = (text: string): Constraints => readConstraints(object(text), evaluation());
const NO_KEYS = JSON.stringify(JSON.stringify({ keys: [] }));

t.test('what is not constrained is empty, and the time is that of the evaluation', async (t) => {
  const { keys, alg, iss, aud, time } = read('{"secret": "s"}');
  t.strictSame([alg, iss, aud, time.text], ['', '', '', '1767323045']);
  t.strictSame(keys, [{ alg: '', kid: '', key: Buffer.from('s') }]);
});

t.test('a time is in nanoseconds, of which as many count as a double has', async (t) => {
  const time = (text: string): string => read(`{"secret": "s", "time": ${text}}`).time.text;
  t.equal(time('1.5e9'), '1.5');
  t.equal(time('0'), '0');
  t.equal(time('1767323045000000100'), '1767323045');
  t.equal(time('1767323045000000500'), '1767323045.0000005');
});

t.test('a time is a number that a clock might show', async (t) => {
  const refused = (text: string, message: string): void => {
    t.throws(
      () => read(`{"secret": "s", "time": ${text}}`),
      new BuiltinError(`token time constraint: ${message}`),
    );
  };
  for (const text of ['"1"', 'null']) refused(text, 'must be a number');
  refused('1e400', 'unvalid float64');
  refused('-1', 'must not be negative');
});

t.test('there are keys or a secret, and not both', async (t) => {
  t.strictSame(read(`{"cert": ${NO_KEYS}}`).keys, []);
  t.strictSame(read(`{"cert": ${NO_KEYS}, "secret": ""}`).keys, []);
  for (const text of ['{}', '{"secret": ""}'])
    t.throws(() => read(text), new BuiltinError('no key constraint'));
  t.throws(() => read(`{"cert": ${NO_KEYS}, "secret": "s"}`), new BuiltinError('duplicate key constraints'));
  t.throws(() => read('{"cert": ""}'), new BuiltinError('invalid JSON'));
});

t.test('constraints are known, and text', async (t) => {
  t.throws(() => read('{"exp": 1}'), new BuiltinError('unknown token validation constraint: exp'));
  t.throws(() => read('{1: 1}'), new BuiltinError('unknown token validation constraint: no string'));
  for (const name of ['cert', 'secret', 'alg', 'iss', 'aud'])
    t.throws(() => read(`{"${name}": null}`), new BuiltinError(`${name} constraint: must be a string`));
});

t.test('the algorithm is the one that the header names, by either of its names', async (t) => {
  const signed = (alg: string): boolean => {
    const signature = createHmac('sha384', 's').update('h.p').digest();
    const header = { alg, kid: '', cty: '', isValid: true };
    return isSigned(read('{"secret": "s"}'), header, splitCompact('h.p.'), signature);
  };
  for (const alg of ['HS384', 'HMAC_WITH_SHA384']) t.equal(signed(alg), true, alg);
  for (const alg of ['HS256', 'hs384', 'none', 'RS384', 'EDDSA', '__proto__'])
    t.equal(signed(alg), false, alg);
});

/** Whether the claims are right at 1,700,000,000 seconds. */
const right = (constraints: string, payload: string): boolean =>
  areClaimsRight(read(`{"secret": "s", "time": 1.7e18${constraints}}`), object(payload));

t.test('an issuer is the one that is wanted', async (t) => {
  t.equal(right(', "iss": "i"', '{"iss": "i"}'), true);
  t.equal(right(', "iss": "i"', '{"iss": "j"}'), false);
  t.equal(right(', "iss": "i"', '{}'), false);
  t.equal(right(', "iss": ""', '{"iss": 1}'), true, 'any, where none is wanted');
  t.throws(() => right(', "iss": "i"', '{"iss": ["i"]}'), new BuiltinError('iss value must be a string'));
});

t.test('an audience is the one that is wanted, or has it', async (t) => {
  for (const aud of ['"a"', '["b", "a"]', '[1, "a"]'])
    t.equal(right(', "aud": "a"', `{"aud": ${aud}}`), true, aud);
  for (const aud of ['"b"', '["b"]', '[]', '1', 'null', '{"a": "a"}'])
    t.equal(right(', "aud": "a"', `{"aud": ${aud}}`), false, aud);
  t.equal(right(', "aud": "a"', '{}'), false);
  t.equal(right('', '{"aud": "a"}'), false, 'none may be there where none is wanted');
});

t.test('a token is not used from the second on that it expires in', async (t) => {
  for (const exp of ['1700000000', '17e8', '1699999999.9', '0'])
    t.equal(right('', `{"exp": ${exp}}`), false, exp);
  for (const exp of ['1700000001', '1700000000.0000000000000001', '1e400'])
    t.equal(right('', `{"exp": ${exp}}`), true, exp);
  t.throws(() => right('', '{"exp": "1800000000"}'), new BuiltinError('exp value must be a number'));
});

t.test('a token is used from the moment on that it says', async (t) => {
  for (const nbf of ['1700000000', '17e8', '-1']) t.equal(right('', `{"nbf": ${nbf}}`), true, nbf);
  for (const nbf of ['1700000000.0000000000000001', '1e400'])
    t.equal(right('', `{"nbf": ${nbf}}`), false, nbf);
  t.throws(() => right('', '{"nbf": null}'), new BuiltinError('nbf value must be a number'));
  t.equal(right('', '{"exp": 1, "nbf": null}'), false, 'what has expired is not looked at further');
});
