import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { closeLingering } from '../../src/front/lingering-close.ts';
import { breakOff, inTurns, type Turn } from '../../src/front/turns.ts';
import { until } from '../support/traced.ts';
import { openWire, type Wire } from '../support/wire.ts';

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

type Started = {
  readonly wire: Wire;
  /** The turns that began so far. */
  readonly begun: Turn[];
  /** How often a connection came to rest. */
  readonly rested: () => number;
  readonly newest: () => Turn | undefined;
};

/** A server whose requests are answered by the test, in turns, and a connection to it. */
async function start(t: Test): Promise<Started> {
  const begun: Turn[] = [];
  let rested = 0;
  const turns = inTurns(
    (turn) => void begun.push(turn),
    () => rested++,
  );
  const server = createServer(turns.take);
  server.on('connection', (socket) => {
    socket.destroySoon = () => closeLingering(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const connection = once(server, 'connection') as Promise<[Socket]>;
  const wire = await openWire(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [socket] = await connection;
  return { wire, begun, rested: () => rested, newest: () => turns.newest(socket) };
}

const paths = (begun: readonly Turn[]): (string | undefined)[] => begun.map(({ request }) => request.url);

t.test('the next request begins when the answer before it is done', async (t) => {
  const { wire, begun, rested, newest } = await start(t);
  wire.send(get('/1') + get('/2') + get('/3'));
  for (const path of ['/1', '/2', '/3']) {
    await until(() => paths(begun).includes(path));
    t.equal(paths(begun).at(-1), path, 'none after it has begun');
    t.equal(newest()?.request.url, '/3');
    t.equal(rested(), 0);
    const { response } = begun.at(-1) as Turn;
    response.write('of ');
    response.end(path);
    t.equal((await wire.reply()).text, `of ${path}`);
  }
  await until(() => rested() === 1);
  t.equal(newest(), undefined, 'nothing is kept of what is over');
  wire.send(get('/4'));
  await until(() => begun.length === 4);
});

t.test('a request is over when its body is', async (t) => {
  const { wire, begun, rested, newest } = await start(t);
  wire.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na');
  await until(() => begun.length === 1);
  begun[0]?.response.end();
  await until(() => rested() === 1);
  t.equal(newest(), begun[0]);
  wire.send(`b${get('/')}`);
  await until(() => begun.length === 2);
});

t.test('behind the last answer of a connection nothing begins', async (t) => {
  const { wire, begun, rested } = await start(t);
  wire.send(get('/1') + get('/2'));
  await until(() => begun.length === 1);
  begun[0]?.response.writeHead(200, { connection: 'close' }).end();
  t.match(await wire.rest(), /^HTTP\/1.1 200/);
  t.strictSame(paths(begun), ['/1']);
  t.equal(rested(), 0);
});

t.test('nothing begins for a client who left', async (t) => {
  const { wire, begun } = await start(t);
  wire.send(get('/1') + get('/2'));
  await until(() => begun.length === 1);
  const { response, socket } = begun[0] as Turn;
  wire.socket.destroy();
  await once(response, 'close');
  t.equal(socket.destroyed, true);
  t.strictSame(paths(begun), ['/1']);
});

t.test('a body waits for its turn, however large', async (t) => {
  const { wire, begun } = await start(t);
  const body = 'x'.repeat(1_048_576);
  wire.send(`${get('/1')}POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await until(() => begun.length === 1);
  begun[0]?.response.end();
  await until(() => begun.length === 2);
  t.equal(String(await buffer((begun[1] as Turn).request)), body);
});

t.test('what waits is bounded in bytes, too: few large requests, or many small ones', async (t) => {
  const { wire, begun } = await start(t);
  const large = `GET /large HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(10_000)}\r\n\r\n`;
  wire.send(large);
  await until(() => begun.length === 1);
  for (let i = 0; i < 7; i++) wire.send(large);
  begun[0]?.response.end();
  await until(() => begun.length === 2);
  wire.send(large);
  begun[1]?.response.end();
  await until(() => begun.length === 3);
  for (let i = 0; i < 3; i++) wire.send(large);
  await wire.rest();
  t.equal(begun.length, 3, 'the connection is cut when more than 64 KiB wait');
});

t.test('32 requests may wait; with one more the connection is cut', async (t) => {
  const { wire, begun, newest } = await start(t);
  for (let i = 0; i <= 32; i++) wire.send(get(`/${i}`));
  for (let i = 0; i <= 32; i++) {
    await until(() => begun.length > i);
    begun[i]?.response.end(String(i));
    t.equal((await wire.reply()).text, String(i));
  }
  for (let i = 33; i <= 65; i++) wire.send(get(`/${i}`));
  await until(() => newest()?.request.url === '/65');
  wire.send(get('/66'));
  t.equal(await wire.rest(), '');
  t.equal(paths(begun).at(-1), '/33');
});

t.test('a request that breaks is told so at once, or finds it when it begins', async (t) => {
  const { wire, begun, newest } = await start(t);
  wire.send(get('/1') + get('/2'));
  await until(() => newest()?.request.url === '/2');
  const told: string[] = [];
  const served = begun[0] as Turn;
  served.onBroken = ({ denial }) => void told.push(denial);
  breakOff(served, { denial: 'request_timeout' });
  t.strictSame(told, ['request_timeout']);
  breakOff(newest() as Turn, { denial: 'header_fields_too_large' });
  breakOff(newest() as Turn, { denial: 'request_timeout' });
  served.response.end();
  await until(() => begun.length === 2);
  t.strictSame(begun[1]?.broken, { denial: 'header_fields_too_large' }, 'the first fault is the fault');
});

t.test('a connection keeps nothing of the requests that it had', async (t) => {
  const { wire, begun, rested } = await start(t);
  const listeners: number[] = [];
  for (const rests of [1, 20]) {
    while (rested() < rests) {
      const before = begun.length;
      wire.send(get('/') + get('/'));
      for (const more of [1, 2]) {
        await until(() => begun.length === before + more);
        begun.at(-1)?.response.end();
        await wire.reply();
      }
      await until(() => rested() === (before + 2) / 2);
    }
    const { socket } = begun[0] as Turn;
    listeners.push(socket.eventNames().reduce((sum, name) => sum + socket.listenerCount(name), 0));
  }
  t.equal(listeners[0], listeners[1]);
});
