/**
 * What users of other gateways were bitten by in the cache of their introspections: answers kept for too long or under too short a key,
 * not kept at all, asked for by everybody at once, and a server that was ill taken for a token that is bad.
 */
import t, { type Test } from 'tap';
import { startScriptedServer, type Scripted } from '../support/authorization-server.ts';
import { openFlood, randomTokens } from '../support/flood.ts';
import { spans, startGateway } from '../support/gateway.ts';
import { call, startUpstream } from '../support/http.ts';
import { jws, startKeyedServer } from '../support/introspection.ts';
import { ADMIN_TOKEN, purge } from '../support/purging.ts';
import { until } from '../support/traced.ts';

const INACTIVE: Scripted = { body: '{"active":false}' };
const active = (members: object = {}): Scripted => ({
  body: JSON.stringify({ active: true, sub: 'alice', ...members }),
});

/** A gateway with one route, at a server that answers as the test wants; `introspection` is further YAML of that section. */
async function start(t: Test, introspection = '') {
  const clock = { now: Date.now() };
  const server = { answer: (_token: string): Scripted | Promise<Scripted> => active() };
  const { issuer, asked } = await startScriptedServer(t, (token) => server.answer(token));
  const upstream = await startUpstream(t);
  const gateway = await startGateway(t, {
    issuer,
    upstream: upstream.url,
    now: () => clock.now,
    adminFront: ADMIN_TOKEN,
    // A thousand requests that are admitted at once have to wait for the upstream, all from one address.
    service: '    queue: 10000',
    server: `    introspection: { timeout: 60s, ${introspection} }`,
    routes: `
  - { name: api, match: { path: "/**" }, service: api, policy: none, scopes: [], identity_headers: { claims: { sub: X-User }, jwt: false } }`,
  });
  const status = async (token: string): Promise<number> => (await call(gateway.url, { token })).status;
  return { clock, server, asked, upstream, gateway, status, exp: () => Math.floor(clock.now / 1_000) };
}

t.test('zmartzone/lua-resty-openidc#573: 1,000 requests at once with one new token ask once', async (t) => {
  const { gateway, server, asked, upstream } = await start(t);
  const held = Promise.withResolvers<void>();
  server.answer = async () => {
    await held.promise;
    return active();
  };
  const flood = await openFlood(t, gateway.url, 1_000);
  // After its credential stage a request waits for the answer in the same turn.
  const waiting = (): number => spans().filter(({ name }) => name === 'portcullis.credential').length;
  const before = waiting();
  const answers = flood(Array<string>(1_000).fill('opaque'));
  await until(() => waiting() - before === 1_000);
  held.resolve();
  t.strictSame(await answers, { 200: 1_000 });
  t.equal(asked.length, 1);
  t.equal(upstream.requests.length, 1_000);
});

t.test(
  'zmartzone/lua-resty-openidc#573: a failure is for those who waited, and the next request asks anew',
  async (t) => {
    const { server, asked, status } = await start(t);
    const held = Promise.withResolvers<void>();
    server.answer = async () => {
      await held.promise;
      return { status: 500 };
    };
    const waiting = Array.from({ length: 5 }, () => status('opaque'));
    await until(() => asked.length > 0);
    held.resolve();
    for (const one of waiting) t.equal(await one, 503);
    server.answer = () => active();
    const before = asked.length;
    t.equal(await status('opaque'), 200);
    t.equal(asked.length, before + 1);
  },
);

t.test('apache/apisix#11317: a request asks once, whatever its route wants of the token', async (t) => {
  const { asked, status } = await start(t, 'cache: { max_ttl: 0s }');
  t.equal(await status('opaque'), 200);
  t.equal(asked.length, 1);
});

