/** `fmt.Sprintf` (https://pkg.go.dev/fmt), the mistakes that it prints included. */
import { Byte, type Int, goType, output, print, type Printable } from './print.ts';
import { type Flags, noFlags } from './verb.ts';

/** Widths and precisions beyond it are none. */
const LARGEST = 1_000_000;

/** What a format has been read up to, and the operand that is next. */
type Reading = { at: number; next: number; reordered: boolean; goodIndex: boolean; lastClose: number };

/**
 * The format with its operands. `int` is what Go calls the integers of 64 bits among them. Throws LimitError
 * for a result of more than 64 Mi characters.
 */
export function sprintf(format: string, operands: readonly Printable[], int: Int): string {
  const to = output();
  const reading: Reading = {
    at: 0,
    next: 0,
    reordered: false,
    goodIndex: true,
    lastClose: format.lastIndexOf(']'),
  };
  while (reading.at < format.length) {
    const percent = format.indexOf('%', reading.at);
    if (percent === -1) {
      to.write(format.slice(reading.at));
      break;
    }
    to.write(format.slice(reading.at, percent));
    reading.at = percent + 1;
    reading.goodIndex = true;
    const flags = noFlags();
    readFlags(format, reading, flags);
    let afterIndex = readIndex(format, reading, operands.length);

    if (format[reading.at] === '*') {
      reading.at++;
      const width = readOperand(reading, operands);
      if (width === null) to.write('%!(BADWIDTH)');
      flags.width = width === null ? null : Math.abs(width);
      if (width !== null && width < 0) {
        flags.minus = true;
        flags.zero = false;
      }
      afterIndex = false;
    } else {
      flags.width = readNumber(format, reading);
      if (afterIndex && flags.width !== null) reading.goodIndex = false;
    }

    if (format[reading.at] === '.' && reading.at + 1 < format.length) {
      reading.at++;
      if (afterIndex) reading.goodIndex = false;
      afterIndex = readIndex(format, reading, operands.length);
      if (format[reading.at] === '*') {
        reading.at++;
        const precision = readOperand(reading, operands);
        flags.precision = precision === null || precision < 0 ? null : precision;
        if (flags.precision === null) to.write('%!(BADPREC)');
        afterIndex = false;
      } else flags.precision = readNumber(format, reading) ?? 0;
    }
    if (!afterIndex) readIndex(format, reading, operands.length);

    const code = format.codePointAt(reading.at);
    if (code === undefined) {
      to.write('%!(NOVERB)');
      break;
    }
    const verb = String.fromCodePoint(code);
    reading.at += verb.length;
    if (verb === '%') to.write('%');
    else if (!reading.goodIndex) to.write(`%!${verb}(BADINDEX)`);
    else if (reading.next >= operands.length) to.write(`%!${verb}(MISSING)`);
    else {
      if (verb === 'v' || verb === 'w')
        Object.assign(flags, { sharpV: flags.sharp, sharp: false, plusV: flags.plus, plus: false });
      print(to, flags, operands[reading.next++] as Printable, verb, int);
    }
  }

  if (!reading.reordered && reading.next < operands.length) {
    to.write('%!(EXTRA ');
    operands.slice(reading.next).forEach((operand, at) => {
      if (at > 0) to.write(', ');
      if (operand !== null) to.write(`${goType(operand, int)}=`);
      print(to, noFlags(), operand, 'v', int);
    });
    to.write(')');
  }
  return to.text();
}

const FLAGS = new Map([
  ['#', 'sharp'],
  ['0', 'zero'],
  ['+', 'plus'],
  ['-', 'minus'],
  [' ', 'space'],
] as const);

function readFlags(format: string, reading: Reading, flags: Flags): void {
  for (;;) {
    const flag = FLAGS.get(format[reading.at] as '#');
    if (flag === undefined) return;
    flags[flag] = true;
    reading.at++;
  }
}

/** Decimal digits; null where there are none, and where they are too many, which skips all that follows. */
function readNumber(format: string, reading: Reading): number | null {
  let number: number | null = null;
  for (; ; reading.at++) {
    const digit = format.charCodeAt(reading.at) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return number;
    if (number !== null && number > LARGEST) {
      reading.at = format.length;
      return null;
    }
    number = (number ?? 0) * 10 + digit;
  }
}

/** `[2]`: the operand that is next, counted from 1. Is there such an index, good or bad? */
function readIndex(format: string, reading: Reading, count: number): boolean {
  if (format[reading.at] !== '[') return false;
  reading.reordered = true;
  // A format of many `[` and no `]` would be read to its end from each.
  const closed = format.length - reading.at >= 3 && reading.lastClose > reading.at;
  const close = closed ? format.indexOf(']', reading.at) : -1;
  if (close === -1) {
    reading.at++;
    reading.goodIndex = false;
    return false;
  }
  const text = format.slice(reading.at + 1, close);
  reading.at = close + 1;
  const tooLarge = Math.floor(Number(text) / 10) > LARGEST;
  const index = /^\d+$/.test(text) && !tooLarge ? Number(text) - 1 : null;
  if (index !== null && index >= 0 && index < count) {
    reading.next = index;
    return true;
  }
  reading.goodIndex = false;
  return index !== null;
}

/** The next operand as a width or precision; null when it is no integer, or too large. */
function readOperand(reading: Reading, operands: readonly Printable[]): number | null {
  if (reading.next >= operands.length) return null;
  const given = operands[reading.next++];
  const operand = given instanceof Byte ? BigInt(given.value) : given;
  if (typeof operand !== 'bigint' || operand > BigInt(LARGEST) || operand < -BigInt(LARGEST)) return null;
  return Number(operand);
}
