// Advisories: gateways that changed a path after they had judged it, and so sent another one.
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { find, parsePattern, pathTree, plant } from '../../src/http/path-pattern.ts';
import { compileRewrite, rewriteFault, type Rewriting, strippedPrefix } from '../../src/http/rewrite.ts';
import { type Ambiguity, canonicalise, parseTarget, type TargetFault } from '../../src/http/target.ts';

fc.configureGlobal({ seed: 48020, numRuns: 2_000 });

const EVERYTHING: readonly Ambiguity[] = ['%2F', '%3F', '%23', '%25', ';', '//'];
const strip = (strip_prefix: string): Rewriting => ({ strip_prefix, rewrite: false });
const rewriting = (rewrite: string): Rewriting => ({ strip_prefix: false, rewrite });

/** What becomes of a client's path on a route with this pattern, which must match it. */
function sent(
  setting: Rewriting,
  pattern: string,
  raw: string,
  allowed: readonly Ambiguity[] = [],
): string | TargetFault {
  assert.equal(rewriteFault(setting, pattern), null);
  const target = parseTarget(raw, 'http');
  if ('fault' in target) return target;
  const tree = pathTree<true>();
  plant(tree, parsePattern(pattern), () => true);
  assert.ok(find(tree, target.segments), `${pattern} does not match ${raw}`);
  return compileRewrite(setting, pattern, allowed)?.(target.path) ?? target.path;
}

t.test('a route that says nothing has nothing done to its paths', async (t) => {
  t.equal(compileRewrite({ strip_prefix: false, rewrite: false }, '/a/**', []), null);
});

t.test('a stripped prefix is gone from the path, and what is left is a path', async (t) => {
  for (const [raw, path] of [
    ['/api/users/42', '/users/42'],
    ['/api/users/', '/users/'],
    ['/api/', '/'],
    ['/api', '/'],
    ['/api/api/x', '/api/x'],
    ['/%61pi/caf%c3%a9/a%20b', '/caf%C3%A9/a%20b'],
  ] as const)
    t.equal(sent(strip('/api'), '/api/**', raw), path, raw);
  t.equal(sent(strip('/a/b'), '/a/b/{id}', '/a/b/c'), '/c');
  t.equal(
    sent(strip('/a$b'), '/a$b/**', '/a%24b/c'),
    '/c',
    'a segment that matched is the segment, however written',
  );
});

t.test('a rewrite puts what the pattern matched where it says', async (t) => {
  for (const [rewrite, pattern, raw, path] of [
    ['/v2/people/{id}', '/users/{id}', '/users/42', '/v2/people/42'],
    ['/{b}/x/{a}', '/{a}/{b}', '/1/2', '/2/x/1'],
    ['/p/{id}', '/id/{id}', '/id/7', '/p/7'],
    ['/store/**', '/files/**', '/files/a/b', '/store/a/b'],
    ['/store/**', '/files/**', '/files/a/', '/store/a/'],
    ['/store/**', '/files/**', '/files/', '/store/'],
    ['/store/**', '/files/**', '/files', '/store'],
    ['/**', '/files/**', '/files/a', '/a'],
    ['/**', '/files/**', '/files', '/'],
    ['/{id}/all/**', '/u/{id}/**', '/u/7/a/b', '/7/all/a/b'],
    ['/', '/a/{id}', '/a/1', '/'],
    ['/fixed/', '/a/**', '/a/b', '/fixed/'],
    ['/files/**', '/**', '/a', '/files/a'],
    ['/files/**', '/**', '/', '/files/'],
  ] as const)
    t.equal(sent(rewriting(rewrite), pattern, raw), path, `${pattern} ${raw} to ${rewrite}`);
});

t.test('what is inserted stays encoded as it came', async (t) => {
  t.equal(sent(rewriting('/p/{id}'), '/u/{id}', '/u/a%20b%2c%c3%a9'), '/p/a%20b%2C%C3%A9');
  t.equal(sent(rewriting('/p/{id}'), '/u/{id}', '/u/a%2fb', ['%2F']), '/p/a%2Fb');
  t.equal(sent(rewriting('/p/{id}'), '/u/{id}', '/u/%2541', ['%25']), '/p/%2541');
  t.equal(sent(rewriting('/p/{id}'), '/u/{id}', '/u/{id}'), '/p/%7Bid%7D', 'and is no pattern');
});

