/** Networks in CIDR notation, by Go's package net (https://www.openpolicyagent.org/docs/policy-reference/builtins/net). */
import { RegoSet, type Value } from '../value.ts';
import { BuiltinError, type Family, LimitError, operand } from './builtin.ts';
import { writeAddress } from './cidr/address.ts';
import { containsMatches } from './cidr/matches.ts';
import { mergeNetworks } from './cidr/merge.ts';
import { network, parseNetwork, sizeOf } from './cidr/network.ts';

/**
 * As many addresses as `net.cidr_expand` gives: those of a /16 of IPv4 take a tenth of a second. OPA goes on until the request is
 * given up, which ends the evaluation too.
 */
const MOST_ADDRESSES = 65_536n;

export const cidr: Family = {
  'net.cidr_is_valid': ([text]) => typeof text === 'string' && parseNetwork(text) !== null,

  'net.cidr_merge': ([value]) => new RegoSet(mergeNetworks(stringsOf(value))),

  'net.cidr_expand': ([value]) => {
    const text = operand(1, value, 'string');
    const expanded = network(text);
    const size = sizeOf(expanded);
    if (size > MOST_ADDRESSES)
      throw new LimitError(`net.cidr_expand: ${text} has more than ${MOST_ADDRESSES} addresses`);
    return new RegoSet(
      Array.from({ length: Number(size) }, (_, at) => writeAddress(expanded.first + BigInt(at))),
    );
  },

  'net.cidr_contains_matches': ([outer, inner]) => containsMatches(outer, inner),
};

function stringsOf(value: Value): readonly string[] {
  if (!Array.isArray(value) && !(value instanceof RegoSet))
    throw new BuiltinError('operand must be an array');
  const members: readonly Value[] = value instanceof RegoSet ? value.members : value;
  return members.map((member) => {
    if (typeof member === 'string') return member;
    throw new BuiltinError('element must be string');
  });
}
