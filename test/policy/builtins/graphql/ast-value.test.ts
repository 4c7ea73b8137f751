// What Go's encoding/json and OPA make of documents, found out by asking OPA.
import * as fc from 'fast-check';
import t from 'tap';
import { LimitError } from '../../../../src/policy/builtins/builtin.ts';
import { documentOf, documentValue } from '../../../../src/policy/builtins/graphql/ast-value.ts';
import { node } from '../../../../src/policy/builtins/graphql/ast.ts';
import { parseQuery } from '../../../../src/policy/builtins/graphql/query-parser.ts';
import { parseSchema } from '../../../../src/policy/builtins/graphql/schema-parser.ts';
import { equal } from '../../../../src/policy/value.ts';
import { fromPlain, parseValue, writeValue } from '../../../../src/policy/value-text.ts';
import { faultOf } from '../../../support/graphql.ts';

/** What a document given as an object is when it is written again. */
const again = (text: string): string =>
  writeValue(documentValue(documentOf('QueryDocument', parseValue(text))));
const fault = (text: string): string | null => faultOf(() => documentOf('QueryDocument', parseValue(text)));
/** A query of one selection. */
const selecting = (selection: string): string => `{"Operations": [{"SelectionSet": [${selection}]}]}`;
const selected = (selection: string): string =>
  again(selecting(selection)).replace(
    /^{"Operations": \[{"Name": "", "Operation": ""(?:, "SelectionSet": )?|}\]}$/g,
    '',
  );

t.test('what is null or empty is left out, but for text, numbers and booleans', async (t) => {
  t.equal(
    writeValue(documentValue(parseQuery('query ($a: [Int]) {b(c: [])}'))),
    '{"Operations": [{"Name": "", "Operation": "query", "SelectionSet": [{"Alias": "b", "Arguments": [' +
      '{"Name": "c", "Value": {"ExpectedTypeHasDefault": false, "Kind": 8, "Raw": ""}}], "Name": "b"}], ' +
      '"VariableDefinitions": [{"Type": {"Elem": {"NamedType": "Int", "NonNull": false}, "NamedType": "", "NonNull": false}, ' +
      '"Used": false, "Variable": "a"}]}]}',
  );
  t.equal(writeValue(documentValue(parseQuery(''))), '{}');
  t.equal(writeValue(documentValue(node('CommentGroup', { List: [] }))), '{}');
});

t.test('a document that is given back is the same again', async (t) => {
  const query = 'query Q($a: Int = 1 @x) {a(b: {c: [1.5 "d" null E]}) @e(f: $a) {g}}';
  const value = documentValue(parseQuery(query));
  t.ok(equal(documentValue(documentOf('QueryDocument', value)), value));
  const schema =
    '#1\n"d" type A implements I @d {"e" a(b: Int = 1): [A!]} #2\n enum E {A} union U = A directive @d on OBJECT';
  const document = documentValue(parseSchema(schema));
  t.ok(equal(documentValue(documentOf('SchemaDocument', document)), document));
});

t.test('what an object shows beyond a query stays, if it is a field of gqlparser', async (t) => {
  t.equal(
    selected(
      '{"Name": "a", "Definition": {"Name": "d", "Kind": 7}, "ObjectDefinition": {"Kind": "OBJECT"}, "More": 1}',
    ),
    '[{"Alias": "", "Definition": {"Description": "", "Name": "d"}, "Name": "a", ' +
      '"ObjectDefinition": {"BuiltIn": false, "Description": "", "Kind": "OBJECT", "Name": ""}}]',
  );
  t.equal(
    again('{"Comment": {"List": [{"Value": "#a", "Position": {"Line": 3}}]}}'),
    '{"Comment": {"List": [{"Value": "#a"}]}}',
    'but not a position',
  );
});

t.test('some structs are read by exact names, others by names of any case', async (t) => {
  t.equal(selected('{"name": "a"}'), '[{"Alias": "", "Name": ""}]');
  t.equal(again('{"operations": [{"Name": "a"}]}'), '{"Operations": [{"Name": "a", "Operation": ""}]}');
  t.equal(
    selected(
      '{"Name": "a", "Directives": [{"NAME": "d", "argumentſ": [{"name": "x", "value": {"\u212aind": 1}}]}]}',
    ),
    '[{"Alias": "", "Directives": [{"Arguments": [{"Name": "x", "Value": {"ExpectedTypeHasDefault": false, "Kind": 1, "Raw": ""}}], ' +
      '"Location": "", "Name": "d"}], "Name": "a"}]',
  );
  t.throws(
    () => fault('{"Operations": [{"Directives": [{"Name": "a", "name": "b"}]}]}'),
    new LimitError('graphql: a document has keys that differ in case alone'),
    'which Go would make one',
  );
});

