import { Readable } from 'node:stream';
import t, { type Test } from 'tap';
import type { Send, UpstreamRequest } from '../../src/chain/ports.ts';
import { upstreams } from '../../src/upstream/send.ts';
import { startBytes } from '../support/bytes.ts';
import { route } from '../support/exchange.ts';
import { startServer, startUpstream } from '../support/http.ts';
import { NOWHERE } from '../support/open-gateway.ts';
import { recording } from '../support/sink.ts';

type Service = UpstreamRequest['service'];
/** Sends to an upstream over pools of its own. */
function sending(t: Test, upstream: string, changes: Partial<Service> = {}) {
  const service: Service = { ...route().service, upstream, ...changes };
  const { send, close } = upstreams({ [service.name]: service });
  t.teardown(close);
  return (request: Partial<UpstreamRequest> = {}, sink = recording()) => {
    const result: ReturnType<Send> = send(
      { service, method: 'GET', target: '/', fields: [], body: null, responseFields: [], ...request },
      sink,
    );
    return { sink, result };
  };
}

const bodyOf = (length: number | null, ...pieces: string[]): UpstreamRequest['body'] => ({
  length,
  stream: () => Readable.from(pieces.map((piece) => Buffer.from(piece))),
});

t.test('a request arrives as it was sent, with the upstream as its host', async (t) => {
  const upstream = await startUpstream(t);
  const send = sending(t, upstream.url);
  const { result } = send({
    method: 'REPORT',
    target: '/a%2Fb?c=%20&c',
    fields: ['X-A', '1', 'x-a', 'caf\xe9'],
  });
  t.strictSame(await result, { status: 200, aborted: false });
  t.match(upstream.requests, [{ method: 'REPORT', target: '/a%2Fb?c=%20&c', body: '' }]);
  t.strictSame(upstream.requests[0]?.rawHeaders, [
    'host',
    upstream.url.slice('http://'.length),
    'connection',
    'keep-alive',
    'X-A',
    '1',
    'x-a',
    'caf\xe9',
  ]);
});

t.test('a body goes on in the way it came: counted or chunked, with any method', async (t) => {
  const upstream = await startUpstream(t);
  const send = sending(t, upstream.url);
  for (const method of ['POST', 'GET', 'DELETE']) {
    await send({ method, body: bodyOf(10, 'hello', 'there') }).result;
    await send({ method, body: bodyOf(null, 'hello', 'there') }).result;
  }
  t.strictSame(
    upstream.requests.map(({ body, headers }) => [
      body,
      headers['content-length'],
      headers['transfer-encoding'],
    ]),
    [1, 2, 3].flatMap(() => [
      ['hellothere', '10', undefined],
      ['hellothere', undefined, 'chunked'],
    ]),
  );
});

t.test("an answer's fields go on, without those of this hop", async (t) => {
  const upstream = await startBytes(t, (socket) =>
    socket.end(
      'HTTP/1.1 201 Made\r\nSet-Cookie: a=1\r\nX-Name: caf\xe9\r\nKeep-Alive: timeout=5\r\nSet-Cookie: b=2\r\n' +
        'Connection: close, X-Hop\r\nX-Hop: 1\r\nProxy-Authenticate: Basic\r\nTrailer: X-Sum\r\nUpgrade: h2c\r\n' +
        'Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\nKeep-Alive: x\r\n\r\n',
      'latin1',
    ),
  );
  const { sink, result } = sending(t, upstream)({ responseFields: ['X-Policy', 'p', 'Set-Cookie', 'c=3'] });
  t.strictSame(await result, { status: 201, aborted: false });
  t.equal(
    sink.fields.join(),
    'Set-Cookie,a=1,X-Name,caf\xe9,Set-Cookie,b=2,X-Policy,p,Set-Cookie,c=3',
    'duplicates and order are kept',
  );
  t.equal(sink.body, 'ok');
  t.strictSame(sink.trailers, ['X-Sum', '7']);
});

