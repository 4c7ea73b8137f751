import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { guardConnections } from '../../src/front/connections.ts';
import { closeLingering } from '../../src/front/lingering-close.ts';
import { trustedProxies } from '../../src/http/forwarded.ts';
import { call, startUpstream } from '../support/http.ts';
import { reasons, startOpenGateway } from '../support/open-gateway.ts';
import { until } from '../support/traced.ts';
import { openWire, problemOf, type Wire } from '../support/wire.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** A new connection with an answer of 200 on it: waits until there is room for one. */
async function admitted(t: Test, url: string): Promise<Wire> {
  for (;;) {
    const wire = await openWire(t, url);
    wire.send(GET);
    const reply = await wire.reply().catch(() => null);
    if (reply?.status === 200) return wire;
    wire.socket.destroy();
  }
}

t.test('one connection more than there may be is told so, and none of it is read', async (t) => {
  const upstream = await startUpstream(t);
  const gateway = await startOpenGateway(t, {
    upstream: upstream.url,
    listener: 'limits: { connections: 2 }',
  });
  const [used, unused] = [await openWire(t, gateway.url), await openWire(t, gateway.url)];
  for (const bytes of ['', GET, 'GARBAGE\r\n\r\n', 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n']) {
    const wire = await openWire(t, gateway.url);
    if (bytes) wire.send(bytes);
    const reply = await wire.reply();
    t.match(problemOf(reply), { status: 503, trace_id: /^[0-9a-f]{32}$/, decision_id: String });
    t.match(reply.headers, { connection: 'close', 'retry-after': '1', 'cache-control': 'no-store' });
    t.equal(await wire.rest(), '');
  }
  t.strictSame(reasons(gateway), Array(4).fill('too_many_connections'));
  const { text } = await call(gateway.health, { path: '/metrics' });
  t.match(text, /portcullis_denial_reason="too_many_connections"/);
  t.strictSame(upstream.requests, []);

  used.send(GET);
  t.equal((await used.reply()).status, 200, 'who is in notices nothing');
  unused.socket.destroy();
  await admitted(t, gateway.url);
});

t.test('one more of an address is told so; a trusted proxy has as many as it needs', async (t) => {
  const upstream = await startUpstream(t);
  const gateway = await startOpenGateway(t, {
    upstream: upstream.url,
    listener: 'trusted_proxies: [127.0.0.3], limits: { connections_per_address: 1 }',
  });
  const from = async (address: string): Promise<number> => {
    const wire = await openWire(t, gateway.url, address);
    wire.send(GET);
    return (await wire.reply()).status;
  };
  const statuses = [];
  for (const host of [1, 1, 2, 2, 3, 3, 3]) statuses.push(await from(`127.0.0.${host}`));
  t.strictSame(statuses, [200, 429, 200, 429, 200, 200, 200]);
  t.strictSame(reasons(gateway), Array(2).fill('too_many_connections_of_address'));
});

t.test('however a connection ends, it is counted off once', async (t) => {
  const endings: ((wire: Wire) => unknown)[] = [
    ({ socket }) => socket.destroy(),
    ({ socket }) => socket.resetAndDestroy(),
    ({ socket }) => socket.end(),
    ({ send }) => send('GARBAGE\r\n\r\n'),
    ({ send }) => send('CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n'),
    ({ send }) => send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
    ({ send, socket }) => {
      send(GET);
      socket.end();
    },
  ];
  const upstream = await startUpstream(t);
  for (const [limits, status] of [
    ['connections: 3, connections_per_address: 10', 503],
    ['connections: 10, connections_per_address: 3', 429],
  ] as const) {
    const { url } = await startOpenGateway(t, { upstream: upstream.url, listener: `limits: { ${limits} }` });
    await admitted(t, url);
    for (const ending of endings) {
      const wire = await admitted(t, url);
      ending(wire);
      await wire.rest();
    }
    await admitted(t, url);
    await admitted(t, url);
    const wire = await openWire(t, url);
    t.equal((await wire.reply()).status, status, 'there is room for three, neither less nor more');
  }
});

t.test('who is turned away takes no room, even while it lingers', async (t) => {
  const upstream = await startUpstream(t);
  const { url } = await startOpenGateway(t, {
    upstream: upstream.url,
    listener: 'limits: { connections: 1 }',
  });
  const inside = await openWire(t, url);
  const { hostname, port } = new URL(url);
  const lingering = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  t.teardown(() => lingering.destroy());
  await once(lingering, 'data');
  inside.socket.destroy();
  await admitted(t, url);
  t.equal(lingering.writable, true);
});

t.test('of a flood, few linger, and the others are cut', async (t) => {
  const server = createServer();
  const open = guardConnections(
    server,
    {
      connections: 1,
      connections_per_address: 1,
      trust: trustedProxies([]),
      turnAway(socket) {
        socket.write('no');
        closeLingering(socket);
      },
    },
    2,
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const connected = async (): Promise<Socket> => {
    const { port } = server.address() as AddressInfo;
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {});
    t.teardown(() => socket.destroy());
    await once(server, 'connection');
    return socket;
  };
  await connected();
  const lingering = [await connected(), await connected()];
  await connected();
  await until(() => open.size === 3);
  lingering[0]?.resume().end();
  await until(() => open.size === 2);
  const next = await connected();
  t.equal(String((await once(next, 'data'))[0]), 'no', 'and there is room for another to linger');
});