t.test(
  'CVE-2026-48020: no prefix can be stripped so that a dot segment or another path appears',
  async (t) => {
    for (const raw of ['/api/..%2f', '/api/../admin', '/api/%2e%2e/admin', '/api/..;/admin', '/api/.%2E'])
      t.match(
        sent(strip('/api'), '/api/**', raw, EVERYTHING),
        { fault: 'ambiguous', why: /dot segment/ },
        raw,
      );
  },
);

t.test('CVE-2026-26205: no path for an upstream starts with //, whatever the route admits', async (t) => {
  const fault = { fault: 'ambiguous', why: 'the path for the upstream starts with //' };
  t.strictSame(sent(strip('/api'), '/api/**', '/api//evil.example/x', ['//']), fault);
  t.strictSame(sent(rewriting('/**'), '/api/**', '/api//evil.example/x', ['//']), fault);
  t.strictSame(sent(strip('/api'), '/api/**', '/api//', ['//']), fault);
  t.strictSame(sent(strip('/api'), '/api/**', '/api/%2Fevil.example/x', ['%2F']), fault);
  t.equal(sent(strip('/api'), '/api/**', '/api/a//b', ['//']), '/a//b');
});

t.test('an ambiguity that a route does not admit is not in what it makes either', async (t) => {
  t.strictSame(compileRewrite(strip('/api'), '/api/**', [])?.('/api/a%2Fb'), {
    fault: 'ambiguous',
    why: 'the path for the upstream has %2F',
  });
  t.strictSame(compileRewrite(strip('/api'), '/api/**', EVERYTHING)?.('/api/%61'), {
    fault: 'malformed',
    why: 'the path for the upstream is not canonical',
  });
});

t.test('the prefix that was stripped is told as the client wrote it', async (t) => {
  for (const [path, upstreamPath, prefix] of [
    ['/api/users', '/users', '/api'],
    ['/api/', '/', '/api'],
    ['/api', '/', '/api'],
    ['/a%24b/c', '/c', '/a%24b'],
    ['/a/a', '/a', '/a'],
  ] as const)
    t.equal(strippedPrefix(path, upstreamPath), prefix, path);
});

t.test('a prefix must be the literal beginning of each pattern, whole segments of it', async (t) => {
  for (const [prefix, pattern, fault] of [
    ['/api', '/api/**', null],
    ['/api', '/api', null],
    ['/api/v1', '/api/v1/{id}', null],
    ['/api', '/apis/**', '/apis/** does not begin with /api'],
    ['/api', '/**', '/** does not begin with /api'],
    ['/api', '/{a}/b', '/{a}/b does not begin with /api'],
    ['/api/v1', '/api/{v}', '/api/{v} does not begin with /api/v1'],
    ['/api/v1', '/api', '/api does not begin with /api/v1'],
    ['/API', '/api/**', '/api/** does not begin with /API'],
    ['/{a}', '/{a}/b', 'expected literal segments such as /api, without a slash at their end'],
    ['/api/**', '/api/**', 'expected literal segments such as /api, without a slash at their end'],
    ['/api/', '/api/', 'expected literal segments such as /api, without a slash at their end'],
    ['/', '/', 'expected literal segments such as /api, without a slash at their end'],
    ['/a//b', '/a/**', 'a path pattern has no empty segments'],
    ['/a%2F', '/a/**', '"a%2F" is neither a literal segment, {name} nor a final **'],
    ['/..', '/a/**', '".." is neither a literal segment, {name} nor a final **'],
    ['api', '/api', 'a path pattern starts with /'],
  ] as const)
    t.equal(rewriteFault(strip(prefix), pattern), fault, `${prefix} of ${pattern}`);
});

