/** An authorization server's metadata and keys: found when first needed, kept while fresh, found again when it comes back. */
import { createRemoteJWKSet, customFetch as joseFetch, type JWTVerifyGetKey } from 'jose';
import * as oauth from 'oauth4webapi';
import type { AuthorizationServerConfig } from '../config/authorization-server.ts';
import { admittedEndpoint, EndpointError, type OAuthFetch } from './fetch.ts';

const FRESH_MS = 600_000;
/** After a failure the next request may try again only after this, so that a dead server is not hammered. */
const COOLDOWN_MS = 1_000;
const MOST_KEYS = 100;

export type ServerMetadata = {
  readonly server: oauth.AuthorizationServer;
  /** The server's keys: refreshed, at a bounded rate, when a JWT names one that is not known. */
  readonly keys: JWTVerifyGetKey;
};

/**
 * Returns a function that gives the metadata: RFC 8414 first, then OpenID Connect Discovery. It rejects when there is none to be
 * had or when it is not this issuer's; a metadata document once found is used until a newer one can be had.
 */
export function metadataOf(
  config: AuthorizationServerConfig,
  fetch: OAuthFetch,
  now: () => number,
): () => Promise<ServerMetadata> {
  let held: { metadata: ServerMetadata; until: number } | null = null;
  let failed: { error: Error; until: number } | null = null;
  let underway: Promise<ServerMetadata> | null = null;

  const refresh = async (): Promise<ServerMetadata> => {
    try {
      const server = await discover(config, fetch);
      const unchanged = held?.metadata.server.jwks_uri === server.jwks_uri ? held?.metadata.keys : undefined;
      held = {
        metadata: { server, keys: unchanged ?? keysOf(config, server, fetch) },
        until: now() + FRESH_MS,
      };
      failed = null;
    } catch (error) {
      failed = { error: error as Error, until: now() + COOLDOWN_MS };
      if (!held) throw error;
    } finally {
      underway = null;
    }
    return held.metadata;
  };

  return () => {
    if (held && now() < held.until) return Promise.resolve(held.metadata);
    if (failed && now() < failed.until)
      return held ? Promise.resolve(held.metadata) : Promise.reject(failed.error);
    return (underway ??= refresh());
  };
}

async function discover(
  config: AuthorizationServerConfig,
  fetch: OAuthFetch,
): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(config.issuer);
  const ask = async (algorithm: 'oauth2' | 'oidc'): Promise<oauth.AuthorizationServer> => {
    const options = {
      algorithm,
      [oauth.customFetch]: fetch as never,
      [oauth.allowInsecureRequests]: config.allow_insecure_requests,
    };
    return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
  };
  const server = await ask('oauth2').catch(() => ask('oidc'));
  // `new URL` makes `https://as` and `https://as/` equal; RFC 8414 section 3.3 wants the very same string.
  if (server.issuer !== config.issuer)
    throw new EndpointError(`its metadata is of another issuer: ${server.issuer}`);
  return server;
}

function keysOf(
  config: AuthorizationServerConfig,
  server: oauth.AuthorizationServer,
  fetch: OAuthFetch,
): JWTVerifyGetKey {
  if (server.jwks_uri === undefined) {
    return () => Promise.reject(new EndpointError('its metadata names no jwks_uri'));
  }
  return createRemoteJWKSet(admittedEndpoint(server.jwks_uri, config), {
    timeoutDuration: config.introspection.timeout,
    [joseFetch]: async (url: string, options: RequestInit) => {
      const response = await fetch(url, options);
      const keys = response.ok ? ((await response.clone().json()) as { keys?: unknown }).keys : [];
      if (Array.isArray(keys) && keys.length > MOST_KEYS)
        throw new EndpointError(`its key set has over ${MOST_KEYS} keys`);
      return response;
    },
  });
}
