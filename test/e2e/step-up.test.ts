/** Step-up authentication (RFC 9470) over the wire: the challenge, byte for byte, and a login that grows old while its token is cached. */
import t, { type Test } from 'tap';
import { startScriptedServer } from '../support/authorization-server.ts';
import { startGateway } from '../support/gateway.ts';
import { call, startUpstream } from '../support/http.ts';

async function start(t: Test) {
  const clock = { now: 1_790_000_000_000 };
  /** What the authorization server says of the user's login, by token. */
  const logins: Record<string, object> = {};
  const server = await startScriptedServer(t, (token) => ({
    body: JSON.stringify({ active: true, sub: 'alice', scope: 'pay', exp: 1_790_003_600, ...logins[token] }),
  }));
  const upstream = await startUpstream(t);
  const route = (name: string, more: string): string =>
    `\n  - { name: ${name}, match: { path: /${name} }, service: api, ${more} }`;
  const gateway = await startGateway(t, {
    issuer: server.issuer,
    upstream: upstream.url,
    server: '    introspection: { cache: { max_ttl: 1h } }',
    service: '    resource: { identifier: "https://api.example.com/pay" }',
    more: 'defaults: { policy: none, identity_headers: { jwt: false } }',
    routes: [
      route('browse', 'scopes: [pay]'),
      route('strong', 'step_up: { acr: ["urn:gold", "urn:silver"] }'),
      route('fresh', 'step_up: { max_age: 5m }, scopes: [pay]'),
      route('both', 'step_up: { acr: ["urn:gold"], max_age: 1h }'),
      route('optional', 'step_up: { max_age: 5m }, token: optional, policy: accounts/allow'),
    ].join(''),
    now: () => clock.now,
  });
  const ask = (path: string, token = 'token') => call(gateway.url, { path, token });
  const status = async (path: string, token?: string): Promise<number> => (await ask(path, token)).status;
  return { clock, logins, server, upstream, gateway, ask, status };
}

const METADATA = 'resource_metadata="https://api.example.com/.well-known/oauth-protected-resource/pay"';

t.test('RFC 9470: the challenge says which login would do', async (t) => {
  const { ask, upstream } = await start(t);
  for (const [path, challenge] of [
    [
      '/strong',
      `Bearer error="insufficient_user_authentication", acr_values="urn:gold urn:silver", ${METADATA}`,
    ],
    ['/fresh', `Bearer error="insufficient_user_authentication", scope="pay", max_age="300", ${METADATA}`],
    [
      '/both',
      `Bearer error="insufficient_user_authentication", acr_values="urn:gold", max_age="3600", ${METADATA}`,
    ],
  ] as const) {
    const { status, headers, rawHeaders, json } = await ask(path);
    t.equal(status, 401, path);
    t.equal(headers['www-authenticate'], challenge);
    t.equal(rawHeaders.filter((name) => /^www-authenticate$/i.test(name)).length, 1);
    t.match(json(), { status: 401, detail: 'The user has to log in again, or by other means.' });
  }
  t.equal(upstream.requests.length, 0);
});

t.test(
  'a login that is good enough passes, and what is asked for is not asked of other routes',
  async (t) => {
    const { logins, status, clock } = await start(t);
    logins['token'] = { acr: 'urn:silver', auth_time: clock.now / 1_000 - 300 };
    t.equal(await status('/browse'), 200);
    t.equal(await status('/strong'), 200);
    t.equal(await status('/fresh'), 200);
    t.equal(await status('/both'), 401, 'silver is no gold');
  },
);

t.test('CVE-2021-32701: a login grows old while its token is cached, and is refused then', async (t) => {
  const { logins, status, clock, server } = await start(t);
  logins['token'] = { acr: 'urn:gold', auth_time: clock.now / 1_000 - 10 };
  t.equal(await status('/fresh'), 200);
  clock.now += 290_000;
  t.equal(await status('/fresh'), 200, 'to the last second');
  clock.now += 1;
  t.equal(await status('/fresh'), 401);
  t.equal(await status('/browse'), 200, 'where nobody asks for it the token is as good as before');
  t.equal(await status('/both'), 200);
  t.equal(server.asked.length, 1, 'all of it from the cache');
});

t.test('a new login comes with a new token, and that one passes', async (t) => {
  const { logins, status, clock } = await start(t);
  logins['old'] = { auth_time: clock.now / 1_000 - 3_000 };
  logins['new'] = { auth_time: clock.now / 1_000 };
  t.equal(await status('/fresh', 'old'), 401);
  t.equal(await status('/fresh', 'new'), 200);
  t.equal(await status('/fresh', 'old'), 401);
});

t.test('a login at no time, or to come, does not suffice', async (t) => {
  const { logins, status, clock, gateway } = await start(t);
  const at = clock.now / 1_000;
  for (const [index, auth_time] of [undefined, null, `${at}`, at + 6, [at], true, {}].entries()) {
    logins[`odd-${index}`] = { acr: ['urn:gold'], auth_time };
    t.equal(await status('/fresh', `odd-${index}`), 401, JSON.stringify(auth_time));
    t.equal(await status('/strong', `odd-${index}`), 401);
  }
  logins['ahead'] = { auth_time: at + 5 };
  t.equal(await status('/fresh', 'ahead'), 200, 'clocks differ by a little');
  const refusals = gateway.logged().filter(({ message }) => message === 'refused');
  t.ok(refusals.length > 0);
  t.ok(refusals.every(({ reason }) => reason === 'insufficient_user_authentication'));
  t.notMatch(JSON.stringify(refusals), String(at), 'what operators read holds no claim');
});

t.test('without a token nobody logged in, and there is nothing to step up', async (t) => {
  const { gateway } = await start(t);
  const { status, headers } = await call(gateway.url, { path: '/optional' });
  t.equal(status, 403, 'it is the policy’s to say');
  t.notOk('www-authenticate' in headers);
});
