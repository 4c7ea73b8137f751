/** The end of the process: what is under way may end, nothing new begins, and it is over in time. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { changed } from '../support/config.ts';
import { call, startServer } from '../support/http.ts';
import { type Serving, startServing } from '../support/serving.ts';
import { openWire } from '../support/wire.ts';

const GET = 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n';
const FREE = { host: '127.0.0.1', port: 0 };

/** A gateway in its own process, in front of an upstream that answers when the test says so. */
async function start(drain: string): Promise<{ serving: Serving; held: Promise<ServerResponse> }> {
  const held = Promise.withResolvers<ServerResponse>();
  const upstream = await startServer(t, (_request, response) => held.resolve(response));
  const config = changed({
    server: { ...FREE, drain },
    health: FREE,
    admin: { port: 0 },
    services: { api: { upstream } },
    routes: [{ name: 'a', match: { path: '/a' }, service: 'api', token: 'none', policy: 'none' }],
  });
  return { serving: await startServing(t, config, {}), held: held.promise };
}

/** Waits until nobody is let in any more. */
async function refused(url: string): Promise<void> {
  for (;;) {
    const wire = await openWire(t, url).catch(() => null);
    if (!wire) return;
    wire.socket.destroy();
    await pause(5);
  }
}

t.test('SIGTERM lets what is under way end, and then it exits with 0', async (t) => {
  const { serving, held } = await start('20s');
  const used = await openWire(t, serving.url);
  used.send('GET /b HTTP/1.1\r\nHost: a\r\n\r\n');
  t.equal((await used.reply()).status, 404);
  const unused = await openWire(t, serving.url);
  const wire = await openWire(t, serving.url);
  wire.send(GET);
  const response = await held;
  const stopped = serving.stop();
  await refused(serving.url);
  t.strictSame(await Promise.all([used.rest(), unused.rest()]), ['', ''], 'idle connections end at once');
  t.equal((await call(serving.health, { path: '/livez' })).status, 200, 'probes are answered meanwhile');
  t.equal(
    (await call(serving.health, { path: '/readyz' })).status,
    503,
    'and told that nothing new is taken',
  );
  response.end('late');
  t.match(await wire.reply(), { status: 200, text: 'late', headers: { connection: 'close' } });
  const { code, stderr, ms } = await stopped;
  t.match({ code, stderr }, { code: 0, stderr: '' });
  t.ok(ms < 20_000, 'it did not wait for the deadline');
});

t.test('of what is pipelined, what is under way is answered, and one more that says the end', async (t) => {
  const { serving, held } = await start('20s');
  const wire = await openWire(t, serving.url);
  wire.send(`${GET}GET /b HTTP/1.1\r\nHost: a\r\n\r\n${GET}`);
  const response = await held;
  // Its head says nothing of an end.
  response.writeHead(200, { 'content-length': 4 }).flushHeaders();
  await once(wire.socket, 'data');
  const stopped = serving.stop();
  await refused(serving.url);
  response.end('late');
  t.match(await wire.reply(), { status: 200, text: 'late', headers: { connection: 'keep-alive' } });
  t.match(await wire.reply(), { status: 404, headers: { connection: 'close' } });
  t.equal(await wire.rest(), '', 'the third was never begun');
  t.match(await stopped, { code: 0, stderr: '' });
});

t.test('what hangs is cut at the deadline, and the exit is with 0 all the same', async (t) => {
  const { serving, held } = await start('100ms');
  const hanging = await openWire(t, serving.url);
  hanging.send(GET);
  await held;
  const half = await openWire(t, serving.url);
  half.send('GET /a HTTP/1.1\r\nHo');
  const stopped = serving.stop();
  t.strictSame(await Promise.all([hanging.rest(), half.rest()]), ['', '']);
  t.match(await stopped, { code: 0, stderr: '' });
});
