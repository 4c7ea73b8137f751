import * as fc from 'fast-check';
import t from 'tap';
import {
  dayOfYear,
  daysIn,
  momentOf,
  nanosecondsOf,
  readingOf,
  secondsToDay,
} from '../../../../src/policy/builtins/time/calendar.ts';

const DAY = 86_400n;

t.test('nanoseconds count up from a second, before the epoch too', async (t) => {
  t.strictSame(momentOf(1n), { seconds: 0, nanoseconds: 1 });
  t.strictSame(momentOf(-1n), { seconds: -1, nanoseconds: 999_999_999 });
  t.strictSame(momentOf(-1_000_000_000n), { seconds: -1, nanoseconds: 0 });
  t.equal(nanosecondsOf({ seconds: 9_223_372_036, nanoseconds: 854_775_807 }), 2n ** 63n - 1n);
  t.equal(nanosecondsOf({ seconds: -9_223_372_037, nanoseconds: 145_224_192 }), -(2n ** 63n));
  const beyond = { message: 'time outside of valid range' };
  t.throws(() => nanosecondsOf({ seconds: 9_223_372_036, nanoseconds: 854_775_808 }), beyond);
  t.throws(() => nanosecondsOf({ seconds: -9_223_372_037, nanoseconds: 145_224_191 }), beyond);
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      (value) => nanosecondsOf(momentOf(value)) === value,
    ),
  );
});

t.test('a moment is read by calendar and clock', async (t) => {
  t.strictSame(readingOf(0), {
    year: 1970,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    weekday: 4,
    yearDay: 1,
  });
  t.match(readingOf(-1), { year: 1969, month: 12, day: 31, hour: 23, minute: 59, second: 59, yearDay: 365 });
  t.match(readingOf(1_709_164_799), { month: 2, day: 28, weekday: 3, yearDay: 59 });
  t.match(readingOf(1_735_603_200), { month: 12, day: 31, yearDay: 366 }, 'of a leap year');
});

t.test('every fourth year is longer, but not every hundredth, but every four hundredth', async (t) => {
  t.strictSame(
    [2023, 2024, 1900, 2000].map((year) => daysIn(year, 2)),
    [28, 29, 28, 29],
  );
  t.strictSame(dayOfYear(2023, 60), { month: 3, day: 1 });
  t.strictSame(dayOfYear(2024, 60), { month: 2, day: 29 });
  t.strictSame(dayOfYear(2024, 366), { month: 12, day: 31 });
  for (const [year, day] of [
    [2023, 366],
    [2024, 367],
    [2024, 0],
  ] as const)
    t.equal(dayOfYear(year, day), null);
});

t.test('a day beyond its month is one of the next, and a month beyond its year too', async (t) => {
  t.equal(secondsToDay(1970n, 1n, 1n), 0n);
  t.equal(secondsToDay(1970n, 1n, 32n), secondsToDay(1970n, 2n, 1n));
  t.equal(secondsToDay(1970n, 14n, 30n), secondsToDay(1971n, 3n, 2n));
  t.equal(secondsToDay(1970n, 3n, 0n), 58n * DAY);
  t.equal(secondsToDay(1970n, 0n, 31n), -DAY);
  t.equal(secondsToDay(1970n, -11n, 1n), secondsToDay(1969n, 1n, 1n));
  fc.assert(
    fc.property(
      fc.integer({ min: 1_000, max: 3_000 }),
      fc.integer({ min: 0, max: 11 }),
      fc.integer(),
      (year, month, day) => {
        const expected = Date.UTC(year, month, 1) / 1_000 + (day - 1) * 86_400;
        return secondsToDay(BigInt(year), BigInt(month + 1), BigInt(day)) === BigInt(expected);
      },
    ),
  );
});

t.test('integers overflow as those of Go do', async (t) => {
  t.equal(secondsToDay(1970n, 1n, 1n + 2n ** 64n), 0n);
  t.equal(secondsToDay(1970n, 1n, 1n + 2n ** 57n), 0n, 'a day has 2^7 times an odd number of seconds');
  t.equal(secondsToDay(1970n + 2n ** 64n, 1n, 1n), 0n);
});
