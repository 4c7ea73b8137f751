import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { startServer, startUpstream } from '../support/http.ts';
import { reasons, startOpenGateway } from '../support/open-gateway.ts';
import { drained, pour } from '../support/pour.ts';
import { until } from '../support/traced.ts';
import { closed, openWire, problemOf } from '../support/wire.ts';

const post = (path: string, length: number): string =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;

t.test('a body that stops is 408, and its upstream is let go of', async (t) => {
  const reached = Promise.withResolvers<IncomingMessage>();
  const upstream = await startServer(t, (incoming) =>
    reached.resolve(incoming.on('error', () => {}).resume()),
  );
  const gateway = await startOpenGateway(t, { upstream, listener: 'limits: { body_timeout: 50ms }' });
  const wire = await openWire(t, gateway.url);
  wire.send(`${post('/', 2)}a`);
  await closed(await reached.promise);
  const reply = await wire.reply();
  t.match(problemOf(reply), { status: 408 });
  t.equal(reply.headers['connection'], 'close');
  t.equal(await wire.rest(), '');
  t.strictSame(reasons(gateway), ['request_timeout']);
});

t.test('a body of 16 bytes a second is slow, and arrives', async (t) => {
  const upstream = await startUpstream(t);
  const gateway = await startOpenGateway(t, {
    upstream: upstream.url,
    listener: 'limits: { body_timeout: 1s }',
  });
  const wire = await openWire(t, gateway.url);
  wire.send(post('/', 100));
  for (let i = 0; i < 25; i++) {
    wire.send('slow');
    await pause(100);
  }
  t.equal((await wire.reply()).status, 200);
  t.equal(upstream.requests[0]?.body, 'slow'.repeat(25));
});

t.test('a body that only drips is 408', async (t) => {
  const gateway = await startOpenGateway(t, {
    upstream: await startServer(t, (incoming) => void incoming.on('error', () => {}).resume()),
    listener: 'limits: { body_timeout: 500ms }',
  });
  const wire = await openWire(t, gateway.url);
  wire.send(post('/', 1_000));
  const drip = setInterval(() => wire.send('a'), 100);
  t.teardown(() => clearInterval(drip));
  t.match(problemOf(await wire.reply()), { status: 408 });
});

t.test('an upstream that does not read is no fault of the client', async (t) => {
  const reached = Promise.withResolvers<() => void>();
  const upstream = await startServer(t, (incoming, response) =>
    reached.resolve(() => {
      void drained(incoming).then(({ bytes }) => response.end(String(bytes)));
    }),
  );
  const gateway = await startOpenGateway(t, {
    upstream,
    listener: 'limits: { body_timeout: 500ms }',
    more: 'defaults: { body: { max_size: 1GiB } }',
  });
  const sent = request(gateway.url, { method: 'POST' });
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  const { sum } = pour(sent, 33_554_432);
  const read = await reached.promise;
  await pause(1_500);
  read();
  const [answer] = await answered;
  t.equal(answer.statusCode, 200);
  t.equal((await answer.toArray()).join(''), String(sum().bytes));
});

t.test('a body that nobody wants cannot drip for ever behind its refusal', async (t) => {
  const gateway = await startOpenGateway(t, { listener: 'limits: { body_timeout: 500ms }' });
  const wire = await openWire(t, gateway.url);
  wire.send(post('/..', 1_000));
  t.match(await wire.reply(), { status: 400, headers: { connection: 'keep-alive' } });
  const drip = setInterval(() => wire.send('a'), 100);
  t.teardown(() => clearInterval(drip));
  t.equal(await wire.rest(), '', 'the connection ends, and nobody is answered twice');
  t.strictSame(reasons(gateway), ['ambiguous_path']);
});

t.test('no clock runs for a request that has arrived', async (t) => {
  const upstream = await startUpstream(t);
  const gateway = await startOpenGateway(t, {
    upstream: upstream.url,
    listener: 'limits: { body_timeout: 1h, idle_timeout: 1h }',
  });
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const wire = await openWire(t, gateway.url);
  wire.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await wire.reply();
  const before = timers();
  for (const path of ['/', '/..', '/', '/..']) {
    wire.send(`${post(path, 1)}a`);
    await wire.reply();
  }
  await until(() => timers() <= before);
  t.pass('whether it was answered or refused');
});
