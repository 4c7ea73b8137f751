/**
 * Plain values written into a module's memory as OPA's own parser would leave them there. An input of 1 kB takes a third of the time that
 * JSON.stringify and the module's parser take together (bench/decision.ts). `Instance.agrees` says whether a module reads what is written;
 * without, nothing is written this way.
 */
import type { Address } from './abi.ts';
import {
  ARRAY,
  BOOLEAN,
  FEWEST_BUCKETS,
  hashStep,
  HASH_INIT,
  INTEGER,
  LOAD_FACTOR,
  NULL,
  NUMBER,
  OBJECT,
  STRING,
  TEXT,
} from './value-layout.ts';

/** The memory as it is now, in bytes and in words of 32 bits. */
export type Views = { readonly bytes: Buffer; readonly words: Int32Array };

/** Names that were chosen to meet in one bucket are not ordered further: that would take time with the square of their number. */
const LONGEST_ORDERED = 16;
/** Array indexes that are written once. */
const INDEXES = 256;
/** What is nested deeper is left to JSON.stringify. */
const DEEPEST = 64;
/** From here on a call to Node's own writer is worth it. */
const LONG = 48;

/** Bytes that a writer wants: for names of members, which it keeps, and for one value at a time. */
export const NAMES_BYTES = 65_536;
export const VALUE_BYTES = 262_144;

/** What cannot be written this way: too large, too deep, half a surrogate pair, no plain data. */
const NOT_THIS_WAY = new Error('not this way');

type Name = { readonly at: Address; readonly hash: number };

export class ValueWriter {
  readonly #views: () => Views;
  readonly #names = new Map<string, Name>();
  readonly #namesFrom: Address;
  readonly #valuesFrom: Address;
  readonly #end: Address;
  readonly #null: Address;
  readonly #false: Address;
  readonly #true: Address;
  readonly #indexes: Address;
  #nextName: Address;
  #next: Address;
  #bytes: Buffer;
  #words: Int32Array;

  /** Writes to NAMES_BYTES + VALUE_BYTES from `place` on. */
  constructor(place: Address, views: () => Views) {
    this.#views = views;
    ({ bytes: this.#bytes, words: this.#words } = views());
    this.#valuesFrom = place + NAMES_BYTES;
    this.#end = this.#valuesFrom + VALUE_BYTES;
    this.#next = (place + 7) & ~7;
    this.#null = this.#take(8);
    this.#bytes[this.#null] = NULL;
    [this.#false, this.#true] = [this.#boolean(0), this.#boolean(1)];
    this.#indexes = this.#take(INDEXES * 16);
    for (let index = 0; index < INDEXES; index++) this.#integer(this.#indexes + index * 16, index);
    this.#namesFrom = this.#nextName = this.#next;
  }

  /** The value's address, good until the next is written; null for what has to go another way. */
  write(plain: unknown): Address | null {
    ({ bytes: this.#bytes, words: this.#words } = this.#views());
    // Names of members are the client's too: a full table begins anew, as no earlier value is read any more.
    if (this.#nextName > this.#valuesFrom - 1_024) {
      this.#names.clear();
      this.#nextName = this.#namesFrom;
    }
    this.#next = (this.#valuesFrom + 7) & ~7;
    // for…in would give to every object what somebody has added to all.
    for (const _ in Object.prototype) return null;
    try {
      return this.#value(plain, 0);
    } catch (error) {
      if (error === NOT_THIS_WAY) return null;
      throw error;
    }
  }

  #value(plain: unknown, depth: number): Address {
    if (typeof plain === 'string') return this.#string(plain);
    if (typeof plain === 'boolean') return plain ? this.#true : this.#false;
    if (typeof plain === 'number') return Number.isFinite(plain) ? this.#number(String(plain)) : this.#null;
    if (plain === null) return this.#null;
    if (typeof plain !== 'object' || depth > DEEPEST) throw NOT_THIS_WAY;
    return Array.isArray(plain) ? this.#array(plain, depth) : this.#object(plain, depth);
  }

  /** Room in the value's place, at a multiple of 8. */
  #take(bytes: number): Address {
    if (bytes > VALUE_BYTES) throw NOT_THIS_WAY;
    const at = this.#next;
    this.#next = (at + bytes + 7) & ~7;
    if (this.#next > this.#end) throw NOT_THIS_WAY;
    return at;
  }

  #boolean(value: 0 | 1): Address {
    const at = this.#take(8);
    this.#bytes[at] = BOOLEAN;
    this.#bytes[at + 1] = value;
    return at;
  }

  #integer(at: Address, value: number): void {
    this.#bytes[at] = NUMBER;
    this.#bytes[at + 1] = INTEGER;
    this.#words[(at + 8) >> 2] = value;
    this.#words[(at + 12) >> 2] = 0;
  }

  #number(text: string): Address {
    const at = this.#take(24 + text.length);
    this.#bytes[at] = NUMBER;
    this.#bytes[at + 1] = TEXT;
    this.#words[(at + 8) >> 2] = at + 24;
    this.#words[(at + 12) >> 2] = text.length;
    this.#words[(at + 16) >> 2] = 0;
    for (let i = 0; i < text.length; i++) this.#bytes[at + 24 + i] = text.charCodeAt(i);
    return at;
  }

  #string(text: string): Address {
    const at = this.#take(12 + text.length * 3);
    const size = this.#characters(text, at + 12);
    this.#header(at, size);
    this.#next = (at + 12 + size + 7) & ~7;
    return at;
  }

