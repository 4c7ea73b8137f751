/** Rules for `resource`, the metadata of an API (RFC 9728). */
import { canonicalHost } from '../http/host.ts';
import { canonicalise } from '../http/target.ts';
import type { Fault } from './fault.ts';
import { metadataPlace } from './resource.ts';
import type { ServiceConfig } from './service.ts';
import { IDENTIFIER } from './url-rules.ts';

/** Hosts that no network can come between. */
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Every rule that the services' resources break. */
export function resourceFaults(services: Readonly<Record<string, ServiceConfig>>): Fault[] {
  const faults: Fault[] = [];
  const taken = new Set<string>();
  for (const [name, { resource }] of Object.entries(services)) {
    if (!resource) continue;
    const report = (key: string, message: string): void =>
      void faults.push({ path: ['services', name, 'resource', key], message });
    const { identifier, documentation } = resource;
    const fault = identifierFault(identifier);
    if (fault !== null) report('identifier', fault);
    else {
      const { host, path } = metadataPlace(identifier);
      if (taken.has(host + path))
        report(
          'identifier',
          'another service has this identifier, save for the port or a slash after the host',
        );
      taken.add(host + path);
    }
    if (documentation !== undefined && !URL.canParse(documentation))
      report('documentation', 'expected an http:// or https:// URL');
  }
  return faults;
}

/**
 * Why clients could not take this for the identifier of the API that they called, which they compare character by character
 * (RFC 9728 section 3.3); or null. What is left has neither quotes nor controls.
 */
function identifierFault(identifier: string): string | null {
  if (!IDENTIFIER.test(identifier)) return 'expected a URL without query, fragment and credentials';
  const { protocol, hostname, host, pathname, href } = new URL(identifier);
  if (protocol !== 'https:' && !LOOPBACK.has(hostname))
    return 'expected https:// (RFC 9728 section 1.2); http:// is for loopback alone';
  const path = canonicalise(pathname);
  const plain = !('fault' in path) && path.path === pathname && path.ambiguities.length === 0;
  if (!plain || (href !== identifier && href !== `${identifier}/`) || canonicalHost(host) === null)
    return 'expected it as clients write it: a host in lower case, no default port, and a plain path';
  return null;
}
