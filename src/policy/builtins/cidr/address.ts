/** Addresses of IPv4 and IPv6 as text, as Go's packages net and netip read and write them. */

/**
 * An address as an integer of 128 bits. One of IPv4 is what it is mapped to, `::ffff:192.0.2.1` (RFC 4291 section 2.5.5.2): Go takes
 * the two for the same.
 */
export type Address = bigint;

const IPV4 = 0xffffn << 32n;

export const isIPv4 = (address: Address): boolean => address >> 32n === 0xffffn;

/** The longest text is that of an IPv6 address with an IPv4 address at its end. */
const LONGEST = 45;

/** The address; null for what is none, such as octets with leading zeros, and addresses with a zone. */
export function parseAddress(text: string): Address | null {
  if (text.length > LONGEST) return null;
  if (text.includes(':')) return parseIPv6(text);
  const octets = parseIPv4(text);
  return octets === null ? null : IPV4 | octets;
}

function parseIPv4(text: string): bigint | null {
  const octets = text.split('.');
  if (octets.length !== 4 || !octets.every((octet) => /^(?:0|[1-9]\d{0,2})$/.test(octet))) return null;
  if (octets.some((octet) => Number(octet) > 255)) return null;
  return octets.reduce((all, octet) => (all << 8n) | BigInt(octet), 0n);
}

/** `::` stands for at least one group of zeros. */
function parseIPv6(text: string): Address | null {
  const [before = '', after, more] = text.split('::');
  if (more !== undefined) return null;
  const [head, tail] = [groupsOf(before, after === undefined), groupsOf(after ?? '', true)];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (after === undefined ? missing !== 0 : missing < 1) return null;
  return [...head, ...Array<bigint>(missing).fill(0n), ...tail].reduce(
    (all, group) => (all << 16n) | group,
    0n,
  );
}

/** The last two groups of an address may be written as an IPv4 address. */
function groupsOf(text: string, last: boolean): bigint[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const octets = last ? parseIPv4(parts.at(-1) as string) : null;
  const groups = octets === null ? parts : parts.slice(0, -1);
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return null;
  const read = groups.map((group) => BigInt(`0x${group}`));
  return octets === null ? read : [...read, octets >> 16n, octets & 0xffffn];
}

/** As RFC 5952 says; IPv4 by its octets. */
export function writeAddress(address: Address): string {
  if (isIPv4(address)) return [24n, 16n, 8n, 0n].map((shift) => String((address >> shift) & 0xffn)).join('.');
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((address >> BigInt(112 - 16 * at)) & 0xffffn).toString(16),
  );
  const [start, length] = longestZeros(groups);
  if (length < 2) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}

/** The first of the longest. */
function longestZeros(groups: readonly string[]): [start: number, length: number] {
  let [start, length] = [0, 0];
  let run = 0;
  for (const [at, group] of groups.entries()) {
    run = group === '0' ? run + 1 : 0;
    if (run > length) [start, length] = [at + 1 - run, run];
  }
  return [start, length];
}
