/** Semantic versions (https://semver.org, 2.0.0), as OPA's package `internal/semver` has them: a `v` may come first. */
import { RegoNumber } from '../number.ts';
import { BuiltinError, excerpt, type Family, operand } from './builtin.ts';

/** What versions are ordered by, which the metadata is no part of. */
type Version = { readonly numbers: readonly bigint[]; readonly preRelease: readonly string[] };

export const semver: Family = {
  'semver.is_valid': ([text]) => typeof text === 'string' && parse(text) !== null,

  'semver.compare': ([first, second]) => {
    const texts = [operand(1, first, 'string'), operand(2, second, 'string')];
    const [a, b] = texts.map((text, at) => {
      const version = parse(text);
      if (version) return version;
      const quoted = JSON.stringify(excerpt(text));
      throw new BuiltinError(`operand ${at + 1}: string ${quoted} is not a valid SemVer`);
    }) as [Version, Version];
    return RegoNumber.of(compareVersions(a, b));
  },
};

const VERSION = /^v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([^+]*))?(?:\+(.*))?$/s;
const IDENTIFIER = /^[\dA-Za-z-]+$/;
const NUMBER = /^\d+$/;
const MOST = 2n ** 63n - 1n;

/** Null for what is no version, or has a number that an int64 does not hold. */
function parse(text: string): Version | null {
  const [matched, major, minor, patch, preRelease, metadata] = VERSION.exec(text) ?? [];
  if (matched === undefined) return null;
  const before = preRelease?.split('.') ?? [];
  if (![...before, ...(metadata?.split('.') ?? [])].every((part) => IDENTIFIER.test(part))) return null;
  if (before.some((part) => part.startsWith('0') && part !== '0' && NUMBER.test(part))) return null;
  const numbers = [major, minor, patch].map((number) => int64(number as string));
  return numbers.every((number) => number !== null) ? { numbers, preRelease: before } : null;
}

/** Null for what is beyond; an int64 has nineteen digits. */
function int64(digits: string): bigint | null {
  const number = digits.length > 19 ? MOST + 1n : BigInt(digits);
  return number > MOST ? null : number;
}

const order = <T extends bigint | string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

/** -1, 0 or 1. */
function compareVersions(a: Version, b: Version): number {
  for (const [at, number] of a.numbers.entries()) {
    const found = order(number, b.numbers[at] as bigint);
    if (found !== 0) return found;
  }
  // A version without a pre-release is the later one.
  if (a.preRelease.length === 0 || b.preRelease.length === 0)
    return order(b.preRelease.length, a.preRelease.length);
  for (const [at, part] of a.preRelease.entries()) {
    const other = b.preRelease[at];
    if (other === undefined) return 1;
    const found = comparePart(part, other);
    if (found !== 0) return found;
  }
  return order(a.preRelease.length, b.preRelease.length);
}

/** Numbers come before what is none. To OPA those beyond an int64 are all the same. */
function comparePart(a: string, b: string): number {
  const [x, y] = [NUMBER.test(a), NUMBER.test(b)];
  if (x !== y) return x ? -1 : 1;
  return x ? order(int64(a) ?? MOST, int64(b) ?? MOST) : order(a, b);
}
