import * as fc from 'fast-check';
import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import {
  boundText,
  countOf,
  isInteger,
  isMultiple,
  isReadable,
} from '../../../../src/policy/builtins/json-schema/number.ts';
import { RegoNumber } from '../../../../src/policy/number.ts';

const number = (text: string): RegoNumber => new RegoNumber(text);

t.test('an integer is one however it is written', async (t) => {
  for (const text of ['1', '-1', '1.0', '1e2', '1.50e1', '0', '-0.0', '0e-5', '1e1000000', '12000e-3'])
    t.equal(isInteger(number(text)), true, text);
  for (const text of ['1.5', '1e-1', '15e-1', '1e1000001']) t.equal(isInteger(number(text)), false, text);
});

t.test('powers of ten beyond a million are not read, but for 0', async (t) => {
  for (const text of ['1e1000000', '1e-1000000', '0e9999999999'])
    t.equal(isReadable(number(text)), true, text);
  for (const text of ['1e1000001', '1.5e-1000000', '1e99999999999999999999'])
    t.equal(isReadable(number(text)), false, text);
});

t.test('a count is an integer of 64 bits without a point', async (t) => {
  t.equal(countOf(number('9223372036854775807')), 9223372036854775807n);
  t.equal(countOf(number('-1')), -1n);
  for (const text of ['9223372036854775808', '1.0', '1e1']) t.equal(countOf(number(text)), null, text);
});

t.test('multiples are exact', async (t) => {
  for (const [text, divisor] of [
    ['0.3', '0.1'],
    ['4.02', '0.01'],
    ['1e1000000', '4'],
    ['0', '7'],
    ['-9', '3'],
    ['1', '1e-1000000'],
    ['7.5', '2.5'],
  ] as const)
    t.equal(isMultiple(number(text), number(divisor)), true, `${text} of ${divisor}`);
  for (const [text, divisor] of [
    ['0.35', '0.1'],
    ['1e1000000', '3'],
    ['1', '2'],
    ['1e-1000000', '1'],
    ['-10', '3'],
  ] as const)
    t.equal(isMultiple(number(text), number(divisor)), false, `${text} of ${divisor}`);
  t.throws(() => isMultiple(number('1e1000001'), number('1')), new BuiltinError('number out of range'));
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1 }), fc.nat(8), (value, divisor, places) => {
      const scaled = isMultiple(number(`${value}e-${places}`), number(`${divisor}e-${places}`));
      return scaled === (value % divisor === 0);
    }),
  );
});

t.test('messages have numbers as Go prints large floats', async (t) => {
  for (const [text, shown] of [
    ['0', '0'],
    ['-0.0', '0'],
    ['5.0', '5'],
    ['100000', '100000'],
    ['1000000', '1e+06'],
    ['1234567.80', '1.2345678e+06'],
    ['0.0001', '0.0001'],
    ['0.00001', '1e-05'],
    ['-2.5', '-2.5'],
    ['1e100', '1e+100'],
    ['123.456', '123.456'],
  ] as const)
    t.equal(boundText(number(text)), shown, text);
});
