/** How large values are, for the limits of `json.patch`. */
import { RegoNumber } from '../../number.ts';
import { RegoObject, RegoSet, type Value } from '../../value.ts';

/** Characters: about those that the value is written with. Depth: levels of members within members; 0 for a scalar. */
export type Extent = { readonly characters: number; readonly depth: number };

/** Values do not change, and a patch can ask for the same one at every operation. */
const known = new WeakMap<object, Extent>();

/** The extent of a value, which is found once for each of its parts, however often that part is in it. */
export function extentOf(value: Value): Extent {
  if (typeof value === 'string') return { characters: 2 + value.length, depth: 0 };
  if (value instanceof RegoNumber) return { characters: 2 + value.text.length, depth: 0 };
  if (value === null || typeof value === 'boolean') return { characters: 2, depth: 0 };
  const before = known.get(value);
  if (before !== undefined) return before;
  let [characters, depth] = [2, 0];
  for (const member of partsOf(value)) {
    const part = extentOf(member);
    characters += part.characters;
    depth = Math.max(depth, part.depth + 1);
  }
  const extent = { characters, depth };
  known.set(value, extent);
  return extent;
}

function partsOf(value: RegoObject | RegoSet | readonly Value[]): readonly Value[] {
  if (value instanceof RegoObject) return value.entries.flat();
  return value instanceof RegoSet ? value.members : value;
}
