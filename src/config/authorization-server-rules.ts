/** Rules between an authorization server's settings. */
import { type AuthorizationServerConfig, issuersOf } from './authorization-server.ts';
import { clientFaults, isPlainValue } from './client-rules.ts';
import type { Fault } from './fault.ts';
import { introspectionFaults } from './introspection-rules.ts';
import type { Config } from './resolve.ts';
import { tlsFault } from './tls.ts';
import type { Within } from './token-rules.ts';
import { ENDPOINT, IDENTIFIER, ORIGIN, type UrlRule } from './url-rules.ts';

/** Every rule that the authorization servers break, and `phantom` beside them. */
export function authorizationServerFaults({ authorization_servers, phantom }: Config): Fault[] {
  const faults = Object.entries(authorization_servers).flatMap(([name, server]) =>
    [
      ...urlFaults(server),
      ...identityFaults(server, phantom?.issuer),
      ...tlsFaults(server),
      ...proxyFaults(server),
      ...clientFaults(server),
      ...introspectionFaults(server.introspection),
    ].map(({ at, message }) => ({ path: ['authorization_servers', name, ...at], message })),
  );
  if (phantom && !IDENTIFIER.test(phantom.issuer))
    faults.push({ path: ['phantom', 'issuer'], message: IDENTIFIER.expected });
  return faults;
}

function urlFaults(server: AuthorizationServerConfig): Within[] {
  const { issuer, base_url, endpoint_origins, introspection, jwks_uri, allow_insecure_requests } = server;
  const faults: Within[] = [];
  const judge = (at: (string | number)[], url: string | undefined, is: UrlRule): void => {
    if (url === undefined) return;
    // The issuer is a name when base_url says where to connect.
    const connects = at[0] !== 'issuer' || !base_url?.startsWith('https:');
    if (!is.test(url)) faults.push({ at, message: is.expected });
    else if (url.startsWith('http:') && connects && !allow_insecure_requests)
      faults.push({
        at,
        message:
          'http:// sends the client secret and tokens in the clear: use https://, or say allow_insecure_requests: true',
      });
  };
  judge(['issuer'], issuer, IDENTIFIER);
  judge(['base_url'], base_url, ORIGIN);
  judge(['introspection', 'endpoint'], introspection.endpoint, ENDPOINT);
  judge(['jwks_uri'], jwks_uri, ENDPOINT);
  for (const [index, origin] of endpoint_origins.entries())
    judge(['endpoint_origins', index], origin, ORIGIN);
  return faults;
}

/** Whoever has the issuer of minted JWTs as its own would vouch for them. */
const identityFaults = (server: AuthorizationServerConfig, minting: string | undefined): Within[] =>
  issuersOf(server).flatMap((issuer, index) =>
    issuer === minting
      ? [
          {
            at: index === 0 ? ['issuer'] : ['issuers', index - 1],
            message: 'is phantom.issuer too: minted JWTs would pass for this server’s',
          },
        ]
      : [],
  );

function tlsFaults(server: AuthorizationServerConfig): Within[] {
  const { dangerously_skip_verification: skips, ...tls } = server.tls;
  const faults: Within[] = tlsFault(tls).map(({ at, message }) => ({ at: ['tls', at], message }));
  if ((skips || Object.keys(tls).length > 0) && !speaksTls(server))
    faults.push({ at: ['tls'], message: 'is for an authorization server of https://' });
  for (const key of ['ca', 'server_name'] as const)
    if (skips && tls[key] !== undefined)
      faults.push({
        at: ['tls', key],
        message: 'is verified by nobody: dangerously_skip_verification is on',
      });
  return faults;
}

function proxyFaults({ proxy, proxy_authorization: authorization }: AuthorizationServerConfig): Within[] {
  const faults: Within[] = [];
  // Credentials in it would show wherever the URL does.
  if (proxy !== undefined && !ORIGIN.test(proxy)) faults.push({ at: ['proxy'], message: ORIGIN.expected });
  if (authorization === undefined) return faults;
  const at = ['proxy_authorization'];
  if (proxy === undefined) faults.push({ at, message: 'needs a proxy' });
  if (!isPlainValue(authorization.reveal()))
    faults.push({ at, message: 'expected a header value, on one line' });
  return faults;
}

/** Is there anything at this server that is connected to by https://? */
const speaksTls = ({
  issuer,
  base_url,
  introspection,
  jwks_uri,
  endpoint_origins,
}: AuthorizationServerConfig): boolean =>
  [base_url ?? issuer, introspection.endpoint, jwks_uri, ...endpoint_origins].some((url) =>
    url?.startsWith('https:'),
  );
