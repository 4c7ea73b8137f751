/** What the verbs of Go's `fmt` make of a number or a string (`fmt/format.go`, `math/big/intconv.go`). */
import { toBytes } from './bytes.ts';
import { isPrintable } from './characters.ts';
import { type FloatForm, formatFloat } from './float.ts';
import { canBackquote, quote, quoteCharacter } from './quote.ts';

/** What stands between `%` and the verb. */
export type Flags = {
  minus: boolean;
  plus: boolean;
  sharp: boolean;
  space: boolean;
  zero: boolean;
  /** `%+v` and `%#v` are forms of their own: there `plus` and `sharp` are not set. */
  plusV: boolean;
  sharpV: boolean;
  width: number | null;
  precision: number | null;
};

export const noFlags = (): Flags => ({
  minus: false,
  plus: false,
  sharp: false,
  space: false,
  zero: false,
  plusV: false,
  sharpV: false,
  width: null,
  precision: null,
});

/** To the width, which counts characters. */
export function pad(flags: Readonly<Flags>, text: string): string {
  if (!flags.width) return text;
  const missing = Math.max(0, flags.width - countCharacters(text));
  if (flags.minus) return text + ' '.repeat(missing);
  return (flags.zero ? '0' : ' ').repeat(missing) + text;
}

const padWithSpaces = (flags: Readonly<Flags>, text: string): string => pad({ ...flags, zero: false }, text);

function countCharacters(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; count++) at += (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
  return count;
}

/** `%d`, `%b`, `%o`, `%O`, `%x` and `%X` of an integer of 64 bits. */
export function formatInteger(
  flags: Readonly<Flags>,
  value: bigint,
  base: 2 | 8 | 10 | 16,
  verb: string,
): string {
  const negative = value < 0n;
  if (flags.precision === 0 && value === 0n) return ' '.repeat(flags.width ?? 0);
  let least = flags.precision ?? 0;
  if (flags.precision === null && flags.zero && !flags.minus && flags.width !== null)
    least = flags.width - (negative || flags.plus || flags.space ? 1 : 0);
  let text = (negative ? -value : value).toString(base).padStart(least, '0');
  if (verb === 'X') text = text.toUpperCase();
  if (flags.sharp) {
    if (base === 2) text = `0b${text}`;
    else if (base === 8 && !text.startsWith('0')) text = `0${text}`;
    else if (base === 16) text = `0${verb === 'X' ? 'X' : 'x'}${text}`;
  }
  if (verb === 'O') text = `0o${text}`;
  return padWithSpaces(flags, sign(flags, negative) + text);
}

const sign = (flags: Readonly<Flags>, negative: boolean): string =>
  negative ? '-' : flags.plus ? '+' : flags.space ? ' ' : '';

const BASES: Readonly<Record<string, 2 | 8 | 10 | 16>> = {
  b: 2,
  o: 8,
  O: 8,
  d: 10,
  s: 10,
  v: 10,
  x: 16,
  X: 16,
};

/** The base of a verb for integers; undefined for other verbs. */
export const baseOf = (verb: string): 2 | 8 | 10 | 16 | undefined => BASES[verb];

/** Writes an integer in a base. */
export type Digits = (value: bigint, base: number) => string;

/** Remembers the digits of large integers: writing ten thousand of them takes a millisecond, and a format can name one often. */
export function rememberedDigits(): Digits {
  const written = new Map<number, Map<bigint, string>>();
  return (value, base) => {
    if (BigInt.asIntN(LARGE, value) === value) return value.toString(base);
    const ofBase = written.get(base) ?? new Map<bigint, string>();
    written.set(base, ofBase);
    const digits = ofBase.get(value) ?? value.toString(base);
    ofBase.set(value, digits);
    return digits;
  };
}
/** In bits. Smaller ones are not worth it; there can be so many that maps of them, which hash the lowest 64 bits, are slow. */
const LARGE = 4096;

/** An integer beyond 64 bits (`big.Int`'s Format). */
export function formatBigInteger(
  flags: Readonly<Flags>,
  value: bigint,
  verb: string,
  digitsOf: Digits = rememberedDigits(),
): string {
  const base = baseOf(verb);
  if (base === undefined) return `%!${verb}(big.Int=${digitsOf(value, 10)})`;
  const before = sign({ ...flags, plus: flags.plus || flags.plusV }, value < 0n);
  const prefixes: Readonly<Record<string, string>> = { b: '0b', o: '0', x: '0x', X: '0X' };
  const prefix = verb === 'O' ? '0o' : flags.sharp || flags.sharpV ? (prefixes[verb] ?? '') : '';
  const size = digitsOf(value < 0n ? -value : value, base);
  const digits = (verb === 'X' ? size.toUpperCase() : size).padStart(flags.precision ?? 0, '0');
  const missing = Math.max(0, (flags.width ?? 0) - before.length - prefix.length - digits.length);
  if (flags.minus) return before + prefix + digits + ' '.repeat(missing);
  if (flags.zero && flags.precision === null) return before + prefix + '0'.repeat(missing) + digits;
  return ' '.repeat(missing) + before + prefix + digits;
}

