// What OPA takes for a valid query, found out by asking it.
import t, { type Test } from 'tap';
import { LimitError } from '../../../../src/policy/builtins/builtin.ts';
import { loadSchema } from '../../../../src/policy/builtins/graphql/load-schema.ts';
import { parseQuery } from '../../../../src/policy/builtins/graphql/query-parser.ts';
import { checkQuery } from '../../../../src/policy/builtins/graphql/query-rules.ts';
import { parseSchema } from '../../../../src/policy/builtins/graphql/schema-parser.ts';
import { node } from '../../../../src/policy/builtins/graphql/ast.ts';
import { faultOf, queryFaults } from '../../../support/graphql.ts';

const SCHEMA = `
  type Query { a: Query b(x: Int, s: String): Int c: Int }
  type Subscription { a: Int b: Int q: Query }
`;
const fault = queryFaults(SCHEMA);
const expected = (t: Test, cases: readonly (readonly [query: string, message: string | null])[]): void => {
  for (const [query, message] of cases) t.equal(fault(query), message, query);
};

t.test('a document of nothing is valid', async (t) => {
  t.equal(fault(''), null);
});

t.test('operations have names of their own, unless there is one', async (t) => {
  expected(t, [
    ['query A {c} query B {c}', null],
    ['query A {c} query A {c}', 'There can be only one operation of a name'],
    ['{c} {c}', 'There can be only one operation of a name'],
    ['{c} query A {c}', 'This anonymous operation must be the only defined operation'],
  ]);
});

t.test('operations are of types that the schema has', async (t) => {
  expected(t, [['mutation {c}', 'Schema does not support operation type "mutation"']]);
  const operation = node('OperationDefinition', { Operation: 'change' });
  const document = node('QueryDocument', { Operations: [operation] });
  const schema = loadSchema(parseSchema(SCHEMA));
  t.equal(
    faultOf(() => checkQuery(schema, document)),
    'Schema does not support operation type "change"',
  );
  const unnamed = node('OperationDefinition', {
    SelectionSet: parseQuery('{c}').Operations[0]?.SelectionSet ?? [],
  });
  t.equal(
    faultOf(() => checkQuery(schema, node('QueryDocument', { Operations: [unnamed] }))),
    null,
    'a document that is given as an object may leave it out',
  );
});

t.test('fragments have names of their own, are used, and not in themselves', async (t) => {
  expected(t, [
    ['{...F} fragment F on Query {c} fragment F on Query {c}', 'There can be only one fragment of a name'],
    ['{c} fragment F on Query {c}', 'Fragment "F" is never used'],
    ['{c} fragment F on Query {...G} fragment G on Query {c}', 'Fragment "F" is never used'],
    ['{...F} fragment F on Query {a {...F}}', 'A fragment cannot be spread within itself'],
    [
      '{...F} fragment F on Query {...G} fragment G on Query {... {...F}}',
      'A fragment cannot be spread within itself',
    ],
    ['query A {...F} query B {...G} fragment F on Query {c} fragment G on Query {...F}', null],
  ]);
});

t.test('variables have names of their own, are defined, and used', async (t) => {
  expected(t, [
    ['query ($x: Int) {b(x: $x)}', null],
    ['query ($x: Int $x: Int) {b(x: $x)}', 'There can be only one variable of a name'],
    ['{b(x: $x)}', 'Variable "$x" is not defined'],
    ['query ($x: Int) {c}', 'Variable "$x" is never used'],
    ['query ($x: Int) {...F} fragment F on Query {...G} fragment G on Query {b(x: $x)}', null],
    ['query A($x: Int) {...F} query B {...F} fragment F on Query {b(x: $x)}', 'Variable "$x" is not defined'],
    [
      'query A($x: Int) {...F} query B($x: String) {...F} fragment F on Query {b(x: $x)}',
      'Variable "$x" is of another type than expected here',
    ],
    ['query ($x: Boolean!) {c @skip(if: $x)}', null],
    ['query ($x: Boolean!) {...F} fragment F on Query {... @include(if: $x) {c}}', null],
  ]);
});

t.test('a variable that an object shows as used is', async (t) => {
  const [operation] = parseQuery('query ($x: Int) {c}').Operations;
  const [variable] = operation?.VariableDefinitions ?? [];
  t.ok(operation && variable);
  if (!operation || !variable) return;
  const used = { ...operation, VariableDefinitions: [{ ...variable, Used: true }] };
  checkQuery(loadSchema(parseSchema(SCHEMA)), node('QueryDocument', { Operations: [used] }));
});

t.test('a subscription has one field, of any alias, and none of introspection', async (t) => {
  expected(t, [
    ['subscription {a}', null],
    ['subscription {a again: a ...F} fragment F on Subscription {... {a}}', null],
    ['subscription {q {b c}}', null],
    ['subscription {a b}', 'A subscription must select only one top level field'],
    [
      'subscription {a ...F ...F} fragment F on Subscription {... {b}}',
      'A subscription must select only one top level field',
    ],
    ['subscription {__typename}', 'A subscription must not select an introspection top level field'],
  ]);
});

t.test('introspection does not go from types to types three times', async (t) => {
  const types = (inner: string): string => `{__schema {types {${inner}}}}`;
  const exceeded = 'Maximum introspection depth exceeded';
  expected(t, [
    [types('fields {type {interfaces {name}}}'), null],
    [types('fields {type {fields {type {fields {name}}}}}'), exceeded],
    [
      `${types('fields {type {...F}}')}
        fragment F on __Type {fields {type {...G}}} fragment G on __Type {... {inputFields {name}}}`,
      exceeded,
    ],
    ['{__type(name: "A") {possibleTypes {possibleTypes {ofType {possibleTypes {name}}}}}}', exceeded],
    [types('ofType {ofType {ofType {ofType {ofType {name}}}}}'), null],
  ]);
});

t.test('a chain of fragments that spread the next one twice takes no time of its own', async (t) => {
  const chain = Array.from(
    { length: 40 },
    (_, at) => `fragment F${at} on __Type {ofType {...F${at + 1} ...F${at + 1}}}`,
  );
  t.equal(fault(`{__schema {types {...F0}}} ${chain.join(' ')} fragment F40 on __Type {name}`), null);
});

t.test('a query that takes too much work ends the evaluation', async (t) => {
  const much = new LimitError('graphql: a query takes more than 250000 comparisons');
  expected(t, [[`{${'c '.repeat(600)}}`, null]]);
  for (const query of [
    `{${'c '.repeat(1_000)}}`,
    `${Array.from({ length: 1_000 }, (_, at) => `query Q${at}($x: Int) {...F}`).join(' ')} fragment F on Query {${Array.from({ length: 400 }, (_, at) => `b${at}: b(x: $x)`).join(' ')}}`,
  ])
    t.throws(() => fault(query), much);
});
