/** Bodies pass through as they come, in both directions, and never pile up in between. */
import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { startServer } from '../support/http.ts';
import { startOpenGateway } from '../support/open-gateway.ts';
import { drained, pour } from '../support/pour.ts';
import { closed } from '../support/wire.ts';

/** No kernel holds that much between two sockets. */
const MUCH = 64 * 1_048_576;
const TAKES_MUCH = '    defaults: { body: { max_size: 64MiB } }';

/** Waits until a number has not grown any more for a while. */
async function stalled(progress: () => number): Promise<void> {
  let before = -1;
  for (let calm = 0; calm < 20; calm++) {
    await pause(5);
    if (progress() !== before) calm = 0;
    before = progress();
  }
}

/** A stream of events begun by an upstream, and the answer as the client has it. */
async function startEvents(
  t: Parameters<typeof startServer>[0],
  options: Omit<Parameters<typeof startOpenGateway>[1] & object, 'upstream'> = {},
): Promise<{ events: ServerResponse; answer: IncomingMessage; leave: () => void }> {
  const reached = Promise.withResolvers<ServerResponse>();
  const upstream = await startServer(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    reached.resolve(response);
  });
  const { url } = await startOpenGateway(t, { upstream, ...options });
  const sent = request(url, { agent: false, headers: { accept: 'text/event-stream' } }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  // What goes wrong from now on is the answer's.
  sent.on('error', () => {});
  return { events: await reached.promise, answer, leave: () => sent.destroy() };
}

t.test('an upload waits for an upstream that does not read', async (t) => {
  for (const headers of [{}, { 'content-length': MUCH }]) {
    const reached = Promise.withResolvers<[IncomingMessage, ServerResponse]>();
    const upstream = await startServer(t, (...both) => reached.resolve(both));
    const { url } = await startOpenGateway(t, { upstream, service: TAKES_MUCH });
    const sent = request(url, { method: 'POST', headers });
    const { written, sum } = pour(sent, MUCH);
    const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
    const [incoming, response] = await reached.promise;
    await stalled(written);
    t.ok(written() < MUCH / 2, `the rest waits at the client: ${written()} bytes are sent`);
    const received = await drained(incoming);
    t.equal(received.bytes, MUCH);
    t.strictSame(received, sum());
    response.end();
    const [answer] = await answered;
    answer.resume();
    t.equal(answer.statusCode, 200);
  }
});

t.test('a download waits for a client who does not read, each time that he stops', async (t) => {
  for (const headers of [{}, { 'content-length': MUCH }]) {
    let poured = { written: () => 0, sum: (): unknown => null };
    const upstream = await startServer(t, (_request, response) => {
      response.writeHead(200, headers);
      poured = pour(response, MUCH);
    });
    const { url } = await startOpenGateway(t, { upstream });
    const sent = request(url, { agent: false }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const waits = async (read: number): Promise<void> => {
      await stalled(() => poured.written());
      const ahead = poured.written() - read;
      t.ok(ahead < MUCH / 2, `the rest waits at the upstream: it is ${ahead} bytes ahead`);
    };
    const slowly = async function* (): AsyncGenerator<Buffer> {
      let read = 0;
      let stop = MUCH / 4;
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        read += chunk.length;
        if (read > stop) {
          await waits(read);
          stop = MUCH / 2 + read;
        }
        yield chunk;
      }
    };
    await waits(0);
    const received = await drained(slowly());
    t.equal(received.bytes, MUCH);
    t.strictSame(received, poured.sum());
  }
});

t.test('both directions flow at once', async (t) => {
  const upstream = await startServer(t, (incoming, response) => void incoming.pipe(response));
  const { url } = await startOpenGateway(t, { upstream });
  const sent = request(url, { method: 'POST' });
  sent.write('1');
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  for (const piece of ['2', '3']) {
    await once(answer, 'data');
    sent.write(piece);
  }
  await once(answer, 'data');
  sent.end();
  await once(answer, 'end');
});

t.test('server-sent events arrive one by one, and the head before the first', async (t) => {
  const { events, answer, leave } = await startEvents(t);
  t.equal(answer.headers['content-type'], 'text/event-stream');
  for (const piece of [
    ': hello\n\n',
    'id: 1\ndata: one\n\n',
    'data: half an ',
    'event\n\n',
    'retry: 9\n\n',
  ]) {
    events.write(piece);
    const [chunk] = (await once(answer, 'data')) as [Buffer];
    t.equal(String(chunk), piece);
  }
  leave();
  await closed(events);
  t.pass('and who leaves ends them');
});

t.test('of all deadlines, `idle` alone bounds the silence between two events', async (t) => {
  const { events, answer } = await startEvents(t, {
    service: '    timeouts: { connect: 700ms, headers: 700ms, idle: 1h }',
    listener: 'limits: { header_timeout: 100ms, body_timeout: 100ms, idle_timeout: 100ms }',
  });
  // Node looks for what has timed out once a second.
  await pause(1_300);
  events.end('data: late\n\n');
  t.equal(await text(answer), 'data: late\n\n');
});

t.test('a heartbeat keeps events going for longer than `idle`, and a silence ends them', async (t) => {
  const { events, answer } = await startEvents(t, { service: '    timeouts: { idle: 1s }' });
  for (let beat = 0; beat < 8; beat++) {
    events.write(':\n\n');
    await once(answer, 'data');
    await pause(150);
  }
  await t.rejects(drained(answer), { code: 'ECONNRESET' });
  t.equal(events.destroyed, true, 'the upstream is let go of, too');
});