const REPLACEMENT = '\ufffd';
const character = (code: bigint): string =>
  code < 0n || code > 0x10ffffn || (code >= 0xd800n && code <= 0xdfffn)
    ? REPLACEMENT
    : String.fromCodePoint(Number(code));

/** `%c`: the character with this code. */
export const formatCharacter = (flags: Readonly<Flags>, code: bigint): string => pad(flags, character(code));

/** `%q` of an integer: a literal of the character with this code. */
export const formatQuotedCharacter = (flags: Readonly<Flags>, code: bigint): string =>
  pad(flags, quoteCharacter(character(code), flags.plus));

/** `%U`: `U+0041`, and with `#` the character too. */
export function formatUnicode(flags: Readonly<Flags>, code: bigint): string {
  const digits = BigInt.asUintN(64, code).toString(16).toUpperCase();
  const shown = flags.sharp && code >= 0n && code <= 0x10ffffn ? String.fromCodePoint(Number(code)) : '';
  const quoted = shown !== '' && isPrintable(shown) ? ` '${shown}'` : '';
  return padWithSpaces(flags, `U+${digits.padStart(Math.max(flags.precision ?? 0, 4), '0')}${quoted}`);
}

/** A finite double; `precision` is the one of the verb, where the flags have none. */
export function formatDouble(
  flags: Readonly<Flags>,
  value: number,
  form: FloatForm,
  precision: number,
): string {
  const places = flags.precision ?? precision;
  const text = formatFloat(value, form, places);
  const negative = text.startsWith('-');
  const unsigned = negative ? text.slice(1) : text;
  const size = flags.sharp && form !== 'b' ? withPoint(unsigned, form, places) : unsigned;
  const before = sign(flags, negative);
  const missing = (flags.width ?? 0) - before.length - size.length;
  // Zeros stand between the sign and the digits.
  if (before !== '' && flags.zero && !flags.minus && missing > 0) return before + '0'.repeat(missing) + size;
  return pad(flags, before + size);
}

/** `#`: with a point, and with the zeros that `g` leaves out. */
function withPoint(size: string, form: FloatForm, precision: number): string {
  const hexadecimal = form === 'x' || form === 'X';
  const at = size.search(hexadecimal ? /[pP]/ : /[eE]/);
  const number = at === -1 ? size : size.slice(0, at);
  let missing = form === 'g' || form === 'G' || form === 'x' ? (precision === -1 ? 6 : precision) : 0;
  missing -= number.replace('.', '').replace(/^0+/, '').length;
  if (number === '0') missing--;
  const pointed = number.includes('.') ? number : `${number}.`;
  return pointed + '0'.repeat(Math.max(0, missing)) + size.slice(number.length);
}

/** `%s`: as many characters of it as the precision says. */
export const formatString = (flags: Readonly<Flags>, text: string): string => pad(flags, cut(flags, text));

/** `%q`: a literal, with `#` between backquotes if it can be. */
export function formatQuoted(flags: Readonly<Flags>, text: string, literalOf = quote): string {
  const shown = cut(flags, text);
  return pad(flags, flags.sharp && canBackquote(shown) ? `\`${shown}\`` : literalOf(shown, flags.plus));
}

/** `quote`, which does the work for a long text once, however often a format names it. */
export function rememberedLiterals(): typeof quote {
  const written = [new Map<string, string>(), new Map<string, string>()] as const;
  return (text, ascii) => {
    if (text.length < LONG) return quote(text, ascii);
    const known = written[ascii ? 1 : 0];
    const literal = known.get(text) ?? quote(text, ascii);
    known.set(text, literal);
    return literal;
  };
}
const LONG = 100;

function cut({ precision }: Readonly<Flags>, text: string): string {
  if (precision === null || text.length <= precision) return text;
  let [end, count] = [0, 0];
  for (const one of text) {
    if (count++ === precision) break;
    end += one.length;
  }
  return text.slice(0, end);
}

/** `%x` and `%X` of a string: its bytes, as many as the precision says. */
export function formatHex(flags: Readonly<Flags>, text: string, verb: string): string {
  const bytes = toBytes(text).subarray(0, flags.precision ?? undefined);
  const prefix = flags.sharp ? '0x' : '';
  const pairs = bytes.toString('hex').replaceAll(/..(?!$)/g, flags.space ? `$& ${prefix}` : '$&');
  const shown = bytes.length === 0 ? '' : prefix + pairs;
  return pad(flags, verb === 'X' ? shown.toUpperCase() : shown);
}
