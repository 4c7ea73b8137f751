/** The fewest networks for the addresses of many (OPA's `net.cidr_merge`). */
import { compareStrings } from '../../value.ts';
import { BuiltinError, LimitError } from '../builtin.ts';
import { type Address, isIPv4, parseAddress } from './address.ts';
import { lastOf, type Network, network, networkOf, writeNetwork } from './network.ts';

/** Addresses from the first to the last, as hexadecimal bytes; `text` as long as nothing was merged into it. */
type Range = { readonly first: string; readonly last: string; readonly text: string | null };

const FIRST_IPV4 = 0xffffn << 32n;
const hex = (value: bigint, bytes = 16): string => value.toString(16).padStart(2 * bytes, '0');

/** What has the same addresses, at either end of its family, has none before it. */
const FIRSTS: ReadonlySet<string> = new Set([hex(0n), hex(FIRST_IPV4)]);

/**
 * Networks for the same addresses as the given ones have, as text, in no order. An address of IPv4 without a prefix stands for the
 * network of its class (RFC 791), and one of IPv6 is an error. Throws BuiltinError with OPA's words; LimitError where OPA crashes,
 * as it does when two networks of IPv4 are written as IPv6, `::ffff:192.0.2.0/120`.
 */
export function mergeNetworks(texts: readonly string[]): string[] {
  const ranges = texts.map(rangeOf);
  ranges.sort((a, b) => compareStrings(a.last, b.last) || compareStrings(a.first, b.first));
  const merged: string[] = [];
  let current = ranges.pop();
  for (let before = ranges.pop(); current; before = ranges.pop()) {
    if (before && previous(current.first) <= before.last) {
      const first = before.first < current.first ? before.first : current.first;
      current = { first, last: current.last, text: null };
    } else {
      if (current.text === null) merged.push(...cover(current));
      else merged.push(current.text);
      current = before;
    }
  }
  return merged;
}

const previous = (address: string): string =>
  FIRSTS.has(address) ? address : hex(BigInt(`0x${address}`) - 1n, address.length / 2);

function rangeOf(text: string): Range {
  const address = parseAddress(text);
  if (address !== null && !isIPv4(address)) throw new BuiltinError('IPv6 invalid: needs prefix length');
  const of = address === null ? network(text) : networkOf(address, classPrefix(address));
  const written = writeNetwork(address ?? of.first, of.prefix);
  if (address === null && text.includes(':') && isIPv4(of.first)) return { ...misread(of), text: written };
  return { first: hex(of.first), last: hex(lastOf(of)), text: written };
}

/** OPA maps a network of IPv4 that is mapped to IPv6 once more, to 28 bytes, and fills the hosts' bits of the first 16. */
function misread({ first, prefix }: Network): Omit<Range, 'text'> {
  const rest = hex(first, 12);
  return { first: hex(FIRST_IPV4) + rest, last: hex(lastOf({ first: FIRST_IPV4, prefix })) + rest };
}

/** By the first octet: class A, B, or C. */
function classPrefix(address: Address): number {
  const octet = Number((address >> 24n) & 0xffn);
  return 96 + (octet < 128 ? 8 : octet < 192 ? 16 : 24);
}

/** From the first address on, each time the largest network that begins there and does not end after the last. */
function cover(range: Range): string[] {
  if (range.first.length + range.last.length > 64)
    throw new LimitError('net.cidr_merge: a network of IPv4 that is written as IPv6 cannot be merged');
  const last = BigInt(`0x${range.last}`);
  const networks: string[] = [];
  for (let first = BigInt(`0x${range.first}`); first <= last;) {
    const aligned = first === 0n ? 128 : log2(first & -first);
    const prefix = 128 - Math.min(aligned, log2(last - first + 1n));
    networks.push(writeNetwork(first, prefix));
    first = lastOf({ first, prefix }) + 1n;
  }
  return networks;
}

const log2 = (value: bigint): number => value.toString(2).length - 1;
