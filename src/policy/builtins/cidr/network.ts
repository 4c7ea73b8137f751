/** Networks in CIDR notation (RFC 4632), as Go's package net reads them. */
import { BuiltinError, excerpt } from '../builtin.ts';
import { type Address, isIPv4, parseAddress, writeAddress } from './address.ts';

/** Its first address, and of how many bits: those of IPv6 in IPv4 too, where 96 are all of them. */
export type Network = {
  readonly first: Address;
  readonly prefix: number;
};

const BITS = 128;
/** Of what IPv4 addresses are mapped to. */
const IPV4_PREFIX = 96;

/** The network of `192.0.2.1/24`, which is 192.0.2.0/24; null for what is none. */
export function parseNetwork(text: string): Network | null {
  const slash = text.indexOf('/');
  if (slash === -1) return null;
  const [address, bits] = [text.slice(0, slash), text.slice(slash + 1)];
  const parsed = parseAddress(address);
  if (parsed === null || !/^\d+$/.test(bits)) return null;
  const prefix = Number(bits) + (address.includes(':') ? 0 : IPV4_PREFIX);
  return prefix > BITS ? null : networkOf(parsed, prefix);
}

/** The network that the address is in. */
export function networkOf(address: Address, prefix: number): Network {
  const hosts = BigInt(BITS - prefix);
  return { first: (address >> hosts) << hosts, prefix };
}

/** Throws BuiltinError with Go's words. */
export function network(text: string): Network {
  const parsed = parseNetwork(text);
  if (parsed === null) throw new BuiltinError(`invalid CIDR address: ${excerpt(text)}`);
  return parsed;
}

/** How many addresses it has. */
export const sizeOf = ({ prefix }: Network): bigint => 1n << BigInt(BITS - prefix);

export const lastOf = (of: Network): Address => of.first + sizeOf(of) - 1n;

/** `address` is any of its addresses, and is written as it is. */
export const writeNetwork = (address: Address, prefix: number): string =>
  `${writeAddress(address)}/${prefix - (prefix >= IPV4_PREFIX && isIPv4(address) ? IPV4_PREFIX : 0)}`;
