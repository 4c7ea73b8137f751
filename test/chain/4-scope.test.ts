import * as fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { scope } from '../../src/chain/4-scope.ts';
import type { Consumer } from '../../src/config/consumer.ts';
import type { Route } from '../../src/config/route.ts';
import type { Scoped } from '../../src/exchange.ts';
import { claimPath } from '../../src/oauth/claim.ts';
import type { Facts } from '../../src/oauth/facts.ts';
import { CHALLENGE, identified, identity, NOW, route } from '../support/exchange.ts';

const acme: Consumer = { username: 'acme', custom_id: 'app', groups: ['gold'] };
const { run } = scope([acme], () => NOW);
const judge = (granted: Partial<Facts>, asked: Partial<Route>) =>
  run(identified({ identity: identity(granted), route: route({ scopes: [], audience: [], ...asked }) }));
const challenge = { scopes: ['asked'], resource_metadata: 'https://api.example.com/.well-known/x' };
const needed = (claim: string, ...anyOf: string[]) => ({
  claim,
  path: [claim],
  anyOf: anyOf.length > 0 ? anyOf : null,
  present: true,
});
const by = (by: 'id' | 'username' | 'custom_id', claim: string, required: boolean) => ({
  by,
  claim,
  path: claimPath(claim),
  required,
});

t.test('a token with the scopes and an audience of the route passes, unchanged', async (t) => {
  const exchange = identified();
  t.strictSame(await run(exchange), { ...exchange, consumer: null });
});

t.test('missing scopes are named beside all that the route requires', async (t) => {
  t.strictSame(await judge({ scopes: ['a'] }, { scopes: [['a'], ['b', 'c'], ['d']], challenge }), {
    denial: 'insufficient_scope',
    missing: [['b', 'c'], ['d']],
    challenge,
  });
});

t.test('scopes are compared as whole words, letter by letter (krakend-jose#75)', async (t) => {
  for (const granted of ['accounts', 'accounts:read:all', 'accounts:rea', 'Accounts:read', 'accounts:read '])
    t.match(
      await judge({ scopes: [granted] }, { scopes: [['accounts:read']] }),
      { denial: 'insufficient_scope' },
      granted,
    );
  t.match(
    await judge({ scopes: ['accounts:read', 'x'] }, { scopes: [['accounts:read']] }),
    { consumer: null },
    'more than required is enough (gravitee-io/issues#2295)',
  );
});

t.test(
  'apache/apisix#11987: a token for another audience is invalid here, whatever its scopes',
  async (t) => {
    for (const audience of [[], ['other'], ['accounts-api/'], ['ACCOUNTS-API']])
      t.strictSame(
        await judge(
          { audience },
          { audience: ['accounts-api', 'b'], scopes: [['accounts:read']], challenge },
        ),
        {
          denial: 'invalid_token',
          fault: 'wrong_audience',
          detail: 'it is not for accounts-api or b',
          challenge,
        },
      );
  },
);

t.test('one audience of the route suffices, and a route that names none asks for none', async (t) => {
  t.match(await judge({ audience: ['x', 'b'] }, { audience: ['a', 'b'] }), { consumer: null });
  t.match(await judge({ audience: [] }, { audience: [] }), { consumer: null });
});

t.test('what operators read of a wrong audience holds no claim of the token', async (t) => {
  const denied = await judge({ audience: ['private-client-name'] }, { audience: ['a'] });
  t.notMatch(JSON.stringify(denied), 'private-client-name');
});

t.test('nobody has no scopes to judge: an optional token that is absent goes on to the policy', async (t) => {
  const nobody = identified({ token: null, identity: null, route: route({ token: 'optional' }) });
  t.strictSame(await run(nobody), { ...nobody, consumer: null });
});

t.test('claims that are not as required are named, and the challenge asks for nothing', async (t) => {
  const required_claims = [needed('tenant', 'acme'), needed('sub', 'alice'), needed('email')];
  t.strictSame(await judge({}, { required_claims, challenge }), {
    denial: 'insufficient_claims',
    missing: ['tenant', 'email'],
  });
  const claims = { tenant: ['beta', 'acme'], sub: 'alice', email: 'x' };
  t.match(await judge({ claims }, { required_claims }), { consumer: null });
});

t.test('RFC 9470: a login that is too weak or too old asks for a better one', async (t) => {
  const step_up = { acr: ['gold'], max_age: 60_000 };
  const login = (acr: string, ago: number) =>
    judge({ claims: { acr, auth_time: NOW / 1_000 - ago } }, { step_up, challenge });
  t.match(await login('gold', 60), { consumer: null });
  for (const [acr, ago, detail] of [
    ['tin', 0, 'its acr is not gold'],
    ['gold', 61, 'its auth_time is longer ago than 60 s'],
  ] as const)
    t.strictSame(await login(acr, ago), {
      denial: 'insufficient_user_authentication',
      detail,
      ...step_up,
      challenge,
    });
});

