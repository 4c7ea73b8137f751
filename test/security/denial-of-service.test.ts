// What a few clients, or a hostile server, can cost everybody else: each was tried, and held the gateway for seconds or for ever.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import t from 'tap';
import { startScriptedServer } from '../support/authorization-server.ts';
import { startGateway } from '../support/gateway.ts';
import { call, startServer, startUpstream } from '../support/http.ts';
import { reasons, startOpenGateway } from '../support/open-gateway.ts';
import { until } from '../support/traced.ts';
import { openWire } from '../support/wire.ts';

const ROUTES = `
  - { name: guarded, match: { path: /guarded }, service: api, policy: none }
  - { name: open, match: { path: /open }, service: api, token: none, policy: none }
`;
const MINTED = '    audience: api\n    phantom_jwt: pass\n    defaults: { identity_headers: { jwt: false } }';

t.test(
  'of one network’s flood of new tokens the authorization server hears 12 at once, and the others get 429',
  async (t) => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const upstream = await startUpstream(t);
    const server = await startScriptedServer(t, async () => {
      await released;
      return { body: '{"active":true}' };
    });
    const gateway = await startGateway(t, {
      issuer: server.issuer,
      upstream: upstream.url,
      routes: ROUTES,
      service: MINTED,
      server: '    introspection: { timeout: 30s }',
    });
    let refused = 0;
    let others = (): void => {};
    const refusals = new Promise<void>((resolve) => {
      others = resolve;
    });
    const answers = Array.from({ length: 100 }, async (_, index) => {
      const { status } = await call(gateway.url, { path: '/guarded', token: `token-${index}` });
      if (status === 429 && ++refused === 88) others();
      return status;
    });
    await refusals;
    t.equal((await call(gateway.url, { path: '/open' })).status, 200, 'who needs no token notices nothing');
    release();
    const statuses = await Promise.all(answers);
    t.equal(statuses.filter((status) => status === 200).length, 12);
    t.equal(server.asked.length, 12);
  },
);

t.test('a connection that pipelines without end is cut, and costs nobody else', async (t) => {
  const upstream = await startServer(t, (request, response) => {
    if (request.url === '/fast') response.end();
  });
  const gateway = await startOpenGateway(t, { upstream });
  const wire = await openWire(t, gateway.url);
  wire.send('GET /held HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(200));
  t.equal(await wire.rest(), '', 'it is closed without an answer');
  t.equal((await call(gateway.url, { path: '/fast' })).status, 200);
});

t.test('of what a connection pipelines, one request at a time costs an upstream anything', async (t) => {
  const reached: ServerResponse[] = [];
  const upstream = await startServer(t, (_request, response) => void reached.push(response));
  const gateway = await startOpenGateway(t, { upstream });
  const wire = await openWire(t, gateway.url);
  wire.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(32));
  for (let answered = 0; answered < 32; answered++) {
    await until(() => reached.length > answered);
    t.equal(reached.length, answered + 1);
    reached.at(-1)?.end();
    await wire.reply();
  }
});

t.test('a flood of connections is turned away, and costs nobody who is in', async (t) => {
  const upstream = await startUpstream(t);
  const gateway = await startOpenGateway(t, {
    upstream: upstream.url,
    listener: 'limits: { connections_per_address: 1 }',
  });
  const inside = await openWire(t, gateway.url);
  const turnedAway = Array.from({ length: 300 }, async () => {
    const wire = await openWire(t, gateway.url);
    wire.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    return (await wire.reply()).status;
  });
  t.strictSame(new Set(await Promise.all(turnedAway)), new Set([429]));
  inside.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  t.equal((await inside.reply()).status, 200);
  t.equal(upstream.requests.length, 1);
  t.ok(reasons(gateway).length < 300, 'the log has not a line for each');
});

t.test('a client that does not read holds an upstream connection for `idle` at most', async (t) => {
  const upstream = await startServer(t, (request, response) => {
    response.end(request.url === '/big' ? Buffer.alloc(32 * 1_024 * 1_024) : '{}');
  });
  const service = '    connections: 1\n    timeouts: { connect: 30s, idle: 500ms }';
  const gateway = await startOpenGateway(t, { upstream, service });
  const wire = await openWire(t, gateway.url);
  wire.send('GET /big HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(wire.socket, 'data');
  wire.socket.pause();
  t.equal((await call(gateway.url, { path: '/small' })).status, 200);
});

t.test('an upstream that gives interim answers alone is 504 when `headers` has passed', async (t) => {
  const upstream = createServer((socket) => {
    const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 20);
    socket.on('error', () => {}).on('close', () => clearInterval(timer));
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  t.teardown(() => upstream.close());
  const gateway = await startOpenGateway(t, {
    upstream: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
    service: '    timeouts: { headers: 300ms }',
  });
  t.equal((await call(gateway.url)).status, 504);
});

t.test('claims nested without end are a faulty answer, 503, and no bug', async (t) => {
  const upstream = await startUpstream(t);
  const body = `{"active":true,"x":${'['.repeat(5_000)}${']'.repeat(5_000)}}`;
  const { issuer } = await startScriptedServer(t, () => ({ body }));
  const gateway = await startGateway(t, { issuer, upstream: upstream.url, routes: ROUTES, service: MINTED });
  t.equal((await call(gateway.url, { path: '/guarded', token: 'token' })).status, 503);
  t.strictSame(upstream.requests, []);
});

t.test(
  'uploads that hardly begin hold three quarters of the connections at most, for one address',
  async (t) => {
    const upstream = await startUpstream(t);
    const gateway = await startOpenGateway(t, {
      upstream: upstream.url,
      service: '    connections: 4\n    timeouts: { connect: 30s }',
    });
    for (let i = 0; i < 8; i++) {
      const slow = await openWire(t, gateway.url);
      slow.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n');
    }
    const other = await openWire(t, gateway.url, '127.0.0.2');
    for (let i = 0; i < 2; i++) {
      other.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      t.equal((await other.reply()).status, 200, 'another address is served');
    }
  },
);
