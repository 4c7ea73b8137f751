// What spans say, and above all what they do not: after a run of everything, each secret that was used is looked for everywhere.
import { generateKeyPair, exportJWK } from 'jose';
import t from 'tap';
import { GATEWAY, PEOPLE } from '../../demo/authorization-server.ts';
import type { Denial } from '../../src/denial.ts';
import { denialAttributes, exchangeAttributes } from '../../src/observe/attributes.ts';
import { startRealServer } from '../support/authorization-server.ts';
import { decision, permitted } from '../support/exchange.ts';
import { type Gateway, spans, startGateway } from '../support/gateway.ts';
import { call, callRaw, startUpstream } from '../support/http.ts';
import { startTraced } from '../support/traced.ts';

/** All that a gateway under test said of its requests: spans, log lines, metrics, and answers of health and admin. */
async function everythingSaid({ health, admin, logged }: Gateway): Promise<string> {
  const told = spans().map(({ name, attributes, links, events, status, resource }) => ({
    name,
    attributes,
    links,
    events,
    status,
    resource: resource.attributes,
  }));
  const scraped = await call(health, { path: '/metrics' });
  const shown = await call(admin, { path: '/status', headers: { host: 'localhost' } });
  return JSON.stringify([told, logged()]) + scraped.text + shown.text;
}

t.test('no token, secret or minted JWT is in any span, log line, metric or page', async (t) => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid: 'test', alg: 'ES256', use: 'sig' };
  const server = await startRealServer(t);
  const api = await startUpstream(
    t,
    ({ method }, response) =>
      void (method === 'PUT' ? response.destroy() : response.writeHead(200).end('{}')),
  );
  const gateway = await startGateway(t, {
    issuer: server.issuer,
    upstream: api.url,
    variables: { KEYS: JSON.stringify({ keys: [key] }) },
    more: 'phantom: { issuer: http://gateway.example, keys: "${KEYS}" }',
    service: '    audience: accounts-api\n    phantom_jwt: mint',
    routes: `
  - { name: account, match: { path: "/accounts/{id}" }, service: api, scopes: [accounts:read], policy: accounts/allow }
  - { name: elsewhere, match: { path: /elsewhere }, service: api, audience: [other-api], policy: none }
`,
  });
  const [good, narrow, forged] = [
    await server.take('alice', 'accounts:read'),
    await server.take('bob', 'transactions:read'),
    'Zm9yZ2VkLXRva2Vu.Zm9yZ2VkLXRva2Vu.Zm9yZ2VkLXRva2Vu',
  ];
  const path = '/accounts/1001?access_token=query-value&code=query-value';
  const cookie = { cookie: 'session=cookie-value', 'x-api-key': 'header-value' };
  const answers = [
    await call(gateway.url, { path, token: good, headers: cookie }),
    await call(gateway.url, { path, token: good, method: 'PUT', body: 'body-value' }),
    await call(gateway.url, { path: '/accounts/1002?q=query-value', token: good }),
    await call(gateway.url, { path: '/elsewhere', token: good }),
    await call(gateway.url, { path, token: narrow }),
    await call(gateway.url, { path, token: forged }),
    await call(gateway.url, { path, token: `${forged}{}` }),
    await call(gateway.url, { path, headers: { authorization: `Basic ${btoa(`user:${forged}`)}` } }),
    await call(gateway.url, { path: '/no/route?q=query-value', token: good }),
    await call(gateway.url, { path: '/a//b?q=query-value', token: good }),
  ];
  t.strictSame(
    answers.map(({ status }) => status),
    [200, 502, 403, 401, 403, 401, 401, 401, 404, 400],
  );
  await callRaw(
    gateway.url,
    `GET /?q=query-value HTTP/1.1\r\nAuthorization: Bearer ${forged}\r\n: bad\r\n\r\n`,
  );

  const minted = api.requests.map(({ headers }) => headers.authorization?.replace('Bearer ', '') ?? '');
  t.match(minted, [/^eyJ/, /^eyJ/], 'the API got JWTs');
  const said = await everythingSaid(gateway);
  t.ok(said.includes('portcullis.introspection') && said.includes('policy_denied'), 'much was said');
  const secrets = {
    good,
    narrow,
    forged,
    private: String(key.d),
    basic: btoa(`user:${forged}`),
    ...Object.fromEntries(minted.map((jwt, index) => [`minted JWT ${index}`, jwt])),
    ...Object.fromEntries(minted.map((jwt, index) => [`its signature ${index}`, String(jwt.split('.')[2])])),
    ...Object.fromEntries(Object.entries(PEOPLE).map(([name, { secret }]) => [name, secret])),
    gateway: GATEWAY.client_secret,
    credentials: btoa(`${GATEWAY.client_id}:${GATEWAY.client_secret}`),
    encoded: btoa(`${GATEWAY.client_id}:${encodeURIComponent(GATEWAY.client_secret)}`),
  };
  for (const [name, secret] of Object.entries(secrets)) {
    t.ok(secret.length > 8, name);
    t.notOk(said.includes(secret), `${name} is nowhere`);
  }
  for (const kind of ['query', 'cookie', 'header', 'body'])
    t.notOk(said.includes(`${kind}-value`), `no ${kind} value is anywhere`);
});

