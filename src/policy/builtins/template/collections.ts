/** `index`, `slice` and `len` of templates (Go's `text/template/funcs.go`). */
import { RegoNumber } from '../../number.ts';
import { RegoObject } from '../../value.ts';
import { byteLength, fromBytes, toBytes } from '../go/bytes.ts';
import { Byte, goType, type Printable } from '../go/print.ts';
import { type Held, RenderError, textOf } from './held.ts';

const typeOf = (value: Held): string => (value === undefined ? 'nil' : goType(value, 'int'));

/** A member of a member: `index x 1 "a"` is Go's `x[1]["a"]`. Throws RenderError. */
export function index(item: Held, ...places: readonly Held[]): Held {
  let found = item;
  if (found === undefined || found === null) throw new RenderError('index of untyped nil');
  for (const place of places) {
    const text = textOf(found);
    if (found === null) throw new RenderError('index of nil pointer');
    if (found instanceof RegoObject) {
      if (typeof place !== 'string')
        throw new RenderError(`value has type ${typeOf(place)}; should be string`);
      found = (found.get(place) ?? null) as Printable;
    } else if (text !== null) found = new Byte(toBytes(text)[placeIn(place, byteLength(text) - 1)] as number);
    else if (Array.isArray(found)) found = found[placeIn(place, found.length - 1)] as Printable;
    else throw new RenderError(`can't index item of type ${typeOf(found)}`);
  }
  return found;
}

/** An index from 0 to `last`. */
function placeIn(place: Held, last: number): number {
  const given = place instanceof Byte ? BigInt(place.value) : place;
  if (typeof given !== 'bigint') throw new RenderError(`cannot index slice/array with type ${typeOf(place)}`);
  if (given < 0n || given > BigInt(last)) throw new RenderError(`index out of range: ${given}`);
  return Number(given);
}

/** Go's `x[1:2:3]` is `slice x 1 2 3`; of a string, and a number of Rego is one, its bytes. Throws RenderError. */
export function slice(item: Held, ...places: readonly Held[]): Held {
  if (item === undefined || item === null) throw new RenderError('slice of untyped nil');
  if (places.length > 3) throw new RenderError(`too many slice indexes: ${places.length}`);
  const text = textOf(item);
  if (text !== null) {
    if (places.length === 3) throw new RenderError('cannot 3-index slice a string');
    const bytes = toBytes(text);
    const [from, to] = bounds(places, bytes.length, bytes.length);
    const part = fromBytes(bytes.subarray(from, to));
    // Whatever is left of a number's text stays a `json.Number`.
    return item instanceof RegoNumber ? new RegoNumber(part) : part;
  }
  if (!Array.isArray(item)) throw new RenderError(`can't slice item of type ${typeOf(item)}`);
  const members = item as readonly Printable[];
  const store =
    stores.get(members) ?? members.concat(Array<null>(allocated(members.length) - members.length).fill(null));
  const [from, to, end] = bounds(places, members.length, store.length);
  const part = store.slice(from, to);
  stores.set(part, store.slice(from, end));
  return part;
}

function bounds(
  places: readonly Held[],
  length: number,
  capacity: number,
): readonly [number, number, number] {
  const [from = 0, to = length, end = capacity] = places.map((place) => placeIn(place, capacity));
  if (from > to) throw new RenderError(`invalid slice index: ${from} > ${to}`);
  if (to > end) throw new RenderError(`invalid slice index: ${to} > ${end}`);
  return [from, to, end];
}

/**
 * What was allocated for arrays that come from slicing, with nils behind their members: a slice of Go can be sliced beyond its
 * length, up to that.
 */
const stores = new WeakMap<readonly Printable[], readonly Printable[]>();

/** What Go 1.26 allocates, on 64 bits, for an array that it reads from JSON one member after the other (`runtime.growslice`). */
const ALLOCATED = [0, 1, 2, 4, 8, 16, 32, 71, 143, 303, 591, 1023, 1535, 2560, 3584, 5120];
/** Members to a page; what is larger comes in whole ones. */
const PAGE = 512;

function allocated(length: number): number {
  let size = ALLOCATED.find((room) => room >= length) ?? 5120;
  while (size < length) size = Math.ceil((size + Math.floor((size + 768) / 4)) / PAGE) * PAGE;
  return size;
}

/** How many members something has; of a string, its bytes. Throws RenderError. */
export function len(item: Held): bigint {
  const text = textOf(item);
  if (text !== null) return BigInt(byteLength(text));
  if (item instanceof RegoObject) return BigInt(item.size);
  if (Array.isArray(item)) return BigInt(item.length);
  throw new RenderError(`len of type ${typeOf(item)}`);
}
