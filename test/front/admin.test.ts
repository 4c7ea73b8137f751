import t, { type Test } from 'tap';
import { Secret } from '../../src/config/units.ts';
import { type AdminPorts, adminFront, type Status } from '../../src/front/admin.ts';
import { call } from '../support/http.ts';
import { openWire } from '../support/wire.ts';

const STATUS: Status = {
  version: '1.2.3',
  ready: true,
  policies: { revision: 'r1', entrypoints: ['accounts/allow'], failure: null },
  authorization_servers: {
    main: {
      issuer: 'https://login.example.com',
      cached: 3,
      cached_bytes: 1_234,
      breaker: 'closed',
      failure: null,
    },
  },
  routes: [
    {
      name: 'account',
      hosts: null,
      paths: ['/accounts/{id}'],
      methods: ['GET'],
      headers: {},
      service: 'accounts',
      token: 'required',
      authorization_servers: ['main'],
      credential: [{ in: 'header', name: 'authorization' }],
      jwt_tokens: 'introspect',
      required_claims: {},
      step_up: null,
      consumer: null,
      anonymous: null,
      scopes: [['accounts:read']],
      audience: [],
      policy: 'accounts/allow',
    },
  ],
};

const PORTS: AdminPorts = { status: () => STATUS, purge: () => 0, token: new Secret('admin-secret') };

async function startAdmin(t: Test, ports: Partial<AdminPorts> = {}): Promise<string> {
  const front = adminFront({ ...PORTS, ...ports });
  t.teardown(() => front.close());
  return front.listen({ host: '127.0.0.1', port: 0 });
}

/** A request to purge, as an operator sends it. */
const purging = (body: unknown, headers: Record<string, string> = {}) => ({
  path: '/cache/purge',
  method: 'POST',
  headers: { authorization: 'Bearer admin-secret', 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

t.test('/status shows how things stand, and is not kept by anybody', async (t) => {
  const answer = await call(await startAdmin(t), { path: '/status' });
  t.equal(answer.status, 200);
  t.strictSame(answer.json(), STATUS);
  t.equal(answer.headers['cache-control'], 'no-store');
});

t.test('it is asked anew each time', async (t) => {
  let ready = false;
  const url = await startAdmin(t, { status: () => ({ ...STATUS, ready }) });
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

t.test('what is shown cannot be changed', async (t) => {
  const url = await startAdmin(t);
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
    t.equal((await call(url, { path: '/status', method })).status, 404, method);
});

t.test('a purge forgets what it names, and says how many', async (t) => {
  const asked: unknown[] = [];
  const url = await startAdmin(t, {
    purge: (of, server) => {
      asked.push([of, server]);
      return 7;
    },
  });
  const answer = await call(url, purging({ subject: 'alice' }));
  t.equal(answer.status, 200);
  t.strictSame(answer.json(), { purged: 7 });
  t.equal(answer.headers['cache-control'], 'no-store');
  await call(url, purging({ token: 'a', authorization_server: 'main' }));
  t.strictSame(asked, [
    [{ subject: 'alice' }, null],
    [{ token: 'a' }, 'main'],
  ]);
});

t.test('what may not be purged, or cannot be read, is a problem that repeats nothing', async (t) => {
  let purged = 0;
  const purge = (_of: object, server: string | null) => (server === null ? ++purged : null);
  const url = await startAdmin(t, { purge });
  const secret = 'sent-secret';
  const cases = [
    [401, purging({ token: secret }, { authorization: `Bearer ${secret}` })],
    [403, purging({ token: secret }, { origin: 'http://evil.example' })],
    [415, purging(`token=${secret}`, { 'content-type': 'application/x-www-form-urlencoded' })],
    [415, purging(secret, { 'content-type': 'text/plain' })],
    [421, purging({ token: secret }, { host: 'evil.example' })],
    [400, purging(`{"token":"${secret}"`)],
    [400, purging(`{"__proto__":{"token":"${secret}"}}`)],
    [400, purging('')],
    [400, purging({ [secret]: secret })],
    [400, purging({ token: secret, subject: secret })],
    [400, purging({ token: secret, authorization_server: secret })],
    [413, purging({ token: secret.repeat(10_000) })],
  ] as const;
  for (const [status, request] of cases) {
    const answer = await call(url, request);
    t.equal(answer.status, status, request.body.slice(0, 60));
    t.match(answer.headers['content-type'], /^application\/problem\+json/);
    t.match(answer.json(), { type: 'about:blank', title: String, status });
    t.notMatch(answer.text, secret);
    t.equal(answer.headers['www-authenticate'], status === 401 ? 'Bearer realm="admin"' : undefined);
  }
  t.equal(purged, 0);
});

t.test('a token as long as any that is taken can be purged', async (t) => {
  let length = 0;
  const purge = (of: object) => (length = 'token' in of ? String(of.token).length : 0);
  const url = await startAdmin(t, { purge });
  t.equal((await call(url, purging({ token: 'x'.repeat(65_536) }))).status, 200);
  t.equal(length, 65_536);
});

t.test('without admin.token nothing can be purged', async (t) => {
  const url = await startAdmin(t, { token: undefined });
  const answer = await call(url, purging({ token: 'a' }));
  t.equal(answer.status, 403);
  t.match(answer.json(), { detail: /admin\.token/ });
});

t.test('a purge is a POST', async (t) => {
  const url = await startAdmin(t);
  for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    const { path, headers } = purging({ token: 'a' });
    const answer = await call(url, { path, headers, method });
    t.equal(answer.status, 405, method);
    t.equal(answer.headers.allow, 'POST');
    t.equal(answer.headers['access-control-allow-origin'], undefined);
  }
});

t.test('who may not purge is refused before the body is there', async (t) => {
  const wire = await openWire(t, await startAdmin(t));
  wire.send('POST /cache/purge HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n');
  wire.send('Content-Length: 1000\r\n\r\n');
  t.equal((await wire.reply()).status, 401);
});

t.test('a client that hangs does not hold up the end', async (t) => {
  const front = adminFront(PORTS);
  const wire = await openWire(t, await front.listen({ host: '127.0.0.1', port: 0 }));
  wire.send('GET /status HTTP/1.1\r\nHost: localhost\r\n\r\nGET /st');
  await wire.reply();
  await front.close();
  t.equal(await wire.rest(), '');
});
