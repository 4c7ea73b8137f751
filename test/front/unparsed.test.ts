import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import type { Gateway } from '../support/gateway.ts';
import { startServer } from '../support/http.ts';
import { reasons, startOpenGateway } from '../support/open-gateway.ts';
import { closed, openWire, problemOf } from '../support/wire.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n';
const POST = 'POST / HTTP/1.1\r\nHost: a\r\n';

type Reached = { readonly request: IncomingMessage; readonly response: ServerResponse };

/** A gateway whose upstream answers when the test says so; `next` is the next request that reaches it. */
async function startHeld(t: Test): Promise<{ gateway: Gateway; next: () => Promise<Reached> }> {
  const reached: Reached[] = [];
  let news = (): void => {};
  const upstream = await startServer(t, (request, response) => {
    request.on('error', () => {}).resume();
    reached.push({ request, response });
    news();
  });
  const next = async (): Promise<Reached> => {
    while (reached.length === 0)
      await new Promise<void>((resolve) => {
        news = resolve;
      });
    return reached.shift() as Reached;
  };
  return { gateway: await startOpenGateway(t, { upstream }), next };
}

t.test('what the parser refuses is answered as a problem, once, and ends the connection', async (t) => {
  const gateway = await startOpenGateway(t);
  const cases: [string, string, number][] = [
    ['a malformed request line', 'GARBAGE\r\n\r\n', 400],
    ['an unknown method', `FETCH${GET.slice(3)}\r\n`, 400],
    ['a lower-case method', `get${GET.slice(3)}\r\n`, 400],
    ['HTTP/1.2', 'GET / HTTP/1.2\r\nHost: a\r\n\r\n', 400],
    ['authority-form', 'GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['raw non-ASCII in the target', 'GET /\xe9 HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['a space in the target', 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['the HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['a TLS handshake', '\x16\x03\x01\x00\xa5\x01\x00\x00', 400],
    ['bare line feeds', 'GET / HTTP/1.1\nHost: a\n\n', 400],
    ['a space before the colon (RFC 9112 section 5.1)', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n', 400],
    ['a folded line (RFC 9112 section 5.2)', `${GET}X: a\r\n b\r\n\r\n`, 400],
    ['NUL in a header (CVE-2019-9900)', `${GET}X: a\0b\r\n\r\n`, 400],
    ['a control in a header', `${GET}X: a\x01b\r\n\r\n`, 400],
    ['a bare CR in a header', `${GET}X: a\rX-User: root\r\n\r\n`, 400],
    [
      'Content-Length with Transfer-Encoding (RFC 9112 section 6.3)',
      `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
      400,
    ],
    ['two Content-Lengths', `${POST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400],
    ['a Content-Length that is no number', `${POST}Content-Length: +1\r\n\r\n`, 400],
    [
      'a transfer coding that is not chunked at the end',
      `${POST}Transfer-Encoding: chunked, gzip\r\n\r\n`,
      400,
    ],
    ['a chunk size that is none', `${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
    ['a header of over 32 KiB', `${GET}X: ${'x'.repeat(32_768)}\r\n\r\n`, 431],
    ['a target of over 32 KiB', `GET /${'x'.repeat(32_768)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
    ['CONNECT', 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ["RTSP's methods in HTTP", `DESCRIBE${GET.slice(3)}\r\n`, 400],
    [
      'both framings in HTTP/1.0',
      'POST / HTTP/1.0\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
    ],
    [
      'both framings the other way about',
      `${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n`,
      400,
    ],
    [
      'trailers without end',
      `${POST}Transfer-Encoding: chunked\r\n\r\n0\r\n${'X: y\r\n'.repeat(50_000)}`,
      431,
    ],
  ];
  for (const [name, bytes, status] of cases) {
    const before = reasons(gateway).length;
    const wire = await openWire(t, gateway.url);
    wire.send(bytes);
    const reply = await wire.reply();
    t.equal(reply.status, status, name);
    t.match(problemOf(reply), {
      type: 'about:blank',
      status,
      trace_id: /^[0-9a-f]{32}$/,
      decision_id: String,
    });
    t.equal(reply.headers['connection'], 'close');
    t.equal(await wire.rest(), '', 'nothing comes after it');
    t.strictSame(
      reasons(gateway).slice(before),
      [status === 431 ? 'header_fields_too_large' : 'malformed_request'],
      'and the log has one line',
    );
  }
});

t.test('a client who resets the connection after CONNECT does not end the process', async (t) => {
  const gateway = await startOpenGateway(t);
  for (const more of ['', 'x'.repeat(100_000)]) {
    const wire = await openWire(t, gateway.url);
    wire.send(`CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n${more}`);
    wire.socket.resetAndDestroy();
  }
  const wire = await openWire(t, gateway.url);
  wire.send('CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n');
  t.equal((await wire.reply()).status, 400, 'and the next one is answered');
});

t.test('a client who keeps its side open after CONNECT does not hold up the end', async (t) => {
  const gateway = await startOpenGateway(t);
  const { hostname, port } = new URL(gateway.url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  t.teardown(() => socket.destroy());
  socket.resume().write('CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(socket, 'end');
  await gateway.app.close();
  t.equal(socket.writable, true);
});

t.test('garbage behind a request is answered after that request (RFC 9112 section 9.3.2)', async (t) => {
  const { gateway, next } = await startHeld(t);
  const wire = await openWire(t, gateway.url);
  wire.send(`${GET}\r\nGARBAGE\r\n\r\n`);
  const { response } = await next();
  wire.send('more of it');
  response.end('whole');
  t.match(await wire.reply(), { status: 200, text: 'whole' });
  t.match(problemOf(await wire.reply()), { status: 400 });
  t.equal(await wire.rest(), '');
  t.strictSame(reasons(gateway), ['malformed_request']);
});

t.test('garbage behind two requests is answered after both', async (t) => {
  const { gateway, next } = await startHeld(t);
  const wire = await openWire(t, gateway.url);
  wire.send(`${GET}\r\n${GET}\r\nGARBAGE\r\n\r\n`);
  for (const text of ['first', 'second']) {
    (await next()).response.end(text);
    t.match(await wire.reply(), { status: 200, text });
  }
  t.equal((await wire.reply()).status, 400);
  t.equal(await wire.rest(), '');
});

t.test('a body that breaks off before its turn refuses its request when that comes', async (t) => {
  const { gateway, next } = await startHeld(t);
  const wire = await openWire(t, gateway.url);
  wire.send(`${GET}\r\n${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`);
  const { response } = await next();
  response.end('whole');
  t.match(await wire.reply(), { status: 200, text: 'whole' });
  const reply = await wire.reply();
  t.match(problemOf(reply), { status: 400 });
  t.equal(reply.headers['connection'], 'close');
  t.equal(await wire.rest(), '');
  t.strictSame(reasons(gateway), ['malformed_request'], 'and it goes nowhere');
});

t.test('garbage behind an answer that ends the connection is nothing to answer', async (t) => {
  const { gateway, next } = await startHeld(t);
  const wire = await openWire(t, gateway.url);
  wire.socket.pause();
  wire.send(`${GET}Connection: close\r\n\r\nGARBAGE\r\n\r\n`);
  const { response } = await next();
  response.end('whole');
  await new Promise((resolve) => {
    wire.socket.write(Buffer.alloc(20_971_520), resolve);
  });
  wire.socket.resume();
  t.match(await wire.reply(), { status: 200, headers: { connection: 'close' }, text: 'whole' });
  t.equal(await wire.rest(), '');
  t.strictSame(reasons(gateway), []);
});

t.test('a client who leaves within a body that was refused is not refused again', async (t) => {
  const { gateway } = await startHeld(t);
  const wire = await openWire(t, gateway.url);
  wire.send(`POST /.. HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\na`);
  t.equal((await wire.reply()).status, 400);
  wire.socket.end();
  t.equal(await wire.rest(), '');
  t.strictSame(reasons(gateway), ['ambiguous_path']);
});

t.test('CONNECT behind a request that is under way cuts the connection', async (t) => {
  const { gateway, next } = await startHeld(t);
  const wire = await openWire(t, gateway.url);
  wire.send(`${GET}\r\n`);
  const { response } = await next();
  wire.send('CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n');
  await closed(response);
  t.equal(await wire.rest(), '', 'no answer is taken for that of the first');
});

t.test('a body that breaks off refuses the request that it belongs to, and what went upstream', async (t) => {
  const { gateway, next } = await startHeld(t);
  const wire = await openWire(t, gateway.url);
  wire.send(`${POST}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n`);
  const { request } = await next();
  wire.send('zz\r\n');
  t.match(problemOf(await wire.reply()), { status: 400 });
  await closed(request);
  t.equal(request.complete, false, 'the upstream does not take it for whole');
  t.equal(await wire.rest(), '');
  t.strictSame(reasons(gateway), ['malformed_request']);
});

t.test('a body that breaks off when the answer has begun cuts the answer', async (t) => {
  const { gateway, next } = await startHeld(t);
  const wire = await openWire(t, gateway.url);
  wire.send(`${POST}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n`);
  const { response } = await next();
  response.write('begun');
  await once(wire.socket, 'data');
  wire.send('zz\r\n');
  t.match(await wire.rest(), /^HTTP\/1.1 200 [^]*begun\r\n$/);
  await closed(response);
  t.strictSame(reasons(gateway), [], 'who was answered was not refused');
});

t.test('a client who leaves within a body is gone, and that is all', async (t) => {
  const { gateway, next } = await startHeld(t);
  const wire = await openWire(t, gateway.url);
  wire.send(`${POST}Content-Length: 9\r\n\r\na`);
  const { request } = await next();
  wire.socket.end();
  await closed(request);
  t.equal(await wire.rest(), '');
  t.strictSame(reasons(gateway), ['client_gone']);
});
