// Tokens that an authorization server signs or calls active, and that are no access tokens for this API: each is tried as a token that
// the gateway verifies, as the phantom JWT of an answer, and as the members of one (CVE-2024-47616, Pomerium).
import t from 'tap';
import { startGateway } from '../support/gateway.ts';
import { call, startUpstream } from '../support/http.ts';
import { jws, startKeyedServer } from '../support/introspection.ts';

const server = await startKeyedServer(t);
const upstream = await startUpstream(t);
const start = (server_: string) =>
  startGateway(t, {
    issuer: server.issuer,
    upstream: upstream.url,
    server: `${server_}\n    introspection: { limits: { misses_per_address: 10000/s, burst: 10000 } }`,
    more: 'defaults: { policy: none }',
    routes: `
  - { name: verify, match: { path: /verify }, service: api, jwt_tokens: verify, audience: [api] }
  - { name: introspect, match: { path: /introspect }, service: api, audience: [api] }
  - { name: any, match: { path: /any }, service: api }
`,
  });
const strict = await start('    jwt_types: [at+jwt]');
const keycloak = await start('    jwt_types: [JWT]');

const HEADER = { alg: 'ES256', kid: 'one', typ: 'at+jwt' };
const CLAIMS = { iss: server.issuer, sub: 'alice', aud: 'api', exp: 9_999_999_999, iat: 1 };
const signed = (header: object, claims: object): string =>
  jws({ ...HEADER, ...header }, { ...CLAIMS, ...claims }, server.key.privateKey);
let count = 0;
const ask = async ({ url }: { url: string }, path: string, token = `opaque-${count++}`): Promise<number> =>
  (await call(url, { path, token })).status;

/** What each kind says of itself: the typ of its header, and claims. */
const OTHERS: readonly (readonly [kind: string, typ: string | undefined, claims: object])[] = [
  ['an ID token', undefined, { at_hash: 'x', nonce: 'n' }],
  ['an ID token of the code flow', 'JWT', { c_hash: 'x' }],
  ['an ID token of FAPI', 'JWT', { s_hash: 'x' }],
  ['an ID token of Keycloak', 'JWT', { typ: 'ID', azp: 'app' }],
  ['an ID token of Cognito', undefined, { token_use: 'id' }],
  ['an ID token of Curity', undefined, { purpose: 'id' }],
  ['a refresh token of Keycloak', 'JWT', { typ: 'Refresh' }],
  ['an offline token of Keycloak', 'JWT', { typ: 'Offline' }],
  ['a logout token', 'JWT', { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }],
  ['an introspection answer', 'JWT', { token_introspection: { active: true, sub: 'alice' } }],
];

t.test('an access token passes every way, so that refusing all would not pass', async (t) => {
  const jwt = signed({}, {});
  server.answer = { type: 'application/jwt', body: jwt };
  t.equal(await ask(strict, '/verify', jwt), 200);
  t.equal(await ask(strict, '/introspect'), 200);
  const bearer = signed({ typ: 'JWT' }, { typ: 'Bearer' });
  t.equal(await ask(keycloak, '/verify', bearer), 200);
  server.answer = {
    body: JSON.stringify({ ...CLAIMS, active: true, jwt, typ: 'Bearer', token_type: 'Bearer' }),
  };
  t.equal(await ask(strict, '/introspect'), 200);
});

t.test('CVE-2024-47616: another token of the same server and key is no access token', async (t) => {
  const before = upstream.requests.length;
  for (const [kind, typ, claims] of OTHERS) {
    const jwt = signed({ typ }, claims);
    for (const gateway of [strict, keycloak])
      t.equal(await ask(gateway, '/verify', jwt), 401, `${kind}, verified`);
    server.answer = { type: 'application/jwt', body: jwt };
    t.equal(await ask(strict, '/any'), 401, `${kind} as phantom JWT`);
    server.answer = { body: JSON.stringify({ active: true, jwt }) };
    t.equal(await ask(strict, '/any'), 401, `${kind} beside JSON`);
    server.answer = { body: JSON.stringify({ ...CLAIMS, ...claims, active: true, jwt: signed({}, {}) }) };
    t.equal(await ask(strict, '/any'), 401, `the members of ${kind}`);
    server.answer = { body: JSON.stringify({ ...CLAIMS, ...claims, active: true }) };
    t.equal(await ask(strict, '/any'), 401, `the members of ${kind}, without a JWT`);
  }
  t.equal(upstream.requests.length, before, 'nothing reached the upstream');
});

