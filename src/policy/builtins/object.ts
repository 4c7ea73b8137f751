/** `object.subset` (OPA's `topdown/subset.go`). The other builtins on objects are in the module. */
import { equal, RegoObject, RegoSet, type Value } from '../value.ts';
import { BuiltinError, type Family } from './builtin.ts';

export const object: Family = {
  'object.subset': ([whole, part]) => {
    if (Array.isArray(whole) && part instanceof RegoSet) return hasMembers(whole, part);
    if (whole instanceof RegoObject && part instanceof RegoObject) return isPartOfObject(whole, part);
    const found = isPart(whole, part);
    if (found === null)
      throw new BuiltinError('both arguments object.subset must be of the same type or array and set');
    return found;
  },
};

/** Each key is there, with an equal value or one of which the part's is a part. Objects within may be as deep as values get. */
function isPartOfObject(whole: RegoObject, part: RegoObject): boolean {
  const pairs = [[whole, part] as const];
  for (let pair = pairs.pop(); pair; pair = pairs.pop())
    for (const [key, value] of pair[1].entries) {
      const other = pair[0].get(key);
      if (other === undefined) return false;
      if (other instanceof RegoObject && value instanceof RegoObject) pairs.push([other, value]);
      else if (!(isPart(other, value) ?? equal(other, value))) return false;
    }
  return true;
}

/** Of two sets or two arrays, whose members are equal or not; null for others. */
function isPart(whole: Value, part: Value): boolean | null {
  if (whole instanceof RegoSet && part instanceof RegoSet)
    return part.members.every((member) => whole.has(member));
  return Array.isArray(whole) && Array.isArray(part) ? isRun(whole, part) : null;
}

/** Whether the part's members follow one another somewhere in the whole; found as Knuth, Morris and Pratt find a word. */
function isRun(whole: readonly Value[], part: readonly Value[]): boolean {
  const [first, ...rest] = part;
  if (first === undefined) return true;
  /** Of the part's beginnings: how long the longest one is that a shorter one of them ends with. */
  const repeated = [0];
  for (const member of rest) repeated.push(longer(repeated.at(-1) as number, member));
  let matched = 0;
  return whole.some((member) => (matched = longer(matched, member)) === part.length);

  /** How many of the part's members are at the end of what was read, when `length` were and this one is next. */
  function longer(length: number, member: Value): number {
    let least = length;
    while (least > 0 && !equal(part[least] as Value, member)) least = repeated[least - 1] as number;
    return equal(part[least] as Value, member) ? least + 1 : 0;
  }
}

/**
 * Whether as many members of the array are in the set as the set has, however often each: OPA counts them so. None are never
 * there.
 */
function hasMembers(whole: readonly Value[], part: RegoSet): boolean {
  return whole.length > 0 && whole.filter((member) => part.has(member)).length >= part.size;
}
