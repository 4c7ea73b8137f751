/**
 * CVE-2021-32701 (Oathkeeper), heimdall#3450 and #3452: checks that were skipped when the introspection came from the cache, so that
 * a token which had passed a lax route passed the stricter ones. Here the cache holds facts, and each request is judged anew.
 */
import t, { type Test } from 'tap';
import { startScriptedServer } from '../support/authorization-server.ts';
import { startGateway } from '../support/gateway.ts';
import { call, startUpstream } from '../support/http.ts';

const routes = `
  - { name: lax, match: { path: /lax }, service: api, policy: none }
  - { name: scope, match: { path: /scope }, service: api, policy: none, scopes: [accounts:write] }
  - { name: any-of, match: { path: /any-of }, service: api, policy: none, scopes: [[accounts:write, admin]] }
  - { name: audience, match: { path: /audience }, service: api, policy: none, audience: [other-api] }
  - { name: policy, match: { path: "/accounts/{id}" }, service: api, policy: accounts/allow }
  - { name: read, match: { path: /read }, service: api, policy: none, scopes: [accounts:read] }`;

/** A gateway whose authorization server says of every token that it is alice's and may read accounts, for a minute. */
async function start(t: Test) {
  const clock = { now: Date.now() };
  const exp = Math.floor(clock.now / 1_000) + 60;
  const server = await startScriptedServer(t, () => ({
    body: JSON.stringify({ active: true, sub: 'alice', scope: 'accounts:read', aud: 'api', exp }),
  }));
  const upstream = await startUpstream(t);
  const gateway = await startGateway(t, {
    issuer: server.issuer,
    upstream: upstream.url,
    more: 'defaults: { identity_headers: { jwt: false } }',
    server: '    introspection: { cache: { max_ttl: 10m } }',
    routes,
    now: () => clock.now,
  });
  const status = async (path: string): Promise<number> =>
    (await call(gateway.url, { path, token: 'opaque' })).status;
  return { status, clock, asked: server.asked, reached: upstream.requests };
}

t.test(
  'oathkeeper#743, heimdall#3452, curityio/nginx-lua-phantom-token-plugin#12: a token that passed a lax route is judged anew on a stricter one, on a cache hit',
  async (t) => {
    const { status, asked, reached } = await start(t);
    t.equal(await status('/lax'), 200);
    for (const [path, refused] of [
      ['/scope', 403],
      ['/any-of', 403],
      ['/audience', 401],
      ['/accounts/1002', 403],
    ] as const)
      t.equal(await status(path), refused, path);
    t.equal(await status('/accounts/1001'), 200, 'what the policy admits');
    t.equal(asked.length, 1, 'every answer but the first came from the cache');
    t.strictSame(
      reached.map(({ target }) => target),
      ['/lax', '/accounts/1001'],
    );
  },
);

t.test('wso2/product-microgateway#1164: a refusal on one route is not remembered on another', async (t) => {
  const { status, asked } = await start(t);
  t.equal(await status('/scope'), 403);
  t.equal(await status('/audience'), 401);
  t.equal(await status('/read'), 200);
  t.equal(await status('/scope'), 403);
  t.equal(asked.length, 1);
});

t.test(
  'requests that share one call to the authorization server are each judged by their own route',
  async (t) => {
    const { status, asked, reached } = await start(t);
    const statuses = await Promise.all(['/lax', '/scope', '/read', '/audience'].map(status));
    t.strictSame(statuses, [200, 403, 200, 401]);
    t.equal(asked.length, 1);
    t.strictSame(reached.map(({ target }) => target).toSorted(), ['/lax', '/read']);
  },
);

t.test('Kong oauth2-introspection 3.13.0.10: no cache keeps a token alive beyond its expiry', async (t) => {
  const { status, clock, asked } = await start(t);
  t.equal(await status('/lax'), 200);
  clock.now += 58_000;
  t.equal(await status('/lax'), 200);
  t.equal(asked.length, 1, 'still from the cache');
  clock.now += 2_000;
  t.equal(await status('/lax'), 401);
});
