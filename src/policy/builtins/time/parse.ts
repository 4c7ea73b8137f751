/** Moments from text, by layouts of Go's package time (`time.Parse`). */
import { BuiltinError } from '../builtin.ts';
import { dayOfYear, daysIn, type Moment } from './calendar.ts';
import { type Fields, takingOf } from './elements.ts';
import { chunksOf } from './layout.ts';
import { byteString } from '../go/bytes.ts';
import { quote } from './quote.ts';
import type { Zone } from './zone.ts';

const NOTHING: Fields = {
  year: 0,
  month: null,
  day: null,
  yearDay: null,
  hour: 0,
  minute: 0,
  second: 0,
  nanoseconds: 0,
  morning: false,
  afternoon: false,
  utc: false,
  offset: null,
  zone: '',
  beyond: null,
};

/**
 * The moment that a text shows in the layout. What the layout leaves out is 0, or 1; without a zone it is UTC. An abbreviation of a
 * zone is looked up in `local`, and is taken for UTC when it is not there. Throws BuiltinError with Go's words.
 */
export function parseTime(layout: string, text: string, local: Zone): Moment {
  const [layoutBytes, bytes] = [byteString(layout), byteString(text)];
  const fields = { ...NOTHING };
  const unlike = (found: string, wanted: string): BuiltinError =>
    new BuiltinError(
      `parsing time ${quote(bytes)} as ${quote(layoutBytes)}: cannot parse ${quote(found)} as ${quote(wanted)}`,
    );
  const wrong = (why: string): BuiltinError => new BuiltinError(`parsing time ${quote(bytes)}: ${why}`);

  let rest = bytes;
  const chunks = chunksOf(layoutBytes);
  for (const [at, { before, element }] of chunks.entries()) {
    const [skipped, fits] = skip(rest, before);
    if (!fits) throw unlike(skipped, before);
    if (element === null) {
      if (skipped !== '') throw wrong(`extra text: ${quote(skipped)}`);
      break;
    }
    const left = takingOf(element)(skipped, fields, element, chunks[at + 1]?.element ?? null);
    if (fields.beyond !== null) throw wrong(`${fields.beyond} out of range`);
    if (left === null) throw unlike(skipped, element);
    rest = left;
  }
  const fault = dateFault(fields);
  if (fault !== null) throw wrong(fault);
  return momentOf(fields, local);
}

/** The bytes after a literal piece of the layout, and whether they began with it. As many blanks are one. */
function skip(bytes: string, literal: string): [rest: string, fits: boolean] {
  let at = 0;
  for (const part of literal.match(/ +|[^ ]+/g) ?? []) {
    if (part.startsWith(' ')) {
      if (at < bytes.length && bytes[at] !== ' ') return [bytes.slice(at), false];
      while (bytes[at] === ' ') at++;
      continue;
    }
    for (const byte of part) {
      if (bytes[at] !== byte) return [bytes.slice(at), false];
      at++;
    }
  }
  return [bytes.slice(at), true];
}

/** Completes the date; says why there is no such day, or null. */
function dateFault(fields: Fields): string | null {
  if (fields.yearDay !== null) {
    const date = dayOfYear(fields.year, fields.yearDay);
    if (date === null) return 'day-of-year out of range';
    if (fields.month !== null && fields.month !== date.month) return 'day-of-year does not match month';
    if (fields.day !== null && fields.day !== date.day) return 'day-of-year does not match day';
    Object.assign(fields, date);
  }
  fields.month ??= 1;
  fields.day ??= 1;
  return fields.day < 1 || fields.day > daysIn(fields.year, fields.month) ? 'day out of range' : null;
}

function momentOf(fields: Fields, local: Zone): Moment {
  const { year, month, day, minute, second, nanoseconds, utc, offset, zone } = fields;
  // JavaScript takes a year below 100 for one of the last century.
  if (year < 1_677 || year > 2_262) throw new BuiltinError('time outside of valid range');
  const hour =
    fields.afternoon && fields.hour < 12
      ? fields.hour + 12
      : fields.morning && fields.hour === 12
        ? 0
        : fields.hour;
  const shown = Date.UTC(year, (month as number) - 1, day as number, hour, minute, second) / 1_000;
  if (utc) return { seconds: shown, nanoseconds };
  const east = offset ?? (zone === '' ? 0 : (local.offsetOf(zone, shown) ?? 0));
  return { seconds: shown - east, nanoseconds };
}
