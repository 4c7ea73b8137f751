import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { claimAt, claimPath, claimPathFault } from '../../src/oauth/claim.ts';

fc.configureGlobal({ seed: 6901 });

const at = (claims: unknown, written: string): unknown =>
  claimAt(claims as Record<string, unknown>, claimPath(written));

t.test('a claim goes by its name, dots, colons and all', async (t) => {
  const claims = {
    sub: 'alice',
    'urn:x:y': 1,
    'a.b': 2,
    a: { b: 3 },
    'https://x/role': 'r',
    'a/b': 4,
    '~0': 5,
  };
  for (const [written, value] of [
    ['sub', 'alice'],
    ['urn:x:y', 1],
    ['a.b', 2],
    ['https://x/role', 'r'],
    ['a/b', 4],
    ['~0', 5],
  ] as const)
    t.equal(at(claims, written), value, written);
});

t.test('a JSON Pointer leads to what is nested (RFC 6901 section 5)', async (t) => {
  const document = {
    foo: ['bar', 'baz'],
    '': 0,
    'a/b': 1,
    'c%d': 2,
    'm~n': 8,
    ' ': 7,
    '~1': 9,
    n: { '': { x: 6 } },
  };
  for (const [written, value] of [
    ['/foo/0', 'bar'],
    ['/foo/1', 'baz'],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/ ', 7],
    ['/m~0n', 8],
    ['/~01', 9],
    ['/n//x', 6],
  ] as const)
    t.equal(at(document, written), value, written);
  t.strictSame(at(document, '/foo'), ['bar', 'baz']);
});

t.test('what is absent, null, or below what has no members is undefined', async (t) => {
  const claims = { nothing: null, text: 'ab', list: ['a', { b: 1 }], deep: { nothing: null } };
  for (const written of [
    'absent',
    'nothing',
    '/absent',
    '/nothing',
    '/nothing/x',
    '/text/0',
    '/text/length',
    '/deep/nothing',
    '/deep/nothing/x',
    '/list/2',
    '/list/1/c',
  ])
    t.equal(at(claims, written), undefined, written);
  t.equal(at(claims, '/list/1/b'), 1);
});

t.test('of a list only its indexes lead on, each written in one way', async (t) => {
  const claims = { list: ['a', 'b'] };
  for (const index of ['length', '01', '00', '-', '-1', '+1', '1.0', '1e0', ' 1', '', '0x1', 'at'])
    t.equal(at(claims, `/list/${index}`), undefined, index);
  t.equal(at({ list: Object.assign(['a'], { admin: true }) }, '/list/admin'), undefined);
});

t.test('what JavaScript objects inherit is no claim', async (t) => {
  for (const written of [
    'constructor',
    '__proto__',
    'toString',
    '/constructor/name',
    '/a/constructor',
    '/a/__proto__/b',
  ])
    t.equal(at({ a: {} }, written), undefined, written);
  t.equal(
    at(JSON.parse('{"__proto__": {"admin": true}}'), '/__proto__/admin'),
    true,
    'unless a token says it',
  );
});

t.test('a name that leads nowhere is a fault, and so is a bad escape', async (t) => {
  for (const written of ['sub', 'a~b', '~2', '/a', '/a/0', '/~0', '/~1', '/a~01b', '/a//b', '/a/'])
    t.equal(claimPathFault(written), null, written);
  for (const written of ['', '/', '//']) t.equal(claimPathFault(written), 'names no claim', written);
  for (const written of ['/~', '/a~', '/~2', '/a/b~x', '/~~0', '/~/a'])
    t.equal(
      claimPathFault(written),
      'expected a JSON Pointer (RFC 6901), where ~0 stands for ~ and ~1 for / within a name',
      written,
    );
});

t.test('every member can be pointed at, and no two by one pointer', async () => {
  const name = fc.string({ unit: fc.constantFrom('a', '~', '/', '0', '1'), maxLength: 4 });
  const pointer = (names: readonly string[]): string =>
    names.map((one) => `/${one.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
      const written = pointer(names);
      assert.deepEqual(claimPath(written), names);
      const claims = names.reduceRight<unknown>((inner, one) => ({ [one]: inner }), 'found');
      assert.equal(at(claims, written), 'found');
      if (names.some((one) => one !== '')) assert.equal(claimPathFault(written), null);
    }),
  );
});
