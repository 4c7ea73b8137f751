import { exportJWK, generateKeyPair } from 'jose';
import t from 'tap';
import { ACTIVE, startExplaining } from '../support/explaining.ts';
import { startUpstream } from '../support/http.ts';

const route = (settings: object) => [{ name: 'a', match: { path: '/a/{id}' }, service: 'api', ...settings }];

t.test('every stage says what it learnt, and what would go upstream goes nowhere', async (t) => {
  const upstream = await startUpstream(t);
  const { explain, server } = await startExplaining(t, { services: { api: { upstream: upstream.url } } });
  const { request, stages, outcome } = await explain({ target: '/a/1?x=%20' }, route({ scopes: ['read'] }));
  t.strictSame(request, {
    method: 'GET',
    url: 'http://localhost/a/1?x=%20',
    from: '192.0.2.7',
    token: 'opaque, 10 characters, in Authorization',
  });
  t.strictSame(
    stages.map(({ stage }) => stage),
    ['route', 'credential', 'introspection', 'scope', 'policy', 'forward'],
  );
  t.match(stages[2]?.learnt, { client_id: 'app', scopes: ['read'], claims: { sub: 'alice' } });
  t.match(outcome, { result: 'forwarded', method: 'GET', url: `${upstream.url}/a/1?x=%20` });
  t.match('fields' in outcome && Object.fromEntries(outcome.fields), {
    Host: new URL(upstream.url).host,
    'X-Forwarded-For': '192.0.2.7',
    'X-Forwarded-Port': '8080',
  });
  t.equal(server.asked.length, 1, 'the authorization server is really asked');
  t.strictSame(upstream.requests, []);
});

t.test('a refusal is told as the client sees it, as the log has it, and with its remedy', async (t) => {
  const { explain } = await startExplaining(t);
  const { stages, outcome } = await explain({}, route({ scopes: ['write'] }));
  t.strictSame(stages.at(-1), { stage: 'scope', learnt: {} });
  t.strictSame(outcome, {
    result: 'refused',
    denial: 'insufficient_scope',
    status: 403,
    title: 'Forbidden',
    detail: 'The token lacks a scope that is needed here.',
    fields: [['WWW-Authenticate', 'Bearer error="insufficient_scope", scope="write"']],
    explanation: 'missing scopes: write',
    remedy: [
      'the token has read; the route needs write',
      'ask for it in the token request, and let the authorization server grant it to that client; or change the route’s scopes',
    ],
  });
});

t.test('what the listener refuses is refused here, before any stage', async (t) => {
  const { explain } = await startExplaining(t);
  for (const [asked, denial] of [
    [{ target: '/a/../b' }, 'ambiguous_path'],
    [{ target: '/a b' }, 'malformed_request'],
    [{ target: `/${'a'.repeat(9_000)}` }, 'uri_too_long'],
    [{ fields: ['Host', 'a b'] }, 'malformed_request'],
    [{ fields: ['Host', 'a', 'Connection', 'upgrade', 'Upgrade', 'websocket'] }, 'upgrade_not_served'],
    [{ fields: ['Host', 'a', 'Expect', 'more'] }, 'expectation_failed'],
    [{ fields: ['Host', 'a', ...Array<string>(200).fill('X')] }, 'header_fields_too_large'],
  ] as const) {
    const { stages, outcome } = await explain(asked);
    t.match(outcome, { result: 'refused', denial }, denial);
    t.strictSame(stages, []);
  }
});

t.test('two Hosts are refused as anywhere', async (t) => {
  const { explain } = await startExplaining(t);
  t.match((await explain({ fields: ['Host', 'a', 'Host', 'b'] })).outcome, { denial: 'malformed_request' });
});

t.test('routes that come near are told', async (t) => {
  const { explain } = await startExplaining(t);
  const { outcome } = await explain({ method: 'PUT' }, [
    { name: 'a', match: { path: '/a/{id}', methods: ['GET'], hosts: ['api.example.com'] }, service: 'api' },
  ]);
  t.match('remedy' in outcome && outcome.remedy[1], 'not localhost; it takes GET, not PUT');
});

t.test('without a token it is a client without one', async (t) => {
  const { explain, server } = await startExplaining(t);
  const { request, outcome } = await explain({ token: null });
  t.equal(request.token, 'none');
  t.match(outcome, { denial: 'credential_missing' });
  t.match((await explain({ token: null }, route({ token: 'none' }))).outcome, { result: 'forwarded' });
  t.strictSame(server.asked, []);
});

t.test('the token goes where the route takes one', async (t) => {
  const { explain, server } = await startExplaining(t);
  for (const [place, shown] of [
    ['header', 'Authorization'],
    [{ header: 'X-Api-Key' }, 'header x-api-key'],
    ['query', 'query access_token'],
    [{ cookie: 'session' }, 'cookie session'],
    ['body', 'body access_token'],
  ] as const) {
    const explained = await explain({ method: 'POST', target: '/a/1?x=1' }, route({ credential: [place] }));
    t.match(explained.request.token, `in ${shown}`);
    t.equal(explained.outcome.result, 'forwarded', shown);
    t.equal(server.asked.at(-1)?.form.get('token'), 'good-token');
    t.notMatch(JSON.stringify(explained), 'good-token');
  }
  const both = await explain({}, route({ credential: ['query', 'header'] }));
  t.match(both.request.token, 'in Authorization', 'of several, Authorization');
});

