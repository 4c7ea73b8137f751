/** Host names as requests and configuration write them (RFC 9110 section 7.2). */
import { isIPv6 } from 'node:net';

const HOST = /^(?<name>[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])\.?(?::(?<port>\d{1,5}))?$/;
/** The port of a scheme where none is written. */
export const DEFAULT_PORT = { http: 80, https: 443 } as const;

/** A host's name for comparison, and the port beside it, 1 to 65535; null where none is written. */
export type HostAndPort = { readonly name: string; readonly port: number | null };

/** Reads `name:port`; null when it is no host. */
export function hostAndPort(text: string): HostAndPort | null {
  const { name, port } = HOST.exec(text.toLowerCase())?.groups ?? {};
  if (name === undefined || name.includes('..')) return null;
  if (name.startsWith('[') && !isIPv6(name.slice(1, -1))) return null;
  const number = Number(port);
  return number > 65_535 || number === 0 ? null : { name, port: port === undefined ? null : number };
}

/**
 * The name in a Host header, for comparison: lower case, without port and trailing dot (CVE-2026-42273). Null when it is no
 * host: `a;for=1.2.3.4` would otherwise reach Forwarded (GHSA-4jgr-pg2m-m988).
 */
export const canonicalHost = (host: string): string | null => hostAndPort(host)?.name ?? null;

/**
 * Is the authority of an absolute-form target the one in the Host header (RFC 9112 section 3.2.2)? Compared as hosts are: without
 * case and trailing dot, the scheme's own port being the same as none. An authority with user information is never.
 */
export function sameAuthority(authority: string, hostHeader: string, scheme: 'http' | 'https'): boolean {
  const one = hostAndPort(authority);
  const other = hostAndPort(hostHeader);
  if (!one || !other) return false;
  return (
    one.name === other.name && (one.port ?? DEFAULT_PORT[scheme]) === (other.port ?? DEFAULT_PORT[scheme])
  );
}