t.test(
  'quarkusio/quarkus#43994: a token that expires while it is cached is refused from that moment on',
  async (t) => {
    const { clock, server, status, exp } = await start(t, 'cache: { max_ttl: 3m }');
    const at = exp() + 3;
    server.answer = () => active({ exp: at });
    t.equal(await status('opaque'), 200);
    clock.now = at * 1_000 - 1;
    t.equal(await status('opaque'), 200);
    clock.now++;
    t.equal(await status('opaque'), 401);
  },
);

t.test(
  'Kong openid-connect 3.15.0.1: what has no time left is asked about each time, not for ever kept',
  async (t) => {
    const { server, asked, status, exp } = await start(t);
    for (const [left, token] of [
      [0, 'now'],
      [-1, 'past'],
      [-1_000_000_000, 'long-past'],
    ] as const) {
      server.answer = () => active({ exp: exp() + left });
      const before = asked.length;
      for (let time = 0; time < 3; time++) t.equal(await status(token), 401, token);
      t.equal(asked.length, before + 3);
      server.answer = () => active({ exp: exp() + 60 });
      t.equal(await status(token), 200, 'the answer is believed, not what was before');
    }
  },
);

t.test(
  'mitreid-connect/OpenID-Connect-Java-Spring-Server#837: a token without exp is not kept beyond max_ttl',
  async (t) => {
    const { clock, server, status } = await start(t, 'cache: { max_ttl: 30s }');
    t.equal(await status('opaque'), 200);
    server.answer = () => INACTIVE;
    clock.now += 29_999;
    t.equal(await status('opaque'), 200);
    clock.now++;
    t.equal(await status('opaque'), 401);
  },
);

t.test('indigo-dc/orchestrator#156: a token that is not active is not asked about each time', async (t) => {
  const { clock, server, asked, status } = await start(t);
  server.answer = () => INACTIVE;
  for (let time = 0; time < 10; time++) t.equal(await status('opaque'), 401);
  t.equal(asked.length, 1);
  clock.now += 5_000;
  t.equal(await status('opaque'), 401);
  t.equal(asked.length, 2);
});

t.test(
  'Kong oauth2-introspection 3.12.0.0: inactive answers have a bound of their own, and evict no active one',
  async (t) => {
    const { gateway, server, asked, status } = await start(
      t,
      'cache: { max_entries: 10, max_ttl: 1h, inactive_ttl: 1h }, limits: { burst: 1000 }',
    );
    const good = Array.from({ length: 10 }, (_, index) => `good-${index}`);
    for (const token of good) t.equal(await status(token), 200);
    server.answer = () => INACTIVE;
    const flood = await openFlood(t, gateway.url, 10);
    const random = randomTokens(200);
    t.strictSame(await flood(random), { 401: 200 });
    t.match(gateway.app.status().authorization_servers, { main: { cached: 10 } });
    const before = asked.length;
    for (const token of good) t.equal(await status(token), 200);
    t.equal(asked.length, before, 'all of them are still known');
    await flood(random);
    t.ok(asked.length > before + 190, 'of the others one is');
  },
);

t.test('Kong openid-connect 2.8: a failure is never kept for an answer', async (t) => {
  const { server, asked, status } = await start(t, 'cache: { inactive_ttl: 1h }, breaker: { failures: 100 }');
  for (const failure of [
    { status: 500 },
    { status: 401, body: '{"error":"invalid_client"}' },
    { body: '<html>' },
    { body: '{"active":"yes"}' },
    { status: 302, headers: { location: 'https://elsewhere.example/' } },
  ]) {
    server.answer = () => failure;
    const before = asked.length;
    t.equal(await status('opaque'), 503);
    t.equal(await status('opaque'), 503);
    t.equal(asked.length, before + 2, JSON.stringify(failure));
  }
  server.answer = () => active();
  t.equal(await status('opaque'), 200);
});

