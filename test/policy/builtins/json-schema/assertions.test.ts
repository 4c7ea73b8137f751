import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import {
  patternOf,
  readConstants,
  readLimits,
  typesOf,
} from '../../../../src/policy/builtins/json-schema/assertions.ts';
import { type Draft, HYBRID } from '../../../../src/policy/builtins/json-schema/draft.ts';
import { emptySchema, type Schema } from '../../../../src/policy/builtins/json-schema/schema.ts';
import { RegoNumber } from '../../../../src/policy/number.ts';
import type { RegoObject } from '../../../../src/policy/value.ts';
import { fromPlain, parseValue } from '../../../../src/policy/value-text.ts';

function limits(keywords: object, draft: Draft = HYBRID): Schema {
  const schema = emptySchema();
  readLimits(fromPlain(keywords) as RegoObject, draft, schema);
  readConstants(fromPlain(keywords) as RegoObject, draft, schema);
  return schema;
}

t.test('a type, or several', async (t) => {
  t.strictSame(typesOf('string'), ['string']);
  t.strictSame(typesOf(['null', 'integer']), ['null', 'integer']);
  t.strictSame(typesOf(undefined), []);
  for (const [value, message] of [
    [true, 'Invalid type. Expected: type, given: string/Array Of Strings'],
    [[null], 'Invalid type. Expected: type, given: string/Array Of Strings'],
    [['null', 'null'], 'null type is duplicated'],
    [
      'text',
      'has a primitive type that is NOT VALID -- given: /text/ Expected valid values are:[array boolean integer number null object string]',
    ],
  ] as const)
    t.throws(() => typesOf(value), new BuiltinError(message), JSON.stringify(value));
});

t.test('bounds of numbers; exclusive ones were booleans in draft 4', async (t) => {
  t.match(limits({ minimum: 1, exclusiveMaximum: 2.5 }), {
    minimum: { text: '1' },
    exclusiveMaximum: { text: '2.5' },
  });
  for (const draft of [4, HYBRID] as const) {
    const schema = limits({ minimum: 1, exclusiveMinimum: true, maximum: 2, exclusiveMaximum: false }, draft);
    t.match(schema, { exclusiveMinimum: { text: '1' }, maximum: { text: '2' } });
    t.equal(schema.minimum, undefined);
    t.equal(schema.exclusiveMaximum, undefined);
  }
});

t.test('faults of keywords', async (t) => {
  for (const [keywords, message, draft] of [
    [{ multipleOf: '2' }, 'Invalid type. Expected: Number, given: multipleOf'],
    [{ multipleOf: 0 }, 'multipleOf must be strictly greater than 0'],
    [{ minimum: '1' }, 'minimum must be of a Number'],
    [{ maximum: '1' }, 'maximum must be of a Number'],
    [{ exclusiveMinimum: true }, 'exclusiveMinimum cannot be used without minimum'],
    [{ exclusiveMaximum: true }, 'exclusiveMaximum cannot be used without maximum', 4],
    [{ exclusiveMaximum: 1 }, 'Invalid type. Expected: boolean, given: exclusiveMaximum', 4],
    [{ maximum: 1, exclusiveMaximum: true }, 'Invalid type. Expected: number, given: exclusiveMaximum', 6],
    [{ exclusiveMinimum: '1' }, 'Invalid type. Expected: boolean/number, given: exclusiveMinimum'],
    [{ minLength: 3, maxLength: 2 }, 'minLength cannot be greater than maxLength'],
    [{ minProperties: 3, maxProperties: 2 }, 'minProperties cannot be greater than maxProperties'],
    [{ pattern: '(?=a)' }, 'pattern must be a valid regex'],
    [{ required: 'a' }, 'required must be of an array'],
    [{ required: [1] }, 'Invalid type. Expected: string, given: required'],
    [{ required: ['a', 'a'] }, 'required items must be unique'],
    [{ uniqueItems: 1 }, 'uniqueItems must be of a boolean'],
    [{ enum: {} }, 'enum must be of an array'],
    [{ enum: [1, 'a', 1] }, 'enum items must be unique'],
  ] as readonly [object, string, Draft?][])
    t.throws(() => limits(keywords, draft), new BuiltinError(message), JSON.stringify(keywords));
});

t.test(
  'what gojsonschema does not see: too few items for the least, and numbers beyond its own',
  async (t) => {
    t.match(limits({ minItems: 3, maxItems: 2 }), { minItems: 3n, maxItems: 2n });
    const schema = emptySchema();
    readLimits(parseValue('{"exclusiveMinimum": 1e1000001}') as RegoObject, 7, schema);
    t.equal(schema.exclusiveMinimum, undefined);
  },
);

t.test('const is of draft 6 and later', async (t) => {
  t.equal(limits({ const: [1] }, 6).const, '[1]');
  t.equal(limits({ const: [1] }, 4).const, undefined);
  t.throws(
    () => readConstants(parseValue('{"const": 1e999}') as RegoObject, 6, emptySchema()),
    new BuiltinError('json: cannot unmarshal number 1e999 into Go value of type float64'),
  );
  t.equal(limits({ enum: [new Date(0).getTime(), 'a'] }).enum?.shown, '0, "a"');
});

t.test('a pattern is compiled; a fault is told as the keyword tells it', async (t) => {
  t.equal(typeof patternOf('^a+$', 'no').re.programSize(), 'number');
  t.throws(() => patternOf('(', 'this is none'), new BuiltinError('this is none'));
  t.ok(new RegoNumber('1'));
});
