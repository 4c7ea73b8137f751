/** Numbers as OPA's builtins for times read nanoseconds: as a float of 64 bits of precision that has to be an int64. */
import type { RegoNumber } from '../../number.ts';
import { BuiltinError } from '../builtin.ts';

/** What an int64 of 64 bits of precision can depend on, and then some. */
const MOST_DIGITS = 100;

/**
 * The int64: `1e18` and `1.0` are some. What is no integer is none, unless rounding to 64 bits makes it one, as it does with
 * 1e18 + 0.01. Throws BuiltinError.
 */
export function int64Of(number: RegoNumber): bigint {
  const { digits, power } = decimal(number.text);
  if (digits === '') return 0n;
  // Below, and far above what may be an int64: no need for numbers of that size.
  const magnitude = digits.length + power;
  if (magnitude < 0 || magnitude > 19) throw tooBig();
  const integer = power >= 0 ? BigInt(digits) * 10n ** BigInt(power) : rounded(BigInt(digits), -power);
  const value = number.text.startsWith('-') ? -integer : integer;
  if (BigInt.asIntN(64, value) !== value) throw tooBig();
  return value;
}

const tooBig = (): BuiltinError => new BuiltinError('timestamp too big');

/** The number is digits × 10^power: without zeros at either end. Of many digits, the last stands for all after it. */
function decimal(text: string): { digits: string; power: number } {
  const [, whole = '', fraction = '', exponent = '0'] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const all = (whole + fraction).replace(/^0+/, '');
  let end = all.length;
  // A pattern such as /0*$/ takes the square of the zeros before another digit.
  while (all[end - 1] === '0') end--;
  const digits = end > MOST_DIGITS ? `${all.slice(0, MOST_DIGITS)}1` : all.slice(0, end);
  return { digits, power: Number(exponent) - fraction.length + all.length - digits.length };
}

/** The integer that digits / 10^places is when it is rounded to 64 bits, half to even. Throws BuiltinError where it is none. */
function rounded(digits: bigint, places: number): bigint {
  const divisor = 10n ** BigInt(places);
  const whole = digits / divisor;
  // So many bits of the fraction remain.
  const bits = BigInt(64 - (whole === 0n ? 0 : whole.toString(2).length));
  const [scaled, unit] = [digits << bits, 1n << bits];
  const twice = (scaled % divisor) * 2n;
  const floor = scaled / divisor;
  const up = twice > divisor || (twice === divisor && floor % 2n === 1n);
  const nearest = up ? floor + 1n : floor;
  if (nearest % unit !== 0n) throw tooBig();
  return nearest / unit;
}
