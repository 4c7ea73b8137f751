/** An authorization server's metadata and keys: found when first needed, kept while fresh, found again when it comes back. */
import type { JSONWebKeySet } from 'jose';
import * as oauth from 'oauth4webapi';
import type { AuthorizationServerConfig } from '../config/authorization-server.ts';
import { admittedEndpoint, EndpointError, IllServerError, isIllStatus, type OAuthFetch } from './fetch.ts';
import { type KeySet, keySet } from './key-set.ts';

const FRESH_MS = 600_000;
/** After a failure the next request may try again only after this, so that a dead server is not hammered. */
const COOLDOWN_MS = 1_000;
const MOST_KEYS = 100;

export type ServerMetadata = {
  readonly server: oauth.AuthorizationServer;
  /** Null where it names no jwks_uri. */
  readonly keys: KeySet | null;
};

/**
 * Returns a function that gives the metadata: RFC 8414 first, then OpenID Connect Discovery. It rejects when there is none to be
 * had or when it is not this issuer's; a metadata document once found is used until a newer one can be had, and nobody waits for
 * that. What the configuration says itself, `jwks_uri` and the introspection endpoint, is not looked for.
 */
export function metadataOf(
  config: AuthorizationServerConfig,
  fetch: OAuthFetch,
  now: () => number,
): () => Promise<ServerMetadata> {
  let held: { metadata: ServerMetadata; at: number } | null = null;
  let failed: { error: Error; at: number } | null = null;
  let underway: Promise<ServerMetadata> | null = null;
  /** False too when the clock was set back since. */
  const within = (at: number, duration: number): boolean => at <= now() && now() < at + duration;

  const refresh = async (): Promise<ServerMetadata> => {
    try {
      const server = await discover(config, fetch);
      const unchanged = held?.metadata.server.jwks_uri === server.jwks_uri ? held?.metadata.keys : undefined;
      held = { metadata: { server, keys: unchanged ?? keysOf(config, server, fetch, now) }, at: now() };
      failed = null;
    } catch (error) {
      failed = { error: error as Error, at: now() };
      if (!held) throw error;
    } finally {
      underway = null;
    }
    return held.metadata;
  };

  return () => {
    const cooling = failed !== null && within(failed.at, COOLDOWN_MS);
    if (!held) return failed && cooling ? Promise.reject(failed.error) : (underway ??= refresh());
    if (!within(held.at, FRESH_MS) && !cooling) void (underway ??= refresh());
    return Promise.resolve(held.metadata);
  };
}

async function discover(
  config: AuthorizationServerConfig,
  fetch: OAuthFetch,
): Promise<oauth.AuthorizationServer> {
  const request = (algorithm: 'oauth2' | 'oidc'): Promise<Response> =>
    oauth.discoveryRequest(new URL(config.issuer), {
      algorithm,
      [oauth.customFetch]: fetch,
      // Ours to judge: `fetch` refuses http:// by the address it connects to, which base_url may have made another.
      [oauth.allowInsecureRequests]: true,
    });
  const { jwks_uri, introspection } = config;
  // All that would be looked for is said.
  if (jwks_uri !== undefined && introspection.endpoint !== undefined)
    return { issuer: config.issuer, introspection_endpoint: introspection.endpoint, jwks_uri };
  const first = await request('oauth2');
  const found = await readMetadata(config, first);
  if (typeof found !== 'string') return found;
  const second = await request('oidc');
  const other = await readMetadata(config, second);
  if (typeof other !== 'string') return other;
  const message = `no metadata: RFC 8414: ${found}; OpenID Connect Discovery: ${other}`;
  const ill = [first, second].find(({ status }) => isIllStatus(status));
  throw ill ? new IllServerError(message, ill) : new EndpointError(message);
}

/** The metadata, or why that is none. Not oauth4webapi's reading: to that, the issuers `https://as` and `https://as/` are one. */
async function readMetadata(
  config: AuthorizationServerConfig,
  response: Response,
): Promise<oauth.AuthorizationServer | string> {
  if (response.status !== 200) return `it answered ${response.status}`;
  const metadata: unknown = await response.json().catch(() => null);
  if (typeof metadata !== 'object' || metadata === null) return 'it is not a JSON object';
  const { issuer } = metadata as { issuer?: unknown };
  // RFC 8414 section 3.3: the very same string.
  if (issuer !== config.issuer)
    return `it is of another issuer: ${(JSON.stringify(issuer) ?? 'none').slice(0, 200)}`;
  const { jwks_uri } = config;
  return { ...(metadata as oauth.AuthorizationServer), ...(jwks_uri === undefined ? {} : { jwks_uri }) };
}

function keysOf(
  config: AuthorizationServerConfig,
  { jwks_uri }: oauth.AuthorizationServer,
  fetch: OAuthFetch,
  now: () => number,
): KeySet | null {
  if (jwks_uri === undefined) return null;
  // Judged now, so that the metadata is refused whose keys lie where they may not.
  admittedEndpoint(jwks_uri, config);
  return keySet(async () => {
    const response = await fetch(jwks_uri, { headers: { accept: 'application/json' } });
    const message = `its jwks_uri answered ${response.status}`;
    if (isIllStatus(response.status)) throw new IllServerError(message, response);
    if (response.status !== 200) throw new EndpointError(message);
    const set = (await response.json().catch(() => null)) as { keys?: unknown } | null;
    if (!Array.isArray(set?.keys)) throw new EndpointError('its jwks_uri gives no key set');
    if (set.keys.length > MOST_KEYS) throw new EndpointError(`its key set has over ${MOST_KEYS} keys`);
    return set as JSONWebKeySet;
  }, now);
}
