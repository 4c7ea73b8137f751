/** Bodies pass through as they come, in both directions, and never pile up in between. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { call, startServer } from '../support/http.ts';
import { reasons, startOpenGateway } from '../support/open-gateway.ts';
import { until } from '../support/traced.ts';
import { closed, openWire } from '../support/wire.ts';

const PIECE = Buffer.alloc(65_536, 'portcullis');
const PIECES = 1_024; // 64 MiB: no kernel holds that much between two sockets
const WHOLE = createHash('sha256');
for (let i = 0; i < PIECES; i++) WHOLE.update(PIECE);
const DIGEST = WHOLE.digest('hex');

/** Writes 64 MiB as fast as the other side reads; `written` is the bytes so far. */
function pour(into: NodeJS.WritableStream): { written: () => number } {
  let pieces = 0;
  const more = (): void => {
    while (pieces < PIECES) {
      pieces++;
      if (!into.write(PIECE)) return;
    }
    into.end();
  };
  into.on('drain', more);
  more();
  return { written: () => pieces * PIECE.length };
}

/** Waits until a number has not grown any more for a while. */
async function stalled(progress: () => number): Promise<void> {
  let before = -1;
  for (let calm = 0; calm < 20; calm++) {
    await pause(5);
    if (progress() !== before) calm = 0;
    before = progress();
  }
}

async function digest(stream: NodeJS.ReadableStream): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest('hex');
}

t.test('an upload waits for an upstream that does not read', async (t) => {
  const reached = Promise.withResolvers<[IncomingMessage, ServerResponse]>();
  const upstream = await startServer(t, (...both) => reached.resolve(both));
  const { url } = await startOpenGateway(t, { upstream });
  const sent = request(url, { method: 'POST' });
  const { written } = pour(sent);
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  const [incoming, response] = await reached.promise;
  await stalled(written);
  t.ok(written() < (PIECES * PIECE.length) / 2, `the rest waits at the client: ${written()} bytes are sent`);
  t.equal(await digest(incoming), DIGEST);
  response.end();
  const [answer] = await answered;
  answer.resume();
  t.equal(answer.statusCode, 200);
});

t.test('a download waits for a client who does not read', async (t) => {
  let written = (): number => 0;
  const upstream = await startServer(t, (_request, response) => {
    ({ written } = pour(response));
  });
  const { url } = await startOpenGateway(t, { upstream });
  const sent = request(url).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  await stalled(() => written());
  t.ok(
    written() < (PIECES * PIECE.length) / 2,
    `the rest waits at the upstream: ${written()} bytes are sent`,
  );
  t.equal(await digest(answer), DIGEST);
});

t.test('server-sent events arrive one by one, and the head before the first', async (t) => {
  const reached = Promise.withResolvers<ServerResponse>();
  const upstream = await startServer(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    reached.resolve(response);
  });
  const { url } = await startOpenGateway(t, { upstream });
  const sent = request(url).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  t.equal(answer.headers['content-type'], 'text/event-stream');
  const events = await reached.promise;
  for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
    events.write(event);
    const [chunk] = (await once(answer, 'data')) as [Buffer];
    t.equal(String(chunk), event);
  }
  sent.destroy();
  await closed(events);
  t.pass('and who leaves ends them');
});

t.test('both directions flow at once', async (t) => {
  const upstream = await startServer(t, (incoming, response) => void incoming.pipe(response));
  const { url } = await startOpenGateway(t, { upstream });
  const sent = request(url, { method: 'POST' });
  sent.write('1');
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  for (const piece of ['2', '3']) {
    await once(answer, 'data');
    sent.write(piece);
  }
  await once(answer, 'data');
  sent.end();
  await once(answer, 'end');
});

t.test('a client who leaves within an upload or a download ends it upstream', async (t) => {
  for (const method of ['POST', 'GET']) {
    const reached = Promise.withResolvers<ServerResponse>();
    const upstream = await startServer(t, (incoming, response) => {
      incoming.on('error', () => {}).resume();
      if (method === 'GET') response.write('begun');
      reached.resolve(response);
    });
    const gateway = await startOpenGateway(t, { upstream });
    const wire = await openWire(t, gateway.url);
    wire.send(
      `${method} / HTTP/1.1\r\nHost: a\r\n${method === 'GET' ? '\r\n' : 'Content-Length: 9\r\n\r\na'}`,
    );
    const response = await reached.promise;
    if (method === 'GET') await once(wire.socket, 'data');
    wire.socket.destroy();
    await closed(response);
    await until(() => method === 'GET' || reasons(gateway).length === 1);
    t.strictSame(reasons(gateway), method === 'GET' ? [] : ['client_gone']);
  }
});

t.test(
  'a client who leaves behind another answer on the connection ends what was begun for it',
  async (t) => {
    const reached: ServerResponse[] = [];
    const upstream = await startServer(t, ({ url }, response) => {
      reached.push(response);
      if (url === '/2') pour(response);
    });
    const { url } = await startOpenGateway(t, { upstream });
    const wire = await openWire(t, url);
    wire.send('GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => reached.length === 2);
    const ended = Promise.all(reached.map(closed));
    wire.socket.destroy();
    await ended;
  },
);

t.test('answers without a body stay so', async (t) => {
  const upstream = await startServer(t, ({ method }, response) => {
    if (method === 'HEAD') response.writeHead(200, { 'content-length': '1000' });
    else response.writeHead(method === 'PUT' ? 204 : 304, { etag: '"a"' });
    response.end();
  });
  const { url } = await startOpenGateway(t, { upstream });
  const wire = await openWire(t, url);
  for (const [method, status, headers] of [
    ['HEAD', 200, { 'content-length': '1000' }],
    ['PUT', 204, { etag: '"a"' }],
    ['GET', 304, { etag: '"a"' }],
  ] as const) {
    wire.send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
    const reply = await wire.reply('bodyless');
    t.match(reply, { status, headers });
    t.notOk('transfer-encoding' in reply.headers, method);
  }
});

t.test("an answer's fields and trailers arrive as the upstream wrote them", async (t) => {
  const upstream = await startServer(t, (_request, response) => {
    response.writeHead(200, [
      'Set-Cookie',
      'a=1',
      'X-Name',
      'caf\xe9',
      'Set-Cookie',
      'b=2',
      'Keep-Alive',
      'timeout=9',
      'Trailer',
      'X-Sum',
    ]);
    response.addTrailers({ 'X-Sum': '7' });
    response.end('ok');
  });
  const { url } = await startOpenGateway(t, { upstream });
  const { headers, rawHeaders } = await call(url);
  t.strictSame(headers['set-cookie'], ['a=1', 'b=2']);
  t.equal(headers['x-name'], 'caf\xe9');
  t.notOk(rawHeaders.includes('timeout=9'), 'what is of one hop is not of the next');
  const wire = await openWire(t, url);
  wire.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  t.match(await wire.rest(), /\r\n0\r\nX-Sum: 7\r\n\r\n$/);
});
