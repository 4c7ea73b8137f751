// A route that takes tokens of several authorization servers: each token goes to one of them, and no other hears of it.
import t from 'tap';
import { type Scripted, type ScriptedServer, startScriptedServer } from '../support/authorization-server.ts';
import { startGateway } from '../support/gateway.ts';
import { call, startUpstream } from '../support/http.ts';

/** `good` in a token makes it active; who it is says which server was asked. */
const answering =
  (name: string) =>
  (token: string, { issuer }: ScriptedServer): Scripted => ({
    body: JSON.stringify(
      token.includes('good') || token.startsWith('ey')
        ? { active: true, sub: `${name}-user`, iss: issuer }
        : { active: false },
    ),
  });

const staff = await startScriptedServer(t, answering('staff'));
const visitors = await startScriptedServer(t, answering('public'));
const partner = await startScriptedServer(t, answering('partner'));
const servers = { staff, public: visitors, partner };
const upstream = await startUpstream(t);
const more = (name: string, { issuer }: ScriptedServer, settings: string): string => `
  ${name}:
    issuer: ${issuer}
    allow_insecure_requests: true
    client_id: portcullis
    client_secret: ${name}-secret
${settings}`;
const gateway = await startGateway(t, {
  issuer: staff.issuer,
  upstream: upstream.url,
  server: [
    '    token_prefix: staff_\n    jwt_types: [at+jwt, JWT]',
    more('public', visitors, '    issuers: [https://login.example.com]'),
    more('partner', partner, '    token_prefix: partner_'),
  ].join('\n'),
  more: 'defaults: { policy: none, identity_headers: { jwt: false, claims: { sub: X-User } } }',
  routes: `
  - { name: all, match: { path: /all }, service: api, authorization_server: [main, public, partner] }
  - { name: two, match: { path: /two }, service: api, authorization_server: [main, partner] }
  - { name: one, match: { path: /one }, service: api, authorization_server: partner }
  - name: verify
    match: { path: /verify }
    service: api
    authorization_server: [main, public]
    jwt_tokens: verify
    audience: [api]
  - name: refuse
    match: { path: /refuse }
    service: api
    authorization_server: [main, public]
    jwt_tokens: refuse
`,
});

/** Who the upstream was told it is, or the status of a refusal; and which servers were asked. */
async function outcome(path: string, token: string): Promise<[who: unknown, asked: string[]]> {
  const before = Object.values(servers).map(({ asked }) => asked.length);
  const { status } = await call(gateway.url, { path, token });
  const asked = Object.entries(servers).flatMap(([name, server], index) =>
    server.asked.slice(before[index]).map(() => name),
  );
  return [status === 200 ? upstream.requests.at(-1)?.headers['x-user'] : status, asked];
}

const exp = Math.floor(Date.now() / 1_000) + 60;

t.test('an opaque token goes to the server whose prefix it has, else to the one without', async (t) => {
  t.strictSame(await outcome('/all', 'staff_good'), ['staff-user', ['staff']]);
  t.strictSame(await outcome('/all', 'partner_good'), ['partner-user', ['partner']]);
  t.strictSame(await outcome('/all', 'good'), ['public-user', ['public']]);
  t.strictSame(await outcome('/two', 'good'), [401, []], 'it is of neither');
});

t.test('a token that its server does not know is not tried at another', async (t) => {
  t.strictSame(await outcome('/all', 'staff_bad'), [401, ['staff']]);
  t.strictSame(await outcome('/all', 'bad'), [401, ['public']]);
});

t.test('a JWT goes to the server that its iss names', async (t) => {
  for (const [name, server] of [
    ['staff', staff],
    ['public', visitors],
    ['partner', partner],
  ] as const)
    t.strictSame(await outcome('/all', await server.sign({ iss: server.issuer, exp })), [
      `${name}-user`,
      [name],
    ]);
  const other = await visitors.sign({ iss: 'https://login.example.com', exp });
  t.strictSame(await outcome('/all', other), ['public-user', ['public']], 'one of its further issuers');
});

t.test('a JWT of an issuer that the route does not name is refused unasked', async (t) => {
  t.strictSame(await outcome('/all', await staff.sign({ iss: 'https://elsewhere.example', exp })), [401, []]);
  t.strictSame(await outcome('/two', await visitors.sign({ iss: visitors.issuer, exp })), [401, []]);
});

t.test('GHSA-4mq7-pvjg-xp2r: what one server said of a token is not another’s word', async (t) => {
  t.strictSame(await outcome('/all', 'good-twice'), ['public-user', ['public']]);
  t.strictSame(await outcome('/one', 'good-twice'), ['partner-user', ['partner']]);
  t.strictSame(await outcome('/all', 'good-twice'), ['public-user', []], 'from the cache');
});

t.test(
  'CVE-2025-46647: a JWT is verified by the keys of the server that its iss names, and no other’s',
  async (t) => {
    const claims = { aud: 'api', exp, iat: 1, sub: 'mallory' };
    t.strictSame(await outcome('/verify', await staff.sign({ ...claims, iss: staff.issuer })), [
      'mallory',
      [],
    ]);
    t.strictSame(await outcome('/verify', await staff.sign({ ...claims, iss: visitors.issuer })), [401, []]);
    t.strictSame(await outcome('/verify', await partner.sign({ ...claims, iss: staff.issuer })), [401, []]);
    t.strictSame(await outcome('/verify', await partner.sign({ ...claims, iss: partner.issuer })), [401, []]);
  },
);

t.test('jwt_types are each server’s own', async (t) => {
  const claims = { aud: 'api', exp, iat: 1, sub: 'alice' };
  const typ = { typ: 'JWT' };
  t.strictSame(await outcome('/verify', await staff.sign({ ...claims, iss: staff.issuer }, typ)), [
    'alice',
    [],
  ]);
  t.strictSame(await outcome('/verify', await visitors.sign({ ...claims, iss: visitors.issuer }, typ)), [
    401,
    [],
  ]);
});

t.test('a route that refuses JWTs tells opaque tokens apart all the same', async (t) => {
  t.strictSame(await outcome('/refuse', await staff.sign({ iss: staff.issuer, exp })), [401, []]);
  t.strictSame(await outcome('/refuse', 'staff_good-too'), ['staff-user', ['staff']]);
});
