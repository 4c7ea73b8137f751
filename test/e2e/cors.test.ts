// CORS as a browser meets it: preflights answered at the gateway, and every answer of the route readable, refusals too.
import t from 'tap';
import { startScriptedServer } from '../support/authorization-server.ts';
import { startGateway } from '../support/gateway.ts';
import { call, startUpstream } from '../support/http.ts';

const APP = 'https://app.example.com';
const ROUTES = `
  - name: orders
    match: { path: "/orders/{id}", methods: [GET, PUT] }
    service: api
    scopes: [orders]
    policy: none
    cors: { origins: ["${APP}"], headers: [Authorization], credentials: true }
  - { name: plain, match: { path: /plain }, service: api, token: none, policy: none }
`;
const SERVICE = '    defaults: { identity_headers: { jwt: false } }';

/** A gateway before an upstream that speaks CORS on its own, wrongly. */
async function start(t: Parameters<typeof startGateway>[0]) {
  const upstream = await startUpstream(t, (_request, response) => {
    response.writeHead(200, [
      'Access-Control-Allow-Origin',
      '*',
      'access-control-allow-methods',
      'TRACE',
      'X-Own',
      '1',
    ]);
    response.end('{}');
  });
  const { issuer } = await startScriptedServer(t, (token) => ({
    body: JSON.stringify(token === 'good' ? { active: true, scope: 'orders' } : { active: false }),
  }));
  const gateway = await startGateway(t, { issuer, upstream: upstream.url, routes: ROUTES, service: SERVICE });
  return { upstream, gateway };
}

const preflight = (origin: string, method: string, headers?: string) => ({
  origin,
  'access-control-request-method': method,
  ...(headers === undefined ? {} : { 'access-control-request-headers': headers }),
});

t.test('a preflight is answered at the gateway, without a token', async (t) => {
  const { gateway, upstream } = await start(t);
  const path = '/orders/1';
  const answer = await call(gateway.url, {
    method: 'OPTIONS',
    path,
    headers: preflight(APP, 'PUT', 'authorization'),
  });
  t.equal(answer.status, 204);
  t.equal(answer.text, '');
  t.match(answer.headers, {
    'access-control-allow-origin': APP,
    'access-control-allow-methods': 'PUT',
    'access-control-allow-headers': 'authorization',
    'access-control-allow-credentials': 'true',
    'access-control-max-age': '600',
    vary: /Origin.*Access-Control-Request-Method/,
  });
  for (const headers of [
    preflight('https://evil.example', 'PUT'),
    preflight(APP, 'PUT', 'x-evil'),
    preflight('null', 'GET'),
  ]) {
    const refused = await call(gateway.url, { method: 'OPTIONS', path, headers });
    t.equal(refused.status, 403);
    t.equal(refused.headers['access-control-allow-origin'], undefined);
    t.match(refused.json(), { title: 'Forbidden', decision_id: String });
  }
  t.match(gateway.logged().filter(({ reason }) => reason === 'cross_origin_refused').length, 3);
  t.strictSame(upstream.requests, []);
});

t.test('only a true preflight skips the chain (oauth2-proxy#735, oauth2-proxy#3427)', async (t) => {
  const { gateway, upstream } = await start(t);
  for (const headers of [
    {},
    { origin: APP },
    { 'access-control-request-method': 'GET' },
    { ...preflight(APP, 'GET'), 'x-original-method': 'OPTIONS' },
    preflight(APP, 'DELETE'),
  ]) {
    const method = 'x-original-method' in headers ? 'GET' : 'OPTIONS';
    const { status } = await call(gateway.url, { method, path: '/orders/1', headers });
    t.ok(status === 404 || status === 401, `${method} ${JSON.stringify(headers)}: ${status}`);
  }
  t.strictSame(upstream.requests, []);
});

t.test('answers and refusals of the route can be read by the page, and by no other', async (t) => {
  const { gateway } = await start(t);
  const of = (token: string | undefined, origin: string) =>
    call(gateway.url, { path: '/orders/1', headers: { origin }, ...(token === undefined ? {} : { token }) });
  for (const [token, status] of [
    ['good', 200],
    ['bad', 401],
    [undefined, 401],
  ] as const) {
    const page = await of(token, APP);
    t.equal(page.status, status);
    t.equal(page.headers['access-control-allow-origin'], APP, 'once, and not the upstream’s own');
    t.equal(page.headers['access-control-expose-headers'], 'WWW-Authenticate');
    t.equal(page.headers['access-control-allow-methods'], undefined);
    t.match(page.headers.vary, 'Origin');
    const other = await of(token, 'https://evil.example');
    t.equal(other.headers['access-control-allow-origin'], undefined);
    t.match(other.headers.vary, 'Origin', 'a cache must not give the one’s answer to the other');
  }
});

t.test('a route without CORS passes on what its upstream says', async (t) => {
  const { gateway, upstream } = await start(t);
  const answer = await call(gateway.url, {
    method: 'OPTIONS',
    path: '/plain',
    headers: preflight(APP, 'GET'),
  });
  t.equal(answer.headers['access-control-allow-origin'], '*');
  t.match(upstream.requests, [{ method: 'OPTIONS', target: '/plain' }]);
});
