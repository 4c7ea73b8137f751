/** IP addresses of certificates: 4 or 16 bytes, and networks of them, as Go's `net` takes them. */
import { type Address, writeAddress } from '../cidr/address.ts';

const MAPPED = Buffer.from('00000000000000000000ffff', 'hex');

/** IPv4 is what IPv6 maps to it. */
export const addressOf = (bytes: Buffer): Address =>
  BigInt(`0x${(bytes.length === 4 ? Buffer.concat([MAPPED, bytes]) : bytes).toString('hex')}`);

export const addressText = (bytes: Buffer): string => writeAddress(addressOf(bytes));

/** A range: 4 and 4 bytes, or 16 and 16. */
export type Network = { readonly address: Buffer; readonly mask: Buffer };

/** As Go's IPNet.Contains: IPv6 that maps to IPv4 counts as that, on both sides. */
export function contains({ address, mask }: Network, one: Buffer): boolean {
  const [network, bytes] = [short(address), short(one)];
  if (network.length !== bytes.length) return false;
  const bits = mask.subarray(mask.length - network.length);
  return bits.every((bit, at) => (bit & ((network[at] ?? 0) ^ (bytes[at] ?? 0))) === 0);
}

/** 4 bytes where the address is IPv4 or mapped to it. */
const short = (address: Buffer): Buffer =>
  address.length === 16 && address.subarray(0, 12).equals(MAPPED) ? address.subarray(12) : address;
