/** Durations as text: those of Go's package time (`time.ParseDuration`), and with OPA's days, weeks and years too. */
import { BuiltinError } from '../builtin.ts';
import { byteString } from '../go/bytes.ts';
import { quote } from './quote.ts';

const HOUR = 3_600_000_000_000n;
const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['\u00b5s', 1_000n],
  ['\u03bcs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', HOUR],
]);

/** In hours. */
const EXTENDED: ReadonlyMap<string, number> = new Map([
  ['d', 24],
  ['w', 7 * 24],
  ['y', 365 * 24],
]);

/** One more than an int64 holds. */
const TOO_MUCH = 2n ** 63n;

/** Nanoseconds of a duration such as `-1.5h` or `1y2w3d4h5m6s7ms8us9ns`. Throws BuiltinError with OPA's words. */
export function parseDuration(text: string): bigint {
  if (!/[dwy]/.test(text)) return parseGo(text, quote(byteString(text)));
  const quoted = JSON.stringify(text);
  return parseGo(inHours(text, quoted), quoted);
}

const invalid = (quoted: string, why = 'invalid duration'): BuiltinError =>
  new BuiltinError(`time: ${why} ${quoted}`);

/** The duration with days, weeks and years as hours; they are doubles for it. */
function inHours(text: string, quoted: string): string {
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  const segments = [...text.slice(sign.length).matchAll(/([\d.]+)(ms|us|\u00b5s|ns|[a-z])/gy)];
  if (segments.map(([all]) => all).join('') !== text.slice(sign.length)) throw invalid(quoted);
  const hours = segments.map(([all, digits = '', unit = '']) => {
    const factor = EXTENDED.get(unit);
    if (factor === undefined) return all;
    if (!/^(?:\d+\.?\d*|\.\d+)$/.test(digits)) throw invalid(quoted);
    return `${plain(Number(digits) * factor, quoted)}h`;
  });
  return sign + hours.join('');
}

/** A double's shortest digits without an exponent. */
function plain(value: number, quoted: string): string {
  const [, whole = '', fraction = '', exponent = '0'] =
    /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  const power = Number(exponent);
  if (power > 0 || !Number.isFinite(value)) throw invalid(quoted);
  return power === 0 ? String(value) : `0.${'0'.repeat(-power - 1)}${whole}${fraction}`;
}

/** `quoted` is the duration as messages have it. */
function parseGo(text: string, quoted: string): bigint {
  const negative = text.startsWith('-');
  const rest = /^[+-]/.test(text) ? text.slice(1) : text;
  if (rest === '0') return 0n;
  if (rest === '') throw invalid(quoted);
  let all = 0n;
  let end = 0;
  for (const [part, whole = '', fraction = '', unit = ''] of rest.matchAll(/(\d*)(?:\.(\d*))?([^.\d]*)/g)) {
    if (end === rest.length) break;
    end += part.length;
    all = BigInt.asUintN(64, all + nanosecondsOf(whole, fraction, unit, quoted));
    if (all > TOO_MUCH) throw invalid(quoted);
  }
  if (negative) return BigInt.asIntN(64, -all);
  if (all === TOO_MUCH) throw invalid(quoted);
  return all;
}

function nanosecondsOf(whole: string, fraction: string, unit: string, quoted: string): bigint {
  if (whole === '' && fraction === '') throw invalid(quoted);
  // An int64 has nineteen digits.
  const digits = whole.replace(/^0+/, '');
  if (digits.length > 19 || BigInt(digits) > TOO_MUCH) throw invalid(quoted);
  if (unit === '') throw invalid(quoted, 'missing unit in duration');
  const factor = UNITS.get(unit);
  if (factor === undefined) throw invalid(quoted, `unknown unit ${quote(byteString(unit))} in duration`);
  if (BigInt(digits) > TOO_MUCH / factor) throw invalid(quoted);
  const all = BigInt(digits) * factor + fractionOf(fraction, Number(factor));
  if (all > TOO_MUCH) throw invalid(quoted);
  return all;
}

/** In doubles, with as many digits as an int64 holds. */
function fractionOf(digits: string, factor: number): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    if (value > (TOO_MUCH - 1n) / 10n) break;
    const next = value * 10n + BigInt(digit);
    if (next > TOO_MUCH) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (factor / scale)));
}
