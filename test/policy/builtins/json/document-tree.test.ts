import * as fc from 'fast-check';
import t from 'tap';
import { BuiltinError, LimitError } from '../../../../src/policy/builtins/builtin.ts';
import { documentTree, type DocumentTree } from '../../../../src/policy/builtins/json/document-tree.ts';
import { RegoObject, type Value } from '../../../../src/policy/value.ts';
import { fromPlain, parseValue, writeValue } from '../../../../src/policy/value-text.ts';

const path = (text: string): readonly Value[] => parseValue(text) as readonly Value[];
/** The document after changes, as text. */
function after(document: string, change: (tree: DocumentTree) => void): string {
  const tree = documentTree(parseValue(document));
  change(tree);
  return writeValue(tree.whole() ?? null);
}
const inserted = (document: string, at: string, value: string): string =>
  after(document, (tree) => tree.insert(path(at), parseValue(value)));
const removed = (document: string, at: string): string => after(document, (tree) => tree.remove(path(at)));

t.test("an object's members are put in, replaced and taken out", async (t) => {
  t.equal(inserted('{"b": 1}', '["a"]', '2'), '{"a": 2, "b": 1}');
  t.equal(inserted('{"b": 1}', '["b"]', '2'), '{"b": 2}');
  t.equal(inserted('{"b": {"c": 1}}', '["b", "c"]', 'null'), '{"b": {"c": null}}');
  t.equal(removed('{"b": {"c": 1}}', '["b", "c"]'), '{"b": {}}');
  t.equal(inserted('{"__proto__": {}}', '["__proto__", "a"]', '1'), '{"__proto__": {"a": 1}}');
});

t.test('a set has its members as keys', async (t) => {
  t.equal(inserted('{1, 3}', '[2]', '2.0'), '{1, 2.0, 3}');
  t.equal(inserted('{1}', '[1]', '1'), '{1}');
  t.equal(removed('{"a", "b"}', '["a"]'), '{"b"}');
  t.equal(
    inserted('{[1], "a"}', '[[1], 1]', '2'),
    '{"a", [1, 2]}',
    'a member that changes is another member',
  );
  t.equal(inserted('{[1], [1, 2]}', '[[1], 1]', '2'), '{[1, 2]}');
  t.throws(
    () => inserted('{1}', '[2]', '3'),
    new BuiltinError('set key 2 does not equal value to be inserted 3'),
  );
});

t.test('a member of a set is found by what it is now', async (t) => {
  const grown = after('{[1]}', (tree) => {
    tree.insert(path('[[1], 1]'), parseValue('2'));
    tree.insert(path('[[1, 2], 2]'), parseValue('3'));
    t.equal(writeValue(tree.valueAt(path('[[1, 2, 3]]'))), '[1, 2, 3]');
    t.throws(() => tree.valueAt(path('[[1]]')), new BuiltinError('path [1] does not exist'));
    tree.insert(path('[true]'), true);
    tree.remove(path('[[1, 2, 3]]'));
  });
  t.equal(grown, '{true}');
});

t.test("an array's index is a number or text, as OPA reads integers", async (t) => {
  for (const index of ['1', '"1"', '1.0', '"1."', '"+1"'])
    t.equal(inserted('[1, 3]', `[${index}]`, '2'), '[1, 2, 3]', index);
  for (const index of ['"-0"', '"+0"', '"."']) t.equal(removed('[1, 3]', `[${index}]`), '[3]', index);
  t.equal(inserted('[1, 3]', '["-"]', '2'), '[1, 3, 2]');
  t.equal(inserted('[1, 3]', '[2]', '2'), '[1, 3, 2]');
  for (const [index, message] of [
    ['"01"', 'leading zeros are not allowed in JSON paths'],
    ['"a"', 'invalid string for indexing'],
    ['""', 'invalid string for indexing'],
    ['"+"', 'invalid string for indexing'],
    ['"1e0"', 'invalid string for indexing'],
    ['0.5', 'invalid number for indexing'],
    ['"12345678901234567890"', 'invalid string for indexing'],
    ['null', 'invalid type for indexing'],
    ['-1', 'index for array out of bounds'],
    ['3', 'index for array out of bounds'],
  ] as const)
    t.throws(() => inserted('[1, 3]', `[${index}]`, '2'), new BuiltinError(message), index);
  t.throws(() => removed('[1, 3]', '["-"]'), new BuiltinError('index for array out of bounds'));
});

t.test(
  'a member of an array that is entered is the one that was there in the beginning, as in OPA',
  async (t) => {
    const late = after('[[1], [2], [3]]', (tree) => {
      tree.remove(path('[0]'));
      t.equal(writeValue(tree.whole() ?? null), '[[2], [3]]');
      tree.insert(path('[0, "-"]'), parseValue('9'));
    });
    t.equal(late, '[[1, 9], [3]]', 'and it takes the place of the one that is there now');
    const beyond = documentTree(parseValue('[[1]]'));
    beyond.insert(path('[0]'), parseValue('[0]'));
    beyond.insert(path('[0, 0]'), parseValue('5'));
    t.equal(writeValue(beyond.valueAt(path('[0]'))), '[5, 0]', 'but for one that was put in');
    t.throws(() => beyond.valueAt(path('[1]')), new BuiltinError('path 1 does not exist in array term'));
    t.throws(() => beyond.valueAt(path('[7]')), new BuiltinError('path 7 does not exist in array term'));
  },
);

