import * as fc from 'fast-check';
import t from 'tap';
import { BuiltinError } from '../../../src/policy/builtins/builtin.ts';
import { graphql } from '../../../src/policy/builtins/graphql.ts';
import { caller, evaluation } from '../../support/builtin.ts';

const call = caller(graphql);
const text = (source: string): string => JSON.stringify(source);
const SCHEMA = text('type Query { employee(id: ID!): Employee } type Employee { name: String salary: Int }');
const QUERY = text('{ employee(id: 7) { salary } }');
const QUERY_OBJECT =
  '{"Operations": [{"Name": "", "Operation": "query", "SelectionSet": [{"Alias": "employee", "Arguments": [' +
  '{"Name": "id", "Value": {"ExpectedTypeHasDefault": false, "Kind": 1, "Raw": "7"}}], "Name": "employee", ' +
  '"SelectionSet": [{"Alias": "salary", "Name": "salary"}]}]}]}';
const UNKNOWN = text('{ employee(id: 7) { bonus } }');

t.test('a query and a schema are shown as objects, valid or not', async (t) => {
  t.equal(call('graphql.parse_query', QUERY), QUERY_OBJECT);
  t.equal(call('graphql.parse_query', text('')), '{}');
  t.equal(
    call('graphql.parse_schema', text('scalar Int')),
    '{"Definitions": [{"BuiltIn": false, "Description": "", "Kind": "SCALAR", "Name": "Int"}]}',
  );
  t.throws(
    () => call('graphql.parse_query', text('{')),
    new BuiltinError('unexpected the end in GraphQL at 1:2'),
  );
  t.throws(
    () => call('graphql.parse_schema', text('{a}')),
    new BuiltinError('unexpected { in GraphQL at 1:1'),
  );
});

t.test('a valid query is parsed, and its schema with it', async (t) => {
  const schema = call('graphql.parse_schema', SCHEMA);
  t.equal(call('graphql.parse', QUERY, SCHEMA), `[${QUERY_OBJECT}, ${schema}]`);
  t.equal(call('graphql.parse_and_verify', QUERY, SCHEMA), `[true, ${QUERY_OBJECT}, ${schema}]`);
  t.equal(call('graphql.is_valid', QUERY, SCHEMA), 'true');
});

t.test('one that is not valid is an error, or not verified', async (t) => {
  t.throws(() => call('graphql.parse', UNKNOWN, SCHEMA), {
    message: 'Cannot query field "bonus" on type Employee',
  });
  t.equal(call('graphql.parse_and_verify', UNKNOWN, SCHEMA), '[false, {}, {}]');
  t.equal(call('graphql.is_valid', UNKNOWN, SCHEMA), 'false');
  t.equal(call('graphql.is_valid', QUERY, text('type Query')), 'false', 'nor is any by a schema that is not');
});

t.test('both may be given as objects', async (t) => {
  const schema = call('graphql.parse_schema', SCHEMA) as string;
  t.equal(call('graphql.parse', QUERY_OBJECT, schema), `[${QUERY_OBJECT}, ${schema}]`);
  t.equal(call('graphql.is_valid', QUERY_OBJECT, SCHEMA), 'true');
  t.equal(call('graphql.is_valid', UNKNOWN, schema), 'false');
  t.equal(call('graphql.schema_is_valid', schema), 'true');
  t.equal(
    call(
      'graphql.is_valid',
      call('graphql.parse_query', text('{... {employee(id: 7) {name}}}')) as string,
      SCHEMA,
    ),
    'false',
    'but OPA cannot read fragments as it writes them',
  );
});

