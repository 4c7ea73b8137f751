import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import t, { type Test } from 'tap';
import { createApp } from '../src/app.ts';
import { openLog } from '../src/observe/log.ts';
import { startTelemetry } from '../src/observe/telemetry.ts';
import { changed, load } from './support/config.ts';
import { call, startServer } from './support/http.ts';
import { openWire } from './support/wire.ts';

const telemetry = startTelemetry({});
const POLICIES = new URL('../policies', import.meta.url).pathname;
const FREE = { host: '127.0.0.1', port: 0 };

/** The configuration of test/support/config.ts on free ports, with changes; `lines` is the log. */
async function makeApp(t: Test, change: Parameters<typeof changed>[0] = {}) {
  const lines: string[] = [];
  const config = load(changed({ server: FREE, health: FREE, admin: { port: 0 }, ...change }));
  const app = await createApp(config, {
    log: openLog('debug', { write: (line) => void lines.push(line) }),
    telemetry,
    env: process.env,
    now: Date.now,
    elapsed: Date.now,
    version: '1.2.3',
  });
  t.teardown(app.close);
  return { app, log: () => lines.join('') };
}

t.test('it listens at three addresses, each for its own', async (t) => {
  const { app } = await makeApp(t);
  const { proxy, health, admin } = await app.listen();
  t.equal(new Set([proxy, health, admin]).size, 3);
  t.equal((await call(health, { path: '/readyz' })).status, 200);
  t.equal((await call(admin, { path: '/status' })).status, 200);
  for (const path of ['/status', '/readyz', '/metrics', '/.well-known/jwks.json'])
    t.equal((await call(proxy, { path })).status, 404, `${path} is not on the public port`);
});

t.test('localhost is one address, served whole', async (t) => {
  const { app } = await makeApp(t, { server: { host: 'localhost', port: 0 } });
  const { proxy } = await app.listen();
  t.match(proxy, /^http:\/\/127\.0\.0\.1:/);
});

t.test('when a port is taken, nothing keeps listening', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  free.close();
  await once(free, 'close');
  const { app } = await makeApp(t, {
    server: { host: '127.0.0.1', port: (taken.address() as AddressInfo).port },
    health: { host: '127.0.0.1', port },
  });
  await t.rejects(app.listen(), { code: 'EADDRINUSE' });
  await t.rejects(call(`http://127.0.0.1:${port}`), { code: 'ECONNREFUSED' });
});

t.test('its status says how it stands, and holds no secret', async (t) => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: 'a' };
  const { app } = await makeApp(t, {
    phantom: { issuer: 'https://gateway.example', keys: JSON.stringify({ keys: [jwk] }) },
    policies: { source: POLICIES },
    consumers: [{ custom_id: 'app' }],
    routes: [
      {
        name: 'account',
        match: { path: ['/accounts/{id}', '/a'], methods: ['GET'] },
        service: 'api',
        scopes: ['read', ['a', 'b']],
        policy: 'accounts/allow',
        consumer: { claim: 'client_id', by: 'custom_id' },
      },
      {
        name: 'open',
        match: { path: '/open', hosts: ['a.example'], headers: { 'X-A': '1' } },
        service: 'api',
        token: 'none',
        policy: 'none',
      },
    ],
  });
  const { admin, proxy } = await app.listen();
  const { text, json } = await call(admin, { path: '/status' });
  t.strictSame(json(), app.status());
  t.strictSame(app.status().policies.entrypoints.toSorted(), [
    'accounts/allow',
    'deny/allow',
    'transactions/decision',
  ]);
  t.match(json(), {
    version: '1.2.3',
    ready: true,
    policies: { revision: String, failure: null },
    authorization_servers: { main: { issuer: 'https://as.example', cached: 0, failure: null } },
    routes: [
      {
        name: 'account',
        hosts: null,
        paths: ['/accounts/{id}', '/a'],
        methods: ['GET'],
        headers: {},
        service: 'api',
        scopes: [['read'], ['a', 'b']],
        authorization_servers: ['main'],
        credential: [{ in: 'header', name: 'authorization' }],
        jwt_tokens: 'introspect',
        consumer: { claim: 'client_id', by: 'custom_id', required: true },
        anonymous: null,
      },
      {
        name: 'open',
        hosts: ['a.example'],
        headers: { 'x-a': ['1'] },
        methods: null,
        token: 'none',
        policy: null,
      },
    ],
  });
  for (const secret of ['correct horse', jwk.d as string]) t.notOk(text.includes(secret));

  const jwks = await call(proxy, { path: '/.well-known/jwks.json' });
  t.match(jwks.json(), { keys: [{ kid: 'a', x: jwk.x as string }] }, 'the public key is published');
  t.notOk(jwks.text.includes(jwk.d as string));
});

