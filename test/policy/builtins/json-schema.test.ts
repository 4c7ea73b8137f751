import t from 'tap';
import { BuiltinError } from '../../../src/policy/builtins/builtin.ts';
import { jsonSchema } from '../../../src/policy/builtins/json-schema.ts';
import { caller } from '../../support/builtin.ts';

const call = caller(jsonSchema);
const match = (document: string, schema: string): unknown =>
  JSON.parse(call('json.match_schema', document, schema) ?? 'null');
const verify = (schema: string): unknown => JSON.parse(call('json.verify_schema', schema) ?? 'null');
const SCHEMA = '{"type": "object", "properties": {"amount": {"type": "integer", "maximum": 1000000}}}';

t.test('a document that matches', async (t) => {
  t.strictSame(match('{"amount": 5}', SCHEMA), [true, []]);
});

t.test('what is wrong with one that does not', async (t) => {
  t.strictSame(match('{"amount": 1e7}', SCHEMA), [
    false,
    [
      {
        desc: 'Must be less than or equal to 1e+06',
        error: 'amount: Must be less than or equal to 1e+06',
        field: 'amount',
        type: 'number_lte',
      },
    ],
  ]);
});

t.test('document and schema may be JSON in strings; otherwise they are objects or arrays', async (t) => {
  t.strictSame(match('"5"', '"{\\"type\\": \\"integer\\"}"'), [true, []]);
  t.strictSame(match('"5"', '"true"'), [true, []]);
  t.throws(() => match('5', '{}'), new BuiltinError('wrong type, expected string or object'));
  t.throws(() => match('"{"', '{}'), new BuiltinError('invalid JSON string'));
  t.throws(() => match('{}', '[]'), new BuiltinError('schema is invalid'));
});

t.test('a schema is verified', async (t) => {
  t.strictSame(verify(SCHEMA), [true, null]);
  t.strictSame(verify('{"minimum": "1"}'), [false, 'jsonschema: minimum must be of a Number']);
  t.strictSame(verify('7'), [false, 'jsonschema: wrong type, expected string or object']);
  t.strictSame(verify('"{"'), [false, 'jsonschema: invalid JSON string']);
  t.strictSame(verify('{"$ref": "file:///etc/passwd"}'), [
    false,
    'jsonschema: remote reference loading disabled: file:///etc/passwd',
  ]);
});

t.test('a schema that was read before is the same one, and nothing else is', async (t) => {
  const schema = '{"items": {"$ref": "#/definitions/x"}, "definitions": {"x": {"pattern": "^a"}}}';
  const failure = {
    desc: "Does not match pattern '^a'",
    error: "1: Does not match pattern '^a'",
    field: '1',
    type: 'pattern',
  };
  for (const form of [schema, JSON.stringify(schema), schema])
    t.strictSame(match('["ab", "b"]', form), [false, [failure]]);
  t.strictSame(verify('"true"'), [true, null]);
  t.strictSame(verify('true'), [false, 'jsonschema: wrong type, expected string or object']);
});

t.test('JSON in a string may have numbers of any size', async (t) => {
  const schema = '{"properties": {"a": {"type": "integer", "minimum": 3}}}';
  t.strictSame(match(JSON.stringify('{"a": 1e40000}'), schema), [true, []]);
  t.match(match(JSON.stringify('{"a": 1e4000000}'), schema), [
    false,
    [{ error: 'a: Invalid type. Expected: integer, given: number' }],
  ]);
});
