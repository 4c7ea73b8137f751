/** Values as Go's `fmt` prints them, by a verb (`fmt/print.go`). */
import { RegoNumber } from '../../number.ts';
import { RegoObject } from '../../value.ts';
import { LimitError } from '../builtin.ts';
import type { quote } from './quote.ts';
import {
  baseOf,
  type Digits,
  type Flags,
  formatBigInteger,
  formatCharacter,
  formatDouble,
  formatHex,
  formatInteger,
  formatQuoted,
  formatQuotedCharacter,
  formatString,
  formatUnicode,
  noFlags,
  pad,
  rememberedDigits,
  rememberedLiterals,
} from './verb.ts';

/** A `uint8`, as Go has it of a string's byte. */
export class Byte {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/**
 * What is printed: null is Go's nil, a bigint of up to 64 bits an `int` or `int64` and another a `*big.Int`, a number a finite
 * `float64`, a RegoNumber a `json.Number`, an array an `[]interface {}`; objects have names, and values like these.
 */
export type Printable =
  | null
  | boolean
  | bigint
  | number
  | string
  | Byte
  | RegoNumber
  | RegoObject
  | readonly Printable[];

/** Takes pieces of text, and remembers the digits of large integers and the literals of long texts. */
export type Output = {
  readonly write: (piece: string) => void;
  readonly text: () => string;
  readonly digitsOf: Digits;
  readonly literalOf: typeof quote;
};

/** As much as a module's memory could hardly take; Go has no bound. */
const LONGEST = 2 ** 26;

/** Collects pieces. Throws LimitError when they are longer than 64 Mi characters. */
export function output(): Output {
  const pieces: string[] = [];
  let length = 0;
  return {
    write(piece) {
      length += piece.length;
      if (length > LONGEST) throw new LimitError('text of more than 64 Mi characters');
      pieces.push(piece);
    },
    text: () => pieces.join(''),
    digitsOf: rememberedDigits(),
    literalOf: rememberedLiterals(),
  };
}

/** What Go calls the 64-bit integers that are printed. */
export type Int = 'int' | 'int64';

/** `%T`, without its flags. */
export function goType(value: Printable, int: Int): string {
  if (value === null) return '<nil>';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'bigint') return isBig(value) ? '*big.Int' : int;
  if (value instanceof Byte) return 'uint8';
  if (value instanceof RegoNumber) return 'json.Number';
  return value instanceof RegoObject ? 'map[string]interface {}' : '[]interface {}';
}

const isBig = (value: bigint): boolean => BigInt.asIntN(64, value) !== value;
const isComposite = (value: Printable): value is RegoObject | readonly Printable[] =>
  Array.isArray(value) || value instanceof RegoObject;
/** Prints one value. A verb that it has no form for is printed with its type and itself, as Go does it. */
export function print(to: Output, flags: Readonly<Flags>, value: Printable, verb: string, int: Int): void {
  if (value === null) {
    if (verb === 'v' || verb === 'T') to.write(pad(flags, '<nil>'));
    else badVerb(to, flags, value, verb, int);
  } else if (verb === 'T') to.write(formatString(flags, goType(value, int)));
  // Go prints an address.
  else if (verb === 'p' && (isComposite(value) || (typeof value === 'bigint' && isBig(value))))
    to.write('0xc000000000');
  else if (verb === 'w' && typeof value === 'bigint' && isBig(value))
    to.write(`%!w(*big.Int=${bigStruct(flags, value)})`);
  else if (verb === 'w') badVerb(to, flags, value, verb, int);
  else printValue(to, flags, value, verb, int);
}

function printValue(to: Output, flags: Readonly<Flags>, value: Printable, verb: string, int: Int): void {
  if (value === null) to.write(flags.sharpV ? 'interface {}(nil)' : '<nil>');
  else if (isComposite(value)) printMembers(to, flags, value, verb, int);
  else {
    const text = formatted(to, flags, value, verb);
    if (text === null) badVerb(to, flags, value, verb, int);
    else to.write(text);
  }
}

/** Arrays and objects may be 2,000 deep: no more than two frames for each. */
function printMembers(
  to: Output,
  flags: Readonly<Flags>,
  value: RegoObject | readonly Printable[],
  verb: string,
  int: Int,
): void {
  const isObject = value instanceof RegoObject;
  to.write(flags.sharpV ? `${goType(value, int)}{` : isObject ? 'map[' : '[');
  const members = (isObject ? value.entries : value) as readonly (
    | Printable
    | readonly [Printable, Printable]
  )[];
  for (let at = 0; at < members.length; at++) {
    if (at > 0) to.write(flags.sharpV ? ', ' : ' ');
    let member = members[at] as Printable;
    if (isObject) {
      const [key, of] = member as readonly [Printable, Printable];
      printValue(to, flags, key, verb, int);
      to.write(':');
      member = of;
    }
    printValue(to, flags, member, verb, int);
  }
  to.write(flags.sharpV ? '}' : ']');
}

