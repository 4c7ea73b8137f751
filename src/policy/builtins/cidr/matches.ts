/** Which networks of a collection contain what of another (OPA's `net.cidr_contains_matches`). */
import { RegoNumber } from '../../number.ts';
import { RegoObject, RegoSet, typeName, type Value } from '../../value.ts';
import { BuiltinError, excerpt, LimitError, operand } from '../builtin.ts';
import { type Address, isIPv4, parseAddress } from './address.ts';
import { type Network, network, networkOf, parseNetwork } from './network.ts';

/** What a collection has at an index; of a set, the member is the index, and of a string, itself. */
type Element = readonly [text: Value, index: Value];

/** OPA has no bound, and compares each with each. */
const MOST_PAIRS = 500_000;

/**
 * The pairs of the index of a network in the first operand, and of the index of a network or an address that it contains in the
 * second. Either is a string, or an array, a set or an object of strings, or of arrays that begin with one; anything else is empty.
 * Throws BuiltinError with OPA's words, and LimitError where there are more than 500,000 pairs.
 */
export function containsMatches(outer: Value, inner: Value): RegoSet {
  const outers = elements(1, outer);
  // What is compared to nothing is not looked at either.
  const inners = outers.length === 0 ? [] : elements(2, inner);
  if (inners.length === 0) return new RegoSet([]);
  const table = new Map<number, Map<Address, number[]>>();
  for (const [at, [text]] of outers.entries()) {
    const { prefix, first } = network(operand(1, text, 'string'));
    const same = table.get(prefix) ?? new Map<Address, number[]>();
    table.set(prefix, same);
    const indices = same.get(first);
    if (indices) indices.push(at);
    else same.set(first, [at]);
  }
  /** By the places of the outer ones: the pairs are in their order then, and sorting them takes no time. */
  const matches = outers.map((): Value[] => []);
  let count = 0;
  for (const [text, index] of inners) {
    const found = networkOrAddress(operand(1, text, 'string'));
    for (const [prefix, networks] of table) {
      // No network of IPv6 has any of IPv4 in it, not even ::/0.
      if (prefix > found.prefix || (prefix < 96 && isIPv4(found.first))) continue;
      for (const at of networks.get(networkOf(found.first, prefix).first) ?? []) {
        if (++count > MOST_PAIRS)
          throw new LimitError(`net.cidr_contains_matches: more than ${MOST_PAIRS} matches`);
        (matches[at] as Value[]).push([(outers[at] as Element)[1], index]);
      }
    }
  }
  return new RegoSet(matches.flat());
}

function networkOrAddress(text: string): Network {
  const address = parseAddress(text);
  const found = address === null ? parseNetwork(text) : networkOf(address, 128);
  if (found === null)
    throw new BuiltinError(`not a valid textual representation of an IP address or CIDR: ${excerpt(text)}`);
  return found;
}

function elements(position: number, value: Value): Element[] {
  if (typeof value === 'string') return [[value, value]];
  if (value instanceof RegoSet) return value.members.map((member) => [matched(position, member), member]);
  if (value instanceof RegoObject)
    return value.entries.map(([key, member]) => [matched(position, member), key]);
  if (!Array.isArray(value)) return [];
  return (value as readonly Value[]).map((member, at) => [matched(position, member), RegoNumber.of(at)]);
}

function matched(position: number, member: Value): Value {
  if (typeof member === 'string') return member;
  if (typeName(member) === 'array' && (member as readonly Value[]).length > 0)
    return (member as readonly Value[])[0] as Value;
  throw new BuiltinError(`operand ${position}: element must be string or non-empty array`);
}
