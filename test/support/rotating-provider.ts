/** A real authorization server (oidc-provider) whose clients, keys and features are the test's own, and whose keys can be replaced. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { type ClientMetadata, type Configuration, Provider } from 'oidc-provider';
import type { Test } from 'tap';

/** Its APIs: which one a token is for says whether it is a JWT or opaque. */
export const JWT_API = 'https://jwt.example';
export const OPAQUE_API = 'https://opaque.example';

export type RealServer = {
  readonly issuer: string;
  /** The paths that were asked for, without their queries. */
  readonly asked: string[];
  /** An access token of the client `app` for one of the APIs. */
  readonly take: (api: string) => Promise<string>;
  /** A refresh token and an ID token of the user alice. */
  readonly takeOthers: () => Promise<{ refresh: string; id: string }>;
  /** Makes it use, and publish, these keys instead of those that it had. */
  readonly rotate: (...keys: JWK[]) => void;
};

/** A private signing key, as the server has it. */
export async function signingKey(kid: string, alg = 'ES256'): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' };
}

/** Starts it. `gateway` are further settings of the client `portcullis`, with the secret `portcullis-secret`. */
export async function startProvider(
  t: Test,
  { keys, gateway = {} }: { keys: readonly JWK[]; gateway?: Partial<ClientMetadata> },
): Promise<RealServer> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const asked: string[] = [];
  const provide = (jwks: readonly JWK[]): Provider => new Provider(issuer, configuration(jwks, gateway));
  let provider = provide(keys);
  let answer = provider.callback();
  server.on('request', (request, response) => {
    asked.push(request.url?.split('?')[0] ?? '');
    void answer(request, response);
  });
  return {
    issuer,
    asked,
    async take(api) {
      const response = await fetch(`${issuer}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa('app:app-secret')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'read', resource: api }),
      });
      const { access_token } = (await response.json()) as { access_token?: string };
      if (access_token === undefined) throw new Error(`no token: ${response.status}`);
      return access_token;
    },
    async takeOthers() {
      const client = await provider.Client.find('app');
      if (!client) throw new Error('no client');
      const grant = new provider.Grant({ clientId: 'app', accountId: 'alice' });
      grant.addOIDCScope('openid offline_access');
      const grantId = await grant.save();
      const refresh = new provider.RefreshToken({
        accountId: 'alice',
        client,
        grantId,
        gty: 'authorization_code',
        scope: 'openid offline_access',
      });
      // Its types say nothing of ID tokens.
      const { IdToken } = provider as unknown as {
        IdToken: new (
          claims: object,
          of: object,
        ) => {
          scope: string;
          issue: (how: { use: string }) => Promise<string>;
          set: (name: string, value: unknown) => void;
        };
      };
      const id = new IdToken({ sub: 'alice' }, { client, ctx: undefined });
      id.scope = 'openid';
      return { refresh: await refresh.save(), id: await id.issue({ use: 'idtoken' }) };
    },
    rotate(...next) {
      provider = provide(next);
      answer = provider.callback();
    },
  };
}

const configuration = (keys: readonly JWK[], gateway: Partial<ClientMetadata>): Configuration => ({
  jwks: { keys: [...keys] },
  cookies: { keys: ['test'] },
  clients: [
    client('app', { grant_types: ['client_credentials', 'refresh_token', 'authorization_code'] }),
    client('portcullis', gateway),
  ],
  scopes: ['openid', 'offline_access', 'read'],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    encryption: { enabled: true },
    introspection: { enabled: true, allowedPolicy: (_ctx, asking) => asking.clientId === 'portcullis' },
    jwtIntrospection: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_ctx, api) => ({
        scope: 'read',
        audience: api,
        accessTokenFormat: api === JWT_API ? 'jwt' : 'opaque',
        accessTokenTTL: 600,
        ...(api === JWT_API ? { jwt: { sign: { alg: keys[0]?.alg as 'ES256' } } } : {}),
      }),
    },
  },
  enabledJWA: {
    introspectionEncryptionAlgValues: [
      'RSA-OAEP',
      'RSA-OAEP-256',
      'ECDH-ES',
      'ECDH-ES+A256KW',
      'dir',
      'A128KW',
    ],
  },
  extraTokenClaims: () => ({ sub: 'alice' }),
});

const client = (client_id: string, more: Partial<ClientMetadata>): ClientMetadata => ({
  client_id,
  client_secret: `${client_id}-secret`,
  grant_types: ['client_credentials'],
  redirect_uris: more.grant_types ? ['https://app.example/back'] : [],
  response_types: more.grant_types ? ['code'] : [],
  id_token_signed_response_alg: 'ES256',
  introspection_signed_response_alg: 'ES256',
  ...more,
});
