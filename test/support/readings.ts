/**
 * How upstreams are known to read a path: one step each. An upstream makes some of them, in an order of its own; a path that is safe
 * is so for all of them.
 */
import { posix } from 'node:path';

const STEPS: readonly ((path: string) => string)[] = [
  // Escapes decoded once; bad ones stay.
  (path) =>
    Buffer.from(
      Buffer.from(path)
        .toString('latin1')
        .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    ).toString(),
  // Dot segments resolved, and empty segments merged, as nginx does.
  (path) => posix.normalize(path),
  // Parameters dropped, as servlet containers do.
  (path) => path.replaceAll(/;[^/]*/g, ''),
  // A file system that knows no letter case: by lower case, or by upper case, which `ſ` and `ı` share with `s` and `i`.
  (path) => path.toLowerCase(),
  (path) => path.toUpperCase().toLowerCase(),
  (path) => path.normalize('NFKC'),
  // Windows.
  (path) => path.replaceAll('\\', '/'),
  (path) => path.replaceAll(/[\u2044\u2215\u29f8]/g, '/').replaceAll(/\u2216|\u29f5|\u29f9|\u20e5/g, '\\'),
  (path) => path.replaceAll(/(?<=[^/. ])[. ]+(?=\/|$)/g, ''),
  // HFS+ and NFKC_Casefold drop what is not seen.
  (path) => path.replaceAll(/\p{Default_Ignorable_Code_Point}/gu, ''),
  // C stops at NUL.
  (path) => path.replace(/\0.*/s, ''),
  // Decoded before it was parsed.
  (path) => path.replace(/[?#].*/s, ''),
  (path) => path.replace(/(?<=.)\/$/, ''),
];

/** A path that has more readings than that is not looked at any further: a test that meets one must know. */
const MOST = 2_000;

/** All that a path may be read as, itself included: every sequence of steps. */
export function readings(path: string): ReadonlySet<string> {
  const read = new Set([path]);
  for (const reading of read) {
    if (read.size > MOST) throw new Error(`${path} has more than ${MOST} readings`);
    for (const step of STEPS) read.add(step(reading));
  }
  return read;
}
