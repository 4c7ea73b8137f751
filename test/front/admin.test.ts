import t, { type Test } from 'tap';
import { adminFront, type Status } from '../../src/front/admin.ts';
import { call } from '../support/http.ts';
import { openWire } from '../support/wire.ts';

const STATUS: Status = {
  version: '1.2.3',
  ready: true,
  policies: { revision: 'r1', entrypoints: ['accounts/allow'], failure: null },
  authorization_servers: { main: { issuer: 'https://login.example.com', cached: 3, failure: null } },
  routes: [
    {
      name: 'account',
      paths: ['/accounts/{id}'],
      methods: ['GET'],
      service: 'accounts',
      token: 'required',
      scopes: [['accounts:read']],
      audience: [],
      policy: 'accounts/allow',
    },
  ],
};

async function startAdmin(t: Test, status = (): Status => STATUS): Promise<string> {
  const front = adminFront(status);
  t.teardown(() => front.close());
  return front.listen({ host: '127.0.0.1', port: 0 });
}

t.test('/status shows how things stand, and is not kept by anybody', async (t) => {
  const answer = await call(await startAdmin(t), { path: '/status' });
  t.equal(answer.status, 200);
  t.strictSame(answer.json(), STATUS);
  t.equal(answer.headers['cache-control'], 'no-store');
});

t.test('it is asked anew each time', async (t) => {
  let ready = false;
  const url = await startAdmin(t, () => ({ ...STATUS, ready }));
  t.match((await call(url, { path: '/status' })).json(), { ready: false });
  ready = true;
  t.match((await call(url, { path: '/status' })).json(), { ready: true });
});

t.test("a Host that is not loopback's is 421: a page may have rebound its name", async (t) => {
  const url = await startAdmin(t);
  for (const host of ['localhost', 'LOCALHOST:9090', '127.0.0.1', '127.0.0.1:1', '[::1]', '[::1]:9090'])
    t.equal((await call(url, { path: '/status', headers: { host } })).status, 200, host);
  for (const host of [
    'example.com',
    'localhost.example.com',
    '127.0.0.1.example.com',
    '127.0.0.2',
    '10.0.0.1:9090',
    'localhost,example.com',
  ]) {
    const answer = await call(url, { path: '/status', headers: { host } });
    t.equal(answer.status, 421, host);
    t.match(answer.headers['content-type'], 'application/problem+json');
    t.strictSame(answer.json(), { type: 'about:blank', title: 'Misdirected Request', status: 421 });
  }
});

t.test('that holds for what is not there too', async (t) => {
  const url = await startAdmin(t);
  t.equal((await call(url, { path: '/nothing', headers: { host: 'example.com' } })).status, 421);
  t.equal((await call(url, { path: '/nothing' })).status, 404);
});

t.test('nothing can be changed', async (t) => {
  const url = await startAdmin(t);
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
    t.equal((await call(url, { path: '/status', method })).status, 404, method);
});

t.test('a client that hangs does not hold up the end', async (t) => {
  const front = adminFront(() => STATUS);
  const wire = await openWire(t, await front.listen({ host: '127.0.0.1', port: 0 }));
  wire.send('GET /status HTTP/1.1\r\nHost: localhost\r\n\r\nGET /st');
  await wire.reply();
  await front.close();
  t.equal(await wire.rest(), '');
});
