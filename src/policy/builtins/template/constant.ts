/** Numbers in a template (Go's `text/template/parse`, newNumber). */
import { unquoteCharacter } from '../go/quote.ts';

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;
const MOST_UNSIGNED = 2n ** 64n - 1n;

/**
 * The value of a literal: a bigint is Go's `int`, a number its `float64`. `'a'` is 97. Undefined for what may be written but not
 * be used: an integer of 64 bits without a sign, and complex numbers (which Go can print). Null for what is no literal.
 */
export function constant(literal: string): bigint | number | undefined | null {
  if (literal.startsWith("'")) {
    const code = unquoteCharacter(literal);
    return code === null ? null : BigInt(code);
  }
  if (literal.endsWith('i')) return undefined;
  if (!underscoresSeparateDigits(literal)) return null;
  const text = literal.replaceAll('_', '');
  // Go looks for a point or an exponent, and finds one in -0x1e.
  const looksLikeFloat = /[.eEpP]/.test(text) && !/^0[xX][^pP]+$/.test(text);
  const integer = integerOf(text);
  if (integer !== null && integer >= LEAST && integer <= MOST)
    return looksLikeFloat ? Number(integer) : integer;
  if (integer !== null && integer <= MOST_UNSIGNED && !/^[+-]/.test(text)) return undefined;
  if (!looksLikeFloat) return null;
  const float = hexFloat(text) ?? Number(text);
  return /^[+-]?(?:0[xX]|\d|\.\d)/.test(text) && Number.isFinite(float) ? float : null;
}

function underscoresSeparateDigits(literal: string): boolean {
  const [, prefix = '', body = ''] = /^[+-]?(0[xXoObB])?(.*)$/.exec(literal) ?? [];
  const digits = `${prefix && '0'}${body}`;
  return /x/i.test(prefix)
    ? !/(?<![\da-fA-F])_|_(?![\da-fA-F])/.test(digits)
    : !/(?<!\d)_|_(?!\d)/.test(digits);
}

function integerOf(text: string): bigint | null {
  const [matched, sign, prefixed, octal, decimal] =
    /^([+-]?)(?:(0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+)|0([0-7]+)|(0|[1-9]\d*))$/.exec(text) ?? [];
  if (matched === undefined) return null;
  const size = octal === undefined ? BigInt((prefixed ?? decimal) as string) : BigInt(`0o${octal}`);
  return sign === '-' ? -size : size;
}

/** `0x1.8p3`; null when it is no hexadecimal number, NaN when it is but half a one. */
function hexFloat(text: string): number | null {
  if (!/^[+-]?0[xX]/.test(text)) return null;
  const [, sign, whole = '', fraction = '', power = ''] =
    /^([+-]?)0[xX]([\da-fA-F]*)(?:\.([\da-fA-F]*))?[pP]([+-]?\d+)$/.exec(text) ?? [];
  if (whole + fraction === '') return Number.NaN;
  const size = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(power) - 4 * fraction.length);
  return sign === '-' ? -size : size;
}
