/** Moments as text, by layouts of Go's package time (`Time.Format`). */
import { type Moment, type Reading, readingOf } from './calendar.ts';
import { chunksOf, fractionDigits, MONTHS, WEEKDAYS } from './layout.ts';
import type { Zone } from './zone.ts';

const zeros = (value: number, width: number): string => String(value).padStart(width, '0');
const blanks = (value: number, width: number): string => String(value).padStart(width, ' ');
const onDial = (hour: number): number => hour % 12 || 12;

/** Elements of layouts that a calendar and a clock show. */
const SHOWN: ReadonlyMap<string, (reading: Reading) => string> = new Map([
  ['2006', ({ year }) => zeros(year, 4)],
  ['06', ({ year }) => zeros(year % 100, 2)],
  ['January', ({ month }) => MONTHS[month - 1] as string],
  ['Jan', ({ month }) => (MONTHS[month - 1] as string).slice(0, 3)],
  ['1', ({ month }) => String(month)],
  ['01', ({ month }) => zeros(month, 2)],
  ['Monday', ({ weekday }) => WEEKDAYS[weekday] as string],
  ['Mon', ({ weekday }) => (WEEKDAYS[weekday] as string).slice(0, 3)],
  ['2', ({ day }) => String(day)],
  ['_2', ({ day }) => blanks(day, 2)],
  ['02', ({ day }) => zeros(day, 2)],
  ['__2', ({ yearDay }) => blanks(yearDay, 3)],
  ['002', ({ yearDay }) => zeros(yearDay, 3)],
  ['15', ({ hour }) => zeros(hour, 2)],
  ['3', ({ hour }) => String(onDial(hour))],
  ['03', ({ hour }) => zeros(onDial(hour), 2)],
  ['4', ({ minute }) => String(minute)],
  ['04', ({ minute }) => zeros(minute, 2)],
  ['5', ({ second }) => String(second)],
  ['05', ({ second }) => zeros(second, 2)],
  ['PM', ({ hour }) => (hour >= 12 ? 'PM' : 'AM')],
  ['pm', ({ hour }) => (hour >= 12 ? 'pm' : 'am')],
]);

/** What a layout makes of a moment between the years 1677 and 2262, in a zone. */
export function formatTime(moment: Moment, zone: Zone, layout: string): string {
  const offset = zone.offsetAt(moment.seconds);
  const reading = readingOf(moment.seconds + offset);
  const written = (element: string): string => {
    const shown = SHOWN.get(element);
    if (shown) return shown(reading);
    if (element === 'MST') return zone.nameAt(moment.seconds);
    return /^[.,]/.test(element) ? fraction(element, moment.nanoseconds) : offsetText(element, offset);
  };
  return chunksOf(layout)
    .map(({ before, element }) => (element === null ? before : before + written(element)))
    .join('');
}

/** Nine digits at most; nines leave out zeros at the end, and the point when nothing is left. */
function fraction(element: string, nanoseconds: number): string {
  const digits = zeros(nanoseconds, 9).slice(0, fractionDigits(element));
  const separator = element.charAt(0);
  if (element[1] === '0') return separator + digits;
  const kept = digits.replace(/0+$/, '');
  return kept === '' ? '' : separator + kept;
}

/** An element with a Z writes UTC so. The sign is that of the minutes: 30 seconds west of UTC are +00. */
function offsetText(element: string, offset: number): string {
  if (element.startsWith('Z') && offset === 0) return 'Z';
  const minutes = Math.floor(Math.abs(offset) / 60);
  const parts = [zeros(Math.floor(minutes / 60), 2)];
  if (element.length > 3) parts.push(zeros(minutes % 60, 2));
  if (element.length > 6) parts.push(zeros(Math.abs(offset) % 60, 2));
  const sign = offset < 0 && minutes > 0 ? '-' : '+';
  return sign + parts.join(element.includes(':') ? ':' : '');
}
