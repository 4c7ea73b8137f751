import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { closeLingering, isClosing } from '../../src/front/lingering-close.ts';
import { until } from '../support/traced.ts';
import { closed, openWire } from '../support/wire.ts';

const MUCH = Buffer.alloc(20 * 1_048_576);

async function listen(t: Test, server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that says `bye` to whoever connects, and closes; `accepted` is the next connection. */
async function startClosing(
  t: Test,
  most?: { ms: number; bytes: number },
): Promise<{ url: string; accepted: Promise<Socket> }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    socket.write('bye');
    closeLingering(socket, most);
  });
  const accepted = once(server, 'connection').then(([socket]) => socket as Socket);
  return { url: await listen(t, server), accepted };
}

/** Connects a client that keeps its side open when the other has closed. */
function connectHalfOpen(t: Test, url: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  t.teardown(() => socket.destroy());
  return socket.on('error', () => {});
}

t.test('a client who reads only when it has sent everything reads its answer', async (t) => {
  const { url, accepted } = await startClosing(t);
  const wire = await openWire(t, url);
  wire.socket.pause();
  await new Promise((resolve) => {
    wire.socket.write(MUCH, resolve);
  });
  wire.socket.resume();
  t.equal(await wire.rest(), 'bye');
  t.equal(isClosing(await accepted), true);
});

t.test('it is over as soon as the client has closed its side', async (t) => {
  const { url, accepted } = await startClosing(t, { ms: 600_000, bytes: 1 });
  const client = connectHalfOpen(t, url);
  const socket = await accepted;
  client.resume().end();
  await closed(socket);
});

t.test('it is over in time for a client who never closes its side', async (t) => {
  const { url, accepted } = await startClosing(t, { ms: 20, bytes: 1 });
  const client = connectHalfOpen(t, url);
  client.resume();
  await closed(await accepted);
  t.equal(client.writable, true);
});

t.test('it is over for a client who does not stop sending', async (t) => {
  const { url, accepted } = await startClosing(t, { ms: 600_000, bytes: 1_048_576 });
  const client = connectHalfOpen(t, url);
  client.write(MUCH);
  await closed(await accepted);
  await closed(client);
});

t.test("behind the last answer Node's parser reads nothing, and is in nobody's way", async (t) => {
  const seen: IncomingMessage[] = [];
  const server = createHttpServer((request, response) => {
    seen.push(request);
    // Somebody began to read it and left off: Node stops, too.
    request.once('data', () => request.pause());
    response.once('close', () => closeLingering(request.socket));
  });
  const wire = await openWire(t, await listen(t, server));
  wire.socket.pause();
  wire.send(`POST /first HTTP/1.1\r\nHost: a\r\nContent-Length: ${MUCH.length}\r\n\r\n`);
  const [, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  const sent = new Promise((resolve) => {
    wire.socket.write(MUCH, resolve);
  });
  await until(() => response.req.readableLength > 0);
  response.end('ok');
  await sent;
  wire.send('GET /second HTTP/1.1\r\nHost: a\r\n\r\n');
  wire.socket.resume();
  t.match(await wire.reply(), { status: 200, text: 'ok' });
  t.equal(await wire.rest(), '');
  t.equal(seen.length, 1);
});

t.test('a connection closes once, whoever asks for it', async (t) => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    t.equal(isClosing(socket), false);
    for (let i = 0; i < 3; i++) closeLingering(socket);
    t.equal(socket.listenerCount('resume'), 1);
  });
  const wire = await openWire(t, await listen(t, server));
  t.equal(await wire.rest(), '');
});
