// The route table is a tree; what it finds is held against DESIGN.md's words, read one by one.
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { buildRouteTable, type Matchable } from '../../src/http/route-table.ts';

fc.configureGlobal({ seed: 2616, numRuns: 3_000 });

type Request = { readonly host: string; readonly method: string; readonly segments: readonly string[] };
type Candidate = { readonly route: Matchable; readonly pattern: string; readonly parts: readonly string[] };

const partsOf = (path: string): string[] => (path === '/' ? [] : path.slice(1).split('/'));

/** "Literal and case-sensitive segments; `{name}` is one non-empty segment; a final `/**` is the prefix itself and all below." */
function covers(parts: readonly string[], segments: readonly string[]): boolean {
  if (parts.at(-1) === '**') {
    const prefix = parts.slice(0, -1);
    return prefix.length <= segments.length && covers(prefix, segments.slice(0, prefix.length));
  }
  return (
    parts.length === segments.length &&
    parts.every((part, i) => (part.startsWith('{') ? segments[i] !== '' : part === segments[i]))
  );
}

/** "Literal before `{}` before `**`, segment by segment": of two that cover a path, the first in order is the more specific. */
const order = (parts: readonly string[]): string =>
  parts.map((part) => (part === '**' ? 2 : part.startsWith('{') ? 1 : 0)).join('');

const mostSpecific = (candidates: readonly Candidate[]): string | undefined =>
  candidates.map(({ parts }) => order(parts)).toSorted()[0];

/** "But for letter case or a trailing slash." */
const loosely = (parts: readonly string[]): string[] =>
  (parts.at(-1) === '' ? parts.slice(0, -1) : parts).map((part) => part.toLowerCase());

/** "The most specific host (exact, wildcard, any)." */
function hostOf(routes: readonly Matchable[], host: string): string | undefined {
  const named = new Set(routes.flatMap(({ match }) => match.hosts ?? ['*']));
  return [...named]
    .filter(
      (name) => name === host || name === '*' || (name.startsWith('*.') && host.endsWith(name.slice(1))),
    )
    .toSorted((a, b) => Number(b === host) - Number(a === host) || b.length - a.length)[0];
}

function expected(routes: readonly Matchable[], { host, method, segments }: Request): string | null {
  const at = hostOf(routes, host);
  const here = routes
    .filter(({ match }) => (match.hosts ?? ['*']).includes(at ?? ''))
    .flatMap((route) =>
      route.match.paths.map((pattern): Candidate => ({ route, pattern, parts: partsOf(pattern) })),
    );
  const covering = here.filter(({ parts }) => covers(parts, segments));
  const best = mostSpecific(covering);
  if (best === undefined) return null;
  const final = covering.filter(({ parts }) => order(parts) === best);

  // "A path equal to a more specific route's but for letter case or a trailing slash is 404 too."
  const loose = here
    .map((candidate) => ({ ...candidate, parts: loosely(candidate.parts) }))
    .filter(({ parts }) => covers(parts, loosely(segments)));
  if ((mostSpecific(loose) ?? '') < order(loosely(final[0]?.parts ?? []))) return null;

  // "Routes that share it divide by method … GET admits HEAD; no `methods` means all."
  const naming = (wanted: string) => final.find(({ route }) => route.match.methods?.includes(wanted));
  const chosen =
    naming(method) ??
    (method === 'HEAD' ? naming('GET') : undefined) ??
    final.find(({ route }) => route.match.methods === null);
  return chosen ? `${chosen.route.name} ${chosen.pattern}` : null;
}

const METHODS = ['GET', 'HEAD', 'POST'];

const pattern = fc
  .tuple(fc.array(fc.constantFrom('a', 'A', 'b', '{}'), { maxLength: 3 }), fc.constantFrom('', '/**', '/'))
  .map(
    ([parts, end]) => parts.map((part, i) => `/${part === '{}' ? `{p${i}}` : part}`).join('') + end || '/',
  );

const routes = fc
  .array(
    fc.record({
      hosts: fc.option(fc.subarray(['a.b', 'b', '*.b', '*.a.b'], { minLength: 1 })),
      paths: fc.array(pattern, { minLength: 1, maxLength: 2 }),
      methods: fc.option(fc.subarray(METHODS, { minLength: 1 })),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((matches) => matches.map((match, index): Matchable => ({ name: `r${index}`, match })));

const request = fc.record({
  host: fc.constantFrom('a.b', 'b', 'c.a.b', 'other'),
  method: fc.constantFrom(...METHODS),
  segments: fc
    .tuple(fc.array(fc.constantFrom('a', 'A', 'b', 'c'), { maxLength: 4 }), fc.boolean())
    .map(([segments, slash]) => (slash && segments.length > 0 ? [...segments, ''] : segments)),
});

t.test('the table finds what DESIGN.md says', async (t) => {
  let found = 0;
  fc.assert(
    fc.property(routes, request, (table, asked) => {
      const match = buildRouteTable(table).match(asked.host, asked.method, asked.segments);
      const name = match && `${match.route.name} ${match.pattern}`;
      assert.equal(name, expected(table, asked));
      found += Number(match !== null);
    }),
  );
  t.ok(found > 500, 'and often there is something to find');
});

t.test('the order of the routes does not matter, but for routes that tie', async () => {
  fc.assert(
    fc.property(routes, request, (table, { host, method, segments }) => {
      const found = buildRouteTable(table).match(host, method, segments);
      const reversed = buildRouteTable(table.toReversed()).match(host, method, segments);
      assert.equal(found === null, reversed === null);
      assert.equal(found && order(partsOf(found.pattern)), reversed && order(partsOf(reversed.pattern)));
    }),
  );
});

const mixedCase = (text: string): fc.Arbitrary<string> =>
  fc
    .tuple(...text.split('').map((c) => fc.constantFrom(c.toLowerCase(), c.toUpperCase())))
    .map((characters) => characters.join(''));

/** A strict route that takes POST alone, laxer ones for any method, and a path of the strict one in disguise. */
const disguised = fc
  .array(fc.constantFrom('admin', 'Users', '{}'), { minLength: 1, maxLength: 3 })
  .chain((texts) => {
    const strict = texts.map((text, i) => (text === '{}' ? `{p${i}}` : text));
    const lax = ['/**', `/${strict[0]}/**`, '/{x}/**', '/{x}', '/{x}/{y}', '/{x}/'];
    return fc.record({
      strict: fc.constant(strict),
      lax: fc.subarray(lax.filter((path) => order(loosely(partsOf(path))) > order(strict))),
      segments: fc.tuple(
        ...texts.map((text) =>
          text === '{}' ? fc.constant('x1') : fc.oneof(fc.constant(text), mixedCase(text)),
        ),
      ),
      slash: fc.subarray(['']),
      method: fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE', 'PROPFIND'),
    });
  });

t.test('a strict route is not lost to a laxer one by letter case, trailing slash or method', async (t) => {
  let reached = 0;
  fc.assert(
    fc.property(disguised, ({ strict, lax, segments, slash, method }) => {
      const { match } = buildRouteTable<Matchable>([
        { name: 'lax', match: { hosts: null, methods: null, paths: lax } },
        { name: 'strict', match: { hosts: null, methods: ['POST'], paths: [`/${strict.join('/')}`] } },
      ]);
      const found = match('h', method, [...segments, ...slash])?.route.name;
      assert.notEqual(found, 'lax');
      reached += Number(found === 'strict');
    }),
  );
  t.ok(reached > 100, 'and as itself it is found');
});
