import { PassThrough, Readable } from 'node:stream';
import t from 'tap';
import { limited } from '../../src/http/body.ts';
import { startBytes } from '../support/bytes.ts';
import { startServer, startUpstream } from '../support/http.ts';
import { NOWHERE } from '../support/open-gateway.ts';
import { bodyOf, sending } from '../support/sending.ts';
import { recording } from '../support/sink.ts';

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
  for (const method of ['POST', 'GET', 'DELETE', 'HEAD']) {
    await send({ method, body: bodyOf(10, 'hello', 'there') }).result;
    await send({ method, body: bodyOf(null, 'hello', 'there') }).result;
  }
  t.strictSame(
    upstream.requests.map(({ body, headers }) => [
      body,
      headers['content-length'],
      headers['transfer-encoding'],
    ]),
    [1, 2, 3, 4].flatMap(() => [
      ['hellothere', '10', undefined],
      ['hellothere', undefined, 'chunked'],
    ]),
  );
});

t.test(
  'CL.0: a connection carries no further request after a body that the upstream may not have read',
  async (t) => {
    let connections = 0;
    // It answers each GET by its head, and reads what follows as the next request.
    const upstream = await startBytes(t, (socket, first) => {
      connections++;
      const answer = (bytes: Buffer): void => {
        // What it took for a request of its own it answers late.
        if (bytes.toString().startsWith('GET / '))
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      };
      answer(first);
      socket.on('data', answer);
    });
    const send = sending(t, upstream, { connections: 1 });
    const smuggled = 'GET /admin HTTP/1.1\r\nHost: a\r\n\r\n';
    await send({ body: bodyOf(smuggled.length, smuggled) }).result;
    t.match(await send().result, { status: 200 });
    t.equal(connections, 2, 'the next one goes over a connection of its own');
    await send().result;
    t.equal(connections, 2, 'which is kept');
  },
);

t.test('an upstream that nobody reaches is told by a code, without its address', async (t) => {
  const { result } = sending(t, NOWHERE)();
  t.strictSame(await result, { denial: 'upstream_unreachable', detail: 'ECONNREFUSED' });
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

t.test('a client who leaves while the connection is made is not served either', async (t) => {
  const upstream = await startUpstream(t);
  const send = sending(t, upstream.url, { connections: 1 });
  const { sink, result } = send({ target: '/leaving', method: 'POST', body: bodyOf(1, 'a') });
  sink.leave();
  t.strictSame(await result, { denial: 'client_gone' });
  t.strictSame(await send({ target: '/next' }).result, { status: 200, aborted: false });
  t.strictSame(
    upstream.requests.map(({ target }) => target),
    ['/next'],
  );
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

t.test('a body that grows too large is 413 and never whole to the upstream', async (t) => {
  const upstream = await startServer(t, (request) => {
    request.on('error', () => cut.resolve(request.complete)).resume();
  });
  const cut = Promise.withResolvers<boolean>();
  const source = new PassThrough();
  const { sink, result } = sending(
    t,
    upstream,
  )({
    method: 'POST',
    body: { length: null, stream: (most) => limited(source, most) },
    body_max_size: 10,
  });
  source.write('ten bytes.');
  setImmediate(() => source.end('more'));
  t.strictSame(await result, { denial: 'content_too_large' });
  t.equal(await cut.promise, false);
  t.equal(sink.cut, false);
});

t.test('a body that grows too large after the head of the answer cuts the answer', async (t) => {
  const upstream = await startServer(t, (request, response) => {
    request.on('error', () => {});
    response.write('begun');
  });
  const source = new PassThrough();
  const { sink, result } = sending(t, upstream)(
    {
      method: 'POST',
      body: { length: null, stream: (most) => limited(source, most) },
      body_max_size: 10,
    },
    Object.assign(recording(), { onWrite: () => source.end('much too large') }),
  );
  source.write('a');
  t.strictSame(await result, { status: 200, aborted: true });
  t.match(sink, { body: 'begun', trailers: null, cut: true });
});

t.test('a body that breaks off is never whole to the upstream, and nobody’s fault', async (t) => {
  for (const [length, error] of [
    [10, new Error('reset')],
    [null, new Error('reset')],
    [10, undefined],
    [null, undefined],
  ] as const) {
    const reached = Promise.withResolvers<void>();
    const cut = Promise.withResolvers<boolean>();
    const upstream = await startServer(t, (request) => {
      request.on('error', () => cut.resolve(request.complete)).resume();
      reached.resolve();
    });
    const source = new PassThrough();
    const { result } = sending(t, upstream)({ method: 'PUT', body: { length, stream: () => source } });
    source.write('half');
    await reached.promise;
    source.destroy(error);
    t.strictSame(await result, { denial: 'client_gone' });
    t.equal(await cut.promise, false);
  }
});

t.test('a body of another length than announced is never whole to the upstream', async (t) => {
  for (const pieces of [
    ['too', 'long'],
    ['a', 'b'],
  ]) {
    const cut = Promise.withResolvers<boolean>();
    const upstream = await startServer(t, (request) => {
      request.on('error', () => cut.resolve(request.complete)).resume();
    });
    const { result } = sending(t, upstream)({ method: 'POST', body: bodyOf(5, ...pieces) });
    t.match(await result, { denial: 'internal_error', detail: /content-length/ });
    t.equal(await cut.promise, false);
  }
});

t.test('a request has one length, in whatever case it was given (CVE-2026-1525)', async (t) => {
  const upstream = await startUpstream(t);
  const { result } = sending(
    t,
    upstream.url,
  )({
    method: 'POST',
    fields: ['Content-Length', '5'],
    body: bodyOf(5, 'hello'),
  });
  t.match(await result, { denial: 'internal_error', detail: 'duplicate content-length header' });
  t.strictSame(upstream.requests, []);
});

t.test('a request without a body has no length, but where the method expects one', async (t) => {
  const upstream = await startUpstream(t);
  const send = sending(t, upstream.url);
  const methods = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST', 'PUT', 'PATCH'];
  for (const method of methods) await send({ method }).result;
  t.strictSame(
    upstream.requests.map(({ headers }) => headers['content-length']),
    [undefined, undefined, undefined, undefined, '0', '0', '0'],
  );
  t.ok(upstream.requests.every(({ headers }) => headers['transfer-encoding'] === undefined));
});
