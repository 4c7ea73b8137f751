/** What each element of a layout takes from a text, for parsing. */
import { fractionDigits, isFraction, MONTHS, WEEKDAYS } from './layout.ts';

/** What has been read; null what has not. Offsets are in seconds east of UTC. */
export type Fields = {
  year: number;
  month: number | null;
  day: number | null;
  yearDay: number | null;
  hour: number;
  minute: number;
  second: number;
  nanoseconds: number;
  morning: boolean;
  afternoon: boolean;
  utc: boolean;
  offset: number | null;
  /** An abbreviation. */
  zone: string;
  /** The name of what was out of its range. */
  beyond: string | null;
};

/** Takes the element from the beginning of the bytes, and gives the rest of them; null where it is not there. */
type Taking = (rest: string, fields: Fields, element: string, next: string | null) => string | null;

type Range = readonly [name: string, least: number, most: number];
const MONTH: Range = ['month', 1, 12];
const HOUR: Range = ['hour', 0, 23];
const HOUR_12: Range = ['hour', 0, 12];
const MINUTE: Range = ['minute', 0, 59];
const SECOND: Range = ['second', 0, 59];

type Counted = 'year' | 'month' | 'day' | 'yearDay' | 'hour' | 'minute' | 'second';

const counted =
  (field: Counted, pattern: RegExp, range?: Range): Taking =>
  (rest, fields) => {
    const [all, digits] = pattern.exec(rest) ?? [];
    if (all === undefined) return null;
    const count = Number(digits);
    fields[field] = count;
    if (range && (count < range[1] || count > range[2])) fields.beyond = range[0];
    return rest.slice(all.length);
  };

/** The year 70 is 1970, the year 68 is 2068. Go takes a sign for a digit: `-5` is 1995. */
const shortYear: Taking = (rest, fields) => {
  const digits = /^(?:\d|[+-])\d/.exec(rest)?.[0];
  if (digits === undefined) return null;
  fields.year = Number(digits) + (Number(digits) >= 69 ? 1_900 : 2_000);
  return rest.slice(2);
};

/** One of the names, in any case; weekdays are read for nothing. */
const named =
  (names: readonly string[], field?: 'month'): Taking =>
  (rest, fields) => {
    const at = names.findIndex((name) => rest.slice(0, name.length).toLowerCase() === name.toLowerCase());
    if (at === -1) return null;
    if (field) fields[field] = at + 1;
    return rest.slice((names[at] as string).length);
  };
const short = (names: readonly string[]): readonly string[] => names.map((name) => name.slice(0, 3));

/** A fraction after the second is taken even where the layout has none. */
const secondAndFraction =
  (pattern: RegExp): Taking =>
  (rest, fields, element, next) => {
    const after = counted('second', pattern, SECOND)(rest, fields, element, next);
    if (after === null || fields.beyond !== null || isFraction(next)) return after;
    return optionalFraction(after, fields, element, next);
  };

const optionalFraction: Taking = (rest, fields) => {
  const all = /^[.,]\d+/.exec(rest)?.[0] ?? '';
  if (all !== '') fields.nanoseconds = nanoseconds(all) as number;
  return rest.slice(all.length);
};

/** As many bytes as the layout has zeros. Go looks at nine of them, and takes a sign for the first. */
const fraction: Taking = (rest, fields, element) => {
  const all = rest.slice(0, 1 + fractionDigits(element));
  const found = all.length === 1 + fractionDigits(element) ? nanoseconds(all) : null;
  if (found === null) return null;
  if (found < 0) fields.beyond = 'fractional second';
  fields.nanoseconds = found;
  return rest.slice(all.length);
};

/** Of a point or comma and what follows it; null for what are no digits. */
function nanoseconds(text: string): number | null {
  const found = /^[.,]([+-]?)(\d*)$/.exec(text.slice(0, 10));
  if (!found) return null;
  const [, sign = '', digits = ''] = found;
  return Number(sign + digits.padEnd(9 - sign.length, '0'));
}

const half =
  (before: string, after: string): Taking =>
  (rest, fields) => {
    const found = rest.slice(0, 2);
    if (found !== before && found !== after) return null;
    if (found === before) fields.morning = true;
    else fields.afternoon = true;
    return rest.slice(2);
  };

