import * as fc from 'fast-check';
import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import {
  isCanonical,
  parseReference,
  pointedAt,
  referenceText,
  resolved,
  withoutFragment,
} from '../../../../src/policy/builtins/json-schema/reference.ts';
import { fromPlain, parseValue, writeValue } from '../../../../src/policy/value-text.ts';

const seen = (base: string, reference: string): string =>
  referenceText(resolved(parseReference(base), parseReference(reference)));

t.test('references that mean the same have the same text', async (t) => {
  for (const [text, same] of [
    ['#', ''],
    ['a#', 'a'],
    ['HTTP://Example.com/%7ea', 'http://Example.com/%7ea'],
    ['a b', 'a%20b'],
    ['#/ä', '#/%C3%A4'],
    ['a?', 'a?'],
  ] as const)
    t.equal(referenceText(parseReference(text)), same, text);
  t.equal(referenceText(withoutFragment(parseReference('a?b#c'))), 'a?b');
  t.throws(() => parseReference(':a'), new BuiltinError('parse ":a": missing protocol scheme'));
});

t.test('a reference is resolved as RFC 3986 says (5.4)', async (t) => {
  const base = 'http://a/b/c/d;p?q';
  for (const [reference, target] of [
    ['g:h', 'g:h'],
    ['g', 'http://a/b/c/g'],
    ['./g', 'http://a/b/c/g'],
    ['g/', 'http://a/b/c/g/'],
    ['/g', 'http://a/g'],
    ['//g', 'http://g'],
    ['?y', 'http://a/b/c/d;p?y'],
    ['g?y#s', 'http://a/b/c/g?y#s'],
    ['#s', 'http://a/b/c/d;p?q#s'],
    ['', 'http://a/b/c/d;p?q'],
    ['.', 'http://a/b/c/'],
    ['..', 'http://a/b/'],
    ['../g', 'http://a/b/g'],
    ['../../../g', 'http://a/g'],
    ['g/./h/../i', 'http://a/b/c/g/i'],
  ] as const)
    t.equal(seen(base, reference), target, reference);
});

t.test('a base may be opaque, without a path, or nothing; its fragment does not count', async (t) => {
  t.equal(seen('urn:x', '#a'), 'urn:x#a');
  t.equal(seen('http://a', 'b'), 'http://a/b');
  t.equal(seen('', 'b'), '/b');
  t.equal(seen('', '#b'), '#b');
  t.equal(seen('http://a/b#c', '#d'), 'http://a/b#d');
  t.equal(seen('http://a/x%2Fy/z', 'u v'), 'http://a/x%2Fy/u%20v');
});

t.test('what was resolved is resolved', async () => {
  const part = fc.constantFrom('a', 'b', '.', '..', '', '/', '?q', '#f', 'http://h/');
  const text = fc.array(part, { maxLength: 5 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(text, text, (base, reference) => {
      const once = seen(`http://h/${base}`, reference);
      return seen(`http://h/${base}`, once) === once;
    }),
  );
});

t.test('what tells where a document is by itself is canonical', async (t) => {
  for (const text of ['http://a', 'file:///a']) t.equal(isCanonical(parseReference(text)), true, text);
  for (const text of ['a', '/a', '//a/b', 'urn:a', 'file:a', '#a'])
    t.equal(isCanonical(parseReference(text)), false, text);
});

t.test('a fragment is a JSON Pointer, or else the whole document', async (t) => {
  const document = fromPlain({ 'a/b': { '~': [{ '': 'found' }] }, 'ä c': 1 });
  const at = (fragment: string): string => writeValue(pointedAt(document, parseReference(`#${fragment}`)));
  t.equal(at('/a~1b/~0/0/'), '"found"');
  t.equal(at('/%C3%A4%20c'), '1');
  t.equal(at('/a~1b/~0/+0'), '{"": "found"}');
  for (const whole of ['', 'a']) t.equal(at(whole), writeValue(document));
  for (const [fragment, message] of [
    ['/b', "Object has no key 'b'"],
    ['/__proto__', "Object has no key '__proto__'"],
    ['/ä c/d', "Invalid token reference 'd'"],
    ['/a~1b/~0/x', "Invalid array index 'x'"],
    ['/a~1b/~0/1', "Out of bound array[0,1] index '1'"],
    ['/a~1b/~0/-1', "Out of bound array[0,1] index '-1'"],
  ] as const)
    t.throws(() => at(fragment), new BuiltinError(message), fragment);
  t.equal(pointedAt(parseValue('[null]'), parseReference('#/0')), null);
});
