/** Doubles as text: Go's `strconv.FormatFloat`, exact to any number of digits and rounded half to even. */
import { withoutTrailingZeros } from './integer.ts';

export type FloatForm = 'b' | 'e' | 'E' | 'f' | 'g' | 'G' | 'x' | 'X';

/** 0.d₁d₂d₃… × 10^point, without zeros at the end; `''` is zero. */
type Digits = { readonly digits: string; readonly point: number };

/**
 * A finite double. The precision is the number of digits after the point, for `g` that of all digits; -1 is what is needed to tell
 * the double from all others.
 */
export function formatFloat(value: number, form: FloatForm, precision: number): string {
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  if (form === 'b') return sign + binary(size);
  if (form === 'x' || form === 'X') {
    const text = hexadecimal(size, precision);
    return sign + (form === 'X' ? text.toUpperCase() : text);
  }
  const shortest = precision < 0;
  const all = shortest ? shortestDigits(size) : exactDigits(size);
  if (form === 'f') {
    if (shortest) return sign + fixed(all, Math.max(all.digits.length - all.point, 0));
    return sign + fixed(round(all, all.point + precision), precision);
  }
  if (form === 'e' || form === 'E') {
    const places = shortest ? Math.max(all.digits.length - 1, 0) : precision;
    return sign + scientific(shortest ? all : round(all, places + 1), places, form);
  }
  return sign + general(all, shortest, shortest ? all.digits.length : precision || 1, form);
}

/** The shorter of the two others: with an exponent when it is less than -4, or not less than the precision. */
function general(all: Digits, shortest: boolean, precision: number, form: 'g' | 'G'): string {
  const { digits, point } = shortest ? all : round(all, precision);
  const fits = precision > digits.length && digits.length >= point ? digits.length : precision;
  const exponent = point - 1;
  if (digits !== '' && (exponent < -4 || exponent >= (shortest ? 6 : fits)))
    return scientific({ digits, point }, Math.min(precision, digits.length) - 1, form === 'g' ? 'e' : 'E');
  if (digits === '') return '0';
  return fixed({ digits, point }, Math.max((precision > point ? digits.length : precision) - point, 0));
}

function scientific({ digits, point }: Digits, places: number, mark: string): string {
  const exponent = digits === '' ? 0 : point - 1;
  const fraction = places > 0 ? `.${digits.slice(1, places + 1).padEnd(places, '0')}` : '';
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits[0] ?? '0'}${fraction}${mark}${exponent < 0 ? '-' : '+'}${size}`;
}

function fixed({ digits, point }: Digits, places: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  if (places <= 0) return whole;
  const behind = point > 0 ? digits.slice(point) : '0'.repeat(Math.min(-point, places)) + digits;
  return `${whole}.${behind.slice(0, places).padEnd(places, '0')}`;
}

/** To so many digits; what lies halfway, to the even one. */
function round({ digits, point }: Digits, count: number): Digits {
  if (count < 0 || count >= digits.length) return { digits, point };
  const next = digits[count] as string;
  const half = next === '5' && count + 1 === digits.length;
  const up = half ? count > 0 && Number(digits[count - 1]) % 2 === 1 : next >= '5';
  const kept = digits.slice(0, count);
  if (!up) return { digits: withoutTrailingZeros(kept), point };
  const raised = String(BigInt(kept) + 1n).padStart(count, '0');
  return { digits: withoutTrailingZeros(raised), point: point + raised.length - count };
}

function shortestDigits(size: number): Digits {
  const [, first = '', rest = '', exponent = '0'] =
    /^(\d)(?:\.(\d+))?e([-+]\d+)$/.exec(size.toExponential()) ?? [];
  return { digits: withoutTrailingZeros(first + rest), point: Number(exponent) + 1 };
}

function exactDigits(size: number): Digits {
  const { mantissa, exponent } = parts(size);
  if (mantissa === 0n) return { digits: '', point: 0 };
  const text =
    exponent >= 0 ? String(mantissa << BigInt(exponent)) : String(mantissa * 5n ** BigInt(-exponent));
  return { digits: withoutTrailingZeros(text), point: text.length + Math.min(exponent, 0) };
}

/** An integer of 53 bits, of less for the smallest numbers, and the power of two that it is multiplied with. */
function parts(size: number): { readonly mantissa: bigint; readonly exponent: number } {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, size);
  const all = bits.getBigUint64(0);
  const power = Number(all >> 52n);
  const fraction = all & ((1n << 52n) - 1n);
  return power === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: power - 1075 };
}

function binary(size: number): string {
  const { mantissa, exponent } = parts(size);
  return `${mantissa}p${exponent < 0 ? '' : '+'}${exponent}`;
}

/** 1 before the point, and 60 bits behind it. */
const POINT = 60n;

function hexadecimal(size: number, precision: number): string {
  let { mantissa, exponent } = parts(size);
  if (mantissa !== 0n) {
    const shift = POINT + 1n - BigInt(mantissa.toString(2).length);
    mantissa <<= shift;
    exponent += Number(POINT - shift);
  } else exponent = 0;
  if (precision >= 0 && precision < 15) {
    const cut = POINT - 4n * BigInt(precision);
    const kept = mantissa >> cut;
    const rest = mantissa - (kept << cut);
    const half = 1n << (cut - 1n);
    mantissa = (rest > half || (rest === half && (kept & 1n) === 1n) ? kept + 1n : kept) << cut;
    if (mantissa >> (POINT + 1n) !== 0n) {
      mantissa >>= 1n;
      exponent++;
    }
  }
  const fraction = (mantissa & ((1n << POINT) - 1n)).toString(16).padStart(15, '0');
  const shown =
    precision < 0 ? withoutTrailingZeros(fraction) : fraction.slice(0, precision).padEnd(precision, '0');
  const sign = exponent < 0 ? '-' : '+';
  return `0x${mantissa >> POINT}${shown && `.${shown}`}p${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
