/** RFC 6750 on the wire: how a token may be sent, what answers when it is not, and what of it reaches the upstream. */
import t from 'tap';
import { startScriptedServer } from '../support/authorization-server.ts';
import { startGateway } from '../support/gateway.ts';
import { call, startUpstream } from '../support/http.ts';

const server = await startScriptedServer(t, async (token, { issuer, sign }) => {
  if (token !== 'opaque') return { body: '{"active":false}' };
  const exp = Math.floor(Date.now() / 1_000) + 60;
  const claims = { iss: issuer, sub: 'alice', scope: 'accounts:read', aud: 'accounts-api', exp };
  return { type: 'application/jwt', body: await sign(claims) };
});
const upstream = await startUpstream(t);
const { url } = await startGateway(t, {
  issuer: server.issuer,
  upstream: upstream.url,
  routes: `
  - { name: bare, match: { path: /bare }, service: api, policy: none }
  - { name: read, match: { path: /read, methods: [GET] }, service: api, policy: none, scopes: [accounts:read] }
  - { name: write, match: { path: /read, methods: [PUT] }, service: api, policy: none, scopes: [[a, b], c] }
  - { name: account, match: { path: "/accounts/{id}" }, service: api, policy: accounts/allow, token: optional }
  - { name: open, match: { path: /open }, service: api, policy: none, token: none }
  - { name: basic, match: { path: /basic }, service: api, policy: none, token: none, forward_unverified_authorization: true }`,
});

/** Calls with these Authorization headers, and gives status, challenge, and what Authorization reached the upstream. */
async function given(
  path: string,
  authorizations: readonly string[],
  method = 'GET',
): Promise<{ status: number; challenge: string | undefined; reached: string | undefined | false }> {
  const before = upstream.requests.length;
  const headers = ['Host', 'api.example.com', ...authorizations.flatMap((value) => ['Authorization', value])];
  const answer = await call(url, { method, path, headers });
  const [request] = upstream.requests.slice(before);
  return {
    status: answer.status,
    challenge: answer.headers['www-authenticate'],
    reached: request ? request.headers.authorization : false,
  };
}
const refused = (status: number, challenge?: string) => ({ status, challenge, reached: false });
const nothing = { status: 200, challenge: undefined, reached: undefined };

t.test('a token however it is spaced and spelt is exchanged for the phantom JWT', async (t) => {
  for (const written of ['Bearer opaque', 'bearer opaque', 'BEARER   opaque', 'Bearer opaque ']) {
    const { status, reached } = await given('/read', [written]);
    t.equal(status, 200, written);
    t.match(reached, /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/, 'with the JWT');
  }
});

t.test('HEAD is served by the route of GET, with its scopes', async (t) => {
  t.match(await given('/read', ['Bearer opaque'], 'HEAD'), { status: 200 });
  t.equal(upstream.requests.at(-1)?.method, 'HEAD');
  t.strictSame(await given('/read', [], 'HEAD'), refused(401, 'Bearer scope="accounts:read"'));
});

t.test('without a bearer token the challenge has no error, and always an attribute', async (t) => {
  t.strictSame(await given('/bare', []), refused(401, 'Bearer realm="api"'));
  t.strictSame(await given('/read', []), refused(401, 'Bearer scope="accounts:read"'));
  t.strictSame(await given('/read', ['Basic YTpi']), refused(401, 'Bearer scope="accounts:read"'));
});

t.test('a token that is not good is invalid_token, asked about or not', async (t) => {
  const challenge = 'Bearer error="invalid_token", scope="accounts:read"';
  const asked = server.asked.length;
  for (const written of ['Bearer', 'Bearer a b', 'Bearer\topaque', 'Bearer opaque, Bearer other'])
    t.strictSame(await given('/read', [written]), refused(401, challenge), written);
  t.equal(server.asked.length, asked, 'nobody was asked about those');
  t.strictSame(await given('/read', ['Bearer revoked']), refused(401, challenge));
});

t.test('a scope that is missing is named beside all that the route requires', async (t) => {
  const challenge = 'Bearer error="insufficient_scope", scope="a b c"';
  t.strictSame(await given('/read', ['Bearer opaque'], 'PUT'), refused(403, challenge));
});

t.test('two Authorization headers are invalid_request, on any route', async (t) => {
  const challenge = 'Bearer error="invalid_request"';
  for (const path of ['/read', '/open', '/basic'])
    t.strictSame(await given(path, ['Bearer opaque', 'Bearer other']), refused(400, challenge), path);
});

t.test('an optional token: none is for the policy to judge, a bad one is refused', async (t) => {
  t.strictSame(await given('/accounts/1001', []), refused(403), 'the policy admits nobody');
  t.match(await given('/accounts/1001', ['Bearer opaque']), { status: 200 });
  t.strictSame(
    await given('/accounts/1001', ['Bearer revoked']),
    refused(401, 'Bearer error="invalid_token"'),
  );
});

t.test('what was not verified goes upstream only where the route says so', async (t) => {
  for (const written of ['Bearer opaque', 'Basic YTpi']) {
    t.strictSame(await given('/open', [written]), nothing);
    t.strictSame(await given('/basic', [written]), { ...nothing, reached: written });
  }
});

t.test('TRACE is 405, and Allow names what the routes of the path serve', async (t) => {
  const allow = async (path: string): Promise<unknown> => {
    const { status, headers } = await call(url, { method: 'TRACE', path, token: 'opaque' });
    t.equal(status, 405);
    return headers.allow;
  };
  t.equal(await allow('/read'), 'GET, HEAD, PUT');
  t.equal(await allow('/bare'), 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS');
  t.equal(await allow('/nowhere'), '');
});
