import * as fc from 'fast-check';
import t from 'tap';
import { type FloatForm, formatFloat } from '../../../../src/policy/builtins/go/float.ts';

fc.configureGlobal({ seed: 754, numRuns: 1_000 });
const double = fc.double({ noNaN: true, noDefaultInfinity: true });

t.test('doubles are written as Go writes them', async (t) => {
  for (const [value, form, precision, text] of [
    [0, 'g', -1, '0'],
    [-0, 'g', -1, '-0'],
    [-0, 'e', 2, '-0.00e+00'],
    [100_000, 'g', -1, '100000'],
    [1_000_000, 'g', -1, '1e+06'],
    [123_456_789, 'g', -1, '1.23456789e+08'],
    [0.0001, 'g', -1, '0.0001'],
    [0.000_01, 'G', -1, '1E-05'],
    [123_456_789, 'g', 3, '1.23e+08'],
    [100, 'g', 3, '100'],
    [100, 'g', 0, '1e+02'],
    [0, 'g', 5, '0'],
    [1234.5678, 'f', 1, '1234.6'],
    [1234.5678, 'f', -1, '1234.5678'],
    [1e23, 'f', 0, '99999999999999991611392'],
    [1e23, 'f', -1, '100000000000000000000000'],
    [0.001, 'f', 1, '0.0'],
    [0.06, 'f', 1, '0.1'],
    [1e-300, 'e', -1, '1e-300'],
    [5e-324, 'e', 3, '4.941e-324'],
    [9.99, 'e', 1, '1.0e+01'],
    [9.99, 'E', 0, '1E+01'],
    [1.7976931348623157e308, 'e', 16, '1.7976931348623157e+308'],
    [0.1, 'f', 30, '0.100000000000000005551115123126'],
    [1, 'b', -1, '4503599627370496p-52'],
    [2 ** 60, 'b', -1, '4503599627370496p+8'],
    [5e-324, 'b', -1, '1p-1074'],
    [1, 'x', -1, '0x1p+00'],
    [0, 'x', 2, '0x0.00p+00'],
    [-255.5, 'x', -1, '-0x1.ffp+07'],
    [255.5, 'X', 1, '0X1.0P+08'],
    [1.5, 'x', 0, '0x1p+01'],
    [2.5, 'x', 0, '0x1p+01'],
    [5e-324, 'x', -1, '0x1p-1074'],
    [0.1, 'x', 20, '0x1.999999999999a0000000p-04'],
  ] satisfies [number, FloatForm, number, string][])
    t.equal(formatFloat(value, form, precision), text, `${value} ${form} ${precision}`);
});

t.test('what lies halfway is rounded to the even digit', async (t) => {
  for (const [value, precision, text] of [
    [0.5, 0, '0'],
    [1.5, 0, '2'],
    [2.5, 0, '2'],
    [0.125, 2, '0.12'],
    [0.375, 2, '0.38'],
    [2.675, 2, '2.67'],
  ] as const)
    t.equal(formatFloat(value, 'f', precision), text);
});

t.test('the shortest text is of the same double, and enough digits are too', async () => {
  fc.assert(
    fc.property(double, fc.constantFrom('e', 'f', 'g'), (value, form) =>
      Object.is(Number(formatFloat(value, form, -1)), value),
    ),
  );
  fc.assert(fc.property(double, (value) => Object.is(Number(formatFloat(value, 'e', 16)), value)));
});

t.test('with fewer digits it is what JavaScript writes, but for what lies halfway', async () => {
  fc.assert(
    fc.property(double, fc.nat({ max: 20 }), (value, precision) => {
      const [ours, theirs] = [formatFloat(value, 'e', precision), value.toExponential(precision)];
      const halfway =
        formatFloat(value, 'e', precision + 1).includes('5e') && Number(ours) !== Number(theirs);
      return halfway || Object.is(Number(ours), Object.is(value, -0) ? -0 : Number(theirs));
    }),
  );
});
