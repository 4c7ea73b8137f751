// JWT access tokens of a real server (RFC 9068), on routes that verify them, ask about them, or refuse them.
import t from 'tap';
import { startGateway } from '../support/gateway.ts';
import { call, startUpstream } from '../support/http.ts';
import { JWT_API, OPAQUE_API, signingKey, startProvider } from '../support/rotating-provider.ts';

const ROUTES = `
  - { name: verify, match: { path: /verify }, jwt_tokens: verify, audience: [${JWT_API}] }
  - { name: verified, match: { path: /verified }, jwt_tokens: verify, audience: [${JWT_API}], identity_headers: { jwt: X-Jwt } }
  - { name: other, match: { path: /other }, jwt_tokens: verify, audience: [https://other.example] }
  - { name: both, match: { path: /both }, jwt_tokens: verify, audience: [${JWT_API}, ${OPAQUE_API}] }
  - { name: introspect, match: { path: /introspect }, jwt_tokens: introspect }
  - { name: refuse, match: { path: /refuse }, jwt_tokens: refuse }
  - { name: kind, match: { path: /kind }, required_claims: { token_type: { present: true } } }
  - { name: audience, match: { path: /audience }, audience: [${OPAQUE_API}] }`;

const clock = { now: Date.now() };
const server = await startProvider(t, { keys: [await signingKey('one')] });
const upstream = await startUpstream(t);
const gateway = await startGateway(t, {
  issuer: server.issuer,
  upstream: upstream.url,
  more: 'defaults: { policy: none, identity_headers: { jwt: false, claims: { sub: X-Sub } } }',
  routes: ROUTES.replaceAll('match:', 'service: api, match:'),
  now: () => clock.now,
});

/** The status, and the fault of the token where it was refused. */
async function outcome(path: string, token: string): Promise<string> {
  const before = gateway.logged().length;
  const { status } = await call(gateway.url, { path, token });
  const refused = gateway
    .logged()
    .slice(before)
    .find(({ message }) => message === 'refused');
  const fault = /^[a-z_]+(?=:)/.exec((refused?.['detail'] as string | undefined) ?? '')?.[0];
  return fault === undefined ? String(status) : `${status} ${fault}`;
}
const introspections = (): number => server.asked.filter((path) => path === '/token/introspection').length;

t.test('a JWT is verified here, its claims are known, and it goes upstream itself', async (t) => {
  const token = await server.take(JWT_API);
  t.equal(await outcome('/verify', token), '200');
  t.equal(upstream.requests.at(-1)?.headers['x-sub'], 'app');
  t.equal(upstream.requests.at(-1)?.headers['authorization'], undefined);
  t.equal(await outcome('/verified', token), '200');
  t.equal(upstream.requests.at(-1)?.headers['x-jwt'], token);
  t.equal(introspections(), 0, 'nobody was asked about it');
});

t.test('it is for the audience that the route names, and for no other', async (t) => {
  const token = await server.take(JWT_API);
  t.equal(await outcome('/other', token), '401 wrong_audience');
  t.equal(await outcome('/verify', token), '200');
});

t.test('an opaque token on such a route is asked about', async (t) => {
  const before = introspections();
  const token = await server.take(OPAQUE_API);
  t.equal(await outcome('/both', token), '200');
  t.equal(await outcome('/verify', token), '401 wrong_audience');
  t.equal(introspections(), before + 1);
});

t.test('a route that refuses JWTs asks nobody about them', async (t) => {
  const before = introspections();
  const token = await server.take(JWT_API);
  t.equal(await outcome('/refuse', token), '401 jwt_refused');
  for (const written of [`${token}=`, `${token}.`, `${token}...`])
    t.equal(await outcome('/refuse', written), '401 malformed', 'to Keycloak it is the same one');
  t.equal(introspections(), before);
  t.equal(await outcome('/refuse', await server.take(OPAQUE_API)), '200');
});

t.test('a server that introspects no JWTs does not make the route look ill', async (t) => {
  const token = await server.take(JWT_API);
  t.equal(await outcome('/introspect', token), '401 inactive');
  t.equal(await outcome('/introspect', await server.take(OPAQUE_API)), '200');
});

t.test('CVE-2024-47616: the ID token of the same server and key opens no route', async (t) => {
  const { id } = await server.takeOthers();
  t.equal(await outcome('/verify', id), '401 unverifiable');
  t.equal(await outcome('/introspect', id), '401 inactive');
});

t.test('a refresh token that the server calls active has neither audience nor token_type', async (t) => {
  const { refresh } = await server.takeOthers();
  t.equal(await outcome('/audience', refresh), '401 wrong_audience');
  t.equal(await outcome('/kind', refresh), '403');
  const access = await server.take(OPAQUE_API);
  t.equal(await outcome('/audience', access), '200');
  t.equal(await outcome('/kind', access), '200');
});

t.test('a token that was altered is refused, and remembered by nobody as good', async (t) => {
  const token = await server.take(JWT_API);
  const [header, payload, signature] = token.split('.') as [string, string, string];
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'admin' })).toString('base64url');
  t.equal(await outcome('/verify', `${header}.${forged}.${signature}`), '401 unverifiable');
  t.equal(await outcome('/verify', `${header}.${payload}.${signature.slice(0, -2)}`), '401 unverifiable');
  t.equal(await outcome('/verify', token), '200');
  t.equal(await outcome('/verify', `${header}.${forged}.${signature}`), '401 unverifiable');
});

t.test('what was verified is good until its exp, to the second, from the cache too', async (t) => {
  const token = await server.take(JWT_API);
  const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    exp: number;
  };
  const start = clock.now;
  t.equal(await outcome('/verify', token), '200');
  clock.now = exp * 1_000 - 1;
  t.equal(await outcome('/verify', token), '200');
  clock.now = exp * 1_000;
  t.equal(await outcome('/verify', token), '401 expired');
  clock.now = start;
});