t.test('objects that no text could be are judged by what they show, if that is enough', async (t) => {
  const schema = text('type Query { x(n: Int): Int y: Int }');
  const query = (...selections: readonly string[]): string =>
    `{"Operations": [{"SelectionSet": [${selections.join(', ')}]}]}`;
  const x = '{"Name": "x"}';
  t.equal(call('graphql.is_valid', query(x, x, '{"Name": "y"}'), schema), 'true', 'a field without alias');
  t.throws(() => call('graphql.parse', query(x, '{"Name": "y", "Alias": "x"}'), schema), {
    message: 'Fields "x" conflict because "x" and "y" are different fields',
  });
  t.throws(() => call('graphql.parse', query('{"Name": "x", "Arguments": [{"Name": "n"}]}'), schema), {
    message: 'a value is missing',
  });
  const unnamed =
    '{"Definitions": [{}, {"Kind": "OBJECT", "Name": "Query", "Fields": [{"Name": "x", "Type": {"NamedType": "Int"}}]}]}';
  t.equal(call('graphql.is_valid', text('{x}'), unnamed), 'true');
  t.throws(() => call('graphql.parse', text('{... {x}}'), unnamed), {
    message: 'a type of the schema has no name',
  });
  const untyped = (fields: string): string =>
    `{"Definitions": [{"Kind": "OBJECT", "Name": "A", "Interfaces": ["I"], "Fields": [{"Name": "a", "Type": {"NamedType": "Int"}}]},
      {"Kind": "INTERFACE", "Name": "I", "Fields": [${fields}]}]}`;
  t.throws(() => call('graphql.parse', '""', untyped('{"Name": "a"}')), { message: 'a type is missing' });
  t.equal(call('graphql.schema_is_valid', untyped('{"Name": "a", "Type": {"NamedType": "Int"}}')), 'true');
});

t.test('a schema is valid or not', async (t) => {
  t.equal(call('graphql.schema_is_valid', SCHEMA), 'true');
  t.equal(call('graphql.schema_is_valid', text('')), 'true');
  t.equal(call('graphql.schema_is_valid', text('type Query')), 'false');
  t.equal(call('graphql.schema_is_valid', '{"Definitions": [{}]}'), 'true', 'a type of no kind is');
  t.equal(call('graphql.schema_is_valid', '{"Definitions": [null]}'), 'false');
});

t.test('what is of another type is an error, or not valid', async (t) => {
  t.throws(() => call('graphql.parse', '1', SCHEMA), {
    message: 'operand 1 must be one of {object, string} but got number',
  });
  t.throws(() => call('graphql.parse', QUERY, 'null'), {
    message: 'operand 2 must be one of {object, string} but got null',
  });
  t.throws(() => call('graphql.parse_query', '{}'), { message: 'operand 1 must be string but got object' });
  t.throws(() => call('graphql.parse_schema', '[]'), { message: 'operand 1 must be string but got array' });
  t.equal(call('graphql.parse_and_verify', '1', SCHEMA), '[false, {}, {}]');
  t.equal(call('graphql.is_valid', QUERY, '["a"]'), 'false');
  t.equal(call('graphql.schema_is_valid', 'true'), 'false');
});

t.test('a schema that is kept says the same again, as text and as an object', async (t) => {
  const schemas = Array.from({ length: 15 }, (_, at) => text(`type Query { f${at}: Int }`));
  for (let round = 0; round < 2; round++)
    for (const [at, schema] of schemas.entries()) {
      t.equal(call('graphql.is_valid', text(`{f${at}}`), schema), 'true');
      t.equal(call('graphql.is_valid', text(`{f${at + 1}}`), schema), 'false');
      t.equal(call('graphql.schema_is_valid', text('type Query')), 'false', 'invalid ones too');
    }
  t.equal(call('graphql.schema_is_valid', '{}'), 'true');
  t.equal(call('graphql.schema_is_valid', text('{}')), 'false', 'the text of an object is not the object');
});

t.test('a bug in a builtin is not an invalid query', async (t) => {
  const broken = undefined as unknown as null;
  t.throws(() => graphql['graphql.is_valid']?.(broken as never, evaluation()), TypeError);
});

t.test('whatever text there is, it is valid, not valid, or an error', async () => {
  const words =
    '{ } ( ) [ ] : ! = @ | & $ ... """ " # , query fragment on type input union extend schema directive implements Query a Int 1 1.5 "x" null __typename';
  const token = fc.constantFrom('\n', ' ', '\u0000', '\\', '😀', '\ufeff', ...words.split(' '));
  const source = fc.array(token, { maxLength: 30 }).map((tokens) => tokens.join(' '));
  fc.assert(
    fc.property(source, source, (query, schema) => {
      const valid = call('graphql.is_valid', text(query), text(schema));
      const verified = call('graphql.parse_and_verify', text(query), text(schema));
      return (verified as string).startsWith(`[${valid}`);
    }),
    { numRuns: 1_000 },
  );
});
