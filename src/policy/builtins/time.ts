/**
 * Times, as OPA has them by Go's package time: nanoseconds since the epoch, between the years 1677 and 2262
 * (https://www.openpolicyagent.org/docs/policy-reference/builtins/time).
 */
import { RegoNumber } from '../number.ts';
import type { Value } from '../value.ts';
import { BuiltinError, type Family, operand } from './builtin.ts';
import { int64Operand } from './go/integer.ts';
import { daysIn, nanosecondsOf, type Reading, readingOf, secondsToDay } from './time/calendar.ts';
import { parseDuration } from './time/duration.ts';
import { formatTime } from './time/format.ts';
import { layoutOf, RFC3339, RFC3339_NANO, WEEKDAYS } from './time/layout.ts';
import { timeOperand } from './time/operand.ts';
import { parseTime } from './time/parse.ts';
import { zoneOf } from './time/zone.ts';

export const time: Family = {
  'time.now_ns': (_, { now }) => RegoNumber.of(now),

  'time.parse_ns': ([layout, text]) =>
    parsed(layoutOf(operand(1, layout, 'string')), operand(2, text, 'string')),

  'time.parse_rfc3339_ns': ([text]) => parsed(RFC3339, operand(1, text, 'string')),

  'time.parse_duration_ns': ([text]) => RegoNumber.of(parseDuration(operand(1, text, 'string'))),

  'time.format': ([value]) => {
    const { moment, zone, layout } = timeOperand(value);
    return formatTime(moment, zone, layout === '' ? RFC3339_NANO : layoutOf(layout));
  },

  'time.date': ([value]) => {
    const { year, month, day } = shown(value);
    return numbers(year, month, day);
  },

  'time.clock': ([value]) => {
    const { hour, minute, second } = shown(value);
    return numbers(hour, minute, second);
  },

  'time.weekday': ([value]) => WEEKDAYS[shown(value).weekday],

  'time.add_date': ([value, years, months, days]) => {
    const { moment, zone } = timeOperand(value);
    const { year, month, day, hour, minute, second } = readingOf(
      moment.seconds + zone.offsetAt(moment.seconds),
    );
    const local =
      secondsToDay(
        BigInt(year) + int64Operand(2, years),
        BigInt(month) + int64Operand(3, months),
        BigInt(day) + int64Operand(4, days),
      ) + BigInt((hour * 60 + minute) * 60 + second);
    // Zones are known for some centuries; what lies beyond is out of range in all of them.
    if (local < -FAR || local > FAR) throw new BuiltinError('time outside of valid range');
    const guess = Number(local) - zone.offsetAt(Number(local));
    const seconds = Number(local) - zone.offsetAt(guess);
    return RegoNumber.of(nanosecondsOf({ seconds, nanoseconds: moment.nanoseconds }));
  },

  'time.diff': ([from, to]) => {
    const { moment, zone } = timeOperand(from);
    const [first, last] = [moment, timeOperand(to).moment]
      .toSorted((a, b) => a.seconds - b.seconds || a.nanoseconds - b.nanoseconds)
      .map(({ seconds }) => readingOf(seconds + zone.offsetAt(seconds))) as [Reading, Reading];
    return numbers(...difference(first, last));
  },
};

const numbers = (...values: readonly number[]): Value => values.map((value) => RegoNumber.of(value));

const parsed = (layout: string, text: string): Value =>
  RegoNumber.of(nanosecondsOf(parseTime(layout, text, zoneOf('Local'))));

/** What a calendar and a clock show in the zone of the operand. */
function shown(value: Value): Reading {
  const { moment, zone } = timeOperand(value);
  return readingOf(moment.seconds + zone.offsetAt(moment.seconds));
}

/** More seconds than any valid time is away from the epoch, in any zone. */
const FAR = 10_000_000_000n;

/** Years, months, days, hours, minutes and seconds: each what is left after those before it. */
function difference(first: Reading, last: Reading): number[] {
  let years = last.year - first.year;
  let months = last.month - first.month;
  let days = last.day - first.day;
  let hours = last.hour - first.hour;
  let minutes = last.minute - first.minute;
  let seconds = last.second - first.second;
  if (seconds < 0) [seconds, minutes] = [seconds + 60, minutes - 1];
  if (minutes < 0) [minutes, hours] = [minutes + 60, hours - 1];
  if (hours < 0) [hours, days] = [hours + 24, days - 1];
  if (days < 0) [days, months] = [days + daysIn(first.year, first.month), months - 1];
  if (months < 0) [months, years] = [months + 12, years - 1];
  return [years, months, days, hours, minutes, seconds];
}
