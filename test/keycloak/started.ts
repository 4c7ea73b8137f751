/** The one Keycloak of the suite, and gateways in front of an API that takes its tokens. */
import { generateKeyPairSync } from 'node:crypto';
import t, { type Test } from 'tap';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { startUpstream, type Upstream } from '../support/http.ts';
import { startKeycloak } from '../support/keycloak.ts';

/** A private key (JWK) by which the client `by-key` authenticates. */
export const CLIENT_KEY = signingKey();
const { d: _, ...published } = CLIENT_KEY;

// The first start on a machine fetches Keycloak and builds it.
t.setTimeout(600_000);
export const keycloak = await startKeycloak(t, { keys: [published] });

export function signingKey(): Record<string, unknown> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid: 'test', alg: 'ES256', use: 'sig' };
}

type Options = Partial<Parameters<typeof startGateway>[1]> & {
  /** YAML within the braces of `introspection:`. */
  readonly introspection?: string;
};

/** What Keycloak gives its own JWT for: this media type exactly, and nothing beside it. */
const PASS = 'accept: application/jwt';
/** A Keycloak that has just been started takes seconds for what it does in milliseconds later. */
const PATIENT = 'timeout: 20s';

/** Routes for a token with `accounts:read` that is for the API, or with `accounts:write`; for any token; and by a policy. */
const ROUTES = `
  - { name: read, match: { path: /read }, service: api, policy: none, scopes: [accounts:read], audience: [orders-api] }
  - { name: write, match: { path: /write }, service: api, policy: none, scopes: [accounts:write] }
  - { name: any, match: { path: /any }, service: api, policy: none }
  - { name: account, match: { path: "/accounts/{id}" }, service: api, policy: accounts/allow, scopes: [accounts:read] }
`;

/** A gateway between Keycloak and an API that keeps what it gets. */
export async function startBoth(
  t: Test,
  { introspection = PASS, server = '', ...options }: Options = {},
): Promise<{ readonly gateway: Gateway; readonly api: Upstream }> {
  const api = await startUpstream(t);
  const gateway = await startGateway(t, {
    issuer: keycloak.issuer(),
    upstream: api.url,
    routes: ROUTES,
    server: `    introspection: { ${PATIENT}, ${introspection} }\n${server}`,
    ...options,
  });
  return { gateway, api };
}

/** The claims of a JWT, without a look at its signature. */
export const claimsOf = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

/** The JWT that a request brought to the API. */
export const jwtOf = (authorization: string | undefined): string =>
  /^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? 'none';
