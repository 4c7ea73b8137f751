import t from 'tap';
import { BuiltinError, LimitError } from '../../../../src/policy/builtins/builtin.ts';
import { parseReference } from '../../../../src/policy/builtins/json-schema/reference.ts';
import { schemaPool } from '../../../../src/policy/builtins/json-schema/schema-pool.ts';
import type { RegoObject } from '../../../../src/policy/value.ts';
import { fromPlain, parseValue, writeValue } from '../../../../src/policy/value-text.ts';

/** What a reference in the schema leads to. */
const found = (schema: unknown, reference: string): string =>
  writeValue(schemaPool(fromPlain(schema)).get(parseReference(reference)).document);

t.test('the schema and its parts are found by pointers', async (t) => {
  const schema = { definitions: { name: { type: 'string' } } };
  t.equal(found(schema, '#/definitions/name'), '{"type": "string"}');
  t.equal(found(schema, ''), '{"definitions": {"name": {"type": "string"}}}');
  t.throws(() => found(schema, '#/definitions/age'), new BuiltinError("Object has no key 'age'"));
});

t.test('parts with an id are found by it, resolved against the ids around', async (t) => {
  const schema = {
    $id: 'http://example.com/root.json',
    definitions: { a: { $id: 'sub/a.json', items: { $id: '#b', const: 1 } }, c: { id: '#c', const: 2 } },
  };
  t.equal(found(schema, 'http://example.com/sub/a.json#b'), '{"$id": "#b", "const": 1}');
  t.equal(found(schema, 'http://example.com/root.json#c'), '{"const": 2, "id": "#c"}');
  t.equal(found(schema, 'http://example.com/sub/a.json#/items/const'), '1');
});

t.test("what is in constants or has a keyword's name as a property is no schema's id", async (t) => {
  const schema = {
    const: { $id: 'x' },
    enum: [{ $id: 'x' }],
    properties: { $id: { $id: 'x', const: 1 } },
    $id: 7,
  };
  t.equal(found(schema, '/x'), '{"$id": "x", "const": 1}');
});

t.test('two parts cannot have the same id', async (t) => {
  const schema = { definitions: { a: { $id: 'x' }, b: { $id: './x' } } };
  t.throws(() => found(schema, ''), new BuiltinError('Reference already exists: "/x"'));
});

t.test('a $ref is resolved against the ids around it', async (t) => {
  const schema = fromPlain({
    $id: 'http://example.com/a/',
    items: { $ref: 'b#/c' },
    not: { $ref: '%zz' },
    if: { $ref: 7 },
  }) as RegoObject;
  const pool = schemaPool(schema);
  const referenceOf = (keyword: string) => pool.referenceOf(schema.get(keyword) as RegoObject);
  t.equal(referenceOf('items'), 'http://example.com/a/b#/c');
  t.equal(referenceOf('not'), '%zz', 'what is none is told where it is read');
  t.strictSame(referenceOf('if'), parseValue('7'));
  t.equal(pool.referenceOf(schema), undefined);
});

t.test("the drafts' own schemas are known", async (t) => {
  const pool = schemaPool(true);
  const { document, draft } = pool.get(
    parseReference('http://json-schema.org/draft-06/schema#/definitions/stringArray'),
  );
  t.equal(draft, 6);
  t.match(writeValue(document), /uniqueItems/);
  t.equal(pool.get(parseReference('http://json-schema.org/draft-06/schema')).draft, 6);
});

t.test('nothing else is fetched, and no file is read', async (t) => {
  for (const reference of [
    'http://example.com/a',
    'file:///etc/passwd',
    'http://json-schema.org/draft-03/schema',
  ])
    t.throws(
      () => found({}, `${reference}#/a`),
      new BuiltinError(`remote reference loading disabled: ${reference}`),
    );
  t.throws(() => found({}, 'a.json#b'), new BuiltinError('Reference a.json#b must be canonical'));
});

t.test('what is no schema, and what is too deep to be one', async (t) => {
  t.throws(() => schemaPool([]), new BuiltinError('schema is invalid'));
  const deep = parseValue(`{"a": ${'['.repeat(1_001)}${']'.repeat(1_001)}}`);
  t.throws(() => schemaPool(deep), new LimitError('JSON Schema: it is nested deeper than 1000'));
});
