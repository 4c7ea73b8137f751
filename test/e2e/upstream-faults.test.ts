/** The upstream is down, hangs, breaks off or answers before its time: the client is told, and never takes a part for the whole. */
import t from 'tap';
import { startBytes } from '../support/bytes.ts';
import { call, startServer } from '../support/http.ts';
import { reasons, startOpenGateway } from '../support/open-gateway.ts';
import { openWire, problemOf } from '../support/wire.ts';

const post = (length: number, path = '/'): string =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;

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
