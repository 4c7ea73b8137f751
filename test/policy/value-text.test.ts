import { deepStrictEqual } from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { equal, RegoSet, type Value } from '../../src/policy/value.ts';
import { fromPlain, parseValue, toPlain, writeJson, writeValue } from '../../src/policy/value-text.ts';
import { values } from '../support/values.ts';

t.test('property: what is written is read as the same value', async () => {
  fc.assert(fc.property(values, (value) => equal(parseValue(writeValue(value)), value)));
});

t.test('property: JSON is read as JSON.parse reads it, and written as JSON', async () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: 'binary' }), (text) => {
      deepStrictEqual(toPlain(parseValue(text)), JSON.parse(text));
      deepStrictEqual(JSON.parse(writeJson(parseValue(text))), JSON.parse(text));
    }),
  );
});

t.test('numbers keep their text', async (t) => {
  for (const text of ['1.0', '1e3', '18446744073709551617', '0.10', '-0', '1E+2'])
    t.equal(writeValue(parseValue(text)), text);
  t.equal(writeValue(parseValue('[.5, -.25e1]')), '[0.5, -0.25e1]', 'and are numbers of JSON');
});

t.test('sets, keys of any kind, and commas at an end are read', async (t) => {
  for (const [text, written] of [
    ['{3, 1, 2, 1}', '{1, 2, 3}'],
    ['set( )', 'set()'],
    ['{"a",}', '{"a"}'],
    ['{"a": 1, }', '{"a": 1}'],
    ['[1, 2, ]', '[1, 2]'],
    ['{[1]: {2}, null: set()}', '{null: set(), [1]: {2}}'],
    [' \t\r\n{ } ', '{}'],
    ['"\\u00e9\\ud83d\\ude00\\/"', '"é😀/"'],
  ] as const)
    t.equal(writeValue(parseValue(text)), written);
});

t.test('text that is no value is an error that says where', async (t) => {
  for (const [text, message] of [
    ['', 'a value was expected at character 0'],
    ['[1 2]', ', was expected at character 3'],
    ['[,]', 'a value was expected at character 1'],
    ['{"a": 1, 2}', ': was expected at character 10'],
    ['{1: 2', ', was expected at character 5'],
    ['{1', '} was expected at character 2'],
    ['tru', 'a value was expected at character 0'],
    ['set(1)', ') was expected at character 4'],
    ['1 2', 'the end was expected at character 2'],
    ['"\u0001"', 'a string was expected at character 0'],
    ['"\\x41"', 'a string was expected at character 0'],
    ['01', 'the end was expected at character 1'],
    [`${'['.repeat(2_001)}1`, 'it is nested deeper than 2000 at character 2001'],
  ] as const)
    t.throws(() => parseValue(text), new SyntaxError(message), text.slice(0, 20));
});

t.test('of JSON, sets become arrays in order, and keys become strings', async (t) => {
  const value = parseValue('{"s": {"b", "a"}, 1: null, [true]: 2.50, {"x": 1}: "y"}');
  t.equal(writeJson(value), '{"1":null,"s":["a","b"],"[true]":2.50,"{\\"x\\":1}":"y"}');
  t.strictSame(toPlain(value), { 1: null, s: ['a', 'b'], '[true]': 2.5, '{"x":1}': 'y' });
});

t.test(
  'keys in keys, each of which is escaped once more, are no JSON when they are deeper than eight',
  async (t) => {
    const within = (depth: number): Value => parseValue(`${'{'.repeat(depth)}0${': 1}'.repeat(depth)}`);
    t.equal(writeJson(within(2)), String.raw`{"{\"0\":1}":1}`);
    t.match(writeJson(within(8)), /^\{/);
    const deeper = new RangeError('a value with keys within keys deeper than 8 is no JSON');
    for (const depth of [9, 1_900])
      for (const write of [writeJson, toPlain]) t.throws(() => write(within(depth)), deeper);
    t.strictSame(toPlain(parseValue('{{{0}}: [{[1]: 2}]}')), { '[[0]]': [{ '[1]': 2 }] });
  },
);

t.test('plain data becomes a value, and what is none an error', async (t) => {
  t.equal(
    writeValue(fromPlain({ b: [1, null, undefined], a: 2n ** 70n })),
    '{"a": 1180591620717411303424, "b": [1, null, null]}',
  );
  t.equal(writeValue(fromPlain({ a: undefined })), '{}');
  t.throws(() => fromPlain(() => 1), new TypeError('no value of Rego: function'));
  t.throws(() => fromPlain(NaN), RangeError);
});

t.test('a member named __proto__ is one like others', async (t) => {
  const plain = toPlain(parseValue('{"__proto__": {"x": 1}}')) as object;
  t.ok(Object.hasOwn(plain, '__proto__'));
  t.equal((plain as { x?: number }).x, undefined);
  t.equal(writeValue(fromPlain(JSON.parse('{"__proto__": 1}'))), '{"__proto__": 1}');
  t.ok(new RegoSet(['__proto__']).has('__proto__'));
});