type Simple = boolean | bigint | number | string | Byte | RegoNumber;

/** null when it has no form for the verb. */
function formatted(to: Output, flags: Readonly<Flags>, value: Simple, verb: string): string | null {
  if (typeof value === 'boolean') return verb === 't' || verb === 'v' ? pad(flags, String(value)) : null;
  if (typeof value === 'bigint')
    return isBig(value) ? formatBigInteger(flags, value, verb, to.digitsOf) : integer(flags, value, verb);
  if (typeof value === 'number') return double(flags, value, verb);
  if (value instanceof Byte)
    return verb === 'v' && flags.sharpV
      ? formatInteger({ ...flags, sharp: true }, BigInt(value.value), 16, 'v')
      : integer(flags, BigInt(value.value), verb);
  const text = typeof value === 'string' ? value : value.text;
  switch (verb) {
    case 'v':
      return flags.sharpV ? formatQuoted(flags, text, to.literalOf) : formatString(flags, text);
    case 's':
      return formatString(flags, text);
    case 'q':
      return formatQuoted(flags, text, to.literalOf);
    case 'x':
    case 'X':
      return formatHex(flags, text, verb);
    default:
      return null;
  }
}

function integer(flags: Readonly<Flags>, value: bigint, verb: string): string | null {
  if (verb === 'c') return formatCharacter(flags, value);
  if (verb === 'q') return formatQuotedCharacter(flags, value);
  if (verb === 'U') return formatUnicode(flags, value);
  const base = verb === 's' ? undefined : baseOf(verb);
  return base === undefined ? null : formatInteger(flags, value, base, verb);
}

function double(flags: Readonly<Flags>, value: number, verb: string): string | null {
  switch (verb) {
    case 'v':
      return formatDouble(flags, value, 'g', -1);
    case 'b':
    case 'g':
    case 'G':
    case 'x':
    case 'X':
      return formatDouble(flags, value, verb, -1);
    case 'f':
    case 'e':
    case 'E':
      return formatDouble(flags, value, verb, 6);
    case 'F':
      return formatDouble(flags, value, 'f', 6);
    default:
      return null;
  }
}

function badVerb(to: Output, flags: Readonly<Flags>, value: Printable, verb: string, int: Int): void {
  to.write(`%!${verb}(`);
  if (value === null) to.write('<nil>');
  else {
    to.write(`${goType(value, int)}=`);
    printValue(to, flags, value, 'v', int);
  }
  to.write(')');
}

/** How Go shows a `big.Int` where it does not ask it for its text: its sign, and its words of 64 bits, the lowest first. */
function bigStruct(flags: Readonly<Flags>, value: bigint): string {
  const words: string[] = [];
  for (let rest = value < 0n ? -value : value; rest > 0n; rest >>= 64n) {
    const word = BigInt.asUintN(64, rest);
    words.push(formatInteger({ ...flags, sharp: flags.sharpV }, word, flags.sharpV ? 16 : 10, 'v'));
  }
  const negative = pad(flags, String(value < 0n));
  if (flags.sharpV) return `&big.Int{neg:${negative}, abs:big.nat{${words.join(', ')}}}`;
  return flags.plusV ? `&{neg:${negative} abs:[${words.join(' ')}]}` : `&{${negative} [${words.join(' ')}]}`;
}

/** `fmt.Sprint`: with a space between two operands neither of which is a string. */
export function sprint(values: readonly Printable[], int: Int): string {
  const to = output();
  let afterString = true;
  for (const value of values) {
    // A json.Number is a string to it.
    const isString = typeof value === 'string' || value instanceof RegoNumber;
    if (!isString && !afterString) to.write(' ');
    print(to, noFlags(), value, 'v', int);
    afterString = isString;
  }
  return to.text();
}

/** `fmt.Sprintln`: with spaces between all. */
export function sprintln(values: readonly Printable[], int: Int): string {
  const to = output();
  values.forEach((value, at) => {
    if (at > 0) to.write(' ');
    print(to, noFlags(), value, 'v', int);
  });
  to.write('\n');
  return to.text();
}
