import * as fc from 'fast-check';
import t from 'tap';
import { LimitError } from '../../../../src/policy/builtins/builtin.ts';
import { compileSchema } from '../../../../src/policy/builtins/json-schema/compile.ts';
import { failuresOf } from '../../../../src/policy/builtins/json-schema/validate.ts';
import { fromPlain, parseValue } from '../../../../src/policy/value-text.ts';

const failures = (schema: unknown, document: unknown) =>
  failuresOf(fromPlain(document), compileSchema(fromPlain(schema)));
/** Type and field of each. */
const said = (schema: unknown, document: unknown): readonly string[] =>
  failures(schema, document).map(({ type, field }) => `${type} ${field}`);
/** A linter takes an object with a member `then` for a promise. */
const conditional = (condition: unknown, consequence: unknown, alternative: unknown = true): object =>
  JSON.parse(
    JSON.stringify({ if: condition, than: consequence, else: alternative }).replace('"than"', '"then"'),
  ) as object;

t.test('a value is of one of the types, or nothing else is said of it', async (t) => {
  t.strictSame(said({ type: ['string', 'null'] }, null), []);
  t.strictSame(said({ type: 'number' }, 1), []);
  t.strictSame(failures({ type: 'integer', enum: [] }, 1.5), [
    { type: 'invalid_type', field: '(Root)', description: 'Invalid type. Expected: integer, given: number' },
  ]);
  t.strictSame(
    failures({ type: ['string', 'null'] }, [])[0]?.description,
    'Invalid type. Expected: [string,null], given: array',
  );
  t.strictSame(failures(false, 1), [
    { type: 'false', field: '(Root)', description: 'False always fails validation' },
  ]);
});

t.test('each member of an object by its own schema, or by that of the rest', async (t) => {
  const schema = {
    properties: { name: { type: 'string' } },
    patternProperties: { '^x-': { type: 'number' }, '-y$': { minimum: 3 } },
    additionalProperties: false,
    propertyNames: { maxLength: 4 },
  };
  t.strictSame(said(schema, { name: 'a', 'x-1': 1 }), []);
  t.strictSame(said(schema, { name: 1 }), ['invalid_type name']);
  t.strictSame(said(schema, { 'x-y': 2 }), ['number_gte x-y']);
  t.strictSame(said(schema, { other: 2 }), [
    'additional_property_not_allowed (Root)',
    'invalid_property_name (Root)',
    'string_lte (Root)',
  ]);
  t.strictSame(said({ additionalProperties: { type: 'null' } }, { a: { b: 1 }, b: null }), [
    'invalid_type a',
  ]);
  t.equal(failures(schema, { other: 2 })[0]?.description, 'Additional property other is not allowed');
  t.equal(failures(schema, { other: 2 })[1]?.description, 'Property name of "other" does not match');
});

t.test('each item by one schema, or by its own', async (t) => {
  t.strictSame(said({ items: { type: 'string' } }, ['a', 1, 'b', null]), [
    'invalid_type 1',
    'invalid_type 3',
  ]);
  t.strictSame(said({ items: [{ type: 'string' }], additionalItems: { type: 'null' } }, ['a', 1, null]), [
    'invalid_type 1',
  ]);
  t.strictSame(said({ items: [true], additionalItems: false }, [1, 2, 3]), [
    'array_no_additional_items (Root)',
  ]);
  t.strictSame(said({ items: [], additionalItems: false }, [1]), [], 'no schemas ask for nothing');
  t.strictSame(said({ items: true, additionalItems: false }, [1]), []);
});

t.test('an item that is contained; else the failures of the one that came closest', async (t) => {
  t.strictSame(said({ contains: { const: 2 } }, [1, 2]), []);
  t.strictSame(said({ contains: { const: 2 } }, []), ['contains (Root)']);
  const close = { type: 'object', required: ['a', 'b'] };
  t.strictSame(said({ contains: close }, [1, { a: 1 }, 'x']), ['contains (Root)', 'required 1']);
});

t.test('dependencies of members', async (t) => {
  const schema = { dependencies: { card: ['address', 'name'], gift: { required: ['to'] }, never: false } };
  t.strictSame(said(schema, { address: 1 }), []);
  t.strictSame(said(schema, { card: 1, name: 1, gift: 1 }), ['missing_dependency (Root)', 'required (Root)']);
  t.equal(failures(schema, { card: 1, name: 1 })[0]?.description, 'Has a dependency on address');
  t.strictSame(said(schema, { never: 1 }), ['false (Root)']);
});

t.test('combinations, with the failures of the schema that came closest', async (t) => {
  const person = { type: 'object', required: ['name', 'age'] };
  t.strictSame(said({ anyOf: [{ type: 'string' }, person] }, 'x'), []);
  t.strictSame(said({ anyOf: [{ type: 'string' }, person] }, { name: 1 }), [
    'number_any_of (Root)',
    'required (Root)',
  ]);
  t.strictSame(said({ oneOf: [{ type: 'string' }, person] }, { name: 1 }), [
    'number_one_of (Root)',
    'required (Root)',
  ]);
  t.strictSame(
    said({ oneOf: [{ type: 'string' }, { minLength: 1 }] }, 'x'),
    ['number_one_of (Root)'],
    'two of them',
  );
  t.strictSame(said({ allOf: [{ minimum: 2 }, { maximum: 0 }] }, 1), [
    'number_gte (Root)',
    'number_lte (Root)',
    'number_all_of (Root)',
  ]);
  t.strictSame(said({ not: { type: 'string' } }, 'x'), ['number_not (Root)']);
  t.strictSame(said({ not: { type: 'string' } }, 1), []);
});