t.test('no claim is in any span, log line, metric or page', async (t) => {
  const claims = {
    sub: 'claim-sub',
    jti: 'claim-jti',
    username: 'claim-username',
    email: 'claim@example.com',
    roles: ['claim-role'],
    aud: ['claim-audience'],
    scope: 'accounts:read claim-scope',
  };
  const { gateway } = await startTraced(t, {
    answer: ({ body }) => ({
      active: true,
      ...claims,
      ...(body.includes('late') ? { exp: 1_000_000_001 } : {}),
      ...(body.includes('bound') ? { cnf: { jkt: 'claim-thumbprint' } } : {}),
      ...(body.includes('foreign') ? { iss: 'https://claim.example' } : {}),
      ...(body.includes('faulty') ? { exp: 'claim-exp' } : {}),
      ...(body.includes('wild') ? { name: 'claim-name\n' } : {}),
    }),
    routes: `
  - { name: open, match: { path: /open }, service: api, policy: none, identity_headers: { jwt: false, claims: { sub: X-User, name: X-Name } } }
  - { name: strict, match: { path: /strict }, service: api, policy: none, scopes: [admin] }
  - { name: other, match: { path: /other }, service: api, policy: none, audience: [other-api] }
`,
  });
  const cases = [
    ['/open', 'good', 200],
    ['/accounts/1001', 'good', 403],
    ['/strict', 'good', 403],
    ['/other', 'good', 401],
    ['/open', 'late', 401],
    ['/open', 'bound', 401],
    ['/open', 'foreign', 401],
    ['/open', 'faulty', 503],
    ['/open', 'wild', 503],
  ] as const;
  for (const [path, token, status] of cases)
    t.equal((await call(gateway.url, { path, token })).status, status, `${path} ${token}`);
  const said = await everythingSaid(gateway);
  t.strictSame(said.match(/claim[@.-][\w.-]*/g) ?? [], []);
});

t.test('a policy stage says what decided, with the reason that the policy gave', async (t) => {
  const made = { entrypoint: 'accounts/allow', revision: 'abc' };
  const exchange = permitted({ id: 'an-id' });
  const decided = (reason: string | null) =>
    exchangeAttributes('policy', { ...exchange, decision: decision({ ...made, reason }) });
  const expected = {
    'portcullis.policy.entrypoint': 'accounts/allow',
    'portcullis.policy.revision': 'abc',
    'portcullis.decision.id': 'an-id',
  };
  t.strictSame(decided(null), expected);
  t.strictSame(decided('owner'), { ...expected, 'portcullis.policy.reason': 'owner' });
  t.strictSame(exchangeAttributes('policy', { ...exchange, decision: null }), {}, 'none decided');
  for (const stage of ['credential', 'introspection', 'scope', 'forward'] as const)
    t.strictSame(exchangeAttributes(stage, exchange), {}, stage);
});

t.test('a denial says its reason and detail, and which policy it was', async (t) => {
  const denied = {
    denial: 'policy_denied',
    entrypoint: 'accounts/allow',
    revision: 'abc',
    undefined: false,
    reason: 'not the owner',
    status: null,
    message: 'message-value',
    body: 'body-value',
    fields: [],
  };
  const policy = {
    'portcullis.policy.entrypoint': 'accounts/allow',
    'portcullis.policy.revision': 'abc',
  };
  const ids = { 'portcullis.decision.id': 'an-id' };
  const cases: [Denial, object][] = [
    [{ denial: 'no_route' }, { 'portcullis.denial.detail': 'no_route' }],
    [
      { denial: 'upstream_timeout', detail: 'UND_ERR_HEADERS_TIMEOUT' },
      { 'portcullis.denial.detail': 'UND_ERR_HEADERS_TIMEOUT' },
    ],
    [
      { ...denied, anonymous: false, challenge: { scopes: [], resource_metadata: null } } as Denial,
      { ...policy, 'portcullis.policy.reason': 'not the owner', 'portcullis.denial.detail': 'not the owner' },
    ],
    [
      { denial: 'policy_error', entrypoint: 'accounts/allow', revision: 'r', detail: 'a number' },
      {
        'portcullis.policy.entrypoint': 'accounts/allow',
        'portcullis.policy.revision': 'r',
        'portcullis.denial.detail': 'a number',
      },
    ],
  ];
  for (const [denial, attributes] of cases)
    t.strictSame(
      denialAttributes(denial, 'an-id'),
      { ...ids, 'portcullis.denial.reason': denial.denial, ...attributes },
      denial.denial,
    );
});
