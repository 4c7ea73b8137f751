/** A real authorization server (oidc-provider) over TLS that knows clients by every means there is: each client has the name of its own. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { request } from 'node:https';
import { X509Certificate } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { type ClientMetadata, type Configuration, Provider } from 'oidc-provider';
import type { Test } from 'tap';
import { AUTHORITY, CLIENT } from './certificates.ts';
import { type KeyPair, keyPairFor } from './keys.ts';
import { CERTIFICATE, startTlsServer } from './tls.ts';

/** Of private_key_jwt. */
export const ASSERTION_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;
type AssertionAlgorithm = (typeof ASSERTION_ALGORITHMS)[number];

/** Of every client that has one: RFC 6749 section 2.3.1 wants its other half encoded. */
export const SECRET = 'a-long-secret-of-many-characters: %+&=/~';

export type RealProvider = {
  readonly issuer: string;
  /** Of the clients `private_key_jwt-<alg>`. */
  readonly keys: Readonly<Record<AssertionAlgorithm, KeyPair>>;
  /** Takes an opaque access token. */
  readonly take: () => Promise<string>;
};

/** Starts it. Any client may introspect; certificates are asked for, and judged by the clients' own means. */
export async function startProvider(t: Test): Promise<RealProvider> {
  const keys = Object.fromEntries(ASSERTION_ALGORITHMS.map((alg) => [alg, keyPairFor(alg)])) as Record<
    AssertionAlgorithm,
    KeyPair
  >;
  let answer: (request: IncomingMessage, response: ServerResponse) => unknown = () => {};
  const issuer = await startTlsServer(t, (request, response) => void answer(request, response), {
    requestCert: true,
    rejectUnauthorized: false,
    ca: AUTHORITY,
  });
  answer = new Provider(issuer, configuration(keys)).callback();
  return {
    issuer,
    keys,
    async take() {
      const body = new URLSearchParams({
        grant_type: 'client_credentials',
        scope: 'accounts:read',
        client_id: 'client_secret_post',
        client_secret: SECRET,
      });
      const { access_token } = JSON.parse(await post(`${issuer}/token`, body)) as { access_token?: string };
      if (access_token === undefined) throw new Error('no token');
      return access_token;
    },
  };
}

const post = (url: string, body: URLSearchParams): Promise<string> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const sent = request(url, { method: 'POST', headers, ca: CERTIFICATE, agent: false }, (response) => {
      text(response).then(resolve, reject);
    });
    sent.on('error', reject);
    sent.end(String(body));
  });

const certificateOf = (ctx: { readonly req: IncomingMessage }): X509Certificate | undefined =>
  (ctx.req.socket as TLSSocket).getPeerX509Certificate?.();

function configuration(keys: Readonly<Record<AssertionAlgorithm, KeyPair>>): Configuration {
  const shown = new X509Certificate(CLIENT.cert);
  const client = (client_id: string, more: object): ClientMetadata => ({
    client_id,
    token_endpoint_auth_method: client_id as 'none',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    ...more,
  });
  const withSecret = { client_secret: SECRET };
  const jwksOf = (...jwks: object[]) => ({ jwks: { keys: jwks } });
  return {
    jwks: { keys: [keyPairFor('RS256').privateJwk] },
    cookies: { keys: ['test'] },
    clients: [
      client('client_secret_basic', withSecret),
      client('client_secret_post', withSecret),
      client('client_secret_jwt', withSecret),
      ...ASSERTION_ALGORITHMS.map((alg) =>
        client(`private_key_jwt-${alg}`, {
          token_endpoint_auth_method: 'private_key_jwt',
          token_endpoint_auth_signing_alg: alg,
          ...jwksOf(keys[alg].publicJwk),
        }),
      ),
      client('tls_client_auth', { tls_client_auth_subject_dn: shown.subject }),
      client('self_signed_tls_client_auth', {
        ...jwksOf({
          ...shown.publicKey.export({ format: 'jwk' }),
          kid: 'shown',
          use: 'sig',
          x5c: [shown.raw.toString('base64')],
        }),
      }),
      client('none', { grant_types: [] }),
    ],
    scopes: ['accounts:read'],
    clientAuthMethods: [
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
      'tls_client_auth',
      'self_signed_tls_client_auth',
      'none',
    ],
    enabledJWA: { clientAuthSigningAlgValues: ['HS256', ...ASSERTION_ALGORITHMS] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      mTLS: {
        enabled: true,
        tlsClientAuth: true,
        selfSignedTlsClientAuth: true,
        getCertificate: (ctx) => certificateOf(ctx),
        certificateAuthorized: (ctx) => (ctx.req.socket as TLSSocket).authorized,
        certificateSubjectMatches: (ctx, property, expected) =>
          property === 'tls_client_auth_subject_dn' && certificateOf(ctx)?.subject === expected,
      },
    },
  };
}
