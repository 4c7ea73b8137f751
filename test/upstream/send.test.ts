import type { ServerResponse } from 'node:http';
import t from 'tap';
import { upstreams } from '../../src/upstream/send.ts';
import { route } from '../support/exchange.ts';
import { startServer, startUpstream } from '../support/http.ts';
import { recording } from '../support/sink.ts';
import { until } from '../support/traced.ts';

const request = {
  method: 'GET',
  target: '/',
  fields: [],
  body: null,
  client_ip: '192.0.2.1',
  body_max_size: 0,
  responseFields: [],
};

t.test('each service has its own upstream', async (t) => {
  const [first, second] = await Promise.all([startUpstream(t), startUpstream(t)]);
  const of = (name: string, upstream: string) => ({ ...route().service, name, upstream });
  const services = { first: of('first', first.url), second: of('second', second.url) };
  const { send, close } = upstreams(services);
  t.teardown(close);
  await send({ ...request, service: services.first, target: '/1' }, recording());
  await send({ ...request, service: services.second, target: '/2' }, recording());
  t.strictSame([first.requests[0]?.target, second.requests[0]?.target], ['/1', '/2']);
  const unknown = of('unknown', first.url);
  t.throws(() => void send({ ...request, service: unknown }, recording()), /no pool for the service unknown/);
});

t.test('closing ends idle connections at once, and others when their answer is done', async (t) => {
  const held: ServerResponse[] = [];
  let open = 0;
  const upstream = await startServer(t, (incoming, response) => {
    if (response.req.url === '/slow') held.push(response);
    else response.end();
    if (++open) incoming.socket.once('close', () => open--);
  });
  const service = { ...route().service, upstream };
  const { send, close } = upstreams({ [service.name]: service });
  const slow = send({ ...request, service, target: '/slow' }, recording());
  await until(() => held.length === 1);
  await send({ ...request, service }, recording());
  const closed = close();
  await until(() => open === 1);
  held[0]?.end('done');
  t.strictSame(await slow, { status: 200, aborted: false });
  await closed;
  await until(() => open === 0);
});
