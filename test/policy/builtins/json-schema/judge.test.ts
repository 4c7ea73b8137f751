import t from 'tap';
import { BuiltinError, LimitError } from '../../../../src/policy/builtins/builtin.ts';
import { compileSchema } from '../../../../src/policy/builtins/json-schema/compile.ts';
import {
  judgeConstants,
  judgeMembership,
  judgeNumber,
  judgeSize,
  judgeString,
  typeOf,
} from '../../../../src/policy/builtins/json-schema/judge.ts';
import { type Place, Result, ROOT } from '../../../../src/policy/builtins/json-schema/result.ts';
import type { Schema } from '../../../../src/policy/builtins/json-schema/schema.ts';
import type { RegoNumber } from '../../../../src/policy/number.ts';
import type { RegoObject, Value } from '../../../../src/policy/value.ts';
import { fromPlain, parseValue } from '../../../../src/policy/value-text.ts';

type Judge<V extends Value> = (schema: Schema, value: V, place: Place, result: Result) => void;
/** What is said of a value at `a`. */
function said<V extends Value>(judge: Judge<V>, keywords: object, value: string): readonly string[] {
  const result = new Result({ spent: 0 });
  judge(compileSchema(fromPlain(keywords)), parseValue(value) as V, { name: 'a', parent: ROOT }, result);
  return result.failures.map(({ type, description }) => `${type}: ${description}`);
}

t.test('types: what is written as an integer or is equal to one is one', async (t) => {
  const types = ['null', 'true', '1', '1.0', '1.5', '"a"', '[]', '{}'].map((text) =>
    typeOf(parseValue(text)),
  );
  t.strictSame(types, ['null', 'boolean', 'integer', 'integer', 'number', 'string', 'array', 'object']);
});

t.test('numbers', async (t) => {
  const number = (keywords: object, value: string) => said<RegoNumber>(judgeNumber, keywords, value);
  t.strictSame(
    number({ multipleOf: 0.1, minimum: 0, maximum: 1, exclusiveMinimum: -1, exclusiveMaximum: 2 }, '0.3'),
    [],
  );
  t.strictSame(number({ multipleOf: 0.1 }, '0.35'), ['multiple_of: Must be a multiple of 0.1']);
  t.strictSame(number({ maximum: 3 }, '3.000000000000000000001'), [
    'number_lte: Must be less than or equal to 3',
  ]);
  t.strictSame(number({ exclusiveMaximum: 3000000 }, '3e6'), ['number_lt: Must be less than 3e+06']);
  t.strictSame(number({ minimum: 3 }, '2'), ['number_gte: Must be greater than or equal to 3']);
  t.strictSame(number({ exclusiveMinimum: 3 }, '3'), ['number_gt: Must be greater than 3']);
  t.throws(() => number({ minimum: 3 }, '1e1000001'), new BuiltinError('number out of range'));
  t.strictSame(number({}, '1e1000001'), []);
});

t.test('strings have as many characters as Unicode has', async (t) => {
  const string = (keywords: object, value: string) => said<string>(judgeString, keywords, value);
  t.strictSame(string({ minLength: 2, maxLength: 2, pattern: '^..$' }, '"é😀"'), []);
  t.strictSame(string({ minLength: 2 }, '"😀"'), [
    'string_gte: String length must be greater than or equal to 2',
  ]);
  t.strictSame(string({ maxLength: 0 }, '"a"'), [
    'string_lte: String length must be less than or equal to 0',
  ]);
  t.strictSame(string({ pattern: '^b' }, '"ab"'), ["pattern: Does not match pattern '^b'"]);
});

t.test('constants are shown as gojsonschema compares them', async (t) => {
  t.strictSame(said(judgeConstants, { const: { a: 1 } }, '{"a": 1.0}'), []);
  t.strictSame(said(judgeConstants, { const: [1.5, '<'] }, '[]'), [
    String.raw`const: a does not match: [1.5,"\u003c"]`,
  ]);
  t.strictSame(said(judgeConstants, { enum: [1, 'b'] }, '1e0'), []);
  t.strictSame(said(judgeConstants, { enum: [1, 'b'] }, '2'), [
    'enum: a must be one of the following: 1, "b"',
  ]);
  t.strictSame(said(judgeConstants, { enum: [] }, '2'), ['enum: a must be one of the following: ']);
  t.throws(
    () => said(judgeConstants, { enum: [1] }, '1e999'),
    new BuiltinError('json: cannot unmarshal number 1e999 into Go value of type float64'),
  );
});

t.test('a format is asked of strings only', async (t) => {
  t.strictSame(said(judgeConstants, { format: 'ipv4' }, '"10.0.0.1"'), []);
  t.strictSame(said(judgeConstants, { format: 'ipv4' }, '"10.0.0"'), [
    "format: Does not match format 'ipv4'",
  ]);
  t.strictSame(said(judgeConstants, { format: 'ipv4' }, '10'), []);
  const costly = new LimitError('json.match_schema: it costs too much to judge the document');
  t.throws(() => said(judgeConstants, { format: 'regex' }, `"${'(a{1000})'.repeat(1_000)}"`), costly);
});

t.test('how many items, and each once', async (t) => {
  const size = (keywords: object, value: string) => said<readonly Value[]>(judgeSize, keywords, value);
  t.strictSame(size({ minItems: 1, maxItems: 2, uniqueItems: true }, '[1, "1"]'), []);
  t.strictSame(size({ minItems: 1 }, '[]'), ['array_min_items: Array must have at least 1 items']);
  t.strictSame(size({ maxItems: 1 }, '[1, 2]'), ['array_max_items: Array must have at most 1 items']);
  t.strictSame(size({ uniqueItems: true }, '[1, {}, 1.0, 1e0]'), [
    'unique: array items[0,2] must be unique',
    'unique: array items[2,3] must be unique',
  ]);
});

t.test('how many members, and which', async (t) => {
  const membership = (keywords: object, value: string) => said<RegoObject>(judgeMembership, keywords, value);
  t.strictSame(membership({ minProperties: 1, maxProperties: 1, required: ['a'] }, '{"a": null}'), []);
  t.strictSame(membership({ minProperties: 1 }, '{}'), [
    'array_min_properties: Must have at least 1 properties',
  ]);
  t.strictSame(membership({ maxProperties: 0 }, '{"a": 1}'), [
    'array_max_properties: Must have at most 0 properties',
  ]);
  t.strictSame(membership({ required: ['a', '__proto__'] }, '{}'), [
    'required: a is required',
    'required: __proto__ is required',
  ]);
});
