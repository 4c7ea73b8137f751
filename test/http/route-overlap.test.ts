import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import type { HeaderCondition } from '../../src/http/header-conditions.ts';
import {
  entryWithout,
  examplesOf,
  fieldsOf,
  fieldsOfBoth,
  leavesOf,
  rivals,
} from '../../src/http/route-overlap.ts';
import { buildRouteTable, entryOf, type Leaf, type Matchable } from '../../src/http/route-table.ts';

fc.configureGlobal({ seed: 4, numRuns: 1_000 });

const at = (path: string, host: string | null = null, methods: string[] | null = null): Matchable => ({
  name: `${host ?? ''}${path}`,
  match: { hosts: host === null ? null : [host], paths: [path], methods, headers: [] },
});

/** Each pair of rivals with an example, as `first < second: place`. */
function found(...routes: readonly Matchable[]): string[] {
  const table = buildRouteTable(routes);
  const name = ({ entries }: Leaf<Matchable>): string => entries.map(({ route }) => route.name).join('+');
  return [...rivals(table, examplesOf(table))].map(
    ({ first, second, place }) => `${name(first)} < ${name(second)}: ${place.shown}`,
  );
}

t.test('rivals are leaves of which one takes what the other would have', async (t) => {
  t.strictSame(found(at('/files/**'), at('/files/{id}'), at('/files/a'), at('/b')), [
    '/files/a < /files/{id}: /files/a',
    '/files/{id} < /files/**: /files/x',
  ]);
  t.strictSame(found(at('/a/{x}'), at('/{y}/b')), ['/a/{x} < /{y}/b: /a/b']);
  t.strictSame(found(at('/a'), at('/b/{x}')), []);
});

t.test('an example is found where other patterns leave room', async (t) => {
  t.match(found(at('/**'), at('/a/**'), at('/a'), at('/a/{x}')), ['/a < /a/**: /a', '/a/{x} < /a/**: /a/x']);
  t.ok(found(at('/**'), at('/a/**'), at('/a'), at('/a/{x}')).includes('/a/** < /**: /a/x/x'));
  t.strictSame(
    found(at('/{p}/**'), at('/x/**'), at('/**')),
    ['/x/** < /{p}/**: /x/xx', '/{p}/** < /**: /xx/xx'],
    'by values that no literal has, and each pair once',
  );
});

t.test('hosts are rivals too: the most specific is final', async (t) => {
  t.strictSame(found(at('/**', 'a.example'), at('/b', '*.example'), at('/b/{c}')), [
    'a.example/** < *.example/b: a.example/b',
    'a.example/** < /b/{c}: a.example/b/x',
  ]);
  t.strictSame(found(at('/', '*.example'), at('/', 'a.example')), ['a.example/ < *.example/: a.example/']);
  t.strictSame(found(at('/', '*.example'), at('/')), ['*.example/ < /: x.example/']);
});

t.test('routes that share host and pattern are rivals of each other', async (t) => {
  t.strictSame(found(at('/a', null, ['GET']), at('/a', null, ['PUT'])), ['/a+/a < /a+/a: /a']);
});

const path = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', '{}'), { maxLength: 3 }), fc.constantFrom('', '/**'))
  .map(
    ([parts, end]) => parts.map((part, i) => `/${part === '{}' ? `{p${i}}` : part}`).join('') + end || '/',
  );
const place = fc.tuple(path, fc.constantFrom(null, 'a.b', '*.b'));

t.test(
  'no rivals are missed: whatever path is asked for, the first two that cover it are among them',
  async (t) => {
    let checked = 0;
    fc.assert(
      fc.property(
        fc.array(place, { minLength: 2, maxLength: 6 }),
        fc.constantFrom('a.b', 'c.b', 'd'),
        fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 5 }),
        (places, host, segments) => {
          const table = buildRouteTable(places.map(([path, host]) => at(path, host)));
          const first = table.leaf(host, segments);
          if (!first) return;
          // What is next: the table without the leaf that was found.
          const left = places.filter(
            ([path, host]) => !first.entries.some(({ route }) => route.name === `${host ?? ''}${path}`),
          );
          const next = left.length === 0 ? null : nextOf(left, host, segments);
          if (next === null) return;
          const pairs = [...rivals(table, examplesOf(table))].map(({ first, second }) =>
            [first.entries[0]?.route.name, second.entries[0]?.route.name].join(' < '),
          );
          assert.ok(
            pairs.includes(`${first.entries[0]?.route.name} < ${next}`),
            `${segments.join('/')} ${pairs.join('; ')}`,
          );
          checked++;
        },
      ),
    );
    t.ok(checked > 50);
  },
);

/** As the table would find it if hosts that have nothing for a path let the next one have it. */
function nextOf(
  places: readonly (readonly [string, string | null])[],
  host: string,
  segments: string[],
): string | null {
  for (const name of [host, '*.b', null]) {
    const here = places.filter(([, written]) => written === name && (name !== '*.b' || host.endsWith('.b')));
    const leaf = buildRouteTable(here.map(([path]) => at(path))).leaf('any', segments);
    if (leaf) return `${name ?? ''}${leaf.entries[0]?.route.name}`;
  }
  return null;
}

t.test('fields are found by which conditions hold, of two where they can', async (t) => {
  const both = (one: HeaderCondition[], other: HeaderCondition[]) =>
    fieldsOfBoth({ conditions: one }, { conditions: other });
  const v = (...values: string[]): HeaderCondition => ({ name: 'x-v', values });
  const w = { name: 'x-w', values: ['1'] };
  t.strictSame(fieldsOf({ conditions: [v('2', '3'), w] }), ['x-v', '2', 'x-w', '1']);
  t.strictSame(both([v('2', '3')], [w, v('3', '4')]), ['x-v', '3', 'x-w', '1']);
  t.equal(both([v('2')], [v('3')]), null);
});

t.test('a route is left out of its leaf, and who is next is found', async (t) => {
  const routes = [at('/a', null, ['GET']), at('/a'), at('/a', null, ['HEAD'])] as const;
  const [leaf] = leavesOf(buildRouteTable(routes)) as [Leaf<Matchable>];
  t.equal(entryOf(leaf, 'GET', [])?.route, routes[0]);
  t.equal(entryWithout(leaf, routes[0], 'GET', [])?.route, routes[1]);
  t.equal(entryWithout(leaf, routes[2], 'HEAD', [])?.route, routes[0]);
  t.equal(entryWithout(leaf, routes[1], 'PUT', []), null);
  t.equal(entryOf(leaf, 'PUT', [])?.route, routes[1], 'and is there as before');
});
