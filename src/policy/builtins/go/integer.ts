/** Numbers of Rego as Go's integers. */
import { RegoNumber } from '../../number.ts';
import { typeName, type Value } from '../../value.ts';
import { BuiltinError, LimitError, operand } from '../builtin.ts';

/** A decimal: its sign, all its digits as an integer, and the power of ten that they are multiplied with. */
export type Decimal = { readonly negative: boolean; readonly digits: string; readonly power: number };

const DECIMAL = /^([-+]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([-+]?\d+))?$/;

/** What `big.Rat` and `big.Float` read of digits, a point and an exponent; null when it is no such number. */
export function decimalOf(text: string): Decimal | null {
  const [matched, sign, whole = '', fraction, only, power = '0'] = DECIMAL.exec(text) ?? [];
  if (matched === undefined) return null;
  const behind = fraction ?? only ?? '';
  return { negative: sign === '-', digits: whole + behind, power: Number(power) - behind.length };
}

/** A regular expression would look at a row of zeros again from each of them. */
export function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end--;
  return digits.slice(0, end);
}

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;
/** `util.Atoi64` takes no longer ones, without their sign. */
const LONGEST = 19;

/** A 64-bit integer of a number's text (OPA's `util.Atoi64`), be it with zeros behind a point; null for others. */
export function int64({ text }: RegoNumber): bigint | null {
  const [matched, whole = ''] = /^(-?\d+)(?:\.0*)?$/.exec(text) ?? [];
  if (matched === undefined || text.replace('-', '').length > LONGEST) return null;
  const value = BigInt(whole);
  return value >= LEAST && value <= MOST ? value : null;
}

/** The operand, a 64-bit integer (`builtins.IntOperand`). Throws BuiltinError. */
export function int64Operand(position: number, value: Value): bigint {
  const integer = int64(operand(position, value, 'number'));
  if (integer === null) throw notInteger(position);
  return integer;
}

/** `big.Rat` computes no larger powers of ten. */
export const MOST_POWER = 1e6;

/** OPA has no other bound than the power's, and computes with a million digits for seconds. */
const MOST_DIGITS = 1_000;

/**
 * The operand, an integer of up to 1,000 digits, however it is written: `1e3` is one (`builtins.BigIntOperand`). Throws
 * BuiltinError, and LimitError where it has more digits.
 */
export function bigIntOperand(position: number, value: Value): bigint {
  if (!(value instanceof RegoNumber))
    throw new BuiltinError(`operand ${position} must be integer but got ${typeName(value)}`);
  if (/^-?\d+$/.test(value.text)) {
    bound(position, value.text.length);
    return BigInt(value.text);
  }
  const decimal = decimalOf(value.text);
  if (!decimal) throw notInteger(position);
  const { negative, digits, power } = decimal;
  const significant = withoutTrailingZeros(digits);
  if (significant === '') return 0n;
  const zeros = power + digits.length - significant.length;
  if (zeros < 0 || Math.abs(power) > MOST_POWER) throw notInteger(position);
  bound(position, significant.length + zeros);
  return BigInt(significant) * 10n ** BigInt(zeros) * (negative ? -1n : 1n);
}

function bound(position: number, digits: number): void {
  if (digits > MOST_DIGITS)
    throw new LimitError(`operand ${position} is an integer of more than ${MOST_DIGITS} digits`);
}

const notInteger = (position: number): BuiltinError =>
  new BuiltinError(`operand ${position} must be integer number but got floating-point number`);
