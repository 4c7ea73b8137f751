/** Moments, and the Gregorian calendar that they are read by, as Go's package time has them. */
import { BuiltinError } from '../builtin.ts';

/** Seconds since the epoch, and the nanoseconds that have passed of the second. */
export type Moment = { readonly seconds: number; readonly nanoseconds: number };

/** What a calendar and a clock show. The month and the day of the year count from 1, the day of the week from 0, which is Sunday. */
export type Reading = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly weekday: number;
  readonly yearDay: number;
};

const SECOND = 1_000_000_000n;
const DAY_SECONDS = 86_400;

/** The moment that is so many nanoseconds after the epoch, or before. They are an int64. */
export function momentOf(nanoseconds: bigint): Moment {
  const rest = ((nanoseconds % SECOND) + SECOND) % SECOND;
  return { seconds: Number((nanoseconds - rest) / SECOND), nanoseconds: Number(rest) };
}

/**
 * Nanoseconds since the epoch. Throws BuiltinError where an int64 does not hold them, which is before 1677-09-21T00:12:43.145224192Z
 * and after 2262-04-11T23:47:16.854775807Z.
 */
export function nanosecondsOf({ seconds, nanoseconds }: Moment): bigint {
  const all = BigInt(seconds) * SECOND + BigInt(nanoseconds);
  if (BigInt.asIntN(64, all) !== all) throw new BuiltinError('time outside of valid range');
  return all;
}

/** What is read in UTC so many seconds after the epoch. */
export function readingOf(seconds: number): Reading {
  const date = new Date(seconds * 1_000);
  const year = date.getUTCFullYear();
  return {
    year,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    weekday: date.getUTCDay(),
    yearDay: Math.floor((seconds - Date.UTC(year, 0, 1) / 1_000) / DAY_SECONDS) + 1,
  };
}

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** How many days a month of a year has; the month counts from 1. */
export const daysIn = (year: number, month: number): number =>
  month === 2 && isLeap(year) ? 29 : (MONTH_DAYS[month - 1] as number);

/** The month and day of a day of the year, all of which count from 1; null where the year has no such day. */
export function dayOfYear(year: number, yearDay: number): { month: number; day: number } | null {
  let day = yearDay;
  for (let month = 1; day >= 1 && month <= 12; month++) {
    const days = daysIn(year, month);
    if (day <= days) return { month, day };
    day -= days;
  }
  return null;
}

/** Go counts days from the first of March of a year so long ago that all are positive: 292,277,022,400 years before the year 0. */
const FIRST_YEAR = 292_277_022_400n;
/** From there to the epoch. */
const EPOCH_DAYS = (FIRST_YEAR * 146_097n) / 400n + 719_468n;

const int64 = (value: bigint): bigint => BigInt.asIntN(64, value);
const uint64 = (value: bigint): bigint => BigInt.asUintN(64, value);

/**
 * Seconds from the epoch to a day that the calendar need not have, such as the 30th of the 14th month: what is too much goes over to
 * the month and the year. Integers are int64, and overflow without notice, as they do in Go's `time.Date`.
 */
export function secondsToDay(year: bigint, month: bigint, day: bigint): bigint {
  const months = int64(month - 1n);
  const inYear = ((months % 12n) + 12n) % 12n;
  const early = inYear < 2n;
  const years = uint64(year + (months - inYear) / 12n - (early ? 1n : 0n) + FIRST_YEAR);
  const inMarchYear = early ? inYear + 13n : inYear + 1n;
  const centuryDays = uint64(146_097n * (years / 100n)) / 4n;
  const yearDays = (1_461n * (years % 100n)) / 4n + ((979n * inMarchYear - 2_919n) >> 5n);
  const days = centuryDays + yearDays + int64(day) - 1n;
  return int64((days - EPOCH_DAYS) * 86_400n);
}
