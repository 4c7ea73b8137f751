/** Rego's values, their order and equality. What a module and the host's builtins hand to each other. */
import { compareNumbers, RegoNumber } from './number.ts';

/** Strings are Unicode without halves of surrogate pairs. */
export type Value = null | boolean | RegoNumber | string | readonly Value[] | RegoObject | RegoSet;
/** Key and value. */
export type Entry = readonly [Value, Value];

/** Keys are values of any kind, each once; in the order of `compare`. */
export class RegoObject {
  readonly entries: readonly Entry[];

  /** Of two equal keys the later wins. */
  constructor(entries: Iterable<Entry>) {
    const sorted = [...entries].toSorted(([a], [b]) => compare(a, b));
    this.entries = sorted.filter(([key], at) => {
      const next = sorted[at + 1];
      return next === undefined || compare(key, next[0]) !== 0;
    });
  }

  /** Of names that are strings. */
  static of(members: Readonly<Record<string, Value | undefined>>): RegoObject {
    return new RegoObject(
      Object.entries(members).filter((entry): entry is [string, Value] => entry[1] !== undefined),
    );
  }

  get size(): number {
    return this.entries.length;
  }

  get(key: Value): Value | undefined {
    return this.entries[
      search(this.entries.length, (at) => compare((this.entries[at] as Entry)[0], key))
    ]?.[1];
  }

  has(key: Value): boolean {
    return this.get(key) !== undefined;
  }
}

/** Members are values of any kind, each once; in the order of `compare`. */
export class RegoSet {
  readonly members: readonly Value[];

  constructor(members: Iterable<Value>) {
    const sorted = [...members].toSorted(compare);
    this.members = sorted.filter((member, at) => at === 0 || compare(sorted[at - 1] as Value, member) !== 0);
  }

  get size(): number {
    return this.members.length;
  }

  has(member: Value): boolean {
    return search(this.members.length, (at) => compare(this.members[at] as Value, member)) !== -1;
  }
}

/** Where `order` is 0 among `length` places in ascending order; -1 where it is nowhere. */
function search(length: number, order: (at: number) => number): number {
  let [low, high] = [0, length - 1];
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = order(middle);
    if (found === 0) return middle;
    if (found < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

export type TypeName = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' | 'set';
const RANKS: Readonly<Record<TypeName, number>> = {
  null: 0,
  boolean: 1,
  number: 2,
  string: 3,
  array: 4,
  object: 5,
  set: 6,
};

/** What `type_name` says. */
export function typeName(value: Value): TypeName {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'string') return 'string';
  if (value instanceof RegoNumber) return 'number';
  if (value instanceof RegoSet) return 'set';
  return value instanceof RegoObject ? 'object' : 'array';
}

/** OPA's order of all values (`ast.Compare`): by type, then by value; negative, 0 or positive. */
export function compare(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  if (a instanceof RegoNumber && b instanceof RegoNumber) return compareNumbers(a, b);
  if (a instanceof RegoObject && b instanceof RegoObject) return compareObjects(a, b);
  if (a instanceof RegoSet && b instanceof RegoSet) return compareArrays(a.members, b.members);
  const [x, y] = [RANKS[typeName(a)], RANKS[typeName(b)]];
  if (x !== y) return x - y;
  return typeof a === 'boolean' || a === null
    ? Number(a) - Number(b)
    : compareArrays(a as readonly Value[], b as readonly Value[]);
}

export const equal = (a: Value, b: Value): boolean => compare(a, b) === 0;

/** By code points, which is the order of Go's bytes; JavaScript's own is by UTF-16 units. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (x === y) continue;
    // Surrogates stand for what is above all that is not written by them.
    const [above, other] = [x >= 0xd800 && x <= 0xdfff, y >= 0xd800 && y <= 0xdfff];
    return above === other ? x - y : above ? 1 : -1;
  }
  return a.length - b.length;
}

function compareArrays(a: readonly Value[], b: readonly Value[]): number {
  for (let at = 0; at < a.length && at < b.length; at++) {
    const order = compare(a[at] as Value, b[at] as Value);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** The first difference decides, key before value. */
function compareObjects(a: RegoObject, b: RegoObject): number {
  for (let at = 0; at < a.size && at < b.size; at++) {
    const [x, y] = [a.entries[at] as Entry, b.entries[at] as Entry];
    const order = compare(x[0], y[0]) || compare(x[1], y[1]);
    if (order !== 0) return order;
  }
  return a.size - b.size;
}
