// A connection that waited for its next request may be dead already: such a request goes out once more, over a new one, where that
// does no harm (RFC 9110 section 9.2.2).
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { startBytes } from '../support/bytes.ts';
import { CERTIFICATE, startTlsServer } from '../support/tls.ts';
import { bodyOf, sending } from '../support/sending.ts';
import { until } from '../support/traced.ts';
import { closed } from '../support/wire.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const ANSWERED = { status: 200, aborted: false };
const ANSWERED_AT_LAST = { ...ANSWERED, resent: true };

/** Answers the first request of each connection; at the next it does something else. Keeps the first words of every request. */
async function startFickle(
  t: Test,
  next: (socket: Socket) => void,
  first: (socket: Socket) => void = (socket) => void socket.write(OK),
) {
  const requests: string[] = [];
  const sockets: Socket[] = [];
  const record = (bytes: Buffer): void => void requests.push(String(bytes).split(' HTTP/', 1)[0] ?? '');
  const url = await startBytes(t, (socket, bytes) => {
    sockets.push(socket);
    record(bytes);
    first(socket);
    socket.on('data', (more) => {
      record(more);
      next(socket);
    });
  });
  return { url, requests, sockets };
}

const ENDS: Record<string, (socket: Socket) => void> = {
  FIN: (socket) => socket.end(),
  RST: (socket) => void socket.resetAndDestroy(),
};

t.test('an idempotent request goes out again when its connection had died idle', async (t) => {
  for (const [name, end] of Object.entries(ENDS)) {
    const upstream = await startFickle(t, end);
    const send = sending(t, upstream.url, { connections: 1 });
    await send({ target: '/before' }).result;
    for (const method of ['GET', 'OPTIONS', 'PUT', 'DELETE', 'HEAD']) {
      const { sink, result } = send({ method, target: '/again' });
      t.strictSame(await result, ANSWERED_AT_LAST, `${method} after ${name}`);
      t.equal(sink.body, method === 'HEAD' ? '' : 'ok');
      const sent = `${method} /again`;
      t.strictSame(upstream.requests.splice(-2), [sent, sent]);
    }
    t.strictSame(upstream.requests, ['GET /before']);
  }
});

t.test('no other request does', async (t) => {
  for (const [name, end] of Object.entries(ENDS))
    for (const request of [
      { method: 'POST' },
      { method: 'PATCH' },
      { method: 'REPORT' },
      { method: 'GET', body: bodyOf(1, 'a') },
      { method: 'PUT', body: bodyOf(null, 'a') },
    ]) {
      const upstream = await startFickle(t, end);
      const send = sending(t, upstream.url, { connections: 1 });
      await send().result;
      t.match(
        await send(request).result,
        { denial: 'upstream_unreachable' },
        `${request.method} after ${name}`,
      );
      t.equal(upstream.sockets.length, 1);
      t.equal(
        upstream.requests.filter((sent) => sent === `${request.method} /`).length,
        request.method === 'GET' ? 2 : 1,
      );
    }
});

t.test('nor does one whose connection was new', async (t) => {
  for (const end of Object.values(ENDS)) {
    const upstream = await startFickle(t, end, end);
    const send = sending(t, upstream.url, { connections: 1 });
    for (const already of [0, 1]) {
      t.match(await send().result, { denial: 'upstream_unreachable' });
      t.equal(upstream.requests.length, already + 1);
    }
  }
});

t.test('nor one whose connection was new, after another that had ended', async (t) => {
  const upstream = await startFickle(
    t,
    () => {},
    (socket) => void (upstream.sockets.length === 1 ? socket.end(OK) : socket.end()),
  );
  const send = sending(t, upstream.url, { connections: 1 });
  t.strictSame(await send().result, ANSWERED);
  await closed(upstream.sockets[0]!);
  t.match(await send().result, { denial: 'upstream_unreachable' });
  t.equal(upstream.requests.length, 2);
});

t.test('nor one of which something had come', async (t) => {
  for (const begun of ['HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n', 'H', OK.slice(0, -10)]) {
    const upstream = await startFickle(t, (socket) => socket.end(begun));
    const send = sending(t, upstream.url, { connections: 1 });
    await send().result;
    t.match(await send().result, { denial: 'upstream_malformed' });
    t.equal(upstream.requests.length, 2);
  }
});

