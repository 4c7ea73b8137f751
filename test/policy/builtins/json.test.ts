import t from 'tap';
import { BuiltinError } from '../../../src/policy/builtins/builtin.ts';
import { json } from '../../../src/policy/builtins/json.ts';
import { caller } from '../../support/builtin.ts';

const call = caller(json);
const marshal = (value: string, options: string): unknown =>
  JSON.parse(call('json.marshal_with_options', value, options) ?? 'null');

t.test('without options JSON is in one line', async (t) => {
  t.equal(marshal('{"a": [1, {2}]}', '{}'), '{"a":[1,[2]]}');
});

t.test('an indent or a prefix asks for lines; the first has the prefix too', async (t) => {
  t.equal(marshal('[1]', '{"indent": "  "}'), '[\n  1\n]');
  t.equal(marshal('[1]', '{"prefix": "# "}'), '# [\n# \t1\n# ]');
  t.equal(marshal('[1]', '{"indent": "", "prefix": ""}'), '[\n1\n]');
  t.equal(marshal('{}', '{"prefix": "# "}'), '# {}');
});

t.test('pretty says whether there are lines, whatever else is said', async (t) => {
  t.equal(marshal('[1]', '{"pretty": true}'), '[\n\t1\n]');
  t.equal(marshal('[1]', '{"pretty": false, "prefix": "# ", "indent": " "}'), '[1]');
});

t.test('options that there are not are refused', async (t) => {
  for (const [options, message] of [
    ['[]', 'operand 2 must be object but got array'],
    ['{"tabs": 2}', 'operand 2 object contained unknown key "tabs"'],
    [
      '{"indent": 2}',
      'operand 2 key "indent" failed cast to string: operand 0 must be string but got number',
    ],
    [
      '{"indent": "", "prefix": 2}',
      'operand 2 key "prefix" failed cast to string: operand 1 must be string but got number',
    ],
    ['{"pretty": "yes"}', 'operand 2 key "pretty" failed cast to bool'],
    ['{1: 2}', 'operand 2 failed to stringify key 1 at index 0: operand 0 must be string but got number'],
  ] as const)
    t.throws(() => marshal('1', options), new BuiltinError(message), options);
});

t.test('json.patch patches', async (t) => {
  t.equal(
    call('json.patch', '{"a": 1}', '[{"op": "add", "path": "/b", "value": {2}}]'),
    '{"a": 1, "b": {2}}',
  );
  t.throws(() => call('json.patch', '{}', '{}'), new BuiltinError('operand 2 must be array but got object'));
});
