import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import {
  covering,
  find,
  foldedReadings,
  foldPattern,
  leaves,
  overlaps,
  type Part,
  parsePattern,
  PatternError,
  pathTree,
  type PathTree,
  plant,
} from '../../src/http/path-pattern.ts';

fc.configureGlobal({ seed: 3986, numRuns: 2_000 });

type Leaf = { readonly pattern: string; readonly parts: readonly Part[] };

function treeOf(...patterns: readonly string[]): PathTree<Leaf> {
  const tree = pathTree<Leaf>();
  for (const pattern of patterns) {
    const parts = parsePattern(pattern);
    plant(tree, parts, () => ({ pattern, parts }));
  }
  return tree;
}

const segmentsOf = (path: string): string[] => (path === '/' ? [] : path.slice(1).split('/'));

t.test('a pattern is literals, parameters, and perhaps a rest', async (t) => {
  t.strictSame(parsePattern('/a/{id}/**'), [
    { kind: 'literal', text: 'a' },
    { kind: 'parameter', text: 'id' },
    { kind: 'rest', text: '**' },
  ]);
  t.strictSame(parsePattern('/'), []);
  t.strictSame(parsePattern('/a/'), [
    { kind: 'literal', text: 'a' },
    { kind: 'literal', text: '' },
  ]);
});

t.test('a pattern that cannot be says why', async (t) => {
  for (const [pattern, why] of [
    ['', 'a path pattern starts with /'],
    ['accounts', 'a path pattern starts with /'],
    ['**', 'a path pattern starts with /'],
    ['/**/a', '** can only stand at the end'],
    ['/**/', '** can only stand at the end'],
    ['/{a}/b/{a}', '{a} stands twice'],
    ['//a', 'a path pattern has no empty segments'],
    ['/a//', 'a path pattern has no empty segments'],
    ...[
      '..',
      '.',
      '*',
      'a*',
      '{}',
      '{1}',
      '{a-b}',
      'x{a}',
      ':é',
      '%41',
      'a;b',
      'a b',
      'a?b',
      'a#b',
      'a\\b',
    ].map((text) => [
      `/${text}`,
      `${JSON.stringify(text)} is neither a literal segment, {name} nor a final **`,
    ]),
  ] as const)
    t.throws(() => parsePattern(pattern), new PatternError(why), pattern);
});

t.test('patterns that differ in the names of parameters alone lead to the same', async (t) => {
  const tree = pathTree<object>();
  const first = plant(tree, parsePattern('/a/{x}/**'), () => ({}));
  t.equal(
    plant(tree, parsePattern('/a/{y}/**'), () => ({})),
    first,
  );
  t.not(
    plant(tree, parsePattern('/a/{y}'), () => ({})),
    first,
  );
});

t.test('all patterns that cover a path are found, the most specific first', async (t) => {
  const tree = treeOf('/**', '/{x}/**', '/a/**', '/{x}/b', '/a/{x}', '/a/b', '/a/b/**', '/a/b/c');
  const all = (path: string): string[] => [...covering(tree, segmentsOf(path))].map(({ pattern }) => pattern);
  t.strictSame(all('/a/b'), ['/a/b', '/a/b/**', '/a/{x}', '/a/**', '/{x}/b', '/{x}/**', '/**']);
  t.strictSame(all('/a/'), ['/a/**', '/{x}/**', '/**'], 'no parameter is empty');
  t.strictSame(all('/'), ['/**']);
  t.strictSame(
    [...leaves(tree)].map(({ pattern }) => pattern),
    ['/a/b', '/a/b/c', '/a/b/**', '/a/{x}', '/a/**', '/{x}/b', '/{x}/**', '/**'],
    'and all there are, in the same order',
  );
});

