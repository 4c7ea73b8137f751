import * as fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { scope } from '../../src/chain/4-scope.ts';
import { identified, identity, route } from '../support/exchange.ts';

const { run } = scope();
type Judged = { scopes?: string[]; audience?: string[] };
const judge = (granted: Judged, asked: { scopes?: string[][]; audience?: string[] }) =>
  run(identified({ identity: identity(granted), route: route({ scopes: [], audience: [], ...asked }) }));

t.test('a token with the scopes and an audience of the route passes, unchanged', async (t) => {
  const exchange = identified();
  t.strictSame(await run(exchange), { ...exchange, scoped: true });
});

t.test('missing scopes are named beside all that the route requires', async (t) => {
  t.strictSame(await judge({ scopes: ['a'] }, { scopes: [['a'], ['b', 'c'], ['d']] }), {
    denial: 'insufficient_scope',
    missing: [['b', 'c'], ['d']],
    required: ['a', 'b', 'c', 'd'],
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
    { scoped: true },
    'more than required is enough (gravitee-io/issues#2295)',
  );
});

t.test('a token for another audience is invalid here, whatever its scopes', async (t) => {
  for (const audience of [[], ['other'], ['accounts-api/'], ['ACCOUNTS-API']])
    t.strictSame(
      await judge({ audience }, { audience: ['accounts-api', 'b'], scopes: [['accounts:read']] }),
      {
        denial: 'invalid_token',
        fault: 'wrong_audience',
        detail: 'it is not for accounts-api or b',
        required: ['accounts:read'],
      },
    );
});

t.test('one audience of the route suffices, and a route that names none asks for none', async (t) => {
  t.match(await judge({ audience: ['x', 'b'] }, { audience: ['a', 'b'] }), { scoped: true });
  t.match(await judge({ audience: [] }, { audience: [] }), { scoped: true });
});

t.test('what operators read of a wrong audience holds no claim of the token', async (t) => {
  const denied = await judge({ audience: ['private-client-name'] }, { audience: ['a'] });
  t.notMatch(JSON.stringify(denied), 'private-client-name');
});

t.test('nobody has no scopes to judge: an optional token that is absent goes on to the policy', async (t) => {
  const nobody = identified({ token: null, identity: null, route: route({ token: 'optional' }) });
  t.strictSame(await run(nobody), { ...nobody, scoped: true });
});

t.test('a token passes exactly if every requirement shares a scope with what is granted', async () => {
  const word = fc.constantFrom('a', 'b', 'c', 'd', 'ab', 'a:b');
  const granted = fc.array(word, { maxLength: 4 });
  const required = fc.array(fc.array(word, { minLength: 1, maxLength: 3 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(granted, required, async (scopes, wanted) => {
      const unmet = wanted.filter((anyOf) => new Set(scopes).isDisjointFrom(new Set(anyOf)));
      const result = await judge({ scopes }, { scopes: wanted });
      if (unmet.length === 0) return 'scoped' in result;
      const denial = { denial: 'insufficient_scope', missing: unmet, required: wanted.flat() };
      return isDeepStrictEqual(result, denial);
    }),
  );
});
