/**
 * Go's `big.Float` of 64 bits, rounded where Go rounds: what it reads of a decimal is not always the nearest. Never negative, the
 * sign is the caller's.
 */
import type { Decimal } from './integer.ts';

/** An integer times a power of two. */
type BigFloat = { readonly mantissa: bigint; readonly exponent: number };

const BITS = 64;

/** What `SetString` reads of a decimal. */
export function binary64({ digits, power }: Decimal): BigFloat {
  const mantissa = BigInt(digits);
  if (mantissa === 0n || power === 0) return rounded({ mantissa, exponent: 0 }, BITS);
  const five = powerOfFive(Math.abs(power));
  if (power > 0)
    return rounded({ mantissa: mantissa * five.mantissa, exponent: power + five.exponent }, BITS);
  // Enough bits for a quotient with more than it keeps; whether there is a remainder decides what lies halfway.
  const shift = Math.max(0, BITS + 2 + bitLength(five.mantissa) - bitLength(mantissa));
  const dividend = mantissa << BigInt(shift);
  const remainder = dividend % five.mantissa === 0n ? 0n : 1n;
  const quotient = ((dividend / five.mantissa) << 1n) | remainder;
  return rounded({ mantissa: quotient, exponent: power - five.exponent - shift - 1 }, BITS);
}

/** The product with an integer of at most 64 bits. */
export const product = ({ mantissa, exponent }: BigFloat, factor: bigint): BigFloat =>
  rounded({ mantissa: mantissa * factor, exponent }, BITS);

/** The integer that is left when the fraction is cut off. */
export const truncated = ({ mantissa, exponent }: BigFloat): bigint =>
  exponent < 0 ? mantissa >> BigInt(-exponent) : mantissa << BigInt(exponent);

/** The largest power of five below 2⁶⁴ is exact; what is beyond it is multiplied with 128 bits, by factors with 192. */
const EXACT = 27;

function powerOfFive(exponent: number): BigFloat {
  let power: BigFloat = { mantissa: 5n ** BigInt(Math.min(exponent, EXACT)), exponent: 0 };
  let factor: BigFloat = { mantissa: 5n, exponent: 0 };
  for (let left = exponent - EXACT; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = times(power, factor, 2 * BITS);
    factor = times(factor, factor, 3 * BITS);
  }
  return power;
}

const times = (a: BigFloat, b: BigFloat, bits: number): BigFloat =>
  rounded({ mantissa: a.mantissa * b.mantissa, exponent: a.exponent + b.exponent }, bits);

/** To the nearest with so many bits; what lies halfway, to the even one. */
function rounded({ mantissa, exponent }: BigFloat, bits: number): BigFloat {
  const excess = bitLength(mantissa) - bits;
  if (excess <= 0) return { mantissa, exponent };
  const kept = mantissa >> BigInt(excess);
  const cut = mantissa - (kept << BigInt(excess));
  const half = 1n << BigInt(excess - 1);
  const up = cut > half || (cut === half && (kept & 1n) === 1n);
  return { mantissa: kept + (up ? 1n : 0n), exponent: exponent + excess };
}

function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return hex.length * 4 - (Math.clz32(Number.parseInt(hex[0] as string, 16)) - 28);
}