t.test('where nothing is, nothing can be done', async (t) => {
  t.throws(() => removed('{"a": 1}', '["b"]'), new BuiltinError('path "b" does not exist'));
  t.throws(() => removed('{1}', '[2]'), new BuiltinError('path 2 does not exist'));
  t.throws(() => inserted('{"a": 1}', '["b", "c"]', '1'), new BuiltinError('path "b" does not exist'));
  for (const change of [inserted, removed])
    t.throws(
      () => change('{"a": 1}', '["a", "b"]', '2'),
      new BuiltinError('expected composite type, found value: 1'),
    );
  const tree = documentTree(parseValue('{"a": 1}'));
  tree.remove([]);
  t.equal(tree.whole(), undefined);
  t.throws(() => tree.valueAt([]), new BuiltinError('deleted node encountered'));
  t.throws(() => tree.insert(path('["a"]'), true), new BuiltinError('deleted node encountered'));
  tree.insert([], path('["b"]'));
  t.equal(writeValue(tree.whole() ?? null), '["b"]');
});

t.test('a document that is copied into itself does not grow beyond what can be written', async (t) => {
  const tree = documentTree(parseValue('{"a": "text"}'));
  const copy = (): void => {
    for (let at = 0; at < 30; at++) tree.copy([`${at}`], tree.valueAt([]));
  };
  t.throws(copy, new LimitError('json.patch: what is copied has more than 16777216 characters'));
});

t.test('a member that is moved to and fro is neither gone through nor weighed again', async (t) => {
  const large = parseValue(`[${'[0], '.repeat(20_000)}]`);
  const tree = documentTree(parseValue('{}'));
  tree.insert(['a'], large);
  for (let at = 0; at < 2_500; at++) {
    const [from, to] = at % 2 === 0 ? ['a', 'b'] : ['b', 'a'];
    const value = tree.valueAt([from]);
    tree.remove([from]);
    tree.insert([to], value);
  }
  t.equal(tree.valueAt(['a']), large);
});

t.test('members that are gone through over and over end the evaluation', async (t) => {
  const kinds = [
    [`[${'0, '.repeat(5_000)}]`, '0'],
    [`{${Array.from({ length: 50 }, (_, at) => `"${'x'.repeat(500)}${at}": 0`).join()}, "0": 0}`, '0'],
  ] as const;
  for (const [text, key] of kinds) {
    const tree = documentTree(new RegoObject([['a', parseValue(text)]]));
    const change = (): void => {
      tree.remove(['a', key]);
      tree.insert(['a', key], null);
      const value = tree.valueAt(['a']);
      tree.remove(['a']);
      tree.insert(['a'], value);
    };
    for (let at = 0; at < 100; at++) change();
    t.throws(() => {
      for (let at = 0; at < 2_000; at++) change();
    }, new LimitError('json.patch: the operations go through more than 4194304 members'));
  }
});

t.test('what is only read is what was changed before', async (t) => {
  const tree = documentTree(parseValue('{"a": {"b": [1, {2}]}}'));
  tree.insert(path('["a", "b", 1, 3]'), parseValue('3'));
  t.equal(writeValue(tree.valueAt(path('["a", "b", 1]'))), '{2, 3}');
  t.equal(writeValue(tree.valueAt(path('["a", "b", 1, 3]'))), '3');
  t.equal(writeValue(tree.valueAt(path('["a"]'))), '{"b": [1, {2, 3}]}');
  for (const [none, message] of [
    ['["b"]', 'path "b" does not exist'],
    ['["a", "b", 1, 4]', 'path 4 does not exist'],
    ['["a", "b", 0, 1]', 'expected composite type, found value: 1'],
  ] as const)
    t.throws(() => tree.valueAt(path(none)), new BuiltinError(message));
});

t.test('a document does not get deeper than values are', async (t) => {
  const deep = parseValue(`${'['.repeat(1_500)}${']'.repeat(1_500)}`);
  const tree = documentTree(deep);
  const bottom = parseValue(`[${'0,'.repeat(1_499)}0]`) as readonly Value[];
  t.throws(
    () => tree.insert(bottom, deep),
    new LimitError('json.patch: the document is nested deeper than 2000'),
  );
  const beyond = Array.from({ length: 2_002 }, () => '0');
  t.throws(() => tree.valueAt(beyond), new BuiltinError('path does not exist'));
  tree.insert(bottom, null);
  t.match(writeValue(tree.whole() ?? null), /\[null\]/);
});

t.test('what was put in is there, and what was there is there again after it is taken out', async () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const document = fc.dictionary(name, fc.dictionary(name, fc.integer()));
  fc.assert(
    fc.property(document, fc.array(fc.tuple(name, name, fc.integer())), (plain, changes) => {
      const tree = documentTree(fromPlain(plain));
      const twin = structuredClone(plain);
      for (const [outer, inner, value] of changes)
        if (twin[outer] === undefined) tree.insert([outer], fromPlain((twin[outer] = { [inner]: value })));
        else if (twin[outer][inner] === value) {
          tree.remove([outer, inner]);
          delete twin[outer][inner];
        } else {
          tree.insert([outer, inner], fromPlain(value));
          twin[outer][inner] = value;
        }
      return writeValue(tree.whole() ?? null) === writeValue(fromPlain(twin));
    }),
  );
});
