/** Callers by their addresses: what one of them holds is counted together. */
import { isIPv4 } from 'node:net';

/** `::ffff:192.0.2.1`, as a dual-stack socket names an IPv4 peer, is `192.0.2.1`. */
export const plainAddress = (address: string): string =>
  address.startsWith('::ffff:') && isIPv4(address.slice(7)) ? address.slice(7) : address;

/**
 * Who counts as one caller: an IPv4 address, mapped into IPv6 or not, or the /64 of an IPv6 address, since that is the least
 * that one subscriber has (RFC 6177).
 */
export function networkOf(address: string): string {
  const plain = plainAddress(address.toLowerCase());
  if (isIPv4(plain)) return plain;
  const [before = '', after] = plain.split('::');
  const groups = before === '' ? [] : before.split(':');
  const rest = after === undefined || after === '' ? [] : after.split(':');
  // An IPv4 address at the end stands for two groups.
  const missing = 8 - groups.length - rest.length - (rest.at(-1)?.includes('.') ? 1 : 0);
  const all = after === undefined ? groups : [...groups, ...Array<string>(missing).fill('0'), ...rest];
  // One /64 is one, however it is spelled: RFC 5952 section 4.1 and 4.3.
  const canonical = all.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${canonical.join(':')}::/64`;
}