t.test('a login grows old while its token is cached: the clock is asked for every request', async (t) => {
  let now = NOW;
  const exchange = identified({
    identity: { ...identity({ claims: { auth_time: NOW / 1_000 } }), cache: 'hit' },
    route: route({ step_up: { acr: [], max_age: 60_000 } }),
  });
  const stage = scope([], () => now);
  t.match(await stage.run(exchange), { consumer: null });
  now += 60_001;
  t.match(await stage.run(exchange), { denial: 'insufficient_user_authentication' });
});

t.test('of several faults the first is told: audience, scope, claims, login, consumer', async (t) => {
  const asked: Partial<Route>[] = [
    { audience: ['x'] },
    { scopes: [['x']] },
    { required_claims: [needed('x', 'y')] },
    { step_up: { acr: ['x'], max_age: null } },
    { consumer: by('id', 'x', true) },
  ];
  const told = ['invalid_token', 'insufficient_scope', 'insufficient_claims'].concat(
    'insufficient_user_authentication',
    'consumer_unknown',
  );
  for (const [index, denial] of told.entries())
    t.match(await judge({}, Object.assign({}, ...asked.slice(index)) as Partial<Route>), { denial }, denial);
});

t.test('the consumer is the one that a claim of the token names', async (t) => {
  for (const [claims, consumer] of [
    [{ client_id: 'app' }, by('custom_id', 'client_id', true)],
    [{ user: { name: 'acme' } }, by('username', '/user/name', true)],
  ] as const)
    t.equal(((await judge({ claims }, { consumer })) as Scoped).consumer, acme);
});

t.test('a token for which there is no consumer is refused, or passes as nobody known', async (t) => {
  for (const claims of [{}, { client_id: 'other' }, { client_id: ['app'] }, { client_id: { app: 1 } }]) {
    t.strictSame(await judge({ claims }, { consumer: by('custom_id', 'client_id', true), challenge }), {
      denial: 'consumer_unknown',
      detail: 'no consumer has what the claim client_id says as its custom_id',
    });
    t.match(await judge({ claims }, { consumer: by('custom_id', 'client_id', false) }), { consumer: null });
  }
});

t.test('a consumer of one authorization server is not found in the tokens of another', async (t) => {
  const stage = scope([{ ...acme, authorization_server: 'main' }], () => NOW);
  const from = (authorization_server: string) =>
    stage.run(
      identified({
        identity: { ...identity({ claims: { client_id: 'app' } }), authorization_server },
        route: route({ consumer: by('custom_id', 'client_id', true) }),
      }),
    );
  t.match(await from('main'), { consumer: { username: 'acme' } });
  t.match(await from('partners'), { denial: 'consumer_unknown' });
});

t.test('the anonymous consumer stands for callers without a token, and for no others', async (t) => {
  const guest = { username: 'guest', groups: [] };
  const asked = {
    token: 'optional',
    anonymous: guest,
    required_claims: [needed('x', 'y')],
    step_up: { acr: ['x'], max_age: 1 },
    consumer: by('custom_id', 'client_id', true),
  } as const;
  const nobody = identified({ token: null, identity: null, route: route(asked) });
  t.strictSame(await run(nobody), { ...nobody, consumer: guest }, 'of whom no claim is asked');
  const { required_claims: _, step_up: __, ...lax } = asked;
  t.match(await judge({ claims: { client_id: 'x' } }, lax), { denial: 'consumer_unknown' });
  t.match(await judge({}, { ...lax, consumer: null }), { consumer: null });
});

t.test('a token passes exactly if every requirement shares a scope with what is granted', async () => {
  const word = fc.constantFrom('a', 'b', 'c', 'd', 'ab', 'a:b');
  const granted = fc.array(word, { maxLength: 4 });
  const required = fc.array(fc.array(word, { minLength: 1, maxLength: 3 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(granted, required, async (scopes, wanted) => {
      const unmet = wanted.filter((anyOf) => new Set(scopes).isDisjointFrom(new Set(anyOf)));
      const result = await judge({ scopes }, { scopes: wanted });
      if (unmet.length === 0) return 'consumer' in result;
      const denial = { denial: 'insufficient_scope', missing: unmet, challenge: CHALLENGE };
      return isDeepStrictEqual(result, denial);
    }),
  );
});
