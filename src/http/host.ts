/** Host names as requests and configuration write them (RFC 9110 section 7.2). */

const HOST = /^(?<name>[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])\.?(?::\d{1,5})?$/;

/**
 * The name in a Host header, for comparison: lower case, without port and trailing dot (CVE-2026-42273). Null when it is no
 * host: `a;for=1.2.3.4` would otherwise reach Forwarded (GHSA-4jgr-pg2m-m988).
 */
export function canonicalHost(host: string): string | null {
  return HOST.exec(host.toLowerCase())?.groups?.['name'] ?? null;
}
