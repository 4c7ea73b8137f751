/** Purges over HTTP: what an operator forgets on the admin port is asked about anew on the public one. */
import t, { type Test } from 'tap';
import { startScriptedServer } from '../support/authorization-server.ts';
import { spans, startGateway } from '../support/gateway.ts';
import { call, startUpstream } from '../support/http.ts';
import { ADMIN_TOKEN, purge } from '../support/purging.ts';
import { until } from '../support/traced.ts';

const ROUTES = `
  - { name: main, match: { path: /main }, service: api, policy: none, authorization_server: main }
  - { name: other, match: { path: /other }, service: api, policy: none, authorization_server: other }
  - { name: each, match: { path: "/each/{id}" }, service: api, policy: none, authorization_server: each }`;

/** Tokens here are `sub.client_id`, active unless revoked; asked about at three servers, of which `each` is asked for each path. */
async function start(t: Test) {
  const revoked = new Set<string>();
  const held = { answer: Promise.resolve() };
  const server = await startScriptedServer(t, async (token) => {
    const active = !revoked.has(token);
    await held.answer;
    const [sub, client_id] = token.split('.');
    return { body: JSON.stringify(active ? { active, sub, client_id } : { active }) };
  });
  const upstream = await startUpstream(t);
  const same = `issuer: "${server.issuer}", allow_insecure_requests: true, client_id: portcullis, client_secret: portcullis-secret`;
  const gateway = await startGateway(t, {
    issuer: server.issuer,
    upstream: upstream.url,
    server: `  other: { ${same} }\n  each: { ${same}, introspection: { introspect_request: true } }`,
    adminFront: ADMIN_TOKEN,
    more: 'defaults: { identity_headers: { jwt: false } }',
    routes: ROUTES,
  });
  /** The status, and whether the server was asked for it. */
  const ask = async (path: string, token: string): Promise<string> => {
    const before = server.asked.length;
    const { status } = await call(gateway.url, { path, token });
    return `${status} ${server.asked.length > before ? 'asked' : 'known'}`;
  };
  return { gateway, server, upstream, revoked, held, ask };
}

t.test('a token that was revoked is out at once when it is purged, wherever it was used', async (t) => {
  const { gateway, revoked, ask } = await start(t);
  const paths = ['/main', '/other', '/each/1', '/each/2'];
  for (const path of paths) t.equal(await ask(path, 'alice.app'), '200 asked');
  revoked.add('alice.app');
  for (const path of paths) t.equal(await ask(path, 'alice.app'), '200 known');
  const answer = await purge(gateway.admin, { token: 'alice.app' });
  t.strictSame([answer.status, answer.json()], [200, { purged: 4 }]);
  for (const path of paths) t.equal(await ask(path, 'alice.app'), '401 asked');
});

t.test('a subject and a client are purged, of all servers or of one, and nobody else', async (t) => {
  const { gateway, ask } = await start(t);
  const known = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const path of ['/main', '/other'])
      for (const token of ['alice.app', 'alice.web', 'bob.app'])
        if ((await ask(path, token)) === '200 known') found.push(`${path} ${token}`);
    return found;
  };
  t.strictSame(await known(), []);
  t.equal((await known()).length, 6);
  t.strictSame((await purge(gateway.admin, { subject: 'alice', authorization_server: 'main' })).json(), {
    purged: 2,
  });
  t.strictSame(await known(), ['/main bob.app', '/other alice.app', '/other alice.web', '/other bob.app']);
  t.strictSame((await purge(gateway.admin, { client: 'app' })).json(), { purged: 4 });
  t.strictSame(await known(), ['/main alice.web', '/other alice.web']);
  t.strictSame((await purge(gateway.admin, { subject: 'carol' })).json(), { purged: 0 });
  t.equal((await purge(gateway.admin, { subject: 'bob', authorization_server: 'nobody' })).status, 400);
  t.equal((await known()).length, 6);
});

t.test('an answer that is under way when a purge comes does not bring back what was purged', async (t) => {
  const { gateway, server, revoked, held, ask } = await start(t);
  const { promise, resolve: release } = Promise.withResolvers<void>();
  held.answer = promise;
  const before = call(gateway.url, { path: '/main', token: 'alice.app' });
  await until(() => server.asked.length === 1);
  revoked.add('alice.app');
  held.answer = Promise.resolve();
  await purge(gateway.admin, { token: 'alice.app' });
  t.equal(await ask('/main', 'alice.app'), '401 asked', 'who comes later does not wait for it');
  release();
  t.equal((await before).status, 200, 'who came before has what was said then');
  t.equal(await ask('/main', 'alice.app'), '401 known');
});

t.test('what was inactive is purged too: a token that is active after all is let in at once', async (t) => {
  const { gateway, revoked, ask } = await start(t);
  revoked.add('alice.app');
  t.equal(await ask('/main', 'alice.app'), '401 asked');
  revoked.clear();
  t.equal(await ask('/main', 'alice.app'), '401 known');
  t.strictSame((await purge(gateway.admin, { token: 'alice.app' })).json(), { purged: 1 });
  t.equal(await ask('/main', 'alice.app'), '200 asked');
});

t.test('a purge is logged without what it is about, and appears in no trace', async (t) => {
  const { gateway, ask } = await start(t);
  await ask('/main', 'alice.app');
  const ended = spans().length;
  await purge(gateway.admin, { token: 'alice.app' });
  await purge(gateway.admin, { subject: 'alice' });
  const lines = gateway.logged().filter(({ message }) => message === 'answers of introspection were purged');
  t.match(lines, [
    { by: 'token', purged: 1 },
    { by: 'subject', purged: 0 },
  ]);
  t.notMatch(JSON.stringify(gateway.logged()), /alice|admin-secret/);
  t.equal(spans().length, ended);
});

t.test('the public port knows nothing of it', async (t) => {
  const { gateway } = await start(t);
  t.equal((await purge(gateway.url, { token: 'alice.app' })).status, 404);
  t.equal((await purge(gateway.health, { token: 'alice.app' })).status, 404);
});
