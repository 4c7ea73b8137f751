/** Required claims over the wire, judged anew for every route and request. */
import t, { type Test } from 'tap';
import { startScriptedServer } from '../support/authorization-server.ts';
import { startGateway } from '../support/gateway.ts';
import { call, startUpstream } from '../support/http.ts';

const EXP = Math.floor(Date.now() / 1_000) + 86_400;

/** A gateway, and an authorization server that says of every token what the test wants: claims as JSON text, for what objects cannot write. */
async function start(t: Test, claims: () => string) {
  const clock = { now: Date.now() };
  const server = await startScriptedServer(t, () => ({
    body: `{"active":true,"exp":${EXP}${claims() === '' ? '' : ','}${claims()}}`,
  }));
  const upstream = await startUpstream(t);
  const route = (name: string, required: string): string =>
    `\n  - { name: ${name}, match: { path: /${name} }, service: api, required_claims: ${required} }`;
  const gateway = await startGateway(t, {
    issuer: server.issuer,
    upstream: upstream.url,
    server: '    introspection: { cache: { max_ttl: 1m } }',
    more: 'defaults: { policy: none, identity_headers: { jwt: false } }',
    routes: [
      route('lax', '{}'),
      route('acme', '{ tenant: acme }'),
      route('beta', '{ tenant: [beta, 7, true] }'),
      route('roles', '{ /realm_access/roles: [approver, admin] }'),
      route('email', '{ email: { present: true }, act: { present: false } }'),
      route('proto', '{ /a/constructor: { present: true } }'),
    ].join(''),
    now: () => clock.now,
  });
  const status = async (path: string): Promise<number> =>
    (await call(gateway.url, { path, token: 'opaque' })).status;
  return { clock, server, upstream, gateway, status };
}

t.test('CVE-2021-32701 (Oathkeeper): claims are judged anew on a cache hit, by each route', async (t) => {
  const { status, server, upstream } = await start(
    t,
    () => '"tenant":"acme","realm_access":{"roles":["clerk","approver"]},"email":""',
  );
  for (const [path, expected] of [
    ['/lax', 200],
    ['/acme', 200],
    ['/beta', 403],
    ['/roles', 200],
    ['/email', 200],
    ['/proto', 403],
    ['/acme', 200],
  ] as const)
    t.equal(await status(path), expected, path);
  t.equal(server.asked.length, 1);
  t.strictSame(
    upstream.requests.map(({ target }) => target),
    ['/lax', '/acme', '/roles', '/email', '/acme'],
  );
});

t.test(
  'CVE-2021-41230 (Pomerium): claims that changed are judged when the cache’s time is over',
  async (t) => {
    let tenant = 'acme';
    const { status, clock } = await start(t, () => `"tenant":"${tenant}"`);
    t.equal(await status('/acme'), 200);
    tenant = 'beta';
    clock.now += 60_001;
    t.equal(await status('/acme'), 403);
    t.equal(await status('/beta'), 200);
  },
);

t.test('a refusal names no claim to the client, and all of them to the operator', async (t) => {
  const { gateway } = await start(t, () => '"act":{"sub":"helpdesk"}');
  const { status, headers, json } = await call(gateway.url, { path: '/email', token: 'opaque' });
  t.equal(status, 403);
  t.notOk('www-authenticate' in headers, 'RFC 6750 has no error for it, and no scope would help');
  t.match(json(), { status: 403, detail: 'The token does not give access here.' });
  t.notMatch(JSON.stringify(json()), /email|act\b/);
  t.match(
    gateway.logged().filter(({ message }) => message === 'refused'),
    [{ reason: 'insufficient_claims', detail: 'claims absent or not as required: email, act' }],
  );
  t.notMatch(JSON.stringify(gateway.logged()), /helpdesk/);
});

t.test('values compare as JSON has them: nothing is made of another type', async (t) => {
  let said = '';
  const { status, clock } = await start(t, () => said);
  for (const [claims, path, expected] of [
    ['"tenant":7', '/beta', 200],
    ['"tenant":7.0', '/beta', 200],
    ['"tenant":"7"', '/beta', 403],
    ['"tenant":true', '/beta', 200],
    ['"tenant":"true"', '/beta', 403],
    ['"tenant":1', '/beta', 403],
    ['"tenant":["x",7]', '/beta', 200],
    ['"tenant":["x","7"]', '/beta', 403],
    ['"tenant":[["beta"]]', '/beta', 403],
    ['"tenant":{"beta":"beta"}', '/beta', 403],
    ['"tenant":{"toString":"beta"}', '/beta', 403],
    ['"tenant":"beta acme"', '/beta', 403],
    ['"Tenant":"beta"', '/beta', 403],
    ['"tenant":null', '/beta', 403],
    ['"realm_access":{"roles":"admin"}', '/roles', 200],
    ['"realm_access":{"roles":{"0":"admin"}}', '/roles', 403],
    ['"realm_access":["admin"]', '/roles', 403],
    ['"realm_access.roles":["admin"]', '/roles', 403],
    ['"/realm_access/roles":["admin"]', '/roles', 403],
    ['"__proto__":{"tenant":"beta"}', '/beta', 403],
    ['"__proto__":{"email":"x"}', '/email', 403],
    ['"a":{}', '/proto', 403],
    ['"a":{"constructor":1}', '/proto', 200],
    ['"email":"x","act":null', '/email', 200],
    ['"email":"x","act":{}', '/email', 403],
    ['"email":null', '/email', 403],
  ] as const) {
    said = claims;
    // Whatever was cached is over.
    clock.now += 60_001;
    t.equal(await status(path), expected, `${claims} ${path}`);
  }
});
