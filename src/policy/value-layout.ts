/**
 * How OPA's WASM runtime lays values out in memory (`value.h` and `value.c` in OPA's wasm/src). It is no part of its ABI: a module is
 * asked whether it is so (`Instance.agrees`) before anything is written by it.
 */

/** Kinds of values, as the first byte of each. */
export const NULL = 1;
export const BOOLEAN = 2;
export const NUMBER = 3;
export const STRING = 4;
export const ARRAY = 5;
export const OBJECT = 6;
/** A number by itself, or by its text. */
export const INTEGER = 1;
export const TEXT = 2;

/** FNV, of the bytes of a string: the prime comes first. */
export const HASH_INIT = 0x811c9dc5;
export const hashStep = (hash: number, byte: number): number => Math.imul(hash, 0x01000193) ^ byte;

/** An object has at least so many buckets, and twice as many while it has more members for each than this. */
export const FEWEST_BUCKETS = 8;
export const LOAD_FACTOR = 0.7;

/** What is written to see whether a module reads it: of every kind, objects and arrays small and large. */
export const SAMPLE = {
  none: [{}, [], '', null, true, false],
  numbers: [0, -1, 1.5, 1e21, 5e-324, 2 ** 53, 4_294_967_296],
  text: ['a', 'é', '\u{1f600}', '"\\\n\0', 'x'.repeat(300)],
  long: Array.from({ length: 300 }, (_, at) => at),
  large: Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`${'n'.repeat(at % 7)}${at}é`, at])),
};