t.test('nor one whose upstream took too long', async (t) => {
  const upstream = await startFickle(t, () => {});
  const timeouts = { connect: 5_000, headers: 50, idle: 5_000 };
  const send = sending(t, upstream.url, { connections: 1, timeouts });
  await send().result;
  t.match(await send().result, { denial: 'upstream_timeout' });
  t.equal(upstream.requests.length, 2);
});

t.test('nor one whose client left', async (t) => {
  const upstream = await startFickle(t, (socket) => {
    gone.sink.leave();
    socket.end();
  });
  const send = sending(t, upstream.url, { connections: 1 });
  await send().result;
  const gone = send();
  t.match(await gone.result, { denial: 'client_gone' });
  await send({ target: '/next' }).result;
  t.strictSame(upstream.requests, ['GET /', 'GET /', 'GET /next']);
});

t.test('none goes out a third time', async (t) => {
  let dead = false;
  const upstream = await startFickle(
    t,
    (socket) => {
      dead = true;
      socket.end();
    },
    (socket) => void (dead ? socket.end() : socket.write(OK)),
  );
  const send = sending(t, upstream.url, { connections: 1 });
  await send().result;
  t.match(await send().result, { denial: 'upstream_unreachable', detail: 'other side closed' });
  t.equal(upstream.requests.length, 3);
});

t.test('the other idle connections, which may be as dead, are left alone', async (t) => {
  let held: Socket[] = [];
  const upstream = await startFickle(
    t,
    (socket) => socket.end(),
    (socket) => {
      held.push(socket);
      if (held.length < 3 && upstream.sockets.length <= 3) return;
      for (const waiting of held) waiting.write(OK);
      held = [];
    },
  );
  const send = sending(t, upstream.url, { connections: 3 });
  await Promise.all([send().result, send().result, send().result]);
  held = [];
  upstream.requests.length = 0;
  await turn();
  t.strictSame(await send({ target: '/again' }).result, ANSWERED_AT_LAST);
  t.strictSame(upstream.requests, ['GET /again', 'GET /again']);
  t.equal(upstream.sockets.length, 4);
});

t.test('a request of which nothing was sent goes out whatever it is', async (t) => {
  for (const end of [
    (socket: Socket) => void socket.resetAndDestroy(),
    (socket: Socket) => void socket.end(),
    (socket: Socket) => socket.write('no answer'),
  ]) {
    const upstream = await startFickle(t, () => t.fail('nothing came over the dead connection'));
    const send = sending(t, upstream.url, { connections: 1 });
    await send().result;
    await turn();
    // Undici lets one turn of the event loop pass before it sends over a connection that was idle: this arrives within it.
    await turn();
    end(upstream.sockets[0]!);
    t.match(await send({ method: 'POST', body: bodyOf(5, 'hello') }).result, ANSWERED);
    t.strictSame(upstream.requests, ['GET /', 'POST /']);
  }
});

/** An upstream that can be reached once; whoever comes then finds nobody who shakes hands. */
async function startGate(t: Test): Promise<{ url: string; sockets: Socket[] }> {
  const server = await startTlsServer(t, (_request, response) => void response.end());
  const sockets: Socket[] = [];
  const gate = createServer((socket) => {
    t.teardown(() => socket.destroy());
    socket.on('error', () => {});
    if (sockets.push(socket) > 1) return;
    const through = connect(Number(new URL(server).port), '127.0.0.1');
    t.teardown(() => through.destroy());
    socket.pipe(through).pipe(socket);
  });
  gate.listen(0, '127.0.0.1');
  await once(gate, 'listening');
  t.teardown(() => gate.close());
  return { url: `https://127.0.0.1:${(gate.address() as AddressInfo).port}`, sockets };
}

t.test('the second time it waits for a connection as long as the first time', async (t) => {
  for (const connect of [500, 60_000]) {
    const { url, sockets } = await startGate(t);
    const timeouts = { connect, headers: 5_000, idle: 5_000 };
    const send = sending(t, url, { connections: 1, timeouts, tls: { ca: CERTIFICATE } });
    t.strictSame(await send().result, ANSWERED);
    sockets[0]?.unpipe();
    sockets[0]?.once('data', () => sockets[0]?.resetAndDestroy()).resume();
    const { sink, result } = send();
    await until(() => sockets.length === 2);
    if (connect === 500)
      t.strictSame(await result, {
        denial: 'upstream_timeout',
        detail: 'there was no connection for it within 500 ms',
      });
    else {
      sink.leave();
      t.strictSame(await result, { denial: 'client_gone' }, 'or until its client leaves');
      sockets[1]?.destroy();
    }
    t.equal(sockets.length, 2);
  }
});