t.test('interim answers end here', async (t) => {
  const upstream = await startBytes(t, (socket) =>
    socket.end('HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
  );
  const { sink, result } = sending(t, upstream)();
  t.strictSame(await result, { status: 200, aborted: false });
  t.strictSame(sink.fields, ['Content-Length', '2']);
});

t.test('an answer that the upstream may not give is none', async (t) => {
  const answers: [string, string][] = [
    ['nothing', ''],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'],
    ['two framings', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a control in a value', 'HTTP/1.1 200 OK\r\nX: a\x01b\r\nContent-Length: 0\r\n\r\n'],
    ['a space in a name', 'HTTP/1.1 200 OK\r\nX y: a\r\nContent-Length: 0\r\n\r\n'],
    ['a status below 100', 'HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
    ['100 Continue to nobody', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ['a head of over 16 KiB', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(16_384)}\r\nContent-Length: 0\r\n\r\n`],
  ];
  for (const [name, bytes] of answers) {
    const upstream = await startBytes(t, (socket) => socket.end(bytes));
    const { sink, result } = sending(t, upstream)();
    t.match(await result, { denial: 'upstream_unreachable', detail: /^\w+$/ }, name);
    t.equal(sink.status, 0);
  }
});

t.test('an upstream that nobody reaches is told by a code, without its address', async (t) => {
  const { result } = sending(t, NOWHERE)();
  t.strictSame(await result, { denial: 'upstream_unreachable', detail: 'ECONNREFUSED' });
});

t.test('an answer that breaks off is cut for the client too', async (t) => {
  for (const head of ['Content-Length: 10\r\n\r\nhalf', 'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n']) {
    const upstream = await startBytes(t, (socket) => socket.end(`HTTP/1.1 200 OK\r\n${head}`));
    const { sink, result } = sending(t, upstream)();
    t.strictSame(await result, { status: 200, aborted: true });
    t.match(sink, { body: 'half', trailers: null, cut: true });
  }
});

t.test('an upstream may take so long for its head, and pause so long after it', async (t) => {
  const mute = await startBytes(t, () => {});
  const pausing = await startBytes(t, (socket) =>
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'),
  );
  const late = sending(t, mute, { timeouts: { connect: 5_000, headers: 30, idle: 5_000 } })();
  const cut = sending(t, pausing, { timeouts: { connect: 5_000, headers: 5_000, idle: 30 } })();
  t.strictSame(await late.result, { denial: 'upstream_timeout', detail: 'UND_ERR_HEADERS_TIMEOUT' });
  t.strictSame(await cut.result, { status: 200, aborted: true });
  t.equal(cut.sink.cut, true);
});

t.test('a client who has left already is not served', async (t) => {
  const upstream = await startUpstream(t);
  const sink = recording();
  sink.leave();
  let asked = false;
  const body = {
    length: 1,
    stream() {
      asked = true;
      return Readable.from(['a']);
    },
  };
  const { result } = sending(t, upstream.url)({ method: 'POST', body }, sink);
  t.strictSame(await result, { denial: 'client_gone' });
  t.strictSame(upstream.requests, []);
  t.equal(asked, false);
});

t.test('a client who leaves ends what runs upstream', async (t) => {
  for (const begun of [false, true]) {
    const sink = recording();
    const upstream = await startServer(t, (_request, response) => {
      if (begun) response.write('begun');
      else sink.leave();
      response.on('close', () => ended.resolve());
    });
    const ended = Promise.withResolvers<void>();
    sink.onWrite = () => sink.leave();
    const { result } = sending(t, upstream)({}, sink);
    await ended.promise;
    t.strictSame(
      await result,
      begun ? { status: 200, aborted: true, gone: true } : { denial: 'client_gone' },
      begun ? 'the answer was cut by nobody’s fault' : 'there was no answer',
    );
  }
});

t.test("who waits in the pool's queue", async (t) => {
  const held: (() => void)[] = [];
  const targets: string[] = [];
  let first = (): void => {};
  const upstream = await startServer(t, (request, response) => {
    targets.push(request.url ?? '');
    held.push(() => void response.end());
    first();
  });
  const arrived = new Promise<void>((resolve) => {
    first = resolve;
  });
  const timeouts = { connect: 50, headers: 5_000, idle: 5_000 };
  const send = sending(t, upstream, { connections: 1, timeouts });
  const served = send({ target: '/first' });
  await arrived;
  const leaving = send({ target: '/leaving' });
  const waiting = send({ target: '/waiting' });
  leaving.sink.leave();
  t.strictSame(await leaving.result, { denial: 'client_gone' }, 'may leave at once');
  t.strictSame(
    await waiting.result,
    { denial: 'upstream_timeout', detail: 'there was no connection for it within 50 ms' },
    'waits as long as connecting may take',
  );
  const next = send({ target: '/next' });
  held[0]?.();
  t.strictSame(await served.result, { status: 200, aborted: false });
  first = () => held[1]?.();
  t.strictSame(await next.result, { status: 200, aborted: false }, 'and is served when it is his turn');
  t.strictSame(targets, ['/first', '/next'], 'nothing is sent of what was given up');
});

t.test('an upstream is paused until a slow client has room again', async (t) => {
  const size = 4_194_304;
  const upstream = await startServer(t, (_request, response) => void response.end(Buffer.alloc(size)));
  const sink = recording();
  sink.slow = true;
  let full = false;
  let tooMuch = 0;
  sink.onWrite = () => {
    if (full) tooMuch++;
    full = true;
    setImmediate(() => {
      full = false;
      sink.drain();
    });
  };
  const { result } = sending(t, upstream)({}, sink);
  t.strictSame(await result, { status: 200, aborted: false });
  t.match({ tooMuch, length: sink.body.length }, { tooMuch: 0, length: size });
});
