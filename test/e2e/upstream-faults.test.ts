/** The upstream is down, hangs, breaks off or answers before its time: the client is told, and never takes a part for the whole. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import t from 'tap';
import { startBytes } from '../support/bytes.ts';
import { call, startServer } from '../support/http.ts';
import { spans } from '../support/gateway.ts';
import { reasons, startOpenGateway } from '../support/open-gateway.ts';
import { until } from '../support/traced.ts';
import { closed, openWire, problemOf } from '../support/wire.ts';

const post = (length: number, path = '/'): string =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;
const CHUNKED = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const chunk = (length: number): string => `${length.toString(16)}\r\n${'x'.repeat(length)}\r\n`;

t.test('a dead upstream is 502, with a body or without', async (t) => {
  const gateway = await startOpenGateway(t);
  for (const body of [undefined, 'small', Buffer.alloc(200_000)]) {
    const { status, headers, text } = await call(gateway.url, { method: 'POST', ...(body && { body }) });
    t.match({ status, headers }, { status: 502, headers: { 'content-type': 'application/problem+json' } });
    t.notMatch(text, /ECONNREFUSED|127\.0\.0\.1/, 'the client is not told of what');
  }
  t.strictSame(new Set(reasons(gateway)), new Set(['upstream_unreachable']));
  t.match(JSON.stringify(gateway.logged()), /ECONNREFUSED/, 'operators are');
});

t.test('a dead upstream is 502 for all who wait for its one connection', async (t) => {
  const { url } = await startOpenGateway(t, { service: '    connections: 1' });
  const answers = await Promise.all([1, 2, 3, 4].map(() => call(url)));
  t.strictSame(
    answers.map(({ status }) => status),
    [502, 502, 502, 502],
  );
});

t.test('an upstream that hangs is 504', async (t) => {
  const upstream = await startBytes(t, () => {});
  const gateway = await startOpenGateway(t, { upstream, service: '    timeouts: { headers: 50ms }' });
  t.match(await call(gateway.url), { status: 504, headers: { 'content-type': 'application/problem+json' } });
  t.strictSame(reasons(gateway), ['upstream_timeout']);
});

t.test('an upstream that dies before its answer is 502, also in the middle of an upload', async (t) => {
  const upstream = await startBytes(t, (socket) => socket.resetAndDestroy());
  const { url } = await startOpenGateway(t, { upstream });
  for (const more of ['x', 'x'.repeat(100)]) {
    const wire = await openWire(t, url);
    wire.send(`${post(100)}${more}`);
    t.match(problemOf(await wire.reply()), { status: 502 });
  }
});

t.test('an upstream that dies within its answer leaves the client with a broken one', async (t) => {
  for (const framing of [
    'Content-Length: 10\r\n\r\nhalf',
    'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n',
  ]) {
    const upstream = await startBytes(t, (socket) => socket.end(`HTTP/1.1 200 OK\r\n${framing}`));
    const { url } = await startOpenGateway(t, { upstream });
    await t.rejects(call(url), { message: 'aborted', code: 'ECONNRESET' });
  }
});

t.test('an upstream that pauses too long within its answer, too', async (t) => {
  const upstream = await startServer(t, (_request, response) => void response.write('half'));
  const { url } = await startOpenGateway(t, { upstream, service: '    timeouts: { idle: 50ms }' });
  await t.rejects(call(url), { code: 'ECONNRESET' });
});

t.test('an answer before the end of the upload is the answer, and the connection ends with it', async (t) => {
  for (const close of ['Connection: close\r\n', '']) {
    const upstream = await startBytes(t, (socket) =>
      socket.write(`HTTP/1.1 413 Content Too Large\r\n${close}Content-Length: 8\r\n\r\ntoo much`),
    );
    const { url } = await startOpenGateway(t, { upstream });
    const wire = await openWire(t, url);
    wire.send(post(60_000));
    wire.send(Buffer.alloc(100));
    t.match(await wire.reply(), { status: 413, text: 'too much', headers: { connection: 'close' } });
    t.equal(await wire.rest(), '');
  }
});

t.test('a connection outlives what an upstream did on it', async (t) => {
  let dead = true;
  const upstream = await startServer(t, (request, response) => {
    request.resume();
    if (dead) request.socket.destroy();
    else response.end('ok');
  });
  const { url } = await startOpenGateway(t, { upstream });
  const wire = await openWire(t, url);
  wire.send(`${post(3)}abc`);
  t.equal((await wire.reply()).status, 502);
  dead = false;
  wire.send(`${post(3)}abc`);
  t.match(await wire.reply(), { status: 200, text: 'ok' });
});

t.test('an upstream that gives no HTTP is 502, and told from one that is down', async (t) => {
  const upstream = await startBytes(t, (socket) => socket.end('HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n'));
  const gateway = await startOpenGateway(t, { upstream });
  const { status, text } = await call(gateway.url);
  t.equal(status, 502);
  t.match(text, /The API gave no usable answer/);
  t.notMatch(text, /header value/, 'the client is not told of what');
  t.strictSame(reasons(gateway), ['upstream_malformed']);
  t.match(JSON.stringify(gateway.logged()), /Invalid header value char/, 'operators are');
});

t.test('a connection that died while it was idle is nobody’s concern', async (t) => {
  let requests = 0;
  const upstream = await startServer(t, (request, response) => {
    request.resume();
    // Each connection dies at its second request.
    if (++requests % 2 === 0) request.socket.destroy();
    else response.end('ok');
  });
  const gateway = await startOpenGateway(t, { upstream, service: '    connections: 1' });
  for (let i = 0; i < 4; i++) t.match(await call(gateway.url), { status: 200, text: 'ok' });
  await until(
    () => spans().filter(({ attributes }) => 'http.request.resend_count' in attributes).length === 3,
  );
  t.equal(
    (await call(gateway.url, { method: 'POST', body: 'once' })).status,
    502,
    'but this may have been done',
  );
  t.equal(requests, 8);
});

t.test('beyond those who wait for a busy upstream, the next is told at once to come back', async (t) => {
  const held: (() => void)[] = [];
  const upstream = await startServer(t, (_request, response) => held.push(() => void response.end('ok')));
  const gateway = await startOpenGateway(t, { upstream, service: '    connections: 1\n    queue: 1' });
  const wires = await Promise.all([1, 2, 3].map(() => openWire(t, gateway.url)));
  const [served, leaving, waiting] = wires as [(typeof wires)[0], (typeof wires)[0], (typeof wires)[0]];
  served.send(get('/'));
  await until(() => held.length === 1);
  leaving.send(get('/'));
  const busy = async (): Promise<boolean> => (await call(gateway.url)).status === 503;
  while (!(await busy()));
  t.match(await call(gateway.url), {
    status: 503,
    headers: { 'retry-after': '1', 'content-type': 'application/problem+json' },
  });
  leaving.socket.destroy();
  await until(() => reasons(gateway).includes('client_gone'));
  waiting.send(get('/'));
  while (!(await busy()));
  held.shift()?.();
  t.equal((await served.reply()).status, 200);
  await until(() => held.length === 1);
  held.shift()?.();
  t.equal((await waiting.reply()).status, 200, 'who left made room');
});

t.test('a body that grows too large is 413, and no request to the upstream', async (t) => {
  const reached: IncomingMessage[] = [];
  const upstream = await startServer(t, (request) => {
    reached.push(request.on('error', () => {}).resume());
  });
  const gateway = await startOpenGateway(t, { upstream, more: 'defaults: { body: { max_size: 100B } }' });
  const wire = await openWire(t, gateway.url);
  wire.send(CHUNKED + chunk(100));
  await until(() => reached.length === 1);
  wire.send(`${chunk(1)}0\r\n\r\n`);
  const reply = await wire.reply();
  t.match(problemOf(reply), { status: 413 });
  t.equal(reply.headers['connection'], 'close');
  await closed(reached[0]!);
  t.equal(reached[0]?.complete, false);
  t.strictSame(reasons(gateway), ['content_too_large']);
  t.equal(
    (await call(gateway.url, { method: 'POST', body: 'x'.repeat(101) })).status,
    413,
    'as is an announced one',
  );
  t.equal(reached.length, 1);
});

t.test('a body that grows too large within the answer cuts the answer', async (t) => {
  const upstream = await startServer(t, (request, response) => {
    request.on('error', () => {}).resume();
    response.write('begun');
  });
  const { url } = await startOpenGateway(t, { upstream, more: 'defaults: { body: { max_size: 100B } }' });
  const wire = await openWire(t, url);
  wire.send(CHUNKED + chunk(1));
  await until(() => wire.socket.bytesRead > 0);
  wire.send(chunk(100));
  t.notMatch(await wire.rest(), /0\r\n\r\n$/);
});

t.test('a body whose upstream is gone may end as it likes', async (t) => {
  const gateway = await startOpenGateway(t, { more: 'defaults: { body: { max_size: 100B } }' });
  const ends: ((wire: Awaited<ReturnType<typeof openWire>>) => void)[] = [
    (wire) => wire.send(chunk(101)),
    (wire) => wire.send('no chunk'),
    (wire) => void wire.socket.destroy(),
    (wire) => void wire.socket.resetAndDestroy(),
  ];
  for (const end of ends) {
    const wire = await openWire(t, gateway.url);
    wire.send(CHUNKED + chunk(1));
    t.equal((await wire.reply()).status, 502);
    end(wire);
    await closed(wire.socket);
  }
  t.equal((await call(gateway.url)).status, 502, 'an error that nobody heard would have ended the process');
});

t.test('a client who leaves within an upload is nobody’s fault', async (t) => {
  const reached: ServerResponse[] = [];
  const upstream = await startServer(t, (request, response) => {
    request.on('error', () => {}).resume();
    reached.push(response);
  });
  const gateway = await startOpenGateway(t, { upstream });
  for (const upload of [`${post(100)}half`, CHUNKED + chunk(10)])
    for (const leave of ['destroy', 'resetAndDestroy'] as const) {
      const wire = await openWire(t, gateway.url);
      wire.send(upload);
      await until(() => reached.length === 1);
      wire.socket[leave]();
      await closed(reached.pop()!);
    }
  await until(() => reasons(gateway).length === 4);
  t.strictSame(new Set(reasons(gateway)), new Set(['client_gone']));
});
