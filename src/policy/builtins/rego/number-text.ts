/** Which numbers a module may have. */
import { binary64 } from '../go/big-float.ts';
import { decimalOf } from '../go/integer.ts';

/** OPA's `maxNumberExp`: numbers are below 2^100000. */
const MOST_BINARY = 100_000;
/** What more digits add shows in none of the 64 bits. */
const DIGITS = 200;
/** Powers of ten that are looked at more closely. */
const MOST_DECIMAL = 40_000;

/** What is wrong with a number's text, as OPA's `validateNumber` judges it; null when nothing is. */
export function numberFault(text: string): string | null {
  const decimal = decimalOf(text);
  // Go has 64 bits for an exponent.
  if (decimal === null || !Number.isSafeInteger(decimal.power)) return 'invalid float';
  const digits = decimal.digits.replace(/^0+/, '');
  if (digits === '') return null;
  const power = decimal.power + digits.length;
  if (Math.abs(power) > MOST_DECIMAL) return 'number too big';
  const kept = digits.slice(0, DIGITS);
  const { mantissa, exponent } = binary64({ ...decimal, digits: kept, power: power - kept.length });
  const binary = exponent + mantissa.toString(2).length;
  return Math.abs(binary) > MOST_BINARY ? 'number too big' : null;
}
