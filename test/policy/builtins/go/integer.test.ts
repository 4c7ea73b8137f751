import * as fc from 'fast-check';
import t from 'tap';
import { BuiltinError, LimitError } from '../../../../src/policy/builtins/builtin.ts';
import {
  bigIntOperand,
  decimalOf,
  int64,
  int64Operand,
  withoutTrailingZeros,
} from '../../../../src/policy/builtins/go/integer.ts';
import { RegoNumber } from '../../../../src/policy/number.ts';

const number = (text: string): RegoNumber => new RegoNumber(text);
const notInteger = (position: number): BuiltinError =>
  new BuiltinError(`operand ${position} must be integer number but got floating-point number`);

t.test('a decimal is its digits and a power of ten', async (t) => {
  t.strictSame(decimalOf('-12.50e3'), { negative: true, digits: '1250', power: 1 });
  t.strictSame(decimalOf('+.5'), { negative: false, digits: '5', power: -1 });
  t.strictSame(decimalOf('7.'), { negative: false, digits: '7', power: 0 });
  t.strictSame(decimalOf('1e-999999')?.power, -999_999);
  for (const text of ['', '.', '-', 'e5', '1e', '1e+', '1..2', '0x1', '1_0', ' 1'])
    t.equal(decimalOf(text), null, text);
});

t.test(
  'an integer of 64 bits may have a point with zeros behind it, up to 19 characters in all',
  async (t) => {
    for (const [text, integer] of [
      ['0', 0n],
      ['-0', 0n],
      ['12.00', 12n],
      ['9223372036854775807', 2n ** 63n - 1n],
      ['-9223372036854775808', -(2n ** 63n)],
      ['9223372036854775808', null],
      ['-9223372036854775809', null],
      ['1.00000000000000000', 1n],
      ['-1.00000000000000000', -1n],
      ['1.000000000000000000', null],
      ['1.5', null],
      ['1e0', null],
    ] as const)
      t.equal(int64(number(text)), integer, text);
    t.equal(int64Operand(1, number('3.0')), 3n);
    t.throws(() => int64Operand(2, number('1e3')), notInteger(2));
    t.throws(() => int64Operand(2, 'a'), new BuiltinError('operand 2 must be number but got string'));
  },
);

t.test('an integer of any size is one however it is written', async (t) => {
  for (const [text, integer] of [
    ['123456789012345678901234567890', 123456789012345678901234567890n],
    ['-1.50e2', -150n],
    ['25e-1', null],
    ['2500e-2', 25n],
    ['0.0', 0n],
    ['-0e9999999', 0n],
    ['1e30', 10n ** 30n],
    ['0.1', null],
    ['1e1000001', null],
    ['1e99999999999999999999', null],
  ] as const)
    if (integer === null) t.throws(() => bigIntOperand(3, number(text)), notInteger(3), text);
    else t.equal(bigIntOperand(3, number(text)), integer, text);
  t.throws(
    () => bigIntOperand(1, [number('1')]),
    new BuiltinError('operand 1 must be integer but got array'),
  );
  // No module and no parser gives such a number.
  t.throws(() => bigIntOperand(1, number('x')), notInteger(1));
});

t.test('both agree on integers of 64 bits', async () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (integer) => {
      const given = RegoNumber.of(integer);
      return int64(given) === integer && bigIntOperand(1, given) === integer;
    }),
  );
});

t.test('zeros are cut off in linear time', async (t) => {
  t.equal(withoutTrailingZeros('10020300'), '100203');
  t.equal(withoutTrailingZeros('000'), '');
  const started = performance.now();
  const long = `1${'0'.repeat(1_000_000)}1`;
  t.equal(withoutTrailingZeros(long), long);
  t.throws(() => bigIntOperand(1, number(`0.${long}`)), notInteger(1));
  t.ok(performance.now() - started < 10_000, 'quadratic, it would take an hour');
});

t.test(
  'an integer of more than a thousand digits is beyond a limit, whichever way it is written',
  async (t) => {
    t.equal(bigIntOperand(1, number('-1e999')), -(10n ** 999n));
    t.equal(bigIntOperand(1, number('7'.repeat(1_000))), BigInt('7'.repeat(1_000)));
    for (const text of ['1e1000', '7'.repeat(1_001), '1e1000000'])
      t.throws(
        () => bigIntOperand(2, number(text)),
        new LimitError('operand 2 is an integer of more than 1000 digits'),
      );
  },
);
