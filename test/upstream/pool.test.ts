import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { type Connection, Pool, type Taker } from '../../src/upstream/pool.ts';
import { startBytes } from '../support/bytes.ts';
import { route } from '../support/exchange.ts';
import { startServer } from '../support/http.ts';
import { sending } from '../support/sending.ts';
import { until } from '../support/traced.ts';

const poolOf = (connections: number, queue: number): Pool =>
  new Pool({ ...route().service, connections, connections_per_address: connections, queue });
const taking = (take: Taker['take'], caller = '192.0.2.1'): Taker => ({ take, caller });

t.test('connections go to those who came first, and to nobody when too many wait', async (t) => {
  const pool = poolOf(1, 2);
  const got: string[] = [];
  let connection: Connection | undefined;
  const taker = (name: string): Taker =>
    taking((given) => {
      got.push(name);
      connection = given;
    });
  const second = taker('second');
  t.strictSame([pool.take(taker('first')), pool.take(second), pool.take(taker('third'))], [true, true, true]);
  t.equal(pool.take(taker('fourth')), false);
  pool.leave(second);
  t.equal(pool.take(taker('fifth')), true, 'who left makes room at once');
  for (let i = 0; i < 3; i++) {
    pool.give(connection!);
    await turn();
  }
  t.strictSame(got, ['first', 'third', 'fifth']);
});

t.test(
  'one caller has three quarters of the connections and of the queue, and others the rest',
  async (t) => {
    const pool = new Pool({ ...route().service, connections: 4, queue: 4 });
    const given: [string, Connection][] = [];
    const ask = (caller: string): boolean =>
      pool.take(taking((connection) => void given.push([caller, connection]), caller));
    t.strictSame(
      Array.from({ length: 7 }, () => ask('greedy')),
      [true, true, true, true, true, true, false],
      'three get a connection, three wait',
    );
    t.equal(given.length, 3);
    t.ok(ask('other'));
    t.equal(given.at(-1)?.[0], 'other', 'there is one left for another');
    t.strictSame([ask('other'), ask('other')], [true, false], 'and a place in the queue');
    pool.give(given.at(-1)![1]);
    await turn();
    t.equal(
      given.at(-1)?.[0],
      'other',
      'who comes before those that wait longer, and hold their share already',
    );
    pool.give(given[0]![1]);
    await turn();
    t.strictSame([given.length, given.at(-1)?.[0]], [6, 'greedy']);
  },
);

t.test('without a queue there are as many at once as connections', async (t) => {
  const pool = poolOf(2, 0);
  const given: Connection[] = [];
  const take = taking((connection) => void given.push(connection));
  t.strictSame([pool.take(take), pool.take(take), pool.take(take)], [true, true, false]);
  t.not(given[0], given[1]);
  pool.give(given[0]!);
  await turn();
  t.equal(pool.take(take), true);
  t.equal(given[2], given[0], 'the connection is used again');
});

t.test('an upstream has at most so many connections, and so many requests wait', async (t) => {
  const held: (() => void)[] = [];
  const sockets = new Set<Socket>();
  const upstream = await startServer(t, ({ socket }, response) => {
    sockets.add(socket);
    held.push(() => void response.end());
  });
  const send = sending(t, upstream, { connections: 2, queue: 1 });
  const [first, second, third, fourth] = [send(), send(), send(), send()];
  t.match(await fourth.result, {
    denial: 'upstream_busy',
    detail: '1 requests wait for a connection already',
  });
  await until(() => held.length === 2);
  for (const answer of held.splice(0)) answer();
  await Promise.all([first.result, second.result]);
  await until(() => held.length === 1);
  held[0]?.();
  t.strictSame(await third.result, { status: 200, aborted: false });
  t.equal(sockets.size, 2);
});

t.test('who waits in the queue', async (t) => {
  const held: (() => void)[] = [];
  const targets: string[] = [];
  const upstream = await startServer(t, (request, response) => {
    targets.push(request.url ?? '');
    held.push(() => void response.end());
  });
  const timeouts = { connect: 50, headers: 5_000, idle: 5_000 };
  const send = sending(t, upstream, { connections: 1, queue: 2, timeouts });
  const served = send({ target: '/first' });
  await until(() => held.length === 1);
  const leaving = send({ target: '/leaving' });
  let asked = false;
  const body = {
    length: 1,
    stream() {
      asked = true;
      return Readable.from(['a']);
    },
  };
  const waiting = send({ target: '/waiting', method: 'POST', body });
  leaving.sink.leave();
  t.strictSame(await leaving.result, { denial: 'client_gone' }, 'may leave at once');
  t.strictSame(
    await waiting.result,
    { denial: 'upstream_timeout', detail: 'there was no connection for it within 50 ms' },
    'waits as long as connecting may take',
  );
  t.equal(asked, false, 'and has not been asked for the body');
  const next = [send({ target: '/next' }), send({ target: '/last' })];
  held[0]?.();
  t.strictSame(await served.result, { status: 200, aborted: false });
  await until(() => held.length === 2);
  held[1]?.();
  t.strictSame(await next[0]?.result, { status: 200, aborted: false }, 'and is served when it is his turn');
  await until(() => held.length === 3);
  held[2]?.();
  await next[1]?.result;
  t.strictSame(targets, ['/first', '/next', '/last'], 'nothing is sent of what was given up');
});

const own = (target: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${target.length}\r\n\r\n${target}`;

/** Answers each request with its target, and the first of all with something after it. */
async function startTalkative(t: Parameters<typeof startBytes>[0], more: (socket: Socket) => void) {
  let first = true;
  const upstream = await startBytes(t, (socket, begun) => {
    const answer = (bytes: Buffer): void => {
      socket.write(own(String(bytes).split(' ')[1] ?? ''));
      if (first) more(socket);
      first = false;
    };
    socket.on('data', answer);
    answer(begun);
  });
  return upstream;
}

t.test('what follows an answer is nobody else’s (GHSA-35p6-xmwp-9g52)', async (t) => {
  const evil = own('/evil');
  const cases: Record<string, (socket: Socket) => void> = {
    'right behind it': (socket) => socket.write(evil),
    'a turn later': (socket) => void setImmediate(() => socket.write(evil)),
    'some turns later': (socket) => void setImmediate(() => void setImmediate(() => socket.write(evil))),
    'not even HTTP': (socket) => socket.write('evil'),
    'a part of an answer': (socket) => socket.write(evil.slice(0, 20)),
    'an interim answer': (socket) => socket.write('HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n'),
  };
  for (const [name, more] of Object.entries(cases)) {
    const upstream = await startTalkative(t, more);
    const send = sending(t, upstream, { connections: 1 });
    const all = ['/1', '/2', '/3'].map((target) => ({ target, ...send({ target, method: 'POST' }) }));
    for (const { target, sink, result } of all) {
      t.strictSame(await result, { status: 200, aborted: false }, name);
      t.equal(sink.body, target, name);
    }
  }
});