t.test('conditions', async (t) => {
  const schema = conditional({ required: ['b'] }, { required: ['c'] }, { maxProperties: 0 });
  t.strictSame(said(schema, { b: 1, c: 1 }), []);
  t.strictSame(said(schema, { b: 1 }), ['condition_then (Root)', 'required (Root)']);
  t.strictSame(said(schema, { a: 1 }), ['condition_else (Root)', 'array_max_properties (Root)']);
  t.strictSame(said({ if: false }, 1), []);
});

t.test('descriptions of combinations', async (t) => {
  const described = (schema: unknown) => failures(schema, { a: 1 })[0]?.description;
  t.equal(described({ anyOf: [false] }), 'Must validate at least one schema (anyOf)');
  t.equal(described({ oneOf: [false] }), 'Must validate one and only one schema (oneOf)');
  t.equal(failures({ allOf: [false] }, 1)[1]?.description, 'Must validate all the schemas (allOf)');
  t.equal(described({ not: true }), 'Must not validate the schema (not)');
  t.equal(described(conditional(true, false)), 'Must validate "then" as "if" was valid');
  t.equal(described({ if: false, else: false }), 'Must validate "else" as "if" was not valid');
  t.equal(described({ dependencies: { a: ['b'] } }), 'Has a dependency on b');
  t.equal(
    failures({ items: [{}], additionalItems: false }, [1, 2])[0]?.description,
    'No additional items allowed on array',
  );
  t.equal(failures({ contains: false }, [])[0]?.description, 'At least one of the items must match');
});

t.test('a schema that refers to itself, on the way down', async (t) => {
  const tree = { properties: { value: { type: 'integer' }, children: { items: { $ref: '#' } } } };
  const document = { value: 1, children: [{ value: 2 }, { children: [{ value: 'x' }] }] };
  t.strictSame(said(tree, document), ['invalid_type children.1.children.0.value']);
});

t.test('what would never end is refused', async (t) => {
  t.throws(
    () => said({ $ref: '#' }, 1),
    new LimitError('json.match_schema: judgements are nested deeper than 500'),
  );
  const doubling = Array.from({ length: 30 }, (_, at) => [
    `${at}`,
    { allOf: [{ $ref: `#/definitions/${at + 1}` }, { $ref: `#/definitions/${at + 1}` }] },
  ]);
  const schema = { definitions: { ...Object.fromEntries(doubling), 30: {} }, $ref: '#/definitions/0' };
  t.throws(() => said(schema, 1), new LimitError('json.match_schema: it takes more than 1000000 judgements'));
  const deep = parseValue(`${'['.repeat(400)}${']'.repeat(400)}`);
  t.throws(
    () => failuresOf(deep, compileSchema(fromPlain({ items: { $ref: '#' } }))),
    new LimitError('json.match_schema: judgements are nested deeper than 500'),
  );
});

t.test('what schemas are to each other', async () => {
  const keyword = fc.oneof(
    fc.record({ type: fc.constantFrom('string', 'integer', 'object', 'array', 'null') }),
    fc.record({ minLength: fc.nat(3), minimum: fc.integer({ min: -2, max: 2 }) }),
    fc.record({ required: fc.uniqueArray(fc.constantFrom('a', 'b')), maxItems: fc.nat(2) }),
    fc.record({ properties: fc.dictionary(fc.constantFrom('a', 'b'), fc.boolean()) }),
    fc.record({ items: fc.boolean(), contains: fc.boolean() }),
  );
  const document = fc.oneof(
    fc.jsonValue({ maxDepth: 1 }),
    fc.dictionary(fc.constantFrom('a', 'b'), fc.integer()),
    fc.array(fc.integer({ min: -3, max: 3 })),
  );
  const valid = (schema: unknown, value: unknown): boolean => failures(schema, value).length === 0;
  fc.assert(
    fc.property(keyword, keyword, document, (one, other, value) => {
      const [a, b] = [valid(one, value), valid(other, value)];
      return (
        valid({ not: one }, value) === !a &&
        valid({ allOf: [one, other] }, value) === (a && b) &&
        valid({ anyOf: [one, other] }, value) === (a || b) &&
        valid({ oneOf: [one, other] }, value) === (a !== b) &&
        valid(conditional(one, other), value) === (!a || b) &&
        valid({ $ref: '#/definitions/x', definitions: { x: one } }, value) === a &&
        valid({ enum: [value] }, value) &&
        valid({ items: one }, [value, value]) === a
      );
    }),
  );
});

t.test('patterns cost what there is to look for, and more than enough ends the evaluation', async (t) => {
  const named = (count: number, name: (at: number) => string): Record<string, unknown> =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [name(at), {}]));
  const schema = { patternProperties: named(300, (at) => `x${at}.*(a|b)+$`) };
  t.equal(
    failures(
      schema,
      named(30, (at) => `member${at}`),
    ).length,
    0,
  );
  const limit = new LimitError('json.match_schema: it costs too much to judge the document');
  t.throws(
    () =>
      failures(
        schema,
        named(5_000, (at) => `member${at}`),
      ),
    limit,
  );
  t.throws(
    () => failures({ items: { pattern: '^(a{1,100}){1,10}b$' } }, Array(2_000).fill('a'.repeat(100))),
    limit,
  );
});