t.test('comments of operations, fragments and fields are not read', async (t) => {
  const comment = '"Comment": {"List": [{"Value": "#"}]}';
  t.equal(selected(`{"Name": "a", ${comment}}`), '[{"Alias": "", "Name": "a"}]');
  t.match(selected(`{"Name": "a", "Arguments": [{${comment}}]}`), '"Comment"');
});

t.test('a selection is a field whenever it can be one', async (t) => {
  t.equal(selected('{"Name": "F"}'), '[{"Alias": "", "Name": "F"}]', 'as is a spread');
  t.equal(
    selected('{"TypeCondition": "T", "SelectionSet": [{"Name": "a"}]}'),
    '[{"Alias": "", "Name": "", "SelectionSet": [{"Alias": "", "Name": "a"}]}]',
    'and a fragment in line',
  );
  t.equal(selected('{"Name": "F", "Alias": 1}'), '[{"Name": "F"}]', 'else a spread');
  t.equal(
    selected('{"TypeCondition": "T", "Name": 1}'),
    '[{"TypeCondition": "T"}]',
    'else a fragment in line',
  );
  t.equal(selected('{"Name": 1, "TypeCondition": 1}'), '', 'else nothing');
  t.equal(selected('1'), '');
  t.equal(selected('null'), '[{"Alias": "", "Name": ""}]', 'null is a field');
});

t.test('sets are lists, and keys that are no text are nobody’s', async (t) => {
  t.equal(again('{"Operations": {{"Name": "a"}}, 1: 2}'), '{"Operations": [{"Name": "a", "Operation": ""}]}');
});

t.test('what is of another type is refused', async (t) => {
  const other = (kind: string): string =>
    `no document of GraphQL: ${kind} was expected, of another type is what is there`;
  for (const [text, kind] of [
    ['{"Operations": 1}', 'OperationDefinition[]'],
    ['{"Operations": [1]}', 'OperationDefinition'],
    ['{"Operations": [{"Name": 1}]}', 'string'],
    ['{"Operations": [{"Position": {"Line": "1"}}]}', 'integer'],
    ['{"Operations": [{"SelectionSet": {}}]}', 'Selection[]'],
    ['{"Operations": [{"VariableDefinitions": [{"Used": 1}]}]}', 'boolean'],
    ['{"Operations": [{"VariableDefinitions": [{"DefaultValue": {"Kind": 1.0}}]}]}', 'integer'],
    [
      '{"Operations": [{"VariableDefinitions": [{"DefaultValue": {"Kind": 9223372036854775808}}]}]}',
      'integer',
    ],
    ['{"Fragments": [{"Definition": {"Types": [1]}}]}', 'string'],
  ] as const)
    t.equal(fault(text), other(kind), text);
  t.equal(fault('{"Operations": [{"Name": null, "SelectionSet": null}], "Fragments": null}'), null);
  t.equal(fault('{"Fragments": [{"Definition": {"Types": [null]}}]}'), null, 'null is an empty text');
});

t.test('null in a list of structs makes no other selection of one', async (t) => {
  const message = 'no document of GraphQL: a member of a list is null';
  t.equal(fault('{"Operations": [null]}'), message);
  t.equal(fault(selecting('{"Name": "F", "Arguments": [null]}')), message);
});

t.test('nothing is nested deeper than what can be written', async (t) => {
  const deep = (levels: number): unknown => {
    let value: unknown = {};
    for (let level = 0; level < levels; level++) value = { SelectionSet: [value] };
    return { Operations: [value] };
  };
  const faultAt = (levels: number): string | null =>
    faultOf(() => documentOf('QueryDocument', fromPlain(deep(levels))));
  t.equal(faultAt(200), null);
  t.throws(() => faultAt(500), new LimitError('graphql: a document is nested deeper than 200'));
  const written = parseQuery(
    `{${'a{'.repeat(100)}a(b:${'[{c:'.repeat(49)}1${'}]'.repeat(49)})${'}'.repeat(101)}`,
  );
  t.equal(
    faultOf(() => documentOf('QueryDocument', documentValue(written))),
    null,
    'and all of that is',
  );
});

t.test('a selection that is no field at any level is read in no more time for it', async (t) => {
  let value = '{"Alias": 1, "Name": 1}';
  for (let level = 0; level < 190; level++) value = `{"Alias": 1, "Name": 1, "SelectionSet": [${value}]}`;
  t.match(selected(value), '"SelectionSet"');
});

t.test('any value is a document or refused', async () => {
  const names = fc.constantFrom(
    'Operations',
    'Fragments',
    'SelectionSet',
    'Name',
    'Definition',
    'Arguments',
    'Value',
    '__proto__',
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      fc.constantFrom(null, 1, 'a', true),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.array(fc.tuple(names, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    ),
  }));
  fc.assert(
    fc.property(value, (any) => {
      faultOf(() => documentValue(documentOf('QueryDocument', fromPlain(any))));
    }),
    { numRuns: 2_000 },
  );
});
