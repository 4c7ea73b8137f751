import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { comparable, documentOf } from '../../../../src/policy/builtins/json-schema/document.ts';
import { parseValue, writeValue } from '../../../../src/policy/value-text.ts';

const document = (operand: string): string => writeValue(documentOf(parseValue(operand)));

t.test('a string is the JSON of a document, of any kind', async (t) => {
  t.equal(document(String.raw`"{\"a\": 1.50}"`), '{"a": 1.50}');
  t.equal(document('"7"'), '7');
  t.equal(document('"null"'), 'null');
  for (const text of ['""', '"{"', '"{1}"'])
    t.throws(() => document(text), new BuiltinError('invalid JSON string'));
});

t.test('an object or an array is one itself, as JSON has it', async (t) => {
  t.equal(document('{1: {3, [set()]}, "a": {null: {}}}'), '{"1": [3, [[]]], "a": {"null": {}}}');
  t.equal(document('[1, "x"]'), '[1, "x"]');
  for (const value of ['1', 'null', 'true', '{1}'])
    t.throws(() => document(value), new BuiltinError('wrong type, expected string or object'), value);
});

t.test('values that are equal to JavaScript have the same comparable form', async (t) => {
  const form = (text: string): string => comparable(parseValue(text));
  t.equal(form('[1.0, 1e0, 1, 100e-2]'), '[1,1,1,1]');
  t.equal(
    form('{"b": 1e21, "a": [0.0000001, -0.0, 12345678901234567890]}'),
    '{"a":[1e-7,-0,12345678901234567000],"b":1e+21}',
  );
  t.equal(form('["<", null, true]'), String.raw`["\u003c",null,true]`);
  t.throws(
    () => form('[1e400]'),
    new BuiltinError('json: cannot unmarshal number 1e400 into Go value of type float64'),
  );
});