/** By the elements of offsets without their first character. */
const OFFSETS: Readonly<Record<string, RegExp>> = {
  '07': /^([^])(\d\d)/,
  '0700': /^([^])(\d\d)(\d\d)/,
  '07:00': /^([^])(\d\d):(\d\d)/,
  '070000': /^([^])(\d\d)(\d\d)(\d\d)/,
  '07:00:00': /^([^])(\d\d):(\d\d):(\d\d)/,
};

/** Some write 24 hours, or 60 minutes. */
const offset: Taking = (rest, fields, element) => {
  if (element.startsWith('Z') && rest.startsWith('Z')) {
    fields.utc = true;
    return rest.slice(1);
  }
  const [all = '', sign, ...digits] = OFFSETS[element.slice(1)]?.exec(rest) ?? [];
  const [hours = 0, minutes = 0, seconds = 0] = digits.map(Number);
  if (hours > 24) fields.beyond = 'time zone offset hour';
  if (minutes > 60) fields.beyond = 'time zone offset minute';
  if (seconds > 60) fields.beyond = 'time zone offset second';
  if (sign !== '+' && sign !== '-') return null;
  const east = ((hours * 60 + minutes) * 60 + seconds) * (sign === '-' ? -1 : 1);
  // Go's sign of "none" is −1: a second west of UTC is not seen.
  fields.offset = east === -1 ? null : east;
  return rest.slice(all.length);
};

const abbreviation: Taking = (rest, fields) => {
  if (rest.startsWith('UTC')) {
    fields.utc = true;
    return rest.slice(3);
  }
  const length = abbreviationLength(rest);
  if (length === 0) return null;
  fields.zone = rest.slice(0, length);
  return rest.slice(length);
};

/** Three capitals, or four or five with a T at the end, some by name, `GMT-3`, `+03`; 0 for what is none. */
function abbreviationLength(text: string): number {
  if (text.length < 3) return 0;
  if (/^(?:ChST|MeST)/.test(text)) return 4;
  if (text.startsWith('GMT')) return 3 + signedHours(text.slice(3));
  if (/^[+-]/.test(text)) return signedHours(text);
  const capitals = /^[A-Z]{0,6}/.exec(text)?.[0] ?? '';
  if (capitals.length === 3) return 3;
  if (capitals.length === 4) return capitals.endsWith('T') || capitals === 'WITA' ? 4 : 0;
  return capitals.length === 5 && capitals.endsWith('T') ? 5 : 0;
}

/** The length of a sign and of a number up to 23. */
function signedHours(text: string): number {
  const all = /^[+-]\d+/.exec(text)?.[0] ?? '';
  return Math.abs(Number(all)) <= 23 ? all.length : 0;
}

const DIGITS = /^(\d\d?)/;
const TWO_DIGITS = /^(\d\d)/;

const TAKINGS: ReadonlyMap<string, Taking> = new Map([
  ['2006', counted('year', /^(\d{4})/)],
  ['06', shortYear],
  ['January', named(MONTHS, 'month')],
  ['Jan', named(short(MONTHS), 'month')],
  ['1', counted('month', DIGITS, MONTH)],
  ['01', counted('month', TWO_DIGITS, MONTH)],
  ['Monday', named(WEEKDAYS)],
  ['Mon', named(short(WEEKDAYS))],
  ['2', counted('day', DIGITS)],
  ['_2', counted('day', /^ ?(\d\d?)/)],
  ['02', counted('day', TWO_DIGITS)],
  ['__2', counted('yearDay', /^ {0,2}(\d{1,3})/)],
  ['002', counted('yearDay', /^(\d{3})/)],
  ['15', counted('hour', DIGITS, HOUR)],
  ['3', counted('hour', DIGITS, HOUR_12)],
  ['03', counted('hour', TWO_DIGITS, HOUR_12)],
  ['4', counted('minute', DIGITS, MINUTE)],
  ['04', counted('minute', TWO_DIGITS, MINUTE)],
  ['5', secondAndFraction(DIGITS)],
  ['05', secondAndFraction(TWO_DIGITS)],
  ['PM', half('AM', 'PM')],
  ['pm', half('am', 'pm')],
  ['MST', abbreviation],
]);

/** How the element is taken. Fractions of nines may be missing, and longer than the layout says. */
export function takingOf(element: string): Taking {
  const taking = TAKINGS.get(element);
  if (taking) return taking;
  if (!isFraction(element)) return offset;
  return element[1] === '0' ? fraction : optionalFraction;
}
