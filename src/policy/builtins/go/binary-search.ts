/** Places in lists that are kept in the order of values. */
import { compare, type Value } from '../../value.ts';

/** Where the key is among the keys in ascending order, or, where it is not `found`, where it would have to be. */
export function placeOf<T>(
  list: readonly T[],
  key: Value,
  keyOf: (element: T) => Value,
): { readonly at: number; readonly found: boolean } {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = compare(keyOf(list[middle] as T), key);
    if (order === 0) return { at: middle, found: true };
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return { at: low, found: false };
}