t.test(
  'apache/apisix#9288, envoyproxy/gateway#6872: a server that is late or ill is 503, never 401 or 403',
  async (t) => {
    const { gateway, server, status } = await start(t, 'breaker: { failures: 1 }');
    server.answer = () => ({ status: 504 });
    for (const token of ['a', 'b']) {
      const { status: refused, headers } = await call(gateway.url, { token });
      t.equal(refused, 503);
      t.match(headers['retry-after'], /^[1-9]/);
      t.equal(headers['www-authenticate'], undefined, 'so that nobody is logged out');
    }
    const late = await startScriptedServer(t, () => new Promise(() => {}));
    const upstream = await startUpstream(t);
    const slow = await startGateway(t, {
      issuer: late.issuer,
      upstream: upstream.url,
      server: '    introspection: { timeout: 100ms }',
      routes:
        '  - { name: api, match: { path: "/**" }, service: api, policy: none, identity_headers: { jwt: false } }',
    });
    t.equal((await call(slow.url, { token: 'a' })).status, 503);
    t.equal(await status('c'), 503);
  },
);

t.test(
  'GHSA-4mq7-pvjg-xp2r (Oathkeeper): an answer that was for one request of a kind is not for another',
  async (t) => {
    const server = await startScriptedServer(t, () => active());
    const upstream = await startUpstream(t);
    const asked: unknown[] = [];
    const gateway = await startGateway(t, {
      issuer: server.issuer,
      upstream: upstream.url,
      server: '    introspection: { introspect_request: true, client_headers: [X-Tenant] }',
      routes:
        '  - { name: api, match: { path: "/**" }, service: api, policy: none, identity_headers: { jwt: false } }',
    });
    for (const time of ['first', 'second'])
      for (const request of [
        { path: '/a' },
        { path: '/b' },
        { path: '/a', method: 'DELETE' },
        { path: '/a', headers: { 'x-tenant': 'one' } },
        { path: '/a', headers: { 'x-tenant': 'two' } },
      ]) {
        const headers = { authorization: 'Bearer opaque', ...request.headers };
        t.equal((await call(gateway.url, { ...request, headers })).status, 200, time);
        asked.push(server.asked.length);
      }
    t.strictSame(asked, [1, 2, 3, 4, 5, 5, 5, 5, 5, 5]);
  },
);

t.test(
  'CVE-2021-41230 (Pomerium): after a purge a claim that changed is the upstream’s to see at once',
  async (t) => {
    const { gateway, server, upstream, status } = await start(t);
    const seen = async (): Promise<unknown> => {
      t.equal(await status('opaque'), 200);
      return upstream.requests.at(-1)?.headers['x-user'];
    };
    t.equal(await seen(), 'alice');
    server.answer = () => active({ sub: 'bob' });
    t.equal(await seen(), 'alice');
    t.strictSame((await purge(gateway.admin, { subject: 'alice' })).json(), { purged: 1 });
    t.equal(await seen(), 'bob');
  },
);

t.test(
  'krakend/krakend-ce#984: a server without keys is 503, and its keys are found when they are there',
  async (t) => {
    const clock = { now: Date.now() };
    const server = await startKeyedServer(t);
    const { jwks, key, issuer } = server;
    const upstream = await startUpstream(t);
    const gateway = await startGateway(t, {
      issuer,
      upstream: upstream.url,
      now: () => clock.now,
      routes:
        '  - { name: api, match: { path: "/**" }, service: api, policy: none, jwt_tokens: verify, audience: [api], identity_headers: { jwt: false } }',
    });
    const at = Math.floor(clock.now / 1_000);
    const claims = { iss: issuer, aud: 'api', sub: 'alice', iat: at, exp: at + 600 };
    const token = jws({ alg: 'ES256', kid: 'one', typ: 'at+jwt' }, claims, key.privateKey);
    server.jwks = {} as typeof jwks;
    t.equal((await call(gateway.url, { token })).status, 503);
    server.jwks = jwks;
    clock.now += 2_000;
    t.equal((await call(gateway.url, { token })).status, 200);
  },
);
