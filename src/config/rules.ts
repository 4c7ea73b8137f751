/** What a schema cannot say: rules between settings. The same ones for `serve` and `check`. */
import { trustedProxies } from '../http/forwarded.ts';
import { canonicalHost } from '../http/host.ts';
import { isProtected, spelling } from '../http/headers.ts';
import { parsePattern, PatternError } from '../http/route-table.ts';
import type { Fault } from './fault.ts';
import type { Config, Route } from './resolve.ts';

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** Every rule that the configuration breaks. */
export function judge(config: Config): Fault[] {
  return [
    ...config.unresolved,
    ...listeners(config),
    ...authorizationServers(config),
    ...services(config),
    ...config.routes.flatMap((route, index) => routeFaults(route, ['routes', index])),
    ...duplicateNames(config.routes),
    ...ties(config.routes),
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
  for (const [name, { upstream, phantom_jwt, audience }] of Object.entries(all)) {
    const path = ['services', name];
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

function routeFaults(route: Route, path: readonly (string | number)[]): Fault[] {
  const faults: Fault[] = [];
  const fault = (key: string, message: string): void => void faults.push({ path: [...path, key], message });
  if (route.token === 'none' && route.scopes.length > 0)
    fault('scopes', 'token: none has no scopes to judge');
  if (route.token === 'none' && route.audience.length > 0)
    fault('audience', 'token: none has no audience to judge');
  if (route.token === 'optional' && route.policy === null)
    fault('policy', 'token: optional needs a policy: without one it would admit everybody');
  const only = route.match.paths.length === 1;
  for (const [index, pattern] of route.match.paths.entries()) {
    try {
      parsePattern(pattern);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      // Its message may begin with a segment of the pattern.
      const message = error.message.replace(/^(?:"(?:[^"\\]|\\.)*"|\{\w+\})/, 'a segment');
      faults.push({ path: [...path, 'match', 'path', ...(only ? [] : [index])], message });
    }
  }
  for (const [index, host] of (route.match.hosts ?? []).entries())
    if (canonicalHost(host.replace(/^\*\./, '')) !== host.replace(/^\*\./, ''))
      faults.push({
        path: [...path, 'match', 'hosts', index],
        message: 'expected a host name, or *. and one, without a port',
      });
  return [...faults, ...headerFaults(route).map(({ at, message }) => ({ path: [...path, ...at], message }))];
}

/** Headers towards the upstream that no route may set, and those that two of its settings would set. */
function headerFaults(route: Route): { at: (string | number)[]; message: string }[] {
  const { claims, jwt } = route.identity_headers;
  const set = [
    ...route.policy_headers.map((name, index) => ({ name, at: ['policy_headers', index] })),
    ...Object.entries(claims).map(([claim, name]) => ({ name, at: ['identity_headers', 'claims', claim] })),
    ...(jwt === false ? [] : [{ name: jwt, at: ['identity_headers', 'jwt'] }]),
  ];
  const allowed = ({ name, at }: (typeof set)[number]): boolean =>
    !isProtected(name) ||
    (at[1] === 'claims' && IDENTITY_HEADER.test(name)) ||
    (at[1] === 'jwt' && name.toLowerCase() === 'authorization');
  const taken = new Set<string>();
  return set.flatMap((one) => {
    if (!allowed(one)) return [{ at: one.at, message: 'this header is not a route’s to set' }];
    if (taken.has(spelling(one.name)))
      return [{ at: one.at, message: 'another setting of this route sets this header too' }];
    taken.add(spelling(one.name));
    return [];
  });
}

/** Reserved so that no client and no policy sets them: they are for claims. */
const IDENTITY_HEADER = /^x-(?:credential|consumer)-/i;

const duplicateNames = (routes: readonly Route[]): Fault[] =>
  routes.flatMap(({ name }, index) =>
    routes.findIndex((other) => other.name === name) < index
      ? [{ path: ['routes', index, 'name'], message: 'there is another route of this name' }]
      : [],
  );

/** Two routes that the same request would match equally well: neither could be said to be the more specific. */
function ties(routes: readonly Route[]): Fault[] {
  const taken = new Map<string, number>();
  return routes.flatMap(({ match }, index) =>
    (match.hosts ?? ['*']).flatMap((host) =>
      match.paths.flatMap((pattern) =>
        (match.methods ?? ['*']).flatMap((method): Fault[] => {
          const key = `${method} ${host}${pattern.replaceAll(/\{[^}]*\}/g, '{}')}`;
          const other = taken.get(key) ?? index;
          taken.set(key, other);
          return other === index
            ? []
            : [
                {
                  path: ['routes', index, 'match'],
                  message: `matches the same requests as routes[${other}]`,
                },
              ];
        }),
      ),
    ),
  );
}