t.test('CVE-2024-47616: a JWT of another type is no access token, whatever its claims', async (t) => {
  const before = upstream.requests.length;
  for (const typ of [
    'token-introspection+jwt',
    'logout+jwt',
    'dpop+jwt',
    'oauth-authz-req+jwt',
    'client-authentication+jwt',
    'secevent+jwt',
    'id_token+jwt',
    'at+jwt2',
    'application/application/at+jwt',
  ]) {
    const jwt = signed({ typ }, {});
    for (const gateway of [strict, keycloak])
      t.equal(await ask(gateway, '/verify', jwt), 401, `${typ}, verified`);
    server.answer = { type: 'application/jwt', body: jwt };
    t.equal(await ask(strict, '/any'), 503, `${typ} as phantom JWT`);
  }
  t.equal(upstream.requests.length, before, 'nothing reached the upstream');
});

t.test('CVE-2024-47616: a token for another API is none for this one', async (t) => {
  for (const aud of ['other', ['other'], ['API'], ['api/', 'xapi'], '']) {
    const jwt = signed({}, { aud });
    t.equal(await ask(strict, '/verify', jwt), 401, `${JSON.stringify(aud)}, verified`);
    server.answer = { type: 'application/jwt', body: jwt };
    t.equal(await ask(strict, '/introspect'), 401, `${JSON.stringify(aud)}, introspected`);
  }
  for (const aud of [undefined, null, []]) t.equal(await ask(strict, '/verify', signed({}, { aud })), 401);
});

t.test(
  'CVE-2025-46647: a token of another realm is none of this one, though the keys are shared',
  async (t) => {
    const before = upstream.requests.length;
    for (const iss of ['https://other.example', `${server.issuer}/`, server.issuer.toUpperCase()]) {
      const jwt = signed({}, { iss });
      t.equal(await ask(strict, '/verify', jwt), 401, `${iss}, verified`);
      const answers = [
        { type: 'application/jwt', body: jwt },
        { body: JSON.stringify({ ...CLAIMS, active: true, iss }) },
        { body: JSON.stringify({ active: true, jwt }) },
      ];
      for (const answer of answers) {
        server.answer = answer;
        t.equal(await ask(strict, '/introspect'), 401, `${iss}, introspected`);
      }
    }
    t.equal(upstream.requests.length, before, 'nothing reached the upstream');
  },
);

t.test('a signed introspection answer is never what an upstream gets', async (t) => {
  const body = jws(
    { ...HEADER, typ: 'token-introspection+jwt' },
    { iss: server.issuer, aud: 'portcullis', iat: 1, token_introspection: { ...CLAIMS, active: true } },
    server.key.privateKey,
  );
  server.answer = { type: 'application/token-introspection+jwt', body };
  const before = upstream.requests.length;
  t.equal(await ask(strict, '/introspect'), 503, 'it carries no JWT to pass');
  for (const path of ['/verify', '/any'])
    t.equal(await ask(strict, path, body), path === '/verify' ? 401 : 503, path);
  server.answer = { type: 'application/jwt', body };
  t.equal(await ask(strict, '/introspect'), 503);
  t.equal(upstream.requests.length, before, 'nothing reached the upstream');
});

t.test('Keycloak’s valid JWT beside "active": false opens nothing', async (t) => {
  const before = upstream.requests.length;
  const jwt = signed({ typ: 'JWT' }, { typ: 'Bearer' });
  for (const members of [
    { active: false, jwt },
    { jwt, ...CLAIMS, active: false },
  ]) {
    server.answer = { body: JSON.stringify(members) };
    t.equal(await ask(strict, '/any'), 401);
  }
  for (const members of [{ jwt }, { active: 'true', jwt }, { active: null, jwt }]) {
    server.answer = { body: JSON.stringify(members) };
    t.equal(await ask(strict, '/any'), 503);
  }
  t.equal(upstream.requests.length, before, 'nothing reached the upstream');
});
