import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import {
  count,
  invalidType,
  list,
  number,
  text,
} from '../../../../src/policy/builtins/json-schema/keyword.ts';
import { RegoNumber } from '../../../../src/policy/number.ts';
import type { RegoObject } from '../../../../src/policy/value.ts';
import { parseValue } from '../../../../src/policy/value-text.ts';

const schema = parseValue(
  '{"text": "a", "list": [null], "count": 7, "number": 1.5, "minus": -1, "huge": 1e1000001, "point": 1.0}',
) as RegoObject;

t.test('values of the right kind are given, and undefined for what is missing', async (t) => {
  t.equal(text(schema, 'text'), 'a');
  t.strictSame(list(schema, 'list'), [null]);
  t.equal(count(schema, 'count'), 7n);
  t.equal(number(schema, 'number')?.text, '1.5');
  for (const read of [text, list, count, number]) t.equal(read(schema, 'missing'), undefined);
});

t.test('values of other kinds are told in the words of gojsonschema', async (t) => {
  t.throws(() => text(schema, 'list'), new BuiltinError('Invalid type. Expected: string, given: list'));
  t.throws(() => list(schema, 'text'), new BuiltinError('text must be of an array'));
  t.throws(() => count(schema, 'text'), new BuiltinError('text must be of an integer'));
  t.throws(() => count(schema, 'point'), new BuiltinError('point must be of an integer'));
  t.throws(() => count(schema, 'minus'), new BuiltinError('minus must be greater than or equal to 0'));
  t.equal(invalidType('Number', 'maximum').message, 'Invalid type. Expected: Number, given: maximum');
});

t.test('a number that is none, or too large to be read, is left to whoever asks', async (t) => {
  t.equal(number(schema, 'text'), undefined);
  t.equal(number(schema, 'huge'), undefined);
  t.ok(schema.get('huge') instanceof RegoNumber);
});
