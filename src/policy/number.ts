/** Rego's numbers: decimal, exact, of any size. */

/**
 * A number by its text, as JSON writes numbers; no value is lost on the way between a module and the host. Text that is no
 * number of JSON is the caller's mistake: make one `of` what JavaScript has, or of what a parser has checked.
 */
export class RegoNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Throws RangeError for what JSON has no number for: NaN and the infinities. */
  static of(value: number | bigint): RegoNumber {
    if (typeof value === 'number' && !Number.isFinite(value))
      throw new RangeError(`${value} is no number of JSON`);
    return new RegoNumber(Object.is(value, -0) ? '0' : String(value));
  }

  /** The nearest double; an infinity beyond its range. */
  toNumber(): number {
    return Number(this.text);
  }

  /** The integer, where the text is one without fraction and exponent (Go's `json.Number.Int64`, without its bounds); else null. */
  toBigInt(): bigint | null {
    return /^-?\d+$/.test(this.text) ? BigInt(this.text) : null;
  }
}

/** 0.d₁d₂d₃… × 10^exponent: digits without zeros before and after, `''` for zero. */
type Decimal = { readonly sign: -1 | 0 | 1; readonly digits: string; readonly exponent: number };

/** By value: 1, 1.0 and 10e-1 are equal. Exact, whatever the exponent is. */
export function compareNumbers(a: RegoNumber, b: RegoNumber): number {
  if (a.text === b.text) return 0;
  // Fifteen digits are exact in a double.
  if (a.text.length <= 15 && b.text.length <= 15 && !/[eE]/.test(a.text + b.text))
    return Math.sign(Number(a.text) - Number(b.text));
  const [x, y] = [decimal(a.text), decimal(b.text)];
  if (x.sign !== y.sign) return x.sign < y.sign ? -1 : 1;
  if (x.sign === 0) return 0;
  if (x.exponent !== y.exponent) return x.exponent < y.exponent ? -x.sign : x.sign;
  if (x.digits === y.digits) return 0;
  return x.digits < y.digits ? -x.sign : x.sign;
}

function decimal(text: string): Decimal {
  const [, minus, whole = '', fraction = '', power = '0'] =
    /^(-?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const all = whole + fraction;
  // By hand: /0+$/ begins anew at every zero, and takes a minute for a hundred thousand of them.
  let [from, to] = [0, all.length];
  while (to > 0 && all[to - 1] === '0') to--;
  while (from < to && all[from] === '0') from++;
  if (from === to) return { sign: 0, digits: '', exponent: 0 };
  return {
    sign: minus === '-' ? -1 : 1,
    digits: all.slice(from, to),
    exponent: Number(power) + whole.length - from,
  };
}
