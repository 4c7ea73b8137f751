/**
 * Sets of domains and of networks, each of which stands for all in it, that are looked up in logarithmic time: Go's `x509`,
 * nameConstraintsSet. Certificates may have many names and many constraints.
 */
import { lowerCase } from './domain-name.ts';
import { contains, type Network } from './ip.ts';

/** How to find values among the constraints. */
type Order<Constraint, Value> = {
  readonly compare: (a: Constraint, b: Constraint) => number;
  readonly compareTo: (constraint: Constraint, value: Value) => number;
  /** Whether all that is in `b` is in `a`. */
  readonly covers: (a: Constraint, b: Constraint) => boolean;
  readonly matches: (constraint: Constraint, value: Value) => boolean;
};

/** Whether one of the constraints matches. What another covers is left out, so only the nearest before a value can. */
export function finder<Constraint, Value>(
  constraints: readonly Constraint[],
  { compare, compareTo, covers, matches }: Order<Constraint, Value>,
): (value: Value) => boolean {
  const kept: Constraint[] = [];
  for (const constraint of constraints.toSorted(compare)) {
    const last = kept.at(-1);
    if (last === undefined || !covers(last, constraint)) kept.push(constraint);
  }
  return (value) => {
    let [low, high] = [0, kept.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareTo(kept[middle] as Constraint, value) < 0) low = middle + 1;
      else high = middle;
    }
    const [found, before] = [kept[low], kept[Math.max(low - 1, 0)]];
    if (found !== undefined && compareTo(found, value) === 0) return true;
    return before !== undefined && matches(before, value);
  };
}

export const NETWORKS: Order<Network, Buffer> = {
  compare: (a, b) => a.address.compare(b.address) || a.mask.compare(b.mask),
  compareTo: ({ address }, value) => address.compare(value),
  covers: (a, b) => contains(a, b.address) && contains(a, lastOf(b)),
  matches: contains,
};

const lastOf = ({ address, mask }: Network): Buffer =>
  Buffer.from(address.map((byte, at) => byte | (~(mask[at] ?? 0) & 0xff)));

/** Names of any case, from the end on. A constraint with a dot in front is of what is below it alone. */
export const DOMAINS: Order<string, string> = {
  compare: compareDomains,
  compareTo: compareDomains,
  covers: isBelow,
  matches: isBelow,
};

/** A dot is before everything else, so that what is below a name follows it at once. */
function compareDomains(a: string, b: string): number {
  const rank = (text: string, at: number): number => {
    const code = text.charCodeAt(at);
    if (code === 0x2e) return 0;
    return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
  };
  for (let [x, y] = [a.length - 1, b.length - 1]; x >= 0 && y >= 0; x--, y--) {
    const order = rank(a, x) - rank(b, y);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Whether `name` ends in `domain`, at a label's beginning. Neither is empty. */
function isBelow(domain: string, name: string): boolean {
  const rest = name.length - domain.length;
  if (rest < 0 || lowerCase(name.slice(rest)) !== lowerCase(domain)) return false;
  return rest === 0 || domain[0] === '.' || name[rest - 1] === '.';
}
