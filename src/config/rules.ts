/** What a schema cannot say: rules between settings. The same ones for `serve` and `check`. */
import { CORS_FIELDS } from '../http/cors.ts';
import { trustedProxies } from '../http/forwarded.ts';
import { isFieldValue, isProtected, spelling } from '../http/headers.ts';
import type { Fault } from './fault.ts';
import type { Config } from './resolve.ts';
import { routesFaults } from './route-rules.ts';
import { tlsFault } from './tls.ts';

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** Every rule that the configuration breaks. */
export function judge(config: Config): Fault[] {
  return [
    ...config.unresolved,
    ...listeners(config),
    ...authorizationServers(config),
    ...services(config),
    ...routesFaults(config),
  ];
}

function listeners({ admin, server }: Config): Fault[] {
  const faults: Fault[] = [];
  if (!LOOPBACK.has(admin.host))
    faults.push({
      path: ['admin', 'host'],
      message: 'the admin front has no authentication: it can listen on loopback only',
    });
  for (const [index, entry] of server.trusted_proxies.entries()) {
    try {
      trustedProxies([entry]);
    } catch {
      faults.push({
        path: ['server', 'trusted_proxies', index],
        message: 'expected an address or a CIDR block',
      });
    }
  }
  const said = new Set<string>();
  for (const [name, value] of Object.entries(server.response_headers)) {
    const fault = (message: string): void =>
      void faults.push({ path: ['server', 'response_headers', name], message });
    if (said.has(spelling(name))) fault('stands twice');
    said.add(spelling(name));
    if (isProtected(name) || name.toLowerCase() === 'www-authenticate')
      fault('this header is each answer’s own');
    else if (CORS_FIELDS.has(spelling(name))) fault('is said by a route’s cors: name its origins there');
    else if (spelling(name) === 'vary')
      fault('says how answers differ, to caches: that is for who makes them');
    else if (value !== false && !isFieldValue(value)) fault('expected a header value, on one line');
  }
  return faults;
}

function authorizationServers({ authorization_servers, phantom }: Config): Fault[] {
  const faults: Fault[] = [];
  for (const [name, server] of Object.entries(authorization_servers)) {
    const { issuer, base_url, endpoint_origins, introspection, allow_insecure_requests } = server;
    const judgeUrl = (key: (string | number)[], url: string | undefined, is: UrlRule): void => {
      const path = ['authorization_servers', name, ...key];
      if (url === undefined) return;
      // The issuer is a name when base_url says where to connect.
      const connects = key[0] !== 'issuer' || !base_url?.startsWith('https:');
      if (!is.test(url)) faults.push({ path, message: is.expected });
      else if (url.startsWith('http:') && connects && !allow_insecure_requests)
        faults.push({
          path,
          message:
            'http:// sends the client secret and tokens in the clear: use https://, or say allow_insecure_requests: true',
        });
    };
    judgeUrl(['issuer'], issuer, IDENTIFIER);
    judgeUrl(['base_url'], base_url, ORIGIN);
    judgeUrl(['introspection', 'endpoint'], introspection.endpoint, ENDPOINT);
    for (const [index, origin] of endpoint_origins.entries())
      judgeUrl(['endpoint_origins', index], origin, ORIGIN);
    if (phantom?.issuer === issuer)
      faults.push({
        path: ['authorization_servers', name, 'issuer'],
        message: 'is phantom.issuer too: minted JWTs would pass for this server’s',
      });
  }
  if (phantom && !IDENTIFIER.test(phantom.issuer))
    faults.push({ path: ['phantom', 'issuer'], message: IDENTIFIER.expected });
  return faults;
}

type UrlRule = { readonly expected: string; readonly test: (url: string) => boolean };

const parses = (url: string, pattern: RegExp): boolean => pattern.test(url) && URL.canParse(url);

/** Backslashes, blanks and user:password@ would be read differently by different readers. */
const IDENTIFIER: UrlRule = {
  expected: 'expected a URL without query, fragment and credentials (RFC 8414 section 2)',
  test: (url) => parses(url, /^https?:\/\/[^/?#@\\\s]+(?:\/[^?#\\\s]*)?$/),
};
const ENDPOINT: UrlRule = {
  expected: 'expected a URL without fragment and credentials',
  test: (url) => parses(url, /^https?:\/\/[^/?#@\\\s]+(?:[/?][^#\\\s]*)?$/),
};
const ORIGIN: UrlRule = {
  expected: 'expected an origin such as https://accounts:4000, without a path',
  test: (url) => parses(url, /^https?:\/\/[^/?#@\\\s]+\/?$/),
};

function services({ services: all, phantom }: Config): Fault[] {
  const faults: Fault[] = [];
  for (const [name, { upstream, tls, phantom_jwt, audience }] of Object.entries(all)) {
    const path = ['services', name];
    for (const { at, message } of tlsFault(tls)) faults.push({ path: [...path, 'tls', at], message });
    if (Object.keys(tls).length > 0 && !upstream.startsWith('https:'))
      faults.push({ path: [...path, 'tls'], message: 'is for an upstream of https://' });
    if (!ORIGIN.test(upstream)) faults.push({ path: [...path, 'upstream'], message: ORIGIN.expected });
    if (phantom_jwt === 'mint' && !phantom)
      faults.push({
        path: [...path, 'phantom_jwt'],
        message: 'mint needs the section phantom, with issuer and keys',
      });
    if (phantom_jwt === 'mint' && audience === undefined)
      faults.push({ path, message: 'phantom_jwt: mint needs an audience, the aud of its JWTs' });
  }
  return faults;
}
