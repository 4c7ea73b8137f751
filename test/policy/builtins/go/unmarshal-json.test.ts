import * as fc from 'fast-check';
import t from 'tap';
import { BuiltinError, LimitError } from '../../../../src/policy/builtins/builtin.ts';
import { unmarshalJson } from '../../../../src/policy/builtins/go/unmarshal-json.ts';
import { fromPlain, writeValue } from '../../../../src/policy/value-text.ts';

const read = (text: string): string => writeValue(unmarshalJson(text));

t.test('what JSON.stringify writes is read', async () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (plain) => {
      const text = JSON.stringify(plain);
      return read(text) === writeValue(fromPlain(JSON.parse(text)));
    }),
  );
});

t.test('numbers keep their text, whatever else has the same name', async (t) => {
  t.equal(
    read('[1.50, 1E5, -0, 123456789012345678901234567890]'),
    '[1.50, 1E5, -0, 123456789012345678901234567890]',
  );
  t.equal(read('{"a": [1.0], "a": {"b": 2.00}, "c": 3.0, "c": 3.00}'), '{"a": {"b": 2.00}, "c": 3.00}');
});

t.test('of members with the same name the last counts, and __proto__ is a name like others', async (t) => {
  t.equal(read('{"a": 1, "b": 2, "a": 3}'), '{"a": 3, "b": 2}');
  t.equal(read('{"__proto__": {"x": 1}}'), '{"__proto__": {"x": 1}}');
});

t.test('half a surrogate pair is U+FFFD', async (t) => {
  t.equal(
    read(String.raw`{"\ud800": "\udc00 \ud83d\ude00 \ud83dA \\ud800"}`),
    String.raw`{"�": "� 😀 �A \\ud800"}`,
  );
});

t.test('what is not JSON is refused without being quoted', async (t) => {
  for (const text of ['', '{} x', '{"secret": }', "{'a': 1}", '[1,]', '01', '\ufeff{}', 'set()'])
    t.throws(() => unmarshalJson(text), new BuiltinError('invalid JSON'), text);
});

t.test('numbers with an exponent that OPA cannot work with are refused', async (t) => {
  for (const text of ['1e30102', '-1e-30103', '0e99999', '0.00001e30106', '[0.0e-99999]'])
    t.equal(read(text), text);
  for (const text of ['1e30103', '{"a": [1e-30105]}', '0.00001e30109', '1e99999999999']) {
    t.equal(writeValue(unmarshalJson(text, 'unbounded')), text, 'unless they are welcome');
    t.throws(() => unmarshalJson(text), new BuiltinError('invalid number: number too big'), text);
  }
});

t.test(
  'what is nested deeper than 2,000 ends the evaluation, unless it is too deep for Go too',
  async (t) => {
    const nested = (depth: number): string =>
      `${String.raw`{"a[\\\"":[`.repeat(depth / 2)}1${']}'.repeat(depth / 2)}`;
    t.ok(unmarshalJson(nested(2_000)));
    for (const depth of [2_002, 10_000])
      t.throws(() => unmarshalJson(nested(depth)), new LimitError('the JSON is nested deeper than 2000'));
    for (const depth of [10_002, 200_000])
      t.throws(() => unmarshalJson(nested(depth)), new BuiltinError('exceeded max depth'));
  },
);
