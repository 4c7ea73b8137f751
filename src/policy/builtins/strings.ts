/** `indexof_n` and the builtins of `strings` that OPA leaves to the host (`topdown/strings.go`). */
import { RegoNumber } from '../number.ts';
import { RegoSet, typeName, type Value } from '../value.ts';
import { BuiltinError, type Family, operand } from './builtin.ts';
import { int64Operand } from './go/integer.ts';

export const strings: Family = {
  /** Where the second operand begins in the first, in characters; occurrences may overlap. */
  indexof_n: ([text, part]) => {
    const base = operand(1, text, 'string');
    const search = operand(2, part, 'string');
    if (search === '') throw new BuiltinError('empty search character');
    const places: RegoNumber[] = [];
    let [unit, character] = [0, 0];
    for (const place of occurrences(base, search, true)) {
      for (; unit < place; unit++) if (!isSecondHalf(base.charCodeAt(unit))) character++;
      places.push(RegoNumber.of(character));
    }
    return places;
  },

  /** How often the second operand is in the first, without overlaps; the empty one is before and after each character. */
  'strings.count': ([text, part]) => {
    const base = operand(1, text, 'string');
    const search = operand(2, part, 'string');
    let count = 0;
    if (search === '') {
      count = 1;
      for (let unit = 0; unit < base.length; unit++) if (!isSecondHalf(base.charCodeAt(unit))) count++;
    } else count = occurrences(base, search, false).reduce((counted) => counted + 1, 0);
    return RegoNumber.of(count);
  },

  /** The first so many parts between delimiters, or the last where the number is negative. */
  'strings.split_n': ([text, delimiter, number]) => {
    const base = operand(1, text, 'string');
    const between = operand(2, delimiter, 'string');
    const count = Number(int64Operand(3, number));
    const parts = between === '' ? Array.from(base) : base.split(between);
    return count >= 0 ? parts.slice(0, count) : parts.slice(Math.max(parts.length + count, 0));
  },

  'strings.any_prefix_match': ([text, base]) => {
    const [texts, beginnings] = [affixes(1, text), affixes(2, base)];
    const [only] = texts;
    if (texts.length === 1) return beginnings.some((beginning) => (only as string).startsWith(beginning));
    return anyBegins(texts, beginnings);
  },

  'strings.any_suffix_match': ([text, base]) => {
    const [texts, ends] = [affixes(1, text), affixes(2, base)];
    const [only] = texts;
    if (texts.length === 1) return ends.some((end) => (only as string).endsWith(end));
    return anyBegins(texts.map(reversed), ends.map(reversed));
  },
};

const isSecondHalf = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/** Where `part`, which is not empty, begins in `text`: in linear time (Knuth, Morris, Pratt), whatever the two are. */
function* occurrences(text: string, part: string, overlapping: boolean): Generator<number> {
  // For each beginning of the part, how much of its end is a beginning too.
  const borders = new Int32Array(part.length);
  for (let at = 1, matched = 0; at < part.length; at++) {
    while (matched > 0 && part[at] !== part[matched]) matched = borders[matched - 1] as number;
    if (part[at] === part[matched]) matched++;
    borders[at] = matched;
  }
  for (let at = 0, matched = 0; at < text.length; at++) {
    while (matched > 0 && text[at] !== part[matched]) matched = borders[matched - 1] as number;
    if (text[at] === part[matched]) matched++;
    if (matched < part.length) continue;
    yield at - part.length + 1;
    matched = overlapping ? (borders[matched - 1] as number) : 0;
  }
}

/** The operand, a string or a collection of strings. Throws BuiltinError. */
function affixes(position: number, value: Value): readonly string[] {
  if (typeof value === 'string') return [value];
  const members = value instanceof RegoSet ? value.members : value;
  if (!Array.isArray(members))
    throw new BuiltinError(
      `operand ${position} must be one of {string, set, array} but got ${typeName(value)}`,
    );
  return members.map((member: Value) => {
    if (typeof member === 'string') return member;
    const type = typeName(value);
    throw new BuiltinError(
      `operand ${position} must be ${type} of strings but got ${type} containing ${typeName(member)}`,
    );
  });
}

/** Does any text begin with any of the beginnings? */
function anyBegins(texts: readonly string[], beginnings: readonly string[]): boolean {
  // Sorted, what begins with something follows it immediately, before all else that is greater.
  const sorted = texts.toSorted(byUnits);
  return beginnings.some((beginning) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] as string) < beginning) low = middle + 1;
      else high = middle;
    }
    return sorted[low]?.startsWith(beginning) ?? false;
  });
}

const byUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** By units of UTF-16: an order for comparing, no text. */
const reversed = (text: string): string => text.split('').toReversed().join('');