t.test('without policies to load it starts, loudly, and is not ready', async (t) => {
  const route = { name: 'a', match: { path: '/a' }, service: 'api', policy: 'a/allow' };
  const { app, log } = await makeApp(t, { policies: { source: '/nowhere' }, routes: [route] });
  t.match(app.status(), { ready: false, policies: { revision: null, failure: /no policies at/ } });
  t.match(log(), /"level":"error".*no policies at.*"no policies are in force/);
});

t.test('an entrypoint that is not there is named, loudly, and it is not ready', async (t) => {
  const route = { name: 'a', match: { path: '/a' }, service: 'api', policy: 'a/allow' };
  const { app, log } = await makeApp(t, { policies: { source: POLICIES }, routes: [route] });
  t.match(app.status(), { ready: false, policies: { revision: String, failure: /not there: a\/allow$/ } });
  t.match(log(), /"level":"error".*"missing":\["a\/allow"\]/);
});

t.test('closing waits for what is under way, as long as it may take', async (t) => {
  const held = Promise.withResolvers<() => void>();
  const upstream = await startServer(t, (_request, response) =>
    held.resolve(() => void response.end('late')),
  );
  const { app } = await makeApp(t, {
    services: { api: { upstream } },
    routes: [{ name: 'a', match: { path: '/a' }, service: 'api', token: 'none', policy: 'none' }],
  });
  const { proxy, health, admin } = await app.listen();
  const wire = await openWire(t, proxy);
  const unused = await openWire(t, proxy);
  wire.send('GET /a HTTP/1.1\r\nHost: a\r\n\r\n');
  const answer = await held.promise;
  const closing = app.close();
  t.equal(app.close(), closing, 'it closes once');
  t.equal(await unused.rest(), '', 'a connection that was never used ends at once');
  await t.rejects(call(proxy), { code: 'ECONNREFUSED' }, 'and there are no new ones');
  answer();
  t.match(await wire.reply(), { status: 200, text: 'late', headers: { connection: 'close' } });
  await closing;
  for (const url of [health, admin]) await t.rejects(call(url), { code: 'ECONNREFUSED' });
});

t.test('a connection ends after an answer that began before the closing', async (t) => {
  const held = Promise.withResolvers<ServerResponse>();
  const upstream = await startServer(t, (_request, response) => {
    response.write('begun');
    held.resolve(response);
  });
  const { app } = await makeApp(t, {
    server: { ...FREE, drain: '10m' },
    services: { api: { upstream } },
    routes: [{ name: 'a', match: { path: '/a' }, service: 'api', token: 'none', policy: 'none' }],
  });
  const wire = await openWire(t, (await app.listen()).proxy);
  wire.send('GET /a HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(wire.socket, 'data');
  const closing = app.close();
  (await held.promise).end();
  t.match(await wire.reply(), { status: 200, headers: { connection: 'keep-alive' } });
  t.equal(await wire.rest(), '');
  await closing;
});

t.test('what hangs is cut at the deadline', async (t) => {
  const reached = Promise.withResolvers<void>();
  const upstream = await startServer(t, () => reached.resolve());
  const { app } = await makeApp(t, {
    server: { ...FREE, drain: '30ms' },
    services: { api: { upstream } },
    routes: [{ name: 'a', match: { path: '/a' }, service: 'api', token: 'none', policy: 'none' }],
  });
  const wire = await openWire(t, (await app.listen()).proxy);
  wire.send('GET /a HTTP/1.1\r\nHost: a\r\n\r\n');
  await reached.promise;
  await app.close();
  t.equal(await wire.rest(), '');
});
