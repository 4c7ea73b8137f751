/** What went wrong with an upstream leaves nothing behind: no timer, no connection, no listener on the client’s connection. */
import { channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import t from 'tap';
import { startBytes } from '../support/bytes.ts';
import { startOpenGateway } from '../support/open-gateway.ts';
import { until } from '../support/traced.ts';
import { openWire } from '../support/wire.ts';

const ROUNDS = 12; // one more than the listeners of which Node warns

/** What the upstream does, by path. */
const FAULTS: Record<string, (socket: Socket) => void> = {
  '/close': (socket) => socket.end(),
  '/reset': (socket) => void socket.resetAndDestroy(),
  '/malformed': (socket) => socket.end('HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n'),
  '/interim': (socket) => void socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'),
  '/early': (socket) => socket.end('HTTP/1.1 403 No\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno'),
};

/** How many timers and sockets keep the process alive. */
const alive = (): number =>
  process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout' || kind === 'TCPSocketWrap').length;

/** All listeners on the gateway's side of a connection. */
const listeners = (socket: Socket): number =>
  socket.eventNames().reduce((sum, name) => sum + socket.listenerCount(name), 0);

t.test('faults leave nothing behind', async (t) => {
  const upstream = await startBytes(t, (socket, first) =>
    FAULTS[String(first).split(' ')[1] ?? '']?.(socket),
  );
  const { url } = await startOpenGateway(t, {
    upstream,
    // Whatever is left of a longer one would be there for an hour.
    service: '    timeouts: { connect: 1h, headers: 20ms, idle: 1h }',
    more: 'defaults: { body: { max_size: 5B } }',
  });
  const sockets = new Set<Socket>();
  const started = channel('http.server.request.start');
  const see = (message: unknown): void => void sockets.add((message as { socket: Socket }).socket);
  started.subscribe(see);
  t.teardown(() => started.unsubscribe(see));
  const before = alive();

  for (const path of Object.keys(FAULTS)) {
    const wire = await openWire(t, url);
    sockets.clear();
    let after = 0;
    for (let round = 0; round < ROUNDS; round++) {
      wire.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      t.match(await wire.reply(), { status: path === '/early' ? 403 : /^50[24]$/ }, path);
      const [socket] = sockets;
      await until(() => listeners(socket!) === after || round === 0);
      after = listeners(socket!);
    }
    t.equal(sockets.size, 1, 'all over one connection');
    wire.socket.destroy();

    for (const leave of ['destroy', 'resetAndDestroy'] as const) {
      const leaving = await openWire(t, url);
      leaving.send(`POST ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n`);
      leaving.socket[leave]();
    }
    const flooding = await openWire(t, url);
    flooding.send(`POST ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n6bytes\r\n`);
    await flooding.reply();
    flooding.socket.destroy();
  }
  await until(() => alive() <= before);
  t.pass('timers and connections are gone');
});