t.test('a rewrite has only what its pattern has', async (t) => {
  for (const [rewrite, pattern, fault] of [
    ['/v2/{id}', '/users/{id}', null],
    ['/store/**', '/files/**', null],
    ['/fixed', '/files/**', null],
    ['/', '/a', null],
    ['/v2/{name}', '/users/{id}', '/users/{id} has no {name}'],
    ['/store/**', '/files/{id}', '/files/{id} has no /** to take it from'],
    ['/{files}', '/files', '/files has no {files}'],
    ['/**/a', '/files/**', '** can only stand at the end'],
    ['/{id}/{id}', '/users/{id}', '{id} stands twice'],
    ['//evil.example/x', '/a', 'a path pattern has no empty segments'],
    ['/a?b', '/a', '"a?b" is neither a literal segment, {name} nor a final **'],
    ['/%2e%2e', '/a', '"%2e%2e" is neither a literal segment, {name} nor a final **'],
    ['a', '/a', 'a path pattern starts with /'],
  ] as const)
    t.equal(rewriteFault(rewriting(rewrite), pattern), fault, `${rewrite} of ${pattern}`);
});

t.test('a route has one of the two settings', async (t) => {
  t.match(rewriteFault({ strip_prefix: '/a', rewrite: '/b' }, '/a/**'), /exclude each other/);
  t.equal(rewriteFault({ strip_prefix: false, rewrite: false }, '/a/**'), null);
});

/** What follows a prefix in hostile requests. */
const tail = fc
  .array(
    fc.constantFrom(
      ...'a B / . .. ~ @ %41 %2e %c3%a9 %20 %25 25 2f %2F ; %3b %3F %23 // | { %5C %00'.split(' '),
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(''));

t.test(
  'what upstreams get is canonical, and a stripped prefix put back gives what the client sent',
  async () => {
    let passed = 0;
    fc.assert(
      fc.property(tail, (rest) => {
        const target = parseTarget(`/api/v1${rest === '' ? '' : `/${rest}`}`, 'http');
        if ('fault' in target) return;
        for (const allowed of [[], EVERYTHING]) {
          const path: string | TargetFault | undefined = compileRewrite(
            strip('/api/v1'),
            '/api/v1/**',
            allowed,
          )?.(target.path);
          if (typeof path !== 'string') continue;
          passed++;
          const again = canonicalise(path);
          assert.ok(!('fault' in again) && again.path === path && !path.startsWith('//'));
          assert.deepEqual(
            again.segments,
            target.segments.length === 2 ? [] : lastOf(target.segments.slice(2)),
          );
          assert.deepEqual(
            again.ambiguities.filter((form) => !allowed.includes(form)),
            [],
          );
          const prefix = strippedPrefix(target.path, path);
          assert.equal(prefix, '/api/v1');
          assert.ok([path, '/'].includes(target.path.slice(prefix.length) || '/'));
          assert.equal(prefix + (target.segments.length === 2 ? '' : path), target.path);
        }
      }),
    );
    assert.ok(passed > 500, String(passed));
  },
);

/** `/` is written with no segment, and what is left of `/api/v1/` has one, which is empty. */
const lastOf = (segments: readonly string[]): readonly string[] =>
  segments.length === 1 && segments[0] === '' ? [] : segments;

t.test('a rewrite’s segments are those that it names, whatever a client put into them', async () => {
  let passed = 0;
  fc.assert(
    fc.property(tail, tail, (one, two) => {
      const target = parseTarget(`/u/${one}/${two}`, 'http');
      if ('fault' in target || target.segments.length < 3 || target.segments[1] === '') return;
      const rewrite = compileRewrite(rewriting('/v2/{id}/x/**'), '/u/{id}/**', EVERYTHING);
      const path: string | TargetFault | undefined = rewrite?.(target.path);
      assert.ok(typeof path === 'string');
      passed++;
      const again = canonicalise(path);
      assert.ok(!('fault' in again) && again.path === path);
      assert.deepEqual(again.segments, ['v2', target.segments[1], 'x', ...target.segments.slice(2)]);
      assert.deepEqual(again.ambiguities.toSorted(), target.ambiguities.toSorted());
    }),
  );
  assert.ok(passed > 300, String(passed));
});
