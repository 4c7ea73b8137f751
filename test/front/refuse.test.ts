import { once } from 'node:events';
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net';
import t from 'tap';
import type { Denial } from '../../src/denial.ts';
import { refuse, refuseConnection } from '../../src/front/refuse.ts';
import type { Arrival, Observe } from '../../src/observe/observation.ts';
import { awaitResponse } from '../support/awaited.ts';
import { openWire, problemOf } from '../support/wire.ts';

const NAMES = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', decisionId: 'd-1' };

const plain = (fields: string[]): string[] => fields;

t.test('a request is answered with its problem, and the connection goes on', async (t) => {
  const { wire, response } = await awaitResponse(t);
  refuse(response, { denial: 'no_route' }, NAMES, plain, false);
  const reply = await wire.reply();
  t.match(problemOf(reply), { status: 404, trace_id: NAMES.traceId, decision_id: 'd-1' });
  t.equal(reply.headers['connection'], 'keep-alive');
});

t.test('it is dressed like any answer', async (t) => {
  const { wire, response } = await awaitResponse(t);
  refuse(response, { denial: 'no_route' }, NAMES, (fields) => [...fields, 'X-Dressed', '1'], true);
  t.match((await wire.reply()).headers, { 'x-dressed': '1', connection: 'close' });
});

t.test('a last answer says so, and ends the connection', async (t) => {
  const { wire, response } = await awaitResponse(t);
  refuse(response, { denial: 'no_route' }, NAMES, plain, true);
  t.equal((await wire.reply()).headers['connection'], 'close');
  t.equal(await wire.rest(), '');
});

t.test('HEAD is refused without a body', async (t) => {
  const { wire, response } = await awaitResponse(t, 'HEAD / HTTP/1.1');
  refuse(response, { denial: 'no_route' }, NAMES, plain, true);
  t.match(await wire.reply('bodyless'), { status: 404, headers: { 'content-length': /^\d+$/ } });
  t.equal(await wire.rest(), '');
});

t.test('an answer that has begun is cut', async (t) => {
  const { wire, response } = await awaitResponse(t);
  response.write('half');
  await once(wire.socket, 'data');
  refuse(response, { denial: 'request_timeout' }, NAMES, plain, true);
  t.match(await wire.rest(), /^HTTP\/1.1 200 [^]*half\r\n$/);
});

t.test('a client who has left is not answered', async (t) => {
  const { wire, response } = await awaitResponse(t);
  wire.socket.destroy();
  await once(response, 'close');
  refuse(response, { denial: 'request_timeout' }, NAMES, plain, true);
  t.equal(response.headersSent, false);
});

t.test('a bare connection is told why, counted, and closed', async (t) => {
  const arrivals: Arrival[] = [];
  const ended: unknown[] = [];
  const observe = ((arrival) => {
    arrivals.push(arrival);
    return { traceId: NAMES.traceId, end: (denial) => void ended.push(denial) };
  }) as (arrival: Arrival) => Pick<ReturnType<Observe>, 'traceId' | 'end'>;
  const denial: Denial = { denial: 'too_many_connections' };
  const server = createNetServer({ allowHalfOpen: true }, (socket: Socket) =>
    refuseConnection(socket, denial, observe as Observe, { removes: new Set(), adds: ['X-Dressed', '1'] }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const wire = await openWire(t, url);
  const reply = await wire.reply();
  t.match(problemOf(reply), { status: 503, trace_id: NAMES.traceId, decision_id: arrivals[0]?.id });
  t.match(reply.headers, {
    connection: 'close',
    'retry-after': '1',
    'x-dressed': '1',
    'content-length': /^\d+$/,
  });
  t.equal(await wire.rest(), '');
  t.match(arrivals, [{ method: '_OTHER', path: null, fields: [] }]);
  t.strictSame(ended, [denial]);

  const sending = await openWire(t, url);
  sending.socket.pause();
  await new Promise((resolve) => {
    sending.socket.write(Buffer.alloc(20_971_520), resolve);
  });
  sending.socket.resume();
  t.equal((await sending.reply()).status, 503, 'who sends before it reads reads it all the same');

  (await openWire(t, url)).socket.resetAndDestroy();
  const next = await openWire(t, url);
  t.equal((await next.reply()).status, 503, 'one that is reset ends nothing but itself');
});
