/** What a scalar of YAML is, by its tag and its text: go-yaml's `resolve.go`. Mostly YAML 1.2's core, with some of 1.1. */
import { BuiltinError } from '../builtin.ts';
import { parseTimestamp, type Timestamp } from './timestamp.ts';

/** A bigint is an integer, of 64 bits with or without sign; a number is a double. */
export type Resolved = null | boolean | bigint | number | string | Timestamp;
type Result = { readonly tag: string; readonly value: Resolved };

const words = (texts: string, tag: string, value: Resolved): [string, Result][] =>
  texts.split(' ').map((text) => [text, { tag, value }]);
const WORDS: ReadonlyMap<string, Result> = new Map([
  ...words('true True TRUE', '!!bool', true),
  ...words('false False FALSE', '!!bool', false),
  ...words(' ~ null Null NULL', '!!null', null),
  ...words('.nan .NaN .NAN', '!!float', Number.NaN),
  ...words('.inf .Inf .INF +.inf +.Inf +.INF', '!!float', Infinity),
  ...words('-.inf -.Inf -.INF', '!!float', -Infinity),
]);
const RESOLVABLE = new Set(['', '!!str', '!!bool', '!!int', '!!float', '!!null', '!!timestamp']);

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;
const MOST_UNSIGNED = 2n ** 64n - 1n;

/** A scalar's tag and value; the tag given is short, or `''`. Throws BuiltinError for text that is not of its tag. */
export function resolve(tag: string, text: string): Result {
  if (!RESOLVABLE.has(tag)) return { tag, value: text };
  const found = tag === '!!str' ? null : guess(tag, text);
  const result = found ?? { tag: '!!str', value: text };
  if (tag === '' || tag === result.tag) return result;
  if (tag === '!!float' && typeof result.value === 'bigint' && result.value <= MOST)
    return { tag, value: Number(result.value) };
  throw new BuiltinError(`yaml: cannot decode ${result.tag} \`${text}\` as a ${tag}`);
}

/** Null for what is a string. */
function guess(tag: string, text: string): Result | null {
  const word = WORDS.get(text);
  if (word) return word;
  if (text.startsWith('.')) {
    const value = /^\.\d+(?:_\d+)*(?:[eE][-+]?\d+(?:_\d+)*)?$/.test(text)
      ? finite(text.replaceAll('_', ''))
      : null;
    return value === null ? null : { tag: '!!float', value };
  }
  if (!/^[-+0-9]/.test(text)) return null;
  const moment = tag === '' || tag === '!!timestamp' ? parseTimestamp(text) : null;
  if (moment) return { tag: '!!timestamp', value: moment };
  const plain = text.replaceAll('_', '');
  const integer = parseInteger(plain);
  if (integer !== null) return { tag: '!!int', value: integer };
  const value = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(plain) ? finite(plain) : null;
  return value === null ? null : { tag: '!!float', value };
}

function finite(text: string): number | null {
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** Go's `ParseInt` and `ParseUint` with base 0: a 0 in front is octal, and 0b, 0o and 0x are there; so are 0b-1 and 0o-7. */
function parseInteger(text: string): bigint | null {
  const [matched, sign = '', prefix = '', innerSign = '', digits = ''] =
    /^([-+]?)(0[bBoOxX]|0(?=.)|)([-+]?)([0-9a-fA-F]+)$/.exec(text) ?? [];
  if (matched === undefined) return null;
  const base = prefix.toLowerCase();
  if (!DIGITS.get(base)?.test(digits)) return null;
  if (innerSign !== '' && (sign !== '' || (prefix !== '0b' && prefix !== '0o'))) return null;
  const significant = digits.replace(/^0+/, '');
  // More than 64 binary digits are no number of 64 bits.
  if (significant.length > 64) return null;
  const size = BigInt(`${base === '0' ? '0o' : base}${significant || '0'}`);
  const value = sign === '-' || innerSign === '-' ? -size : size;
  if (value >= LEAST && value <= MOST) return value;
  return sign + innerSign === '' && value > 0n && value <= MOST_UNSIGNED ? value : null;
}

const DIGITS: ReadonlyMap<string, RegExp> = new Map([
  ['', /^[0-9]+$/],
  ['0', /^[0-7]+$/],
  ['0o', /^[0-7]+$/],
  ['0b', /^[01]+$/],
  ['0x', /^[0-9a-fA-F]+$/],
]);
