/** The one way to an authorization server: bounded in time and size, no redirects, only to where it may lie. */
import { Agent } from 'undici';
import type { AuthorizationServerConfig } from '../config/authorization-server.ts';

/** As oauth4webapi and jose call it. */
export type OAuthFetch = (
  url: string,
  init: { method?: string; headers?: unknown; body?: unknown; signal?: AbortSignal | null },
) => Promise<Response>;

/** Metadata, key sets and answers beyond this are refused unread. */
const LARGEST_ANSWER_BYTES = 262_144;
/** Response refuses to be made of these with a body, even an empty one. */
const BODYLESS = new Set([204, 205, 304]);

/** An address that the configuration does not admit for this server, or an answer that breaks the bounds. */
export class EndpointError extends Error {}

/**
 * The URL to connect to for an endpoint of this server: `base_url` replaces the issuer's origin. Throws EndpointError for one that
 * lies where it may not.
 */
export function admittedEndpoint(endpoint: string, server: AuthorizationServerConfig): URL {
  if (!URL.canParse(endpoint))
    throw new EndpointError('an endpoint of the authorization server is not a URL');
  const named = new URL(endpoint);
  const origins = [server.issuer, server.base_url, server.introspection.endpoint, ...server.endpoint_origins];
  if (!origins.some((origin) => origin !== undefined && new URL(origin).origin === named.origin))
    throw new EndpointError(`${named.origin} is neither the issuer's origin nor one of endpoint_origins`);
  // Joined as text: resolved against a base, a path of `//elsewhere/` would be a host.
  const url =
    server.base_url !== undefined && named.origin === new URL(server.issuer).origin
      ? new URL(new URL(server.base_url).origin + named.pathname + named.search)
      : named;
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && server.allow_insecure_requests))
    throw new EndpointError(`${url.origin} is not https, and allow_insecure_requests is off`);
  return url;
}

/** A fetch for one authorization server over its own keep-alive pool. */
export function oauthFetch(server: AuthorizationServerConfig): {
  fetch: OAuthFetch;
  close: () => Promise<void>;
} {
  const { timeout } = server.introspection;
  const agent = new Agent({
    // Said here, since NODE_TLS_REJECT_UNAUTHORIZED=0 would otherwise say no.
    connect: { timeout, rejectUnauthorized: true },
    headersTimeout: timeout,
    bodyTimeout: timeout,
    maxResponseSize: LARGEST_ANSWER_BYTES,
  });
  return {
    async fetch(endpoint, init) {
      const url = admittedEndpoint(endpoint, server);
      const deadline = AbortSignal.timeout(timeout);
      const response = await agent.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: init.method ?? 'GET',
        headers: Object.fromEntries(new Headers(init.headers as HeadersInit)),
        body: init.body === undefined || init.body === null ? null : String(init.body as URLSearchParams),
        signal: init.signal ? AbortSignal.any([init.signal, deadline]) : deadline,
      });
      const bytes = new Uint8Array(await response.body.bytes());
      const headers = new Headers();
      for (const [name, value] of Object.entries(response.headers))
        for (const one of [value ?? []].flat()) headers.append(name, one);
      const status = response.statusCode;
      return new Response(BODYLESS.has(status) ? null : bytes, { status, headers });
    },
    close: () => agent.destroy(),
  };
}
