import * as fc from 'fast-check';
import t from 'tap';
import { compareNumbers, RegoNumber } from '../../src/policy/number.ts';

const compared = (a: string, b: string): number => compareNumbers(new RegoNumber(a), new RegoNumber(b));

t.test('numbers are compared by value, however they are written', async (t) => {
  for (const [a, b] of [
    ['1', '1.0'],
    ['10e-1', '1'],
    ['0', '-0.00e5'],
    ['100000000000000000000', '1e20'],
    ['0.000000000000000000001', '1E-21'],
  ] as const)
    t.equal(compared(a, b), 0, `${a} is ${b}`);
  for (const [less, more] of [
    ['9007199254740992', '9007199254740993'],
    ['0.1', '0.10000000000000000000000000000001'],
    ['-1e400', '-1e399'],
    ['-1', '0'],
    ['0', '1e-400'],
    ['9.99e-5', '1e-4'],
    ['1e1000000000', '2e1000000000'],
  ] as const) {
    t.equal(compared(less, more), -1, `${less} is less than ${more}`);
    t.equal(compared(more, less), 1);
  }
});

t.test('property: integers are compared as bigints are', async () => {
  fc.assert(
    fc.property(
      fc.bigInt(),
      fc.bigInt(),
      (a, b) => compared(`${a}`, `${b}`) === (a < b ? -1 : a > b ? 1 : 0),
    ),
  );
});

t.test('property: doubles are compared as JavaScript compares them', async () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(
      finite,
      finite,
      (a, b) => compareNumbers(RegoNumber.of(a), RegoNumber.of(b)) === Math.sign(a - b) + 0,
    ),
  );
});

t.test(
  'a number is had as a double or, where it has neither fraction nor exponent, as a bigint',
  async (t) => {
    t.equal(new RegoNumber('1.50').toNumber(), 1.5);
    t.equal(new RegoNumber('1e999').toNumber(), Infinity);
    t.equal(new RegoNumber('-90071992547409930').toBigInt(), -90071992547409930n);
    for (const text of ['1.0', '1e3', '0.5']) t.equal(new RegoNumber(text).toBigInt(), null);
  },
);

t.test('a number is made of what JSON has a number for', async (t) => {
  t.equal(RegoNumber.of(1e21).text, '1e+21');
  t.equal(RegoNumber.of(-0).text, '0');
  t.equal(RegoNumber.of(2n ** 64n).text, '18446744073709551616');
  for (const none of [NaN, Infinity, -Infinity])
    t.throws(() => RegoNumber.of(none), new RangeError(`${none} is no number of JSON`));
});

t.test('numbers of a hundred thousand digits are compared in an instant', async (t) => {
  const zeros = '0'.repeat(100_000);
  t.equal(compared(`1${zeros}1`, `1${zeros}2`), -1);
  t.equal(compared(`0.${zeros}1${zeros}`, `0.${zeros}10`), 0);
});
