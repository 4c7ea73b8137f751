import t from 'tap';
import { claimsRemedy, consumerRemedy, loginRemedy } from '../../src/explain/requirement-remedy.ts';
import { CHALLENGE, NOW, route } from '../support/exchange.ts';
import { about } from '../support/remedies.ts';

const required = route({
  required_claims: [
    { claim: 'tenant', path: ['tenant'], anyOf: ['a', 'c'], present: true },
    { claim: '/deep/claim', path: ['deep', 'claim'], anyOf: null, present: true },
    { claim: 'act', path: ['act'], anyOf: null, present: false },
    { claim: 'level', path: ['level'], anyOf: [1], present: true },
  ],
});
const lacking = (...missing: string[]): string[] =>
  claimsRemedy(
    { denial: 'insufficient_claims', missing },
    about({ route: required, claims: { tenant: 'b', act: { sub: 'x' }, level: 1 } }),
  );

t.test('a claim is told beside what the route needs', async (t) => {
  t.strictSame(lacking('tenant', '/deep/claim', 'act'), [
    'tenant is "b"; the route needs "a" or "c"',
    '/deep/claim is absent; the route needs it to be there',
    'act is {"sub":"x"}; the route needs it to be absent',
    'have the authorization server put tenant and /deep/claim into the token, and leave act out of it; or change the route’s required_claims',
  ]);
});

t.test('what must not be there is to be left out, and not to be put in', async (t) => {
  t.match(lacking('act')[1], /^have the authorization server leave act out of it; or/);
  t.match(lacking('tenant')[1], /^have the authorization server put tenant into the token; or/);
});

const denial = (acr: string[], max_age: number | null, detail = 'for operators') =>
  ({ denial: 'insufficient_user_authentication', detail, acr, max_age, challenge: CHALLENGE }) as const;
const SECOND = NOW / 1_000;

t.test('a login that is too old or too weak is to be done anew, and its age is told', async (t) => {
  const claims = { acr: 'silver', auth_time: SECOND - 1_000 };
  const told = loginRemedy(denial(['gold', 'iron'], 60_000), about({ claims }));
  t.match(told[0], /^the token’s acr is "silver", its auth_time \S+Z, 1000 s ago$/);
  t.equal(told[1], 'have the user log in anew with acr_values=gold iron and max_age=60 (RFC 9470)');
  t.match(loginRemedy(denial([], 1_500), about({ claims }))[1], 'anew with max_age=1 (');
  t.match(loginRemedy(denial(['gold'], null), about({ claims }))[1], 'anew with acr_values=gold (');
});

t.test('of a login that the server says nothing of, a new one is no remedy', async (t) => {
  const told = (acr: string[], max_age: number | null, claims: object): string =>
    loginRemedy(denial(acr, max_age), about({ claims: { ...claims } }))[1] ?? '';
  t.match(told(['gold'], 60_000, {}), /^the answer of main has no acr and no auth_time.*Keycloak, mappers/);
  t.match(told(['gold'], 60_000, { acr: 'silver' }), /has no auth_time,/);
  t.match(told(['gold'], 60_000, { auth_time: 5 }), /has no acr,/);
  t.match(told([], 60_000, { auth_time: 'now' }), /has no auth_time,/);
  t.match(told(['gold'], null, { acr: 'silver' }), /log in anew/);
  t.match(told([], 60_000, { auth_time: 5 }), /log in anew/);
  t.match(
    loginRemedy(denial(['gold'], null), about({ asked: null }))[1],
    'the answer of the server has no acr',
  );
});

t.test('a login to come is a matter of clocks', async (t) => {
  const claims = { auth_time: SECOND + 600 };
  t.match(loginRemedy(denial([], 60_000, 'its auth_time is to come'), about({ claims })), [
    /in 600 s$/,
    /compare the clocks/,
  ]);
});

const calling = (
  azp: unknown,
  ...consumers: { custom_id: string; authorization_server?: string | string[] }[]
) =>
  consumerRemedy(
    about({
      route: route({ consumer: { claim: 'azp', path: ['azp'], by: 'custom_id', required: true } }),
      claims: { azp },
      asked: 'main',
      consumers: consumers.map((one) => ({ ...one, groups: [] })),
    }),
  )[0];

t.test('a consumer that nobody has named is to be added', async (t) => {
  t.equal(calling('app', { custom_id: 'other' }), 'add it to consumers, with custom_id: "app"');
  t.match(consumerRemedy(about())[1], /consumer\.required: false/);
});

t.test('one that is there for another authorization server is not to be added again', async (t) => {
  t.match(
    calling('app', { custom_id: 'app', authorization_server: 'op' }),
    /^app is there, but for op: if it is the same caller, name main in its authorization_server, too$/,
  );
  t.match(calling('app', { custom_id: 'app', authorization_server: ['op', 'xp'] }), 'but for op and xp:');
});

t.test('what is no text names nobody', async (t) => {
  t.match(calling(undefined), /^the token’s azp is absent, and only text is a name/);
  t.match(calling(7), /^the token’s azp is 7, /);
});
