import t from 'tap';
import { lacks } from '../../src/config/demands.ts';

type Demands = Parameters<typeof lacks>[0];

const demands = (changes: Partial<Demands> = {}): Demands => ({
  token: 'required',
  policy: null,
  scopes: [],
  audience: [],
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
