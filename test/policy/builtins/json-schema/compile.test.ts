import t from 'tap';
import { BuiltinError, LimitError } from '../../../../src/policy/builtins/builtin.ts';
import { compileSchema } from '../../../../src/policy/builtins/json-schema/compile.ts';
import type { Schema } from '../../../../src/policy/builtins/json-schema/schema.ts';
import { fromPlain } from '../../../../src/policy/value-text.ts';

const compile = (schema: unknown): Schema => compileSchema(fromPlain(schema));
const DRAFT = (draft: number) => ({ $schema: `http://json-schema.org/draft-0${draft}/schema#` });
/** A linter takes an object with a member `then` for a promise. */
const conditional = (condition: unknown, consequence: unknown, alternative: unknown = true): object =>
  JSON.parse(
    JSON.stringify({ if: condition, than: consequence, else: alternative }).replace('"than"', '"then"'),
  ) as object;

t.test('keywords with schemas', async (t) => {
  const schema = compile({
    properties: { a: { type: 'string' } },
    patternProperties: { '^b': true },
    additionalProperties: false,
    propertyNames: { maxLength: 3 },
    dependencies: { a: ['b'], c: { not: {} } },
    items: [{}, false],
    additionalItems: { type: 'null' },
    contains: {},
    anyOf: [{}, {}],
    ...conditional(true, {}),
  });
  t.strictSame(schema.properties.get('a')?.types, ['string']);
  t.equal(schema.patternProperties.length, 1);
  t.equal(schema.additionalProperties, false);
  t.equal(schema.propertyNames?.maxLength, 3n);
  t.strictSame(schema.dependencies.get('a'), ['b']);
  t.match(schema.dependencies.get('c'), { not: { types: [] } });
  t.match(schema.items, [{ verdict: undefined }, { verdict: false }]);
  t.match(schema.additionalItems, { types: ['null'] });
  t.ok(schema.contains && schema.consequence);
  t.equal(schema.condition?.verdict, true);
  t.equal(schema.anyOf.length, 2);
  t.match(compile({ items: { type: 'null' } }).items, { types: ['null'] });
});

t.test('keywords of later drafts are not read in earlier ones, whatever they are', async (t) => {
  const four = compile({ ...DRAFT(4), contains: 1, propertyNames: 1, const: 1, if: 1, $id: 1 });
  t.strictSame(
    [four.contains, four.propertyNames, four.const, four.condition],
    [undefined, undefined, undefined, undefined],
  );
  t.equal(compile({ ...DRAFT(6), else: 1, id: 1 }).alternative, undefined);
});

t.test('references, also to what is not read yet', async (t) => {
  const schema = compile({
    definitions: { node: { items: { $ref: '#/definitions/node' } } },
    not: { $ref: '#/definitions/node' },
  });
  const node = schema.not?.reference as Schema;
  t.equal((node.items as Schema).reference, node);
  t.match(
    compile({ $ref: 'http://json-schema.org/draft-07/schema#/definitions/simpleTypes' }).reference?.enum
      ?.shown,
    /"array", "boolean"/,
  );
});

t.test(
  'what stands beside a reference is read only when another one led there before, as in gojsonschema',
  async (t) => {
    t.doesNotThrow(() => compile({ $ref: '#/definitions/a', type: 'text', definitions: { a: {} } }));
    const twice = {
      items: [{ $ref: '#/definitions/a' }, { $ref: '#/definitions/a', type: 7 }],
      definitions: { a: {} },
    };
    t.throws(
      () => compile(twice),
      new BuiltinError('Invalid type. Expected: type, given: string/Array Of Strings'),
    );
  },
);

t.test('faults', async (t) => {
  for (const [schema, message] of [
    [7, 'schema is invalid'],
    [{ items: 7 }, 'Invalid type. Expected: Valid Schema/Array Of Schemas, given: items'],
    [{ items: [7] }, 'Invalid type. Expected: Valid Schema/Array Of Schemas, given: items'],
    [{ additionalItems: [] }, 'Invalid type. Expected: boolean/Valid Schema, given: additionalItems'],
    [
      { additionalProperties: [] },
      'Invalid type. Expected: boolean/Valid Schema, given: additionalProperties',
    ],
    [{ properties: [] }, 'Properties must be of type object'],
    [{ properties: { a: 1 } }, 'Expected: Valid Schema, given: Invalid JSON'],
    [{ ...DRAFT(4), properties: { a: true } }, 'Expected: Valid Schema, given: Invalid JSON'],
    [{ patternProperties: [] }, 'Invalid type. Expected: Valid Schema, given: patternProperties'],
    [{ patternProperties: { '(': {} } }, "Invalid regex pattern '('"],
    [{ propertyNames: 1 }, 'Invalid type. Expected: Valid Schema, given: patternProperties'],
    [{ dependencies: [] }, 'dependencies must be of type object'],
    [{ dependencies: { a: [1] } }, 'Dependency must be of type Schema Or Array Of Strings'],
    [{ definitions: [] }, 'Invalid type. Expected: Array Of Schemas, given: definitions'],
    [{ definitions: { a: [] } }, 'Invalid type. Expected: Array Of Schemas, given: definitions'],
    [{ allOf: {} }, 'allOf must be of an array'],
    [{ oneOf: [1] }, 'Expected: Valid Schema, given: Invalid JSON'],
    [{ not: 1 }, 'not must be of an object'],
    [conditional(true, 1), 'then must be of an object'],
    [{ title: 1 }, 'Invalid type. Expected: string, given: title'],
    [{ description: 1 }, 'Invalid type. Expected: string, given: description'],
    [{ id: 1 }, 'Invalid type. Expected: string, given: id'],
    [{ $id: 1 }, 'Invalid type. Expected: string, given: $id'],
    [{ $id: '%z' }, 'parse "%z": invalid URL escape "%z"'],
    [{ $ref: 1 }, 'Invalid type. Expected: string, given: $ref'],
    [{ $ref: '#/required', required: [] }, 'Valid Schema must be of type object'],
  ] as const)
    t.throws(() => compile(schema), new BuiltinError(message), JSON.stringify(schema));
});

t.test(
  'schemas that are too many, too deep, or whose patterns are too large end the evaluation',
  async (t) => {
    let deep: object = {};
    for (let at = 0; at < 500; at++) deep = { not: deep };
    t.throws(() => compile(deep), new LimitError('JSON Schema: schemas are nested deeper than 500'));
    const parts = Array.from({ length: 600 }, () => ({}));
    // A fragment that no id has refers to the whole.
    const spelled = Array.from({ length: 200 }, (_, at) => ({ $ref: `#${at}` }));
    t.throws(
      () => compile({ anyOf: parts, allOf: spelled }),
      new LimitError('JSON Schema: there are more than 100000 schemas'),
    );
    const patterns = Array.from({ length: 20 }, (_, at) => [`${'(a{1000})'.repeat(30)}${at}`, {}] as const);
    t.throws(
      () => compile({ patternProperties: Object.fromEntries(patterns) }),
      new LimitError('JSON Schema: the patterns are too large'),
    );
  },
);
