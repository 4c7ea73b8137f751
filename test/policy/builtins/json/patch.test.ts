import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { patched } from '../../../../src/policy/builtins/json/patch.ts';
import type { Value } from '../../../../src/policy/value.ts';
import { parseValue, writeValue } from '../../../../src/policy/value-text.ts';

function patch(document: string, ...operations: readonly string[]): string | undefined {
  const result = patched(parseValue(document), parseValue(`[${operations.join()}]`) as readonly Value[]);
  return result === undefined ? undefined : writeValue(result);
}
const ACCOUNT = '{"id": 7, "tags": ["a", "b"], "owner": {"name": "eve"}}';

t.test('the operations of RFC 6902', async (t) => {
  t.equal(patch('{"a": 1}', '{"op": "add", "path": "/b", "value": 2}'), '{"a": 1, "b": 2}');
  t.equal(patch('{"a": 1}', '{"op": "add", "path": "/a", "value": 2}'), '{"a": 2}');
  t.equal(patch('[1, 3]', '{"op": "add", "path": "/1", "value": 2}'), '[1, 2, 3]');
  t.equal(patch('[1, 3]', '{"op": "add", "path": "/-", "value": 4}'), '[1, 3, 4]');
  t.equal(
    patch(ACCOUNT, '{"op": "remove", "path": "/owner/name"}'),
    '{"id": 7, "owner": {}, "tags": ["a", "b"]}',
  );
  t.equal(patch('[1, 2]', '{"op": "replace", "path": "/0", "value": null}'), '[null, 2]');
  t.equal(
    patch('{"a": [1], "b": {}}', '{"op": "move", "from": "/a/0", "path": "/b/c"}'),
    '{"a": [], "b": {"c": 1}}',
  );
  t.equal(patch('{"a": [1]}', '{"op": "copy", "from": "/a", "path": "/b"}'), '{"a": [1], "b": [1]}');
  t.equal(patch('{"a": 1}', '{"op": "test", "path": "/a", "value": 1.0}'), '{"a": 1}');
  t.equal(patch('{"a": 1}'), '{"a": 1}');
});

t.test('operations follow one another', async (t) => {
  const taken = patch(
    ACCOUNT,
    '{"op": "test", "path": "/id", "value": 7}',
    '{"op": "move", "from": "/owner", "path": "/tags/0"}',
    '{"op": "add", "path": "/tags/0/admin", "value": false}',
    '{"op": "remove", "path": "/id"}',
  );
  t.equal(taken, '{"tags": [{"admin": false, "name": "eve"}, "a", "b"]}');
});

t.test('the empty path is the whole document', async (t) => {
  t.equal(
    patch('{"a": 1}', '{"op": "add", "path": "", "value": [1]}', '{"op": "add", "path": [1], "value": 2}'),
    '[1, 2]',
  );
  t.equal(patch('"a"', '{"op": "replace", "path": [], "value": "b"}'), '"b"');
  t.equal(patch('{"a": {"b": 1}}', '{"op": "move", "from": "/a", "path": ""}'), '{"b": 1}');
  t.equal(patch('{"a": 1}', '{"op": "remove", "path": ""}'), undefined, 'nothing is left');
});

t.test('a path in text is a JSON Pointer, but for the slashes that it begins with', async (t) => {
  t.equal(patch('{}', '{"op": "add", "path": "a~1b~0c~01", "value": 1}'), '{"a/b~c~1": 1}');
  t.equal(patch('{}', '{"op": "add", "path": "///a", "value": 1}'), '{"a": 1}');
  t.equal(patch('{}', '{"op": "add", "path": "/", "value": 1}'), '{"": 1}');
  t.equal(patch('{"a": {}}', '{"op": "add", "path": "/a/", "value": 1}'), '{"a": {"": 1}}');
});

t.test('a path may be an array of keys of any kind', async (t) => {
  t.equal(patch('{1: {true: 2}}', '{"op": "remove", "path": [1, true]}'), '{1: {}}');
  t.equal(patch('{"1": 1, 1: 2}', '{"op": "remove", "path": ["1"]}'), '{1: 2}');
});

t.test('faults of operations', async (t) => {
  for (const [operation, message] of [
    ['1', 'must be an array of JSON-Patch objects, but at least one element is not an object'],
    ['{"op": "add", "value": 1}', "missing required attribute 'path'"],
    ['{"path": "/a"}', "missing required attribute 'op'"],
    ['{"op": 1, "path": "/a"}', "attribute 'op' must be a string but found: number"],
    ['{"op": "inc", "path": "/a"}', "unrecognized op: 'inc'"],
    ['{"op": "add", "path": "/a"}', "missing required attribute 'value'"],
    ['{"op": "replace", "path": "/a"}', "missing required attribute 'value'"],
    ['{"op": "test", "path": "/a"}', "missing required attribute 'value'"],
    ['{"op": "move", "path": "/b"}', "missing required attribute 'from'"],
    ['{"op": "copy", "path": "/b"}', "missing required attribute 'from'"],
    [
      '{"op": "add", "path": {"a"}, "value": 1}',
      'operand 2 must be one of {set, array} containing string paths or array of path segments but got set',
    ],
    ['{"op": "test", "path": "/a", "value": 2}', 'value from EditTree != patch value'],
  ] as const)
    t.throws(() => patch('{"a": 1}', operation), new BuiltinError(message), operation);
});

t.test('none is applied when one fails', async (t) => {
  t.throws(
    () => patch('{}', '{"op": "add", "path": "/a", "value": 1}', '{"op": "remove", "path": "/b"}'),
    new BuiltinError('path "b" does not exist'),
  );
});
