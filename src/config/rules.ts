/** What a schema cannot say: rules between settings. The same ones for `serve` and `check`. */
import { CORS_FIELDS } from '../http/cors.ts';
import { trustedProxies } from '../http/forwarded.ts';
import { isFieldValue, isProtected, spelling } from '../http/headers.ts';
import { authorizationServerFaults } from './authorization-server-rules.ts';
import { consumerFaults } from './consumer-rules.ts';
import type { Fault } from './fault.ts';
import type { Config } from './resolve.ts';
import { resourceFaults } from './resource-rules.ts';
import { routesFaults } from './route-rules.ts';
import { tlsFault } from './tls.ts';
import { ORIGIN } from './url-rules.ts';

const ADMIN_TOKEN = /^[\x21-\x7e]{16,}$/;
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** Every rule that the configuration breaks. */
export function judge(config: Config): Fault[] {
  return [
    ...config.unresolved,
    ...listeners(config),
    ...authorizationServerFaults(config),
    ...consumerFaults(config),
    ...audienceFaults(config),
    ...services(config),
    ...resourceFaults(config.services),
    ...routesFaults(config),
  ];
}

function listeners({ admin, server }: Config): Fault[] {
  const faults: Fault[] = [];
  if (!LOOPBACK.has(admin.host))
    faults.push({
      path: ['admin', 'host'],
      message: 'the admin front shows its details to anybody: it can listen on loopback only',
    });
  // Anybody on the machine can try.
  if (admin.token && !ADMIN_TOKEN.test(admin.token.reveal()))
    faults.push({
      path: ['admin', 'token'],
      message: 'expected at least 16 characters of ASCII, without blanks, that nobody can guess',
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

/** A JWT of type JWT whose audience is a client may be that client's ID token: nothing else need tell the two apart. */
const audienceFaults = ({ routes, authorization_servers }: Config): Fault[] =>
  routes.flatMap((route, index) => {
    if (route.jwt_tokens !== 'verify') return [];
    const mixed = route.authorization_servers.some(({ name }) => {
      const server = authorization_servers[name];
      return server?.jwt_types.includes('JWT') && route.audience.includes(server.client_id);
    });
    return mixed
      ? [
          {
            path: ['routes', index, 'audience'],
            message: 'has a client_id: with jwt_types JWT an ID token for that client would pass',
          },
        ]
      : [];
  });
