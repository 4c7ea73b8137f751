// The route table is a tree; what it finds is held against DESIGN.md's words, read one by one.
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { buildRouteTable, type Matchable, tiedRoutes } from '../../src/http/route-table.ts';

fc.configureGlobal({ seed: 2616, numRuns: 3_000 });

type Request = {
  readonly host: string;
  readonly method: string;
  readonly segments: readonly string[];
  readonly fields: readonly string[];
};
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

/** "But for letter case or a trailing slash", and look-alikes: of those below, each stands for the letter it looks like. */
const loosely = (parts: readonly string[]): string[] =>
  (parts.at(-1) === '' ? parts.slice(0, -1) : parts).map((part) =>
    part
      .replaceAll(/[ａＡ𝐚]/gu, 'a')
      .replaceAll('ſ', 's')
      .replaceAll(/[İı]/g, 'i')
      .toLowerCase(),
  );

/** "The most specific host (exact, wildcard, any)." */
function hostOf(routes: readonly Matchable[], host: string): string | undefined {
  const named = new Set(routes.flatMap(({ match }) => match.hosts ?? ['*']));
  return [...named]
    .filter(
      (name) => name === host || name === '*' || (name.startsWith('*.') && host.endsWith(name.slice(1))),
    )
    .toSorted((a, b) => Number(b === host) - Number(a === host) || b.length - a.length)[0];
}

/** "The route whose `match.headers` all hold." Each header is there once at most. */
const hold = ({ match }: Matchable, fields: readonly string[]): boolean =>
  match.headers.every(({ name, values }) => {
    const at = fields.findIndex((field, i) => i % 2 === 0 && field.toLowerCase() === name);
    return at >= 0 && values.includes(fields[at + 1] as string);
  });

function expected(
  routes: readonly Matchable[],
  { host, method, segments, fields }: Request,
): Candidate | null {
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

  // "Routes that share it divide by method … GET admits HEAD; no `methods` means all." Then by headers, the one with most of them.
  const naming = (wanted: string) => final.filter(({ route }) => route.match.methods?.includes(wanted));
  const named = method === 'HEAD' && naming('HEAD').length === 0 ? naming('GET') : naming(method);
  const all = final.filter(({ route }) => route.match.methods === null);
  const [chosen] = [...named, ...all]
    .filter(({ route }) => hold(route, fields))
    .toSorted((a, b) => b.route.match.headers.length - a.route.match.headers.length);
  return chosen ?? null;
}

const METHODS = ['GET', 'HEAD', 'POST'];

const pattern = fc
  .tuple(fc.array(fc.constantFrom('a', 'A', 'b', '{}'), { maxLength: 3 }), fc.constantFrom('', '/**', '/'))
  .map(
    ([parts, end]) => parts.map((part, i) => `/${part === '{}' ? `{p${i}}` : part}`).join('') + end || '/',
  );

const conditions = fc
  .tuple(
    ...['x-v', 'x-w'].map((name) =>
      fc
        .option(fc.subarray(['1', '2', '3'], { minLength: 1 }), { freq: 2 })
        .map((values) => ({ name, values })),
    ),
  )
  .map((all) => all.flatMap(({ name, values }) => (values ? [{ name, values }] : [])));

const routes = fc
  .array(
    fc.record({
      hosts: fc.option(fc.subarray(['a.b', 'b', '*.b', '*.a.b'], { minLength: 1 })),
      paths: fc.array(pattern, { minLength: 1, maxLength: 2 }),
      methods: fc.option(fc.subarray(METHODS, { minLength: 1 })),
      headers: conditions,
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((matches) => matches.map((match, index): Matchable => ({ name: `r${index}`, match })));

const request = fc.record({
  host: fc.constantFrom('a.b', 'b', 'c.a.b', 'other'),
  method: fc.constantFrom(...METHODS),
  segments: fc
    .tuple(fc.array(fc.constantFrom('a', 'A', 'ａ', 'b', 'c'), { maxLength: 4 }), fc.boolean())
    .map(([segments, slash]) => (slash && segments.length > 0 ? [...segments, ''] : segments)),
  fields: fc
    .tuple(
      fc.constantFrom('X-V', 'x-v', 'X-W'),
      fc.constantFrom('1', '2', '9'),
      fc.constantFrom('1', '2', ''),
    )
    .map(([name, value, other]) => ['Host', 'h', name, value, name === 'X-W' ? 'x-v' : 'X-W', other]),
});

t.test('the table finds what DESIGN.md says', async (t) => {
  let found = 0;
  let headers = 0;
  fc.assert(
    fc.property(routes, request, (table, asked) => {
      const match = buildRouteTable(table).match(asked.host, asked.method, asked.segments, asked.fields);
      const right = expected(table, asked);
      assert.equal(match === null, right === null);
      // Of two that tie, which `check` refuses, either may be found.
      if (match && right && match.route !== right.route)
        assert.equal(tiedRoutes([match.route, right.route]).length, 1);
      else assert.equal(match?.pattern, right?.pattern);
      headers += Number(match && match.route.match.headers.length > 0);
      found += Number(match !== null);
    }),
  );
  t.ok(found > 300 && headers > 100, 'and often there is something to find, by headers too');
});

t.test('the order of the routes does not matter, but for routes that tie', async () => {
  fc.assert(
    fc.property(routes, request, (table, { host, method, segments, fields }) => {
      const found = buildRouteTable(table).match(host, method, segments, fields);
      const reversed = buildRouteTable(table.toReversed()).match(host, method, segments, fields);
      assert.equal(found === null, reversed === null);
      assert.equal(found && order(partsOf(found.pattern)), reversed && order(partsOf(reversed.pattern)));
      if (tiedRoutes(table).length === 0) assert.equal(found?.route, reversed?.route);
    }),
  );
});

/** As Unicode or a laxer upstream writes it: in small letters, capitals, or look-alikes. */
const disguise: Readonly<Record<string, readonly string[]>> = {
  a: ['a', 'A', 'ａ', 'Ａ', '𝐚'],
  i: ['i', 'I', 'İ', 'ı'],
  s: ['s', 'S', 'ſ'],
};
const inDisguise = (text: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      ...text
        .toLowerCase()
        .split('')
        .map((c) => fc.constantFrom(...(disguise[c] ?? [c, c.toUpperCase()]))),
    )
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
          text === '{}' ? fc.constant('x1') : fc.oneof(fc.constant(text), inDisguise(text)),
        ),
      ),
      slash: fc.subarray(['']),
      method: fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE', 'PROPFIND'),
    });
  });

t.test(
  'a strict route is not lost to a laxer one by letter case, look-alikes, trailing slash or method',
  async (t) => {
    let reached = 0;
    fc.assert(
      fc.property(disguised, ({ strict, lax, segments, slash, method }) => {
        const { match } = buildRouteTable<Matchable>([
          { name: 'lax', match: { hosts: null, methods: null, paths: lax, headers: [] } },
          {
            name: 'strict',
            match: { hosts: null, methods: ['POST'], paths: [`/${strict.join('/')}`], headers: [] },
          },
        ]);
        const found = match('h', method, [...segments, ...slash], [])?.route.name;
        assert.notEqual(found, 'lax');
        reached += Number(found === 'strict');
      }),
    );
    t.ok(reached > 100, 'and as itself it is found');
  },
);