  #header(at: Address, size: number): void {
    this.#words[at >> 2] = STRING;
    this.#words[(at + 4) >> 2] = size;
    this.#words[(at + 8) >> 2] = at + 12;
  }

  /** Writes UTF-8, and gives its size. */
  #characters(text: string, at: Address): number {
    if (text.length < LONG) {
      let i = 0;
      for (; i < text.length; i++) {
        const code = text.charCodeAt(i);
        if (code > 0x7f) break;
        this.#bytes[at + i] = code;
      }
      if (i === text.length) return i;
    }
    const size = this.#bytes.write(text, at);
    if (size > text.length && !text.isWellFormed()) throw NOT_THIS_WAY;
    return size;
  }

  #array(members: readonly unknown[], depth: number): Address {
    if ('toJSON' in members) throw NOT_THIS_WAY;
    const { length } = members;
    const at = this.#take(16 + length * 8);
    const words = this.#words;
    words[at >> 2] = ARRAY;
    words[(at + 4) >> 2] = at + 16;
    words[(at + 8) >> 2] = length;
    words[(at + 12) >> 2] = length;
    for (let index = 0; index < length; index++) {
      const place = (at + 16 + index * 8) >> 2;
      words[place] = this.#index(index);
      const member = members[index];
      words[place + 1] = member === undefined ? this.#null : this.#value(member, depth + 1);
    }
    return at;
  }

  #index(index: number): Address {
    if (index < INDEXES) return this.#indexes + index * 16;
    const at = this.#take(16);
    this.#integer(at, index);
    return at;
  }

  #object(members: object, depth: number): Address {
    const prototype: unknown = Object.getPrototypeOf(members);
    if ((prototype !== Object.prototype && prototype !== null) || 'toJSON' in members) throw NOT_THIS_WAY;
    // for…in is twice as fast here as Object.keys.
    let length = 0;
    for (const text in members) if (text !== null) length++;
    let buckets = FEWEST_BUCKETS;
    while (length > buckets * LOAD_FACTOR) buckets *= 2;
    const at = this.#take(16 + buckets * 4 + length * 12);
    const words = this.#words;
    const table = at + 16;
    words[at >> 2] = OBJECT;
    words[(at + 4) >> 2] = table;
    words[(at + 8) >> 2] = buckets;
    words[(at + 12) >> 2] = length;
    for (let bucket = 0; bucket < buckets; bucket++) words[(table >> 2) + bucket] = 0;
    let element = table + buckets * 4;
    const end = element + length * 12;
    for (const text in members) {
      // What has other members when it is looked at again is no plain data.
      if (element === end) throw NOT_THIS_WAY;
      const member = (members as Record<string, unknown>)[text];
      // JSON.stringify leaves it out, and its object is then another.
      if (member === undefined) throw NOT_THIS_WAY;
      const name = this.#name(text);
      words[element >> 2] = name.at;
      words[(element + 4) >> 2] = this.#value(member, depth + 1);
      this.#chain(table + (name.hash & (buckets - 1)) * 4, element, name.at);
      element += 12;
    }
    return at;
  }

  /** Puts an element into its bucket, whose elements are in the order of their names: it shows in the order of iteration. */
  #chain(bucket: Address, element: Address, name: Address): void {
    const words = this.#words;
    let before = bucket;
    let at = words[before >> 2] as Address;
    for (let passed = 0; at !== 0 && passed < LONGEST_ORDERED; passed++) {
      if (!this.#follows(name, words[at >> 2] as Address)) break;
      before = at + 8;
      at = words[before >> 2] as Address;
    }
    words[(element + 8) >> 2] = at;
    words[before >> 2] = element;
  }

  /** Does a name come after another, by their bytes? */
  #follows(name: Address, other: Address): boolean {
    const [size, otherSize] = [
      this.#words[(name + 4) >> 2] as number,
      this.#words[(other + 4) >> 2] as number,
    ];
    const length = Math.min(size, otherSize);
    for (let i = 12; i < 12 + length; i++) {
      const order = (this.#bytes[name + i] as number) - (this.#bytes[other + i] as number);
      if (order !== 0) return order > 0;
    }
    return size > otherSize;
  }

  #name(text: string): Name {
    const known = this.#names.get(text);
    if (known) return known;
    const most = 12 + text.length * 3 + 8;
    const keep = this.#nextName + most < this.#valuesFrom;
    const at = keep ? this.#nextName : this.#take(most);
    const size = this.#characters(text, at + 12);
    this.#header(at, size);
    let hash = HASH_INIT;
    for (let i = at + 12; i < at + 12 + size; i++) hash = hashStep(hash, this.#bytes[i] as number);
    const name = { at, hash: hash >>> 0 };
    if (keep) {
      this.#nextName = (at + 12 + size + 7) & ~7;
      this.#names.set(text, name);
    }
    return name;
  }
}
