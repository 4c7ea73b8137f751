/** Who called, and what the upstream is told of it: X-Forwarded-* and RFC 7239 Forwarded, always built anew. */
import { BlockList, isIP } from 'node:net';
import { type Fields, listOf } from './headers.ts';
import { DEFAULT_PORT, hostAndPort } from './host.ts';
import { plainAddress } from './network.ts';
import { canonicalise } from './target.ts';

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
  return (address) => list.check(plainAddress(address), isIP(plainAddress(address)) === 6 ? 'ipv6' : 'ipv4');
}

/** An address as it may go on. A zone (`fe80::1%eth0`) means something on its own host alone. */
const isAddress = (hop: string): boolean => isIP(hop) !== 0 && !hop.includes('%');

export type Caller = {
  /** Address of the client: the peer's, or the nearest untrusted one that trusted proxies name. */
  readonly client_ip: string;
  /** Addresses from the client's to the last proxy before the peer; empty when the peer itself is the client. */
  readonly via: readonly string[];
  /** Scheme at which the client spoke to the first trusted proxy, or to us. */
  readonly scheme: 'http' | 'https';
  /** Does the request come from a trusted proxy? */
  readonly trusted: boolean;
  /** Host that the client asked a trusted proxy for, in canonical form; null where none says so. Told to upstreams, and never matched. */
  readonly host: string | null;
  /** Port at which the client reached a trusted proxy; null where it is not known to be another than ours. */
  readonly port: number | null;
  /** Beginning of the path that trusted proxies stripped, canonical and without a slash at its end; empty for none. */
  readonly prefix: string;
};

/**
 * Finds the caller. X-Forwarded-For, -Proto, -Host, -Port and -Prefix are read only from trusted proxies (GHSA-vhr5-ggp3-qq85,
 * CVE-2024-52003), and all fields of a name together: a proxy may add its own below the client's, as HAProxy does. Of two
 * protocols, hosts, ports or prefixes none is believed: the first may be the client's invention.
 */
export function caller(peer: string, fields: Fields, trust: Trust, scheme: 'http' | 'https'): Caller {
  const address = plainAddress(peer);
  if (!trust(address))
    return { client_ip: address, via: [], scheme, trusted: false, host: null, port: null, prefix: '' };
  const hops = listOf(fields, 'x-forwarded-for').map(plainAddress);
  let first = hops.length;
  while (first > 0 && isAddress(hops[first - 1] ?? '')) {
    first--;
    if (!trust(hops[first] as string)) break;
  }
  const via = hops.slice(first);
  const only = (name: string): string => listOf(fields, name).join();
  const proto = only('x-forwarded-proto').toLowerCase();
  const said = proto === 'https' || proto === 'http' ? proto : null;
  const asked = hostAndPort(only('x-forwarded-host'));
  return {
    client_ip: via[0] ?? address,
    via,
    scheme: said ?? scheme,
    trusted: true,
    host: asked?.name ?? null,
    // A proxy that says how the client came, and no port, was reached at that scheme's own: ours tells nothing of it.
    port: portOf(only('x-forwarded-port')) ?? asked?.port ?? (said && DEFAULT_PORT[said]),
    prefix: prefixOf(only('x-forwarded-prefix')),
  };
}

function portOf(text: string): number | null {
  const port = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : 0;
  return port > 0 && port <= 65_535 ? port : null;
}

/** Characters. Normalising takes time that grows with the square of a run of combining marks. */
const LONGEST_PREFIX = 1_024;

/** A prefix that is one plain canonical path; upstreams put it into links, where `//evil.example` would be a host. */
function prefixOf(text: string): string {
  if (text === '' || text.length > LONGEST_PREFIX || text.includes(',')) return '';
  const read = canonicalise(text);
  return 'fault' in read || read.path !== text || read.ambiguities.length > 0 ? '' : text.replace(/\/$/, '');
}

/** How a request arrived. */
export type Arrival = {
  readonly caller: Caller;
  /** Address of the connection's other end. */
  readonly peer: string;
  /** The client's Host in canonical form. */
  readonly host: string;
  /** Port the request arrived at. */
  readonly port: number;
};

/** How the upstream's path came to differ from the client's. */
export type Moved = {
  /** The client's path. */
  readonly path: string;
  /** The beginning of it that was stripped; empty for none. */
  readonly prefix: string;
};

/** The forwarding fields towards an upstream; `moved` is null where it gets the client's own path. */
export function forwardingFields({ caller: from, peer, ...ours }: Arrival, moved: Moved | null): string[] {
  const chain = [...from.via, plainAddress(peer)];
  const host = from.host ?? ours.host;
  const prefix = from.prefix + (moved?.prefix ?? '');
  const node = (hop: string): string => (isIP(hop) === 6 ? `"[${hop}]"` : hop);
  return [
    'X-Forwarded-For',
    chain.join(', '),
    'X-Forwarded-Host',
    host,
    'X-Forwarded-Port',
    String(from.port ?? ours.port),
    'X-Forwarded-Proto',
    from.scheme,
    ...(prefix === '' ? [] : ['X-Forwarded-Prefix', prefix]),
    ...(moved ? ['X-Forwarded-Path', moved.path] : []),
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
