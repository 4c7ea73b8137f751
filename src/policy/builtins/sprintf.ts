/** `sprintf` (`topdown/strings.go`). */
import { RegoNumber } from '../number.ts';
import type { Value } from '../value.ts';
import { type Family, LimitError, operand } from './builtin.ts';
import type { Printable } from './go/print.ts';
import { sprintf as goSprintf } from './go/printf.ts';
import { valueString } from './go/value-string.ts';

export const sprintf: Family = {
  /**
   * Go's `fmt.Sprintf`. A number with a point or an exponent is a double, another is an integer of any size; what is neither
   * number nor string is printed as Rego writes it. Throws LimitError where it gets longer than 64 Mi characters, and for an
   * integer of more than 10,000 digits.
   */
  sprintf: ([format, operands]) =>
    goSprintf(operand(1, format, 'string'), operand(2, operands, 'array').map(printable), 'int64'),
};

/** Go has no bound. */
const MOST_DIGITS = 10_000;

function bounded(value: RegoNumber): RegoNumber {
  if (value.text.length > MOST_DIGITS && /^-?\d+$/.test(value.text))
    throw new LimitError(`sprintf: an integer of more than ${MOST_DIGITS} digits`);
  return value;
}

function printable(value: Value): Printable {
  if (typeof value === 'string') return value;
  if (!(value instanceof RegoNumber)) return valueString(value);
  const integer = bounded(value).toBigInt();
  if (integer !== null) return integer;
  const double = value.toNumber();
  return Number.isFinite(double) ? double : value.text;
}
