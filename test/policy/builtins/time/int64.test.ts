import * as fc from 'fast-check';
import t from 'tap';
import { int64Of } from '../../../../src/policy/builtins/time/int64.ts';
import { RegoNumber } from '../../../../src/policy/number.ts';

const read = (text: string): bigint => int64Of(new RegoNumber(text));

t.test('an integer is one however it is written', async (t) => {
  const cases = [
    ['0', 0n],
    ['-0', 0n],
    ['0e999999999', 0n],
    ['1.0', 1n],
    ['-10.00', -10n],
    ['1e18', 10n ** 18n],
    ['12.5E+1', 125n],
    ['1250e-1', 125n],
    ['9223372036854775807', 2n ** 63n - 1n],
    ['-9223372036854775808', -(2n ** 63n)],
    ['-9.223372036854775808e18', -(2n ** 63n)],
  ] as const;
  for (const [text, value] of cases) t.equal(read(text), value, text);
});

t.test('what 64 bits of precision round to an integer is one', async (t) => {
  t.equal(read('4611686018427387904.12'), 2n ** 62n, 'the fraction has one bit left');
  t.equal(read('4611686018427387904.25'), 2n ** 62n, 'half of it goes to the even');
  t.equal(read('4611686018427387904.75'), 2n ** 62n + 1n);
  t.equal(read('9223372036854775807.24999'), 2n ** 63n - 1n);
  t.equal(read(`0.${'9'.repeat(30)}`), 1n);
  t.equal(read(`1${'0'.repeat(100)}.5e-100`), 1n, 'however many digits there are');
  t.equal(read('4611686018427387903.8750001'), 2n ** 62n);
});

t.test('no other number is an int64', async (t) => {
  const none = [
    '1.5',
    '-0.5',
    '0.1',
    '1e-3',
    '1e-400',
    '0.000000000001',
    '4611686018427387904.5',
    '4611686018427387904.2500001',
    '9223372036854775808',
    '-9223372036854775809',
    '1e19',
    '1e400',
    '1e999999999',
    '-1e999999999',
    '1e-999999999',
    '1'.repeat(100_000),
    `0.${'1'.repeat(100_000)}`,
    '9223372036854775807.75',
    '0.99999999999999999996',
  ];
  for (const text of none) t.throws(() => read(text), { message: 'timestamp too big' }, text.slice(0, 40));
});

t.test('every int64 is itself, with any exponent', async () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.nat(30), (value, zeros) => {
      const scaled = `${value}${'0'.repeat(zeros)}e-${zeros}`;
      return read(String(value)) === value && read(scaled) === value;
    }),
  );
});

t.test('long numbers take no longer than they are', async (t) => {
  const zeros = '0'.repeat(1_000_000);
  const start = performance.now();
  for (const text of [`1${zeros}1`, `0.${zeros}1`, `1.${zeros}1e-${zeros}1`])
    t.throws(() => read(text), { message: 'timestamp too big' });
  t.equal(read(`1.${zeros}`), 1n);
  t.equal(read(`${'9'.repeat(1_000_000)}e-999990`), 10n ** 10n);
  t.ok(performance.now() - start < 1_000);
});
