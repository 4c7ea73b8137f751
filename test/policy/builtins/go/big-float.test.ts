import * as fc from 'fast-check';
import t from 'tap';
import { binary64, product, truncated } from '../../../../src/policy/builtins/go/big-float.ts';
import { decimalOf } from '../../../../src/policy/builtins/go/integer.ts';

/** What Go reads of a decimal, multiplied, without its fraction. */
function read(text: string, factor = 1n): bigint {
  const decimal = decimalOf(text);
  if (!decimal) throw new Error(`no decimal: ${text}`);
  return truncated(product(binary64(decimal), factor));
}

t.test('numbers are rounded to 64 bits, half to even', async (t) => {
  t.equal(read('18446744073709551615'), 18446744073709551615n);
  t.equal(read('18446744073709551617'), 18446744073709551616n);
  t.equal(read('18446744073709551619'), 18446744073709551620n);
  t.equal(read('36893488147419103234'), 36893488147419103232n);
  t.equal(read('36893488147419103238'), 36893488147419103240n);
});

t.test('a fraction is cut off when it has been multiplied', async (t) => {
  t.equal(read('0.1', 1000n), 100n);
  t.equal(read('0.999'), 0n);
  t.equal(read('1234.5678', 10_000n), 12_345_678n);
  t.equal(read('0'), 0n);
  t.equal(read('0e99'), 0n);
});

t.test('powers of ten beyond 27 are as inexact as Go’s', async (t) => {
  t.equal(read('1e27'), 10n ** 27n);
  t.equal(read('1e28'), 9999999999999999999731564544n);
  t.equal(read('123456789e-30', 10n ** 18n), 0n);
  t.equal(read('1e40', 1024n), 10239999999999999999778494558484742409289728n);
});

t.test('what 64 bits hold is read as it is', async () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.nat({ max: 12 }), (integer, zeros) => {
      const exact = read(`${integer}${'0'.repeat(zeros)}e-${zeros}`);
      return read(String(integer)) === integer && (zeros > 0 || exact === integer);
    }),
  );
});