t.test('nothing that could be sent again is shown', async (t) => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(privateKey)), kid: 'a' }] });
  const { explain } = await startExplaining(t, {
    phantom: { issuer: 'https://gateway.example', keys },
    services: { api: { phantom_jwt: 'mint', audience: 'inside' } },
    defaults: {
      hide_credentials: false,
      credential: ['query'],
      identity_headers: { jwt: 'X-Jwt', claims: { echo: 'X-Echo' } },
    },
    answer: (token) => ({ body: JSON.stringify({ ...ACTIVE, echo: `it is ${token}` }) }),
  });
  const fields = [
    'Host',
    'a',
    'Cookie',
    'a=biscuit-value',
    'X-Api-Key',
    'key-value',
    'X-Plain',
    'plain-value',
  ];
  const explained = await explain({ fields, token: 'Good/Token~+==' });
  const shown = JSON.stringify(explained);
  const { outcome } = explained;
  t.equal(outcome.result, 'forwarded');
  const sent: Record<string, string> = 'fields' in outcome ? Object.fromEntries(outcome.fields) : {};
  t.match('url' in outcome && outcome.url, /\?access_token=\(the token\)$/);
  t.match(sent, {
    Cookie: '(15 characters)',
    'X-Api-Key': '(9 characters)',
    'X-Plain': 'plain-value',
    'X-Echo': 'it is (the token)',
    'X-Jwt': /^\(a JWT: .*"aud":"inside"/,
  });
  for (const secret of ['Good/Token', 'Good%2FToken', 'biscuit', 'key-value', 'correct horse', 'eyJ'])
    t.notMatch(shown, secret);
});

t.test('what the gateway says of the caller is shown, and one Host', async (t) => {
  const { explain } = await startExplaining(t);
  const own = { preserve_host: true, identity_headers: { jwt: false, credential: true } };
  const { outcome } = await explain({ fields: ['Host', 'api.example.com'] }, route(own));
  const sent = 'fields' in outcome ? outcome.fields : [];
  t.strictSame(
    sent.filter(([name]) => /^host$/i.test(name)),
    [['Host', 'api.example.com']],
  );
  t.match(Object.fromEntries(sent), { 'X-Credential-Token-Type': 'Bearer' });
});

t.test('what a JWT says of itself is told, and that nobody verified it', async (t) => {
  const { explain } = await startExplaining(t);
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ alg: 'none' })}.${part({ iss: 'https://other', sub: 'mallory' })}.x`;
  const explained = await explain({ token }, route({ jwt_tokens: 'verify', audience: ['api'] }));
  t.match(explained.stages[1]?.learnt, { unverified: { sub: 'mallory' }, jwt_tokens: 'verify' });
  t.match(explained.outcome, { result: 'refused', status: 401 });
  t.notMatch(JSON.stringify(explained), token.split('.')[1]);
});

t.test('what the gateway answers itself is told so', async (t) => {
  const { explain, server } = await startExplaining(t, {
    services: { api: { resource: { identifier: 'https://a.example/b' } } },
  });
  const target = '/.well-known/oauth-protected-resource/b';
  t.match(await explain({ target }), {
    stages: [],
    outcome: { result: 'answered', by: 'a document of the gateway', status: 200 },
  });
  const cors = route({ cors: { origins: ['https://app.example'] } });
  const asked = (origin: string) => ({
    method: 'OPTIONS',
    fields: ['Host', 'a', 'Origin', origin, 'Access-Control-Request-Method', 'GET'],
    token: null,
  });
  t.match((await explain(asked('https://app.example'), cors)).outcome, { result: 'answered', status: 204 });
  t.match((await explain(asked('https://evil.example'), cors)).outcome, { denial: 'cross_origin_refused' });
  t.strictSame(server.asked, []);
});

t.test('an address of a trusted proxy is believed as anywhere', async (t) => {
  const { explain } = await startExplaining(t, { server: { trusted_proxies: ['192.0.2.0/24'] } });
  const fields = ['Host', 'a', 'X-Forwarded-For', '198.51.100.1'];
  t.match((await explain({ fields })).stages[0]?.learnt, { client_ip: '198.51.100.1' });
  t.match((await explain({ fields, from: '203.0.113.1' })).stages[0]?.learnt, { client_ip: '203.0.113.1' });
});

t.test('which server is asked as which client is told of an inactive token', async (t) => {
  const { explain } = await startExplaining(t);
  const { outcome } = await explain({ token: 'other' });
  t.match('remedy' in outcome && outcome.remedy[1], /Keycloak, gateway \(main\) must be in the token’s aud/);
});

t.test('policies that are missing are told with why', async (t) => {
  const { explain } = await startExplaining(t, { policies: { source: '/nowhere' } });
  const { outcome } = await explain({}, route({ policy: 'a/allow' }));
  t.match(outcome, { denial: 'policy_unavailable', status: 503, remedy: [/there are no policies at/] });
});
