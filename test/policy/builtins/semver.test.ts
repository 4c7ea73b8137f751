import * as fc from 'fast-check';
import t from 'tap';
import { BuiltinError } from '../../../src/policy/builtins/builtin.ts';
import { semver } from '../../../src/policy/builtins/semver.ts';
import { caller } from '../../support/builtin.ts';

const call = caller(semver);
const compare = (a: string, b: string): string | undefined =>
  call('semver.compare', JSON.stringify(a), JSON.stringify(b));
const isValid = (text: string): string | undefined => call('semver.is_valid', JSON.stringify(text));

t.test('versions ascend as SemVer says', async (t) => {
  const ascending = [
    '0.0.1',
    '0.2.0-1',
    '0.2.0-9',
    '0.2.0-10',
    '0.2.0--',
    '0.2.0-Z',
    '0.2.0-a',
    '0.2.0-a.0',
    '0.2.0-a.b',
    '0.2.0',
    '0.10.0',
    '2.0.0',
    '10.0.0',
    '9007199254740993.0.0',
    '9223372036854775807.0.0',
  ];
  for (const [i, a] of ascending.entries())
    for (const [j, b] of ascending.entries())
      t.equal(compare(a, b), String(Math.sign(i - j)), `${a} and ${b}`);
});

t.test('metadata, and a v in front, do not count', async (t) => {
  t.equal(compare('v1.2.3+one', '1.2.3+two.007'), '0');
  t.equal(compare('1.2.3-rc.1+one', 'v1.2.3-rc.1'), '0');
});

t.test('numbers of pre-releases that an int64 does not hold are all the same', async (t) => {
  t.equal(compare('1.0.0-9223372036854775807.1', '1.0.0-99999999999999999999.2'), '-1');
  t.equal(compare('1.0.0-9223372036854775806', '1.0.0-9223372036854775808'), '-1');
  t.equal(compare('1.0.0-99999999999999999998', '1.0.0-99999999999999999999'), '0', 'OPA goes on for ever');
});

t.test('what is a version', async (t) => {
  for (const text of ['0.0.0', 'v1.2.3', '1.2.3-0', '1.2.3-0a.-', '1.2.3+01', '1.2.3-a+b.c', '1.2.3+a-b'])
    t.equal(isValid(text), 'true', text);
  const none = [
    '',
    '1',
    '1.2',
    '1.2.3.4',
    'vv1.2.3',
    'V1.2.3',
    ' 1.2.3',
    '1.2.3 ',
    '1.2.3\n',
    '01.2.3',
    '1.02.3',
    '1..3',
    '+1.2.3',
    '-1.2.3',
    '1.2.x',
    '1.2.3-',
    '1.2.3-01',
    '1.2.3-a..b',
    '1.2.3-a_b',
    '1.2.3-é',
    '1.2.3+',
    '1.2.3+a+b',
    '1.2.3+a..b',
    '9223372036854775808.0.0',
    '1.2.99999999999999999999',
  ];
  for (const text of none) t.equal(isValid(text), 'false', JSON.stringify(text));
  for (const value of ['1', 'null', '["1.2.3"]']) t.equal(call('semver.is_valid', value), 'false', value);
});

t.test('only versions are compared', async (t) => {
  t.throws(() => compare('1.2', '1.2.3'), { message: 'operand 1: string "1.2" is not a valid SemVer' });
  t.throws(() => compare('1.2.3', 'x"'), { message: 'operand 2: string "x\\"" is not a valid SemVer' });
  t.throws(() => call('semver.compare', '1', '"1.2.3"'), {
    message: 'operand 1 must be string but got number',
  });
  t.throws(() => call('semver.compare', '"1.2.3"', '{}'), {
    message: 'operand 2 must be string but got object',
  });
});

t.test('the order is one, either way round', async () => {
  const identifier = fc.stringMatching(/^(?:0|[1-9]\d{0,20}|[a-c-][a-c0-9-]{0,3})$/);
  const version = fc
    .tuple(fc.array(fc.nat(3), { minLength: 3, maxLength: 3 }), fc.array(identifier, { maxLength: 3 }))
    .map(([numbers, before]) => numbers.join('.') + (before.length > 0 ? `-${before.join('.')}` : ''));
  fc.assert(fc.property(version, version, (a, b) => Number(compare(a, b)) + Number(compare(b, a)) === 0));
});

t.test('a message quotes no more than a hundred characters', async (t) => {
  t.throws(
    () => compare('x'.repeat(100_000), '1.0.0'),
    new BuiltinError(`operand 1: string "${'x'.repeat(100)}…" is not a valid SemVer`),
  );
});
