/** `units.parse` and `units.parse_bytes` (`topdown/parse_units.go`, `topdown/parse_bytes.go`). */
import { RegoNumber } from '../number.ts';
import { BuiltinError, excerpt, type Family, LimitError, operand } from './builtin.ts';
import { binary64, product, truncated } from './go/big-float.ts';
import { type Decimal, decimalOf, withoutTrailingZeros, MOST_POWER } from './go/integer.ts';

const times = (base: number, exponent: number): bigint => BigInt(base) ** BigInt(exponent);
const letters = ['k', 'm', 'g', 't', 'p', 'e'];

/** In lower case. */
const BYTES: ReadonlyMap<string, bigint> = new Map([
  ['', 1n],
  ...letters.flatMap((letter, at): [string, bigint][] => [
    [letter, times(1000, at + 1)],
    [`${letter}b`, times(1000, at + 1)],
    [`${letter}i`, times(1024, at + 1)],
    [`${letter}ib`, times(1024, at + 1)],
  ]),
]);

/** Of a unit's first letter only `m` has to be in its own case: `M` is mega, `m` is milli. */
const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['', 1n],
  ...letters.flatMap((letter, at): [string, bigint][] => [
    ...(letter === 'm' ? [] : [[letter, times(1000, at + 1)] as [string, bigint]]),
    [letter.toUpperCase(), times(1000, at + 1)],
    [`${letter}i`, times(1024, at + 1)],
    [`${letter.toUpperCase()}i`, times(1024, at + 1)],
  ]),
]);
/** The double next to 0.001, which is what OPA multiplies with: this many times 10⁻⁶⁰. */
const MILLI = 1152921504606847n * 5n ** 60n;

export const units: Family = {
  /** `10Ki` is 10240; an amount that is no integer has ten decimal places. Throws LimitError above 10,000 digits. */
  'units.parse': ([text]) => {
    const fail = failure('units.parse');
    const { amount, unit } = split(operand(1, text, 'string').replaceAll('"', ''), fail);
    if (amount === '') return fail('no amount provided');
    const known = unit.slice(0, 1) + lower(unit.slice(1));
    const factor = known === 'm' ? MILLI : UNITS.get(known);
    if (factor === undefined) return fail(`unit ${excerpt(known)} not recognized`);
    const decimal = decimalOf(amount);
    if (!decimal) return fail('could not parse amount to a number');
    if (withoutTrailingZeros(decimal.digits) !== '' && Math.abs(decimal.power) > MOST_POWER)
      return fail('could not parse amount to a number');
    bound('units.parse', decimal);
    const digits = String(BigInt(decimal.digits) * factor);
    const scaled = { ...decimal, digits, power: decimal.power - (known === 'm' ? 60 : 0) };
    return new RegoNumber(plain(scaled));
  },

  /** `10KB` is 10000, `10KiB` is 10240: whole bytes, in any case. Throws LimitError above 10,000 digits. */
  'units.parse_bytes': ([text]) => {
    const fail = failure('units.parse_bytes');
    const { amount, unit } = split(lower(operand(1, text, 'string')).replaceAll('"', ''), fail);
    if (amount === '') return fail('no byte amount provided');
    const factor = BYTES.get(unit);
    if (factor === undefined) return fail(`byte unit ${excerpt(unit)} not recognized`);
    const decimal = decimalOf(amount);
    if (!decimal) return fail('could not parse byte amount to a number');
    bound('units.parse_bytes', decimal);
    const bytes = truncated(product(binary64(decimal), factor));
    return RegoNumber.of(decimal.negative ? -bytes : bytes);
  },
};

/** In front of the point or behind it; OPA has no other bound than the exponent's. */
const MOST_DIGITS = 10_000;

function bound(name: string, { digits, power }: Decimal): void {
  const significant = withoutTrailingZeros(digits);
  if (digits.length > MOST_DIGITS || (significant !== '' && digits.length + power > MOST_DIGITS))
    throw new LimitError(`${name}: an amount of more than ${MOST_DIGITS} digits`);
}

const failure =
  (name: string) =>
  (reason: string): never => {
    throw new BuiltinError(`${name}: ${reason}`);
  };

/** Go's `strings.ToLower`, as far as ASCII comes of it: it knows no dot above. */
const lower = (text: string): string => text.replaceAll('\u0130', 'i').toLowerCase();

/** What is no part of a number; an `e` that no digit or sign follows is a unit. */
const UNIT = /[^\d.eE+-]|[eE](?![\d+-])/;
const LONG_EXPONENT = /[eE][+-]?\d{7}/;

function split(
  text: string,
  fail: (reason: string) => never,
): { readonly amount: string; readonly unit: string } {
  if (text.includes(' ')) return fail('spaces not allowed in resource strings');
  const at = text.search(UNIT);
  const amount = at === -1 ? text : text.slice(0, at);
  if (LONG_EXPONENT.test(amount)) return fail('exponent too large');
  return { amount, unit: text.slice(amount.length) };
}

/** Without an exponent: as an integer, or with ten places, rounded half up (`big.Rat`'s FloatString). */
function plain({ negative, digits, power }: Decimal): string {
  const significant = withoutTrailingZeros(digits);
  if (significant === '') return '0';
  const sign = negative ? '-' : '';
  const exponent = power + digits.length - significant.length;
  if (exponent >= 0) return sign + significant + '0'.repeat(exponent);
  return sign + tenPlaces(significant, exponent);
}

function tenPlaces(digits: string, exponent: number): string {
  const kept = digits.length + exponent + 10;
  const whole = exponent >= -10 ? digits.padEnd(kept, '0') : digits.slice(0, Math.max(kept, 0));
  const up = exponent < -10 && kept >= 0 && (digits[kept] as string) >= '5';
  const shown = String(BigInt(whole) + (up ? 1n : 0n)).padStart(11, '0');
  return `${shown.slice(0, -10)}.${shown.slice(-10)}`;
}
