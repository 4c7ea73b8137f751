// What an upstream gets of a path and is told of its origin, byte by byte over real connections.
import t, { type Test } from 'tap';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { type Recorded, startUpstream, type Upstream } from '../support/http.ts';
import { NOWHERE, startOpenGateway } from '../support/open-gateway.ts';
import { openWire, problemOf, type Reply } from '../support/wire.ts';

type Started = { readonly gateway: Gateway; readonly upstream: Upstream };

async function start(t: Test, routes: string, listener = ''): Promise<Started> {
  const upstream = await startUpstream(t);
  const gateway = await startGateway(t, {
    issuer: NOWHERE,
    upstream: upstream.url,
    more: 'defaults: { token: none, policy: none }',
    routes,
    listener,
  });
  return { gateway, upstream };
}

/** The answer to a request for this target with these lines, and what the upstream got for it. */
async function ask(
  t: Test,
  { gateway, upstream }: Started,
  target: string,
  ...lines: string[]
): Promise<{ reply: Reply; got: Recorded | undefined }> {
  const before = upstream.requests.length;
  const wire = await openWire(t, gateway.url);
  wire.send([`GET ${target} HTTP/1.1`, 'Host: api.example.com', ...lines, '', ''].join('\r\n'));
  return { reply: await wire.reply(), got: upstream.requests[before] };
}

const forwarded = (got: Recorded | undefined, name: string): unknown => got?.headers[`x-forwarded-${name}`];

t.test('a stripped prefix is gone from the path and told beside it', async (t) => {
  const started = await start(
    t,
    `
  - { name: api, match: { path: /api/** }, service: api, strip_prefix: /api }`,
  );
  for (const [target, sent, path] of [
    ['/api/users?a=%7e&b', '/users?a=%7e&b', '/api/users'],
    ['/api', '/', '/api'],
    ['/api?x', '/?x', '/api'],
    ['/%61pi/%7e%c3%a9', '/~%C3%A9', '/api/~%C3%A9'],
  ] as const) {
    const { got } = await ask(t, started, target, 'X-Forwarded-Prefix: /forged', 'X-Forwarded-Path: /forged');
    t.equal(got?.target, sent);
    t.equal(forwarded(got, 'prefix'), '/api');
    t.equal(forwarded(got, 'path'), path);
  }
  t.equal((await ask(t, started, '/apis/users')).reply.status, 404, 'a prefix is whole segments');
});

t.test('CVE-2026-48020: nothing after a stripped prefix leads out of it', async (t) => {
  const started = await start(
    t,
    `
  - { name: api, match: { path: /api/** }, service: api, strip_prefix: /api, ambiguous_paths: { allow: ['//', '%2F', ';'] } }`,
  );
  for (const target of [
    '/api//admin',
    '/api/..%2fadmin',
    '/api/../admin',
    '/api/..;/admin',
    '/api//',
    '/api%2F..',
  ]) {
    const { reply, got } = await ask(t, started, target);
    t.strictSame([reply.status, got], [400, undefined], target);
    t.match(problemOf(reply), { status: 400 });
  }
  t.equal(
    (await ask(t, started, '/api/a//b%2fc;d')).got?.target,
    '/a//b%2Fc;d',
    'what the route admits goes on',
  );
});

t.test('a rewrite sends what the pattern matched elsewhere, encoded as it came', async (t) => {
  const started = await start(
    t,
    `
  - { name: one, match: { path: '/users/{id}' }, service: api, rewrite: '/v2/people/{id}' }
  - { name: all, match: { path: '/files/**' }, service: api, rewrite: '/store/**' }`,
  );
  for (const [target, sent, path] of [
    ['/users/a%20b%2c?q', '/v2/people/a%20b%2C?q', '/users/a%20b%2C'],
    ['/files/a/b/', '/store/a/b/', '/files/a/b/'],
    ['/files', '/store', '/files'],
  ] as const) {
    const { got } = await ask(t, started, target);
    t.equal(got?.target, sent);
    t.equal(forwarded(got, 'path'), path);
    t.equal(forwarded(got, 'prefix'), undefined);
  }
});

t.test('CVE-2024-52003, CVE-2026-54764: what a trusted proxy says is believed, and only that', async (t) => {
  const routes = `
  - { name: evil, match: { hosts: [www.example.com], path: /** }, service: api, rewrite: /wrong }
  - { name: api, match: { path: /api/** }, service: api, strip_prefix: /api }`;
  const said = [
    'X-Forwarded-For: 203.0.113.9',
    'X-Forwarded-Host: www.example.com:8443',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Prefix: /gw',
    'X-Forwarded-Uri: /forged',
  ];
  const trusting = await start(t, routes, 'trusted_proxies: [127.0.0.1]');
  const { got } = await ask(t, trusting, '/api/a', ...said);
  t.match(got, {
    target: '/a',
    headers: {
      'x-forwarded-host': 'www.example.com',
      'x-forwarded-port': '8443',
      'x-forwarded-proto': 'https',
      'x-forwarded-prefix': '/gw/api',
      'x-forwarded-path': '/api/a',
      'x-forwarded-for': '203.0.113.9, 127.0.0.1',
      forwarded: 'for=203.0.113.9;host=www.example.com;proto=https, for=127.0.0.1',
    },
  });
  t.equal(forwarded(got, 'uri'), undefined);

  const wary = await start(t, routes);
  const port = new URL(wary.gateway.url).port;
  t.match((await ask(t, wary, '/api/a', ...said)).got, {
    target: '/a',
    headers: {
      'x-forwarded-host': 'api.example.com',
      'x-forwarded-port': port,
      'x-forwarded-proto': 'http',
      'x-forwarded-prefix': '/api',
      'x-forwarded-for': '127.0.0.1',
      forwarded: 'for=127.0.0.1;host=api.example.com;proto=http',
    },
  });
});

t.test('a path with a look-alike of a delimiter reaches no upstream', async (t) => {
  const upstream = await startUpstream(t);
  const gateway = await startOpenGateway(t, { upstream: upstream.url });
  const started = { gateway, upstream };
  for (const target of [
    '/a%EF%BC%8Fb',
    '/%EF%BC%8E%EF%BC%8E/a',
    '/%e2%80%a5',
    '/a%EF%BC%852e',
    '/%EF%BB%BFadmin',
  ])
    t.strictSame([(await ask(t, started, target)).reply.status, upstream.requests], [400, []], target);
  t.equal(
    (await ask(t, started, '/%e6%9d%b1%e3%80%80%e2%80%a6')).got?.target,
    '/%E6%9D%B1%E3%80%80%E2%80%A6',
  );
});
