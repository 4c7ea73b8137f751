/** Layouts of Go's package time: how the moment 2006-01-02T15:04:05-07:00 would be written. */

/** A piece of a layout: text that stands for itself, and the element after it; null at the end. */
export type Chunk = { readonly before: string; readonly element: string | null };

/**
 * An underscore is a blank in place of a zero; `_2006` is a year after an underscore. Months and days are not those of longer words.
 * Zeros and nines after a point or a comma are a fraction, unless more digits follow.
 */
const ELEMENT =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15?|2006|2|_2(?!006)|__2|[345]|PM|pm|[-Z]07(?:0000|:00:00|00|:00)?|[.,](?:0+|9+)(?!\d)/g;

/** The elements of a layout, in order; the last chunk has none. */
export function chunksOf(layout: string): Chunk[] {
  const chunks: Chunk[] = [];
  let end = 0;
  for (const { 0: element, index } of layout.matchAll(ELEMENT)) {
    chunks.push({ before: layout.slice(end, index), element });
    end = index + element.length;
  }
  chunks.push({ before: layout.slice(end), element: null });
  return chunks;
}

/** How many digits a fraction's element asks for. Go keeps twelve bits of that. */
export const fractionDigits = (element: string): number => (element.length - 1) & 0xfff;

export const isFraction = (element: string | null | undefined): boolean =>
  element != null && /^[.,]/.test(element);

export const MONTHS: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

export const WEEKDAYS: readonly string[] = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
];

export const RFC3339 = '2006-01-02T15:04:05Z07:00';
export const RFC3339_NANO = '2006-01-02T15:04:05.999999999Z07:00';

const NAMED: ReadonlyMap<string, string> = new Map([
  ['ANSIC', 'Mon Jan _2 15:04:05 2006'],
  ['UnixDate', 'Mon Jan _2 15:04:05 MST 2006'],
  ['RubyDate', 'Mon Jan 02 15:04:05 -0700 2006'],
  ['RFC822', '02 Jan 06 15:04 MST'],
  ['RFC822Z', '02 Jan 06 15:04 -0700'],
  ['RFC850', 'Monday, 02-Jan-06 15:04:05 MST'],
  ['RFC1123', 'Mon, 02 Jan 2006 15:04:05 MST'],
  ['RFC1123Z', 'Mon, 02 Jan 2006 15:04:05 -0700'],
  ['RFC3339', RFC3339],
  ['RFC3339Nano', RFC3339_NANO],
]);

/** The layout that OPA has for a name such as `RFC1123`; else the text is a layout itself. */
export const layoutOf = (text: string): string => NAMED.get(text) ?? text;
