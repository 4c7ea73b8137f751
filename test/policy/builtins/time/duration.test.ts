import * as fc from 'fast-check';
import t from 'tap';
import { parseDuration } from '../../../../src/policy/builtins/time/duration.ts';

const SECOND = 1_000_000_000n;
const HOUR = 3_600n * SECOND;
const MOST = 2n ** 63n - 1n;

t.test('durations are sums of numbers with units', async (t) => {
  const cases = [
    ['0', 0n],
    ['-0', 0n],
    ['1ns', 1n],
    ['1us', 1_000n],
    ['1\u00b5s', 1_000n],
    ['1\u03bcs', 1_000n],
    ['1ms', 1_000_000n],
    ['1m1s', 61n * SECOND],
    ['+1.5h', 5_400n * SECOND],
    ['-1.5h', -5_400n * SECOND],
    ['.5s', SECOND / 2n],
    ['5.s', 5n * SECOND],
    ['1s1h1s', HOUR + 2n * SECOND],
    ['0.3333333333333333333h', 1_200n * SECOND],
    ['0.99ns', 0n],
    ['0.9999999999999999999999ns', 1n],
    ['0.000000000000000000000000001h', 0n],
    ['0000000000000000000000000000001s', SECOND],
    ['9223372036854775807ns', MOST],
    ['-9223372036854775808ns', -MOST - 1n],
    ['2562047h47m16.854775807s', MOST],
    ['-9223372036854775808ns9223372036854775808ns', 0n],
  ] as const;
  for (const [text, nanoseconds] of cases) t.equal(parseDuration(text), nanoseconds, text);
});

t.test('days, weeks and years are hours', async (t) => {
  const cases = [
    ['1d', 24n * HOUR],
    ['1w', 168n * HOUR],
    ['1y', 8_760n * HOUR],
    ['-1d12h', -36n * HOUR],
    ['1y2w3d4h5m6s7ms8us9\u00b5s10ns', (8_760n + 336n + 72n + 4n) * HOUR + 306n * SECOND + 7_017_010n],
    ['1.5d', 36n * HOUR],
    ['.5d', 12n * HOUR],
    ['0.0000000001d', 8_640n],
    ['0d', 0n],
  ] as const;
  for (const [text, nanoseconds] of cases) t.equal(parseDuration(text), nanoseconds, text);
});

t.test('what is no duration', async (t) => {
  const invalid = [
    '',
    '-',
    '+',
    '.',
    '.s',
    '-.s',
    's',
    '--1s',
    ' 1s',
    '9223372036854775808ns',
    '-9223372036854775809ns',
    '99999999999999999999s',
    '3000000h',
    '2562047h47m16.854775808s',
    '9223372036854775807ns1.5ns1ns',
    'd',
    '1d1',
    '1dd',
    '1.2.3d',
    '.d',
    '1D1d',
    '1d 2h',
    '1d-1d',
    '106752d',
    '300y',
    `${'9'.repeat(400)}d`,
    `1${'0'.repeat(22)}d`,
  ];
  for (const text of invalid)
    t.throws(
      () => parseDuration(text),
      { message: `time: invalid duration ${JSON.stringify(text)}` },
      text.slice(0, 40),
    );
  const cases = [
    ['1', 'time: missing unit in duration "1"'],
    ['1.5', 'time: missing unit in duration "1.5"'],
    ['1.2.3s', 'time: missing unit in duration "1.2.3s"'],
    ['1s-1s', 'time: unknown unit "s-" in duration "1s-1s"'],
    ['1h,2m', 'time: unknown unit "h," in duration "1h,2m"'],
    ['1e30d', 'time: unknown unit "e" in duration "1e30d"'],
    ['1x', 'time: unknown unit "x" in duration "1x"'],
    ['1S', 'time: unknown unit "S" in duration "1S"'],
    ['1\u00b5', 'time: unknown unit "\\xc2\\xb5" in duration "1\\xc2\\xb5"'],
    ['1d2x', 'time: unknown unit "x" in duration "1d2x"'],
    ['1d1..2h', 'time: missing unit in duration "1d1..2h"'],
    ['1d1\u03bcs', 'time: invalid duration "1d1\u03bcs"'],
  ] as const;
  for (const [text, message] of cases) t.throws(() => parseDuration(text), { message }, text);
});

t.test('every int64 of nanoseconds is read as it is', async () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -MOST - 1n, max: MOST }), (value) => {
      const [sign, all] = value < 0n ? ['-', -value] : ['', value];
      const parts = `${all / HOUR}h${(all % HOUR) / SECOND}s${all % SECOND}ns`;
      return parseDuration(`${value}ns`) === value && parseDuration(sign + parts) === value;
    }),
  );
});

t.test('long texts take no longer than they are', async (t) => {
  for (const unit of ['', 'x', 'd']) {
    const start = performance.now();
    t.throws(() => parseDuration(`${'1'.repeat(500_000)}${unit}`));
    t.ok(performance.now() - start < 1_000);
  }
});
