/** Who called, and what the upstream is told of it: X-Forwarded-* and RFC 7239 Forwarded, always built anew. */
import { BlockList, isIP } from 'node:net';
import { type Fields, listOf } from './headers.ts';

/** Says whether an address belongs to a trusted proxy. */
export type Trust = (address: string) => boolean;

/** Reads addresses and CIDR blocks. Throws RangeError naming the entry that is neither. */
export function trustedProxies(entries: readonly string[]): Trust {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix, ...more] = entry.split('/');
    const family = isIP(address);
    const widest = family === 6 ? 128 : 32;
    const bits = Number(prefix ?? widest);
    if (family === 0 || more.length > 0 || !/^\d{1,3}$/.test(prefix ?? '0') || bits > widest)
      throw new RangeError(`${JSON.stringify(entry)} is neither an address nor a CIDR block`);
    list.addSubnet(address, bits, family === 6 ? 'ipv6' : 'ipv4');
  }
  if (entries.length === 0) return () => false;
  return (address) => list.check(plain(address), isIP(plain(address)) === 6 ? 'ipv6' : 'ipv4');
}

/** `::ffff:192.0.2.1`, as a dual-stack socket names an IPv4 peer, is `192.0.2.1`. */
const plain = (address: string): string =>
  address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;

export type Caller = {
  /** Address of the client: the peer's, or the nearest untrusted one that trusted proxies name. */
  readonly client_ip: string;
  /** Addresses from the client's to the last proxy before the peer; empty when the peer itself is the client. */
  readonly via: readonly string[];
  /** Scheme at which the client spoke to the first trusted proxy, or to us. */
  readonly scheme: 'http' | 'https';
  /** Does the request come from a trusted proxy? */
  readonly trusted: boolean;
};

/**
 * Finds the caller. X-Forwarded-For and -Proto are read only from trusted proxies (GHSA-vhr5-ggp3-qq85), and all fields of the
 * name together: a proxy may add its own below the client's, as HAProxy does. Of two protocols none is believed.
 */
export function caller(peer: string, fields: Fields, trust: Trust, scheme: 'http' | 'https'): Caller {
  const address = plain(peer);
  if (!trust(address)) return { client_ip: address, via: [], scheme, trusted: false };
  const hops = listOf(fields, 'x-forwarded-for').map(plain);
  let first = hops.length;
  while (first > 0 && isIP(hops[first - 1] ?? '') !== 0) {
    first--;
    if (!trust(hops[first] as string)) break;
  }
  const via = hops.slice(first);
  const proto = listOf(fields, 'x-forwarded-proto').join().toLowerCase();
  return {
    client_ip: via[0] ?? address,
    via,
    scheme: proto === 'https' || proto === 'http' ? proto : scheme,
    trusted: true,
  };
}

/** The forwarding fields towards an upstream. `peer` is who connected to us, `host` the client's Host in canonical form. */
export function forwardingFields(from: Caller, peer: string, host: string, port: number): string[] {
  const address = plain(peer);
  const chain = [...from.via, address];
  const node = (hop: string): string => (isIP(hop) === 6 ? `"[${hop}]"` : hop);
  return [
    'X-Forwarded-For',
    chain.join(', '),
    'X-Forwarded-Host',
    host,
    'X-Forwarded-Port',
    String(port),
    'X-Forwarded-Proto',
    from.scheme,
    'X-Real-IP',
    from.client_ip,
    'Forwarded',
    chain
      .map((hop, index) =>
        index === 0
          ? `for=${node(hop)};host=${host.startsWith('[') ? `"${host}"` : host};proto=${from.scheme}`
          : `for=${node(hop)}`,
      )
      .join(', '),
  ];
}
