import t from 'tap';
import { lacks } from '../../src/config/demands.ts';
import type { RequiredClaim } from '../../src/config/route.ts';
import { claimPath } from '../../src/oauth/claim.ts';

type Demands = Parameters<typeof lacks>[0];

const server = (name: string) => ({ name, issuers: [`https://${name}`], token_prefix: null });

const demands = (changes: Partial<Demands> = {}): Demands => ({
  token: 'required',
  policy: null,
  authorization_servers: [server('main')],
  scopes: [],
  audience: [],
  required_claims: [],
  step_up: null,
  consumer: null,
  ...changes,
});

const lacking = (route: Partial<Demands>, other: Partial<Demands>): string[] =>
  lacks(demands(route), demands(other));

t.test('a token is demanded, perhaps, or not', async (t) => {
  const kinds = ['none', 'optional', 'required'] as const;
  for (const [i, token] of kinds.entries())
    for (const [j, other] of kinds.entries())
      t.equal(lacking({ token }, { token: other }).length, Number(i < j));
  t.strictSame(lacking({ token: 'none' }, {}), ['no token (required there)']);
  t.strictSame(lacking({ token: 'none' }, { token: 'optional' }), ['no token (optional there)']);
  t.strictSame(lacking({ token: 'optional' }, {}), ['an optional token (required there)']);
});

t.test('a policy is demanded, whichever', async (t) => {
  t.strictSame(lacking({}, { policy: 'a/b' }), ['no policy (a/b there)']);
  t.strictSame(lacking({ policy: 'c/d' }, { policy: 'a/b' }), []);
  t.strictSame(lacking({ policy: 'a/b' }, {}), []);
});

t.test('scopes are demanded where those of the one make up those of the other', async (t) => {
  const other = { scopes: [['a', 'b'], ['c']] };
  for (const scopes of [
    [['a', 'b'], ['c']],
    [['c'], ['a']],
    [['b'], ['c'], ['d']],
  ])
    t.strictSame(lacking({ scopes }, other), [], JSON.stringify(scopes));
  t.strictSame(lacking({ scopes: [] }, other), ['not the scope a or b', 'not the scope c']);
  t.strictSame(lacking({ scopes: [['a', 'd'], ['c']] }, other), ['not the scope a or b']);
  t.strictSame(lacking({ scopes: [['a', 'c']] }, other), ['not the scope a or b', 'not the scope c']);
});

t.test('an audience is demanded, unless any other will do', async (t) => {
  const other = { audience: ['a', 'b'] };
  t.strictSame(lacking({}, other), ['not the audience a or b']);
  t.strictSame(lacking({ audience: ['a', 'b', 'c'] }, other), ['not the audience a or b']);
  for (const audience of [['a'], ['b', 'a'], ['c']]) t.strictSame(lacking({ audience }, other), []);
  t.strictSame(lacking(other, {}), []);
});

t.test('where there is no token, nobody misses what it would carry', async (t) => {
  t.strictSame(lacking({ token: 'none' }, { policy: 'a/b', scopes: [['a']], audience: ['b'] }), [
    'no token (required there)',
    'no policy (a/b there)',
  ]);
});

t.test('whose tokens will do is a demand', async (t) => {
  const both = { authorization_servers: [server('main'), server('partners')] };
  t.strictSame(lacking(both, {}), ['tokens of partners will do']);
  t.strictSame(lacking({}, both), []);
  t.strictSame(lacking(both, both), []);
  t.strictSame(
    lacking(both, { token: 'none', authorization_servers: [] }),
    [],
    'of a route that asks nobody',
  );
});

const claim = (name: string, anyOf: RequiredClaim['anyOf'], present = true): RequiredClaim => ({
  claim: name,
  path: claimPath(name),
  anyOf,
  present,
});

t.test('claims are demanded where whoever has the one has the other', async (t) => {
  const among = (own: RequiredClaim[], wanted: RequiredClaim[]): string[] =>
    lacking({ required_claims: own }, { required_claims: wanted });
  const ab = [claim('a', ['x', 1])];
  t.strictSame(among([], ab), ['not the claim a: x or 1']);
  for (const own of [ab, [claim('/a', ['x'])], [claim('b', null), claim('a', [1])]])
    t.strictSame(among(own, ab), [], JSON.stringify(own));
  for (const own of [[claim('a', ['x', 'y'])], [claim('a', ['1'])], [claim('a', null)], [claim('b', ['x'])]])
    t.strictSame(among(own, ab), ['not the claim a: x or 1'], JSON.stringify(own));
  const there = [claim('a', null)];
  t.strictSame(among([], there), ['not the claim a']);
  t.strictSame(among(ab, there), [], 'a claim of some value is there');
  t.strictSame(among([claim('a', null, false)], there), ['not the claim a']);
  const absent = [claim('act', null, false)];
  t.strictSame(among([], absent), ['not that the claim act is absent']);
  t.strictSame(among([claim('act', null)], absent), ['not that the claim act is absent']);
  t.strictSame(among(absent, absent), []);
  t.strictSame(among([claim('a.b', ['x'])], [claim('/a/b', ['x'])]), ['not the claim /a/b: x']);
});

t.test('a login is demanded where the one is as good and as new as the other', async (t) => {
  const among = (acr: string[], max_age: number | null, wanted: Demands['step_up']): string[] =>
    lacking({ step_up: acr.length > 0 || max_age !== null ? { acr, max_age } : null }, { step_up: wanted });
  const gold = { acr: ['gold', 'silver'], max_age: null };
  t.strictSame(among([], null, gold), ['not the acr gold or silver']);
  t.strictSame(among(['silver'], null, gold), []);
  t.strictSame(among(['gold', 'tin'], null, gold), ['not the acr gold or silver']);
  t.strictSame(among([], 1_000, gold), ['not the acr gold or silver']);
  const lately = { acr: [], max_age: 300_000 };
  for (const max_age of [null, 301_000])
    t.strictSame(among([], max_age, lately), ['not a login within 300 s']);
  for (const max_age of [300_000, 1_000]) t.strictSame(among(['x'], max_age, lately), []);
  t.strictSame(among([], null, { acr: ['a'], max_age: 1_000 }).length, 2);
  t.strictSame(among(['a'], 1_000, null), []);
});

t.test('a consumer is demanded where it must be there, found in the same way', async (t) => {
  const sought = (changes: object = {}): NonNullable<Demands['consumer']> => ({
    claim: 'client_id',
    path: ['client_id'],
    by: 'custom_id',
    required: true,
    ...changes,
  });
  const among = (own: Demands['consumer'], wanted: Demands['consumer']): string[] =>
    lacking({ consumer: own }, { consumer: wanted });
  const told = ['not a consumer whose custom_id is the claim client_id'];
  for (const own of [
    null,
    sought({ required: false }),
    sought({ by: 'username' }),
    sought({ claim: 'sub', path: ['sub'] }),
  ])
    t.strictSame(among(own, sought()), told, JSON.stringify(own));
  t.strictSame(among(sought({ claim: '/client_id' }), sought()), []);
  t.strictSame(among(null, sought({ required: false })), []);
  t.strictSame(among(sought(), null), []);
});
