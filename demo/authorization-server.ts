/**
 * The demo's authorization server: a real one (oidc-provider), with opaque access tokens for three clients, introspection with signed
 * answers (RFC 9701) and revocation. Its keys and secrets are for the demo alone.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPair, exportJWK } from 'jose';
import { Provider, type Configuration } from 'oidc-provider';

/** Everyone in the demo. Each is a client of its own, whose access token speaks for it; alice approves transactions. */
export const PEOPLE = {
  alice: { secret: 'alice-secret', roles: ['approver'] },
  bob: { secret: 'bob-secret', roles: [] },
  carol: { secret: 'carol-secret', roles: [] },
} as const;

/** Portcullis itself, as a client that may introspect. */
export const GATEWAY = { client_id: 'portcullis', client_secret: 'portcullis-secret' };

export const AUDIENCE = 'https://api.demo.example';
const SCOPES = 'accounts:read transactions:read transactions:approve';

const TOKEN_SECONDS = 300;

type Options = {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** What tokens say who made them; the address it listens on unless given. */
  readonly issuer?: string | undefined;
};

/** Starts it, and gives its issuer and server. */
export async function startAuthorizationServer({
  host,
  port,
  issuer,
}: Options): Promise<{ issuer: string; server: Server }> {
  const server = createServer();
  server.listen(port, host);
  await once(server, 'listening');
  const name = issuer ?? `http://${host}:${(server.address() as AddressInfo).port}`;
  const answer = new Provider(name, await configuration()).callback();
  server.on('request', (request, response) => void answer(request, response));
  return { issuer: name, server };
}

async function configuration(): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const client = (client_id: string, client_secret: string) => ({
    client_id,
    client_secret,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    introspection_signed_response_alg: 'RS256' as const,
  });
  return {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'demo', use: 'sig', alg: 'RS256' }] },
    cookies: { keys: ['demo'] },
    clients: [
      ...Object.entries(PEOPLE).map(([name, { secret }]) => client(name, secret)),
      client(GATEWAY.client_id, GATEWAY.client_secret),
    ],
    scopes: SCOPES.split(' '),
    ttl: { ClientCredentials: TOKEN_SECONDS },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, asking) => asking.clientId === GATEWAY.client_id,
      },
      jwtIntrospection: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        getResourceServerInfo: () => ({
          scope: SCOPES,
          audience: AUDIENCE,
          accessTokenFormat: 'opaque',
          accessTokenTTL: TOKEN_SECONDS,
        }),
      },
    },
    // A client's own token has no subject (RFC 9068 would say the client's id): the demo's people are clients.
    extraTokenClaims: (_ctx, token) => {
      const name = token.clientId as keyof typeof PEOPLE;
      return { sub: name, roles: PEOPLE[name]?.roles ?? [] };
    },
  };
}