const pattern = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', '{}'), { maxLength: 3 }), fc.constantFrom('', '/**', '/'))
  .map(
    ([parts, end]) => parts.map((part, i) => `/${part === '{}' ? `{p${i}}` : part}`).join('') + end || '/',
  );
const patterns = fc.array(pattern, { minLength: 1, maxLength: 6 });
const path = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 5 });

const covers = (pattern: string, segments: readonly string[]): boolean =>
  find(treeOf(pattern), segments) !== null;

t.test('the first of all that cover a path is the one that is found', async () => {
  fc.assert(
    fc.property(patterns, path, (list, segments) => {
      const tree = treeOf(...list);
      const all = [...covering(tree, segments)];
      assert.equal(find(tree, segments), all[0] ?? null);
      const expected = [...leaves(tree)].filter((leaf) => covers(leaf.pattern, segments));
      assert.deepEqual(new Set(all), new Set(expected));
    }),
  );
});

t.test('a trailing slash is no segment that a parameter covers', async (t) => {
  t.strictSame([...overlaps(treeOf('/a/{x}'), parsePattern('/a/'))], []);
  t.strictSame([...overlaps(treeOf('/a/'), parsePattern('/a/{x}'))], []);
});

const written = (parts: readonly Part[]): string =>
  `/${parts.map(({ kind, text }, i) => (kind === 'parameter' ? `{p${i}}` : text)).join('/')}`;

t.test('what a pattern shares with another is what both cover, neither more nor less', async (t) => {
  let shared = 0;
  let whole = 0;
  fc.assert(
    fc.property(pattern, pattern, path, (one, other, segments) => {
      const found = [...overlaps(treeOf(other), parsePattern(one))];
      const both = covers(one, segments) && covers(other, segments);
      assert.equal(
        found.some(({ parts }) => covers(written(parts), segments)),
        both,
      );
      assert.ok(found.length < 2);
      // All of the other's: whatever it covers, the one does.
      if (found[0]?.whole && covers(other, segments)) assert.ok(both);
      if (found[0] && !found[0].whole) assert.notEqual(written(found[0].parts), written(parsePattern(other)));
      shared += Number(both);
      whole += Number(found[0]?.whole ?? false);
    }),
  );
  t.ok(shared > 50 && whole > 50, 'and often there is something to share');
});

t.test(
  'patterns and paths fold to the same where they differ in letter case, slash or look-alikes',
  async (t) => {
    const same = (path: string, pattern: string): boolean =>
      t.strictSame(
        foldedReadings(segmentsOf(path)).at(-1),
        foldPattern(parsePattern(pattern)).map(({ text }) => text),
        path,
      );
    same('/Admin/', '/admin');
    same('/ADMIN/x', '/Admin/X/');
    same('/ａｄｍｉｎ', '/admin');
    same('/İıſK', '/iisk');
    same('/STRAẞE', '/strasse');
    same('/adm\u200bin\u00ad', '/admin');
    same('/admin/\ufeff', '/admin');
    same('/admin. ./x.', '/admin/x');
    same('/admin\u00a0', '/admin');
    same('/admin\u2028', '/admin');
    same('/admin/ /.../', '/admin');
    same('/admin//', '/admin');
    same('/a.b', '/a.b');
    same('/', '/');
  },
);

t.test('a segment of dots and blanks alone is one, and is none', async (t) => {
  t.strictSame(foldedReadings(['users', ' ', '']), [['users', ' '], ['users']]);
  t.strictSame(foldedReadings(['a', '...', 'B']), [
    ['a', '...', 'b'],
    ['a', 'b'],
  ]);
  t.strictSame(foldedReadings(['a', 'b.']), [['a', 'b']], 'of any other there is one reading');
});

t.test('to fold is to fold once: whatever some mapping makes ASCII, is', async (t) => {
  const mappings = [
    (text: string) => text.toLowerCase(),
    (text: string) => text.toUpperCase(),
    (text: string) => text.normalize('NFKC'),
    (text: string) => text.normalize('NFKC').toUpperCase().normalize('NFKC'),
  ];
  const missed: string[] = [];
  for (let code = 0; code <= 0x10_ffff; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const character = String.fromCodePoint(code);
    const [folded = ''] = foldedReadings([character]).at(-1) ?? [];
    if (folded !== (foldedReadings([folded]).at(-1)?.[0] ?? '')) missed.push(character);
    for (const mapped of mappings.map((map) => map(character)))
      if (/^[\0-\x7f]+$/.test(mapped) && mapped.toLowerCase().replace(/[. ]+$/, '') !== folded)
        missed.push(character);
  }
  t.strictSame(missed, []);
});
