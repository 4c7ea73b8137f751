import t from 'tap';
import { load, withRoute, withService } from '../support/config.ts';

/** The route in force, with settings changed. */
const route = (change: Record<string, unknown>) => load(withRoute(change)).routes[0]!;

t.test('a scope is a list of one, so that every requirement is any of', async (t) => {
  t.strictSame(route({ scopes: ['a', ['b', 'c']] }).scopes, [['a'], ['b', 'c']]);
  t.strictSame(route({}).scopes, []);
});

t.test('a credential has a place and a name, of a header in canonical spelling', async (t) => {
  const credential = [
    'header',
    'query',
    'body',
    'cookie',
    { header: 'X_API-Token' },
    { query: 'Token' },
    { body: 'tok' },
    { cookie: 'sid' },
  ];
  t.strictSame(route({ credential }).credential, [
    { in: 'header', name: 'authorization' },
    { in: 'query', name: 'access_token' },
    { in: 'body', name: 'access_token' },
    { in: 'cookie', name: 'access_token' },
    { in: 'header', name: 'x-api-token' },
    { in: 'query', name: 'Token' },
    { in: 'body', name: 'tok' },
    { in: 'cookie', name: 'sid' },
  ]);
  t.strictSame(route({}).credential, [{ in: 'header', name: 'authorization' }]);
});

t.test('a required claim has a path, and values of any scalar type or none', async (t) => {
  const required_claims = {
    tenant: 'acme',
    level: 3,
    verified: true,
    '/realm/roles': ['a', 1, false],
    email: { present: true },
    act: { present: false },
  };
  t.strictSame(route({ required_claims }).required_claims, [
    { claim: 'tenant', path: ['tenant'], anyOf: ['acme'], present: true },
    { claim: 'level', path: ['level'], anyOf: [3], present: true },
    { claim: 'verified', path: ['verified'], anyOf: [true], present: true },
    { claim: '/realm/roles', path: ['realm', 'roles'], anyOf: ['a', 1, false], present: true },
    { claim: 'email', path: ['email'], anyOf: null, present: true },
    { claim: 'act', path: ['act'], anyOf: null, present: false },
  ]);
  t.strictSame(route({}).required_claims, []);
});

t.test('a step-up is one where something is asked for, in milliseconds', async (t) => {
  t.equal(route({}).step_up, null);
  t.equal(route({ step_up: {} }).step_up, null);
  t.equal(route({ step_up: { acr: [] } }).step_up, null);
  t.strictSame(route({ step_up: { acr: ['gold'] } }).step_up, { acr: ['gold'], max_age: null });
  t.strictSame(route({ step_up: { max_age: '5m' } }).step_up, { acr: [], max_age: 300_000 });
});

t.test('a consumer is sought by a path, or not at all', async (t) => {
  const consumers = [{ username: 'guest', custom_id: 'x' }];
  const sought = (consumer: unknown) =>
    load(JSON.stringify({ ...(JSON.parse(withRoute({ consumer })) as object), consumers })).routes[0]!
      .consumer;
  t.strictSame(sought({}), {
    claim: 'client_id',
    by: 'custom_id',
    required: true,
    path: ['client_id'],
  });
  t.strictSame(sought({ claim: '/user/name', by: 'username', required: false })?.path, ['user', 'name']);
  t.equal(sought(false), null);
});

t.test('claims go upstream by path', async (t) => {
  const identity_headers = { claims: { sub: 'X-User', '/a/b': 'X-B' } };
  t.strictSame(route({ identity_headers }).identity_headers, {
    claims: [
      { claim: 'sub', path: ['sub'], name: 'X-User' },
      { claim: '/a/b', path: ['a', 'b'], name: 'X-B' },
    ],
    jwt: 'authorization',
    credential: false,
    consumer: false,
  });
});

t.test('a challenge names each scope of the route once, and the API’s metadata', async (t) => {
  t.strictSame(route({ scopes: ['a', ['b', 'a'], ['c', 'b']] }).challenge, {
    scopes: ['a', 'b', 'c'],
    resource_metadata: null,
  });
  const resource = { identifier: 'https://api.example.com/accounts' };
  t.equal(
    load(withService({ resource })).routes[0]!.challenge.resource_metadata,
    'https://api.example.com/.well-known/oauth-protected-resource/accounts',
  );
});
