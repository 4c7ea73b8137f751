/** Numbers of schemas and documents as gojsonschema has them: exact fractions (`big.Rat`). */
import type { RegoNumber } from '../../number.ts';
import { BuiltinError } from '../builtin.ts';
import { decimalOf, MOST_POWER, withoutTrailingZeros } from '../go/integer.ts';

/** Digits times a power of ten; the digits do not end in a zero, unless they are 0. */
type Fraction = { readonly digits: bigint; readonly power: number };

/** Null for a power of ten beyond ±1,000,000. */
function fractionOf({ text }: RegoNumber): Fraction | null {
  const decimal = decimalOf(text);
  if (!decimal) return null;
  const significant = withoutTrailingZeros(decimal.digits);
  if (significant === '') return { digits: 0n, power: 0 };
  if (Math.abs(decimal.power) > MOST_POWER) return null;
  const digits = BigInt(significant) * (decimal.negative ? -1n : 1n);
  return { digits, power: decimal.power + decimal.digits.length - significant.length };
}

/** Whether the number's size is one that gojsonschema reads; it breaks off at others where they have to be compared. */
export const isReadable = (number: RegoNumber): boolean => fractionOf(number) !== null;

/** As JSON Schema means it: 1.0 and 1e2 are integers. */
export function isInteger(number: RegoNumber): boolean {
  const fraction = fractionOf(number);
  return fraction !== null && fraction.power >= 0;
}

/** An integer of 64 bits without fraction and exponent, as keywords count in them; null for others. */
export function countOf(number: RegoNumber): bigint | null {
  const integer = number.toBigInt();
  return integer !== null && BigInt.asIntN(64, integer) === integer ? integer : null;
}

/**
 * Whether the number is the divisor, which is not 0, so and so many times. Throws BuiltinError for numbers that are not readable.
 */
export function isMultiple(number: RegoNumber, divisor: RegoNumber): boolean {
  const [a, b] = [fractionOf(number), fractionOf(divisor)];
  if (a === null || b === null) throw new BuiltinError('number out of range');
  const power = a.power - b.power;
  // Digits that do not end in a zero are no multiple of ten.
  if (power < 0) return a.digits === 0n;
  return (a.digits * powerOfTen(power, b.digits)) % b.digits === 0n;
}

/** 10^power modulo a number. */
function powerOfTen(power: number, modulus: bigint): bigint {
  let [result, factor] = [1n, 10n % modulus];
  for (let left = power; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = (result * factor) % modulus;
    factor = (factor * factor) % modulus;
  }
  return result;
}

/**
 * The number as messages have it: Go's `%v` of a `big.Float`, which is `1e+06` for a million. All of its digits; Go leaves those
 * out which its precision can do without, and that is some of 19 or more behind a point.
 */
export function boundText(number: RegoNumber): string {
  const { digits, power } = fractionOf(number) ?? { digits: 0n, power: 0 };
  if (digits === 0n) return '0';
  const [sign, all] = digits < 0n ? ['-', String(-digits)] : ['', String(digits)];
  const exponent = power + all.length - 1;
  if (exponent < -4 || exponent >= 6) {
    const fraction = all.length > 1 ? `.${all.slice(1)}` : '';
    return `${sign}${all[0]}${fraction}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (power >= 0) return sign + all + '0'.repeat(power);
  const padded = all.padStart(1 - power, '0');
  return `${sign}${padded.slice(0, power)}.${padded.slice(power)}`;
}
