/** What a schema cannot say: rules between settings. The same ones for `serve` and `check`. */
import { trustedProxies } from '../http/forwarded.ts';
import { canonicalHost } from '../http/host.ts';
import { isProtected } from '../http/headers.ts';
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
    const path = ['authorization_servers', name];
    const urls = { issuer: server.issuer, base_url: server.base_url };
    for (const [key, url] of Object.entries({
      ...urls,
      'introspection.endpoint': server.introspection.endpoint,
    })) {
      if (url === undefined) continue;
      const at = [...path, ...key.split('.')];
      if (!URL.canParse(url)) faults.push({ path: at, message: 'expected a URL' });
      // The issuer is a name when base_url says where to connect.
      else if (
        url.startsWith('http:') &&
        !server.allow_insecure_requests &&
        !(key === 'issuer' && server.base_url?.startsWith('https:'))
      )
        faults.push({
          path: at,
          message:
            'http:// sends the client secret and tokens in the clear: use https://, or say allow_insecure_requests: true',
        });
    }
    if (
      server.base_url !== undefined &&
      URL.canParse(server.base_url) &&
      !/^https?:\/\/[^/]+\/?$/.test(server.base_url)
    )
      faults.push({ path: [...path, 'base_url'], message: 'expected an origin, without a path' });
    if (phantom?.issuer === server.issuer)
      faults.push({
        path: [...path, 'issuer'],
        message: 'is phantom.issuer too: minted JWTs would pass for this server’s',
      });
  }
  return faults;
}

function services({ services: all, phantom }: Config): Fault[] {
  const faults: Fault[] = [];
  for (const [name, { upstream, phantom_jwt, audience }] of Object.entries(all)) {
    const path = ['services', name];
    if (!/^https?:\/\/[^/?#@]+\/?$/.test(upstream) || !URL.canParse(upstream))
      faults.push({
        path: [...path, 'upstream'],
        message: 'expected an origin such as http://accounts:4000, without a path',
      });
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
  for (const pattern of route.match.paths) {
    try {
      parsePattern(pattern);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      faults.push({ path: [...path, 'match', 'path'], message: `${pattern}: ${error.message}` });
    }
  }
  for (const [index, host] of (route.match.hosts ?? []).entries())
    if (canonicalHost(host.replace(/^\*\./, '')) !== host.replace(/^\*\./, ''))
      faults.push({
        path: [...path, 'match', 'hosts', index],
        message: 'expected a host name, or *. and one, without a port',
      });
  for (const [key, names] of [
    ['policy_headers', route.policy_headers],
    ['identity_headers', Object.values(route.identity_headers.claims)],
  ] as const)
    for (const name of names)
      if (isProtected(name) && !/^x-(credential|consumer)-/i.test(name))
        fault(key, `${name} cannot be set by a route`);
  const { jwt } = route.identity_headers;
  if (jwt !== false && jwt.toLowerCase() !== 'authorization' && isProtected(jwt))
    fault('identity_headers', `${jwt} cannot be set by a route`);
  return faults;
}

const duplicateNames = (routes: readonly Route[]): Fault[] =>
  routes.flatMap(({ name }, index) =>
    routes.findIndex((other) => other.name === name) < index
      ? [{ path: ['routes', index, 'name'], message: `there is another route ${name}` }]
      : [],
  );

/** Two routes that the same request would match equally well: neither could be said to be the more specific. */
function ties(routes: readonly Route[]): Fault[] {
  const taken = new Map<string, string>();
  return routes.flatMap((route, index) =>
    (route.match.hosts ?? ['*']).flatMap((host) =>
      route.match.paths.flatMap((pattern) =>
        (route.match.methods ?? ['*']).flatMap((method): Fault[] => {
          const key = `${method} ${host}${pattern.replaceAll(/\{[^}]*\}/g, '{}')}`;
          const other = taken.get(key);
          if (other === undefined) taken.set(key, route.name);
          return other === undefined || other === route.name
            ? []
            : [
                {
                  path: ['routes', index, 'match'],
                  message: `matches the same requests as the route ${other}`,
                },
              ];
        }),
      ),
    ),
  );
}
