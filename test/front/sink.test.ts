import { once } from 'node:events';
import t, { type Test } from 'tap';
import type { Sink } from '../../src/chain/ports.ts';
import { responseSink } from '../../src/front/sink.ts';
import { type Awaited, awaitResponse } from '../support/awaited.ts';

type Served = Awaited & { readonly sink: Sink };

/** A request over a real connection, and the sink of its answer. */
async function serve(t: Test, last = false, version = '1.1'): Promise<Served> {
  const { server, wire, response } = await awaitResponse(t, `GET / HTTP/${version}`);
  return {
    sink: responseSink(
      response,
      (fields) => fields,
      () => last,
    ),
    response,
    server,
    wire,
  };
}

const headOf = async ({ wire }: Served): Promise<string> => {
  const [chunk] = (await once(wire.socket, 'data')) as [Buffer];
  return chunk.toString('latin1');
};

t.test('the head goes out at once, since the first piece can be long in coming', async (t) => {
  const served = await serve(t);
  served.sink.head(200, ['Content-Type', 'text/event-stream']);
  t.match(await headOf(served), /^HTTP\/1.1 200 OK\r\nContent-Type: text\/event-stream\r\n[^]*\r\n\r\n$/);
});

t.test('a first piece that is here already goes with the head', async (t) => {
  const served = await serve(t);
  served.sink.head(200, []);
  served.sink.write(Buffer.from('first'));
  t.match(await headOf(served), /^HTTP\/1.1 200 OK\r\n[^]*first/);
});

t.test('an answer keeps its duplicates, their order and their spelling', async (t) => {
  const { sink, wire } = await serve(t);
  sink.head(201, ['Set-Cookie', 'a=1', 'X', 'caf\xe9', 'Set-Cookie', 'b=2', 'Content-Length', '2']);
  sink.write(Buffer.from('ok'));
  sink.end([]);
  const { status, headers, text } = await wire.reply();
  t.match(
    { status, text, cookies: headers['set-cookie'], x: headers['x'] },
    { status: 201, text: 'ok', cookies: 'a=1, b=2', x: 'caf\xe9' },
  );
});

t.test('trailers follow a chunked answer', async (t) => {
  const { sink, wire } = await serve(t, true);
  sink.head(200, []);
  sink.write(Buffer.from('ok'));
  sink.end(['X-Checksum', 'a', 'X-Checksum', 'b']);
  t.match(await wire.rest(), /\r\n0\r\nX-Checksum: a\r\nX-Checksum: b\r\n\r\n$/);
});

t.test('the last answer on a connection says so, and ends it', async (t) => {
  const { sink, wire } = await serve(t, true);
  sink.head(200, ['Content-Length', '0']);
  sink.end([]);
  t.equal((await wire.reply()).headers['connection'], 'close');
  t.equal(await wire.rest(), '');
});

t.test('any other answer leaves the connection open', async (t) => {
  const { sink, wire, server } = await serve(t);
  sink.head(200, ['Content-Length', '0']);
  sink.end([]);
  t.equal((await wire.reply()).headers['connection'], 'keep-alive');
  wire.send('GET /again HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(server, 'request');
});

t.test('an answer that is cut short does not look whole', async (t) => {
  for (const fields of [[], ['Content-Length', '10']]) {
    const served = await serve(t);
    served.sink.head(200, fields);
    served.sink.write(Buffer.from('half'));
    await headOf(served);
    served.sink.abort();
    t.match(await served.wire.rest(), /half(\r\n)?$/, 'neither a last chunk nor all bytes');
  }
});

t.test('for a client of HTTP/1.0, to whom the end is the end, a cut is a reset', async (t) => {
  const served = await serve(t, false, '1.0');
  served.sink.head(200, []);
  served.sink.write(Buffer.from('half'));
  await headOf(served);
  const failed = once(served.wire.socket, 'error');
  served.sink.abort();
  t.match(await failed, [{ code: 'ECONNRESET' }]);
});

t.test('a slow client is waited for', async (t) => {
  const { sink, wire, response } = await serve(t, true);
  wire.socket.pause();
  sink.head(200, []);
  const piece = Buffer.alloc(1_048_576);
  let pieces = 1;
  while (sink.write(piece)) pieces++;
  const drained = new Promise<void>((resolve) => {
    sink.onDrain(resolve);
  });
  t.ok(response.writableLength > 0);
  wire.socket.resume();
  await drained;
  sink.end([]);
  t.ok((await wire.rest()).length > pieces * piece.length);
});

t.test('a server that closes does not cut what a slow client has yet to read', async (t) => {
  const { sink, wire, response, server } = await serve(t, true);
  wire.socket.pause();
  const piece = Buffer.alloc(16_777_216);
  sink.head(200, ['Content-Length', String(piece.length)]);
  t.equal(sink.write(piece), false);
  sink.end([]);
  server.close();
  server.closeIdleConnections();
  t.equal(response.destroyed, false);
  wire.socket.resume();
  t.ok((await wire.rest()).length > piece.length);
});

t.test('a client who leaves is noticed, once', async (t) => {
  const served = await serve(t);
  const gone = new Promise<void>((resolve) => {
    served.sink.onGone(resolve);
  });
  served.sink.head(200, []);
  await headOf(served);
  served.wire.socket.destroy();
  await gone;
  let late = false;
  served.sink.onGone(() => (late = true));
  t.equal(late, true, 'and at once by whoever asks later');
});

t.test('nobody has left when the answer is whole', async (t) => {
  const { sink, wire, response } = await serve(t, true);
  let gone = false;
  sink.onGone(() => (gone = true));
  sink.head(200, ['Content-Length', '0']);
  sink.end([]);
  await Promise.all([once(response, 'close'), wire.rest()]);
  t.equal(gone, false);
});

t.test('the fields that are written are those it is dressed in', async (t) => {
  const served = await serve(t);
  const dressed = responseSink(
    served.response,
    (fields) => [...fields, 'X-Dressed', '1'],
    () => false,
  );
  dressed.head(200, ['X-Own', '1']);
  t.match(await headOf(served), /\r\nX-Own: 1\r\nX-Dressed: 1\r\n/);
});
