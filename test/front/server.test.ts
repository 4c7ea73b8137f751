import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { type Limits, type Listener, publicListener } from '../../src/front/server.ts';
import type { Turn } from '../../src/front/turns.ts';
import { trustedProxies } from '../../src/http/forwarded.ts';
import { decisionLog } from '../../src/observe/decision-log.ts';
import { openLog } from '../../src/observe/log.ts';
import { observation } from '../../src/observe/observation.ts';
import { LIMITS } from '../support/limits.ts';
import { until } from '../support/traced.ts';
import { openWire, problemOf } from '../support/wire.ts';

const HEAD = 'GET / HTTP/1.1\r\nHost: a\r\n';
const GET = `${HEAD}\r\n`;

type Started = { listener: Listener; url: string; turns: Turn[]; lines: string[] };

/** A listener; without `serve`, the test answers the requests. */
async function start(t: Test, limits: Partial<Limits> = {}, serve?: (turn: Turn) => void): Promise<Started> {
  const lines: string[] = [];
  const turns: Turn[] = [];
  const log = openLog('debug', { write: (line) => void lines.push(line) });
  const listener = publicListener(
    {
      limits: { ...LIMITS, ...limits },
      trust: trustedProxies([]),
      observe: observation(decisionLog(log, Date.now), { trust: 'none', now: Date.now }),
      dressing: null,
    },
    (turn) => {
      turns.push(turn);
      serve?.(turn);
    },
  );
  t.teardown(() => listener.close(0));
  return { listener, url: await listener.listen({ host: '127.0.0.1', port: 0 }), turns, lines };
}

const ok = ({ response }: Turn): void => void response.end('ok');

t.test('a head that is too long in coming is 408', async (t) => {
  const { url, lines } = await start(t, { header_timeout: 20 }, ok);
  for (const bytes of [HEAD, `${GET}${HEAD}`]) {
    const wire = await openWire(t, url);
    wire.send(bytes);
    if (bytes !== HEAD) await wire.reply();
    t.match(problemOf(await wire.reply()), { status: 408 });
    t.equal(await wire.rest(), '');
  }
  t.match(lines, [/"reason":"request_timeout"/, /"reason":"request_timeout"/]);
});

t.test('a connection that is not used any more is closed without a word', async (t) => {
  const { url, lines } = await start(t, { idle_timeout: 20 }, ok);
  const wire = await openWire(t, url);
  wire.send(GET);
  t.equal((await wire.reply()).headers['keep-alive'], 'timeout=0');
  t.equal(await wire.rest(), '');
  t.strictSame(lines, []);
  const patient = await start(t, { idle_timeout: 7_000 }, ok);
  const other = await openWire(t, patient.url);
  other.send(GET);
  t.equal((await other.reply()).headers['keep-alive'], 'timeout=7', 'and the client knows when');
});

t.test('blank lines do not keep a connection on which nothing is asked', async (t) => {
  const { url } = await start(t, { idle_timeout: 50, header_timeout: 50 }, ok);
  const wire = await openWire(t, url);
  wire.send(GET);
  t.equal((await wire.reply()).status, 200);
  const drip = setInterval(() => wire.send('\r\n'), 20);
  t.teardown(() => clearInterval(drip));
  t.equal(await wire.rest(), '');
});

t.test('a long answer, or a long body, is not idle', async (t) => {
  const { url, turns } = await start(t, { idle_timeout: 20, header_timeout: 20 });
  const wire = await openWire(t, url);
  wire.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na');
  await until(() => turns.length === 1);
  // Node looks for what has timed out once a second.
  const waited = new Promise((resolve) => {
    setTimeout(resolve, 1_300);
  });
  await waited;
  wire.send('b');
  const { request, response } = turns[0] as Turn;
  t.equal((await request.toArray()).join(''), 'ab');
  response.end('ok');
  t.equal((await wire.reply()).status, 200);
});

t.test('a head has as many bytes and fields as it may, and not one more', async (t) => {
  const { url } = await start(t, { header_size: 2_000, header_count: 10 }, ok);
  // The parser counts targets, names and values: `/`, `Host`, `a`, `X`.
  const sized = (bytes: number): string => `${HEAD}X: ${'x'.repeat(bytes - 7)}\r\n\r\n`;
  const cases: [string, string, number][] = [
    ['as large as it may be', sized(2_000), 200],
    ['larger', sized(2_001), 431],
    ['as many fields as there may be', `${HEAD}${'a: b\r\n'.repeat(9)}\r\n`, 200],
    // The eleventh is counted by who reads the request.
    ['two more', `${HEAD}${'a: b\r\n'.repeat(11)}\r\n`, 431],
    ['many more', `${HEAD}${'a: b\r\n'.repeat(400)}\r\n`, 431],
  ];
  for (const [name, bytes, status] of cases) {
    const wire = await openWire(t, url);
    wire.send(bytes);
    t.equal((await wire.reply()).status, status, name);
  }
});

t.test('an address that is taken is an error', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const observe = observation(decisionLog(openLog('debug', { write() {} }), Date.now), {
    trust: 'none',
    now: Date.now,
  });
  const listener = publicListener({ limits: LIMITS, trust: trustedProxies([]), observe, dressing: null }, ok);
  await t.rejects(listener.listen({ host: '127.0.0.1', port }), { code: 'EADDRINUSE' });
  await listener.close(0);
});

t.test('closing ends what is idle, and waits for what is under way', async (t) => {
  const { listener, url, turns } = await start(t);
  const [unused, used, wire] = [await openWire(t, url), await openWire(t, url), await openWire(t, url)];
  used.send(GET);
  await until(() => turns.length === 1);
  ok(turns[0] as Turn);
  await used.reply();
  wire.send(GET);
  await until(() => turns.length === 2);
  t.equal(listener.draining(), false);
  const closing = listener.close(60_000);
  t.equal(listener.draining(), true);
  t.strictSame(await Promise.all([unused.rest(), used.rest()]), ['', '']);
  // Its head says nothing of an end.
  ok(turns[1] as Turn);
  t.equal((await wire.reply()).status, 200);
  t.equal(await wire.rest(), '');
  await closing;
});

t.test('what has not ended in time is cut, whatever it is', async (t) => {
  const { listener, url, turns } = await start(t, { connections: 3 });
  const wires = [await openWire(t, url), await openWire(t, url), await openWire(t, url)];
  wires[0]?.send(GET);
  wires[1]?.send('GET / HT');
  wires[2]?.send('CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n');
  await until(() => turns.length === 1);
  const turnedAway = await openWire(t, url);
  await turnedAway.reply();
  await listener.close(20);
  for (const wire of wires) await wire.rest();
  t.pass('none of them holds it up');
});
