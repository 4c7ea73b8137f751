/** RFC 7662 section 2.1: how a token is asked about. */
import * as oauth from 'oauth4webapi';
import type { AuthorizationServerConfig } from '../config/authorization-server.ts';
import type { Received } from '../exchange.ts';
import { type Fields, listOf, spelling } from '../http/headers.ts';
import { clientAuthentication, isMutualTls } from './client-authentication.ts';
import { EndpointError, type OAuthFetch, repeated } from './fetch.ts';
import type { ServerMetadata } from './metadata.ts';

/** `auto`: a server with a phantom JWT of its own gives that, one with RFC 9701 a signed answer, any other JSON. */
const ACCEPT_AUTO = 'application/jwt, application/token-introspection+jwt;q=0.9, application/json;q=0.5';

/** What is asked: whose token it is, and with which request it came. */
export type Asked = { readonly token: string; readonly received: Received };

/** Asks about a token. Rejects when there is no connection, no time left, or no such endpoint. */
export type RequestIntrospection = (asked: Asked) => Promise<Response>;

type Surroundings = {
  /** Rejects when there is none. Asked only where no endpoint is configured. */
  readonly metadata: () => Promise<ServerMetadata>;
  readonly fetch: OAuthFetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Numbers from 0 to 1, for pauses between repetitions. */
  readonly random?: () => number;
};

/** Makes what asks one authorization server, as its client, about tokens. */
export function introspectionRequest(
  config: AuthorizationServerConfig,
  { metadata, fetch, now, random = Math.random }: Surroundings,
): RequestIntrospection {
  const { accept, timeout, headers, parameters, token_type_hint } = config.introspection;
  const authenticate = clientAuthentication(config, now);
  const client = { client_id: config.client_id, use_mtls_endpoint_aliases: isMutualTls(config) };
  return async ({ token, received }) => {
    const server = await serverOf(config, metadata);
    const own = Object.entries(headers).map(([name, value]) => [name, value.reveal()] as const);
    const options = {
      headers: new Headers([...own, ...sentAlong(config, received)].map(([name, value]) => [name, value])),
      additionalParameters: {
        ...Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, value.reveal()])),
        ...(token_type_hint !== undefined && { token_type_hint }),
      },
      // Ours to judge: `fetch` refuses http:// by the address it connects to, which base_url may have made another.
      [oauth.allowInsecureRequests]: true,
      [oauth.customFetch]: (url: string, init: { headers: Record<string, string> }) =>
        fetch(url, {
          ...init,
          headers: { ...init.headers, accept: accept === 'auto' ? ACCEPT_AUTO : accept },
          signal: deadline,
        }),
    } as const;
    const deadline = AbortSignal.timeout(timeout);
    // The request as a whole is made anew: a client assertion is good for one use.
    return repeated(config, { random, deadline }, () =>
      oauth.introspectionRequest(server, client, authenticate, token, options),
    );
  };
}

/**
 * All that the answer may depend on besides the token: what is sent along of the caller's request. Empty when nothing is; for two
 * requests equal only when the very same would be sent, since each part is preceded by its length.
 */
export const varying = (config: AuthorizationServerConfig, received: Received): string =>
  sentAlong(config, received)
    .flat()
    .map((part) => `${part.length}:${part}`)
    .join('');

/** Fields of the introspection request that are the caller's request's: name, value. */
function sentAlong(
  { introspection: { client_headers, introspect_request } }: AuthorizationServerConfig,
  { fields, target, method }: Received,
): [string, string][] {
  const along = client_headers.flatMap((name) => fieldAlong(name, fields));
  if (introspect_request) along.push(['X-Request-Path', target.path], ['X-Request-Http-Method', method]);
  return along;
}

/**
 * A field that an upstream may read by this name, whatever it is spelled like, so that the server judges no other; duplicates joined as a
 * policy sees them. What Connection lists ends here, and is not sent along.
 */
function fieldAlong(name: string, fields: Fields): [string, string][] {
  const spelled = spelling(name);
  const values = fields.filter((_, i) => i % 2 === 1 && spelling(fields[i - 1] as string) === spelled);
  if (values.length === 0 || listOf(fields, 'connection').some((listed) => spelling(listed) === spelled))
    return [];
  return [[name, values.join(', ')]];
}

async function serverOf(
  config: AuthorizationServerConfig,
  metadata: () => Promise<ServerMetadata>,
): Promise<oauth.AuthorizationServer> {
  const { endpoint } = config.introspection;
  if (endpoint !== undefined) return { issuer: config.issuer, introspection_endpoint: endpoint };
  const { server } = await metadata();
  const { introspection_endpoint: alias } = (isMutualTls(config) && server.mtls_endpoint_aliases) || {};
  if (typeof (alias ?? server.introspection_endpoint) !== 'string')
    throw new EndpointError('its metadata names no introspection_endpoint');
  return server;
}
