import t from 'tap';
import { documentValue } from '../../../../src/policy/builtins/graphql/ast-value.ts';
import { parseSchema } from '../../../../src/policy/builtins/graphql/schema-parser.ts';
import { writeValue } from '../../../../src/policy/value-text.ts';
import { faultOf } from '../../../support/graphql.ts';

const fault = (source: string): string | null => faultOf(() => parseSchema(source));

t.test('each kind of type has what is its own', async (t) => {
  const { Definitions } = parseSchema(`
    scalar S @d
    type O implements & I & J @d { a(x: Int = 1 @e): [O!]! @f b: S }
    interface I implements J { a: O }
    union U @d = | O | P
    enum E { A @d B }
    input N { a: Int = 3 @d }
    type Empty
    union None
  `);
  t.match(Definitions, [
    { Kind: 'SCALAR', Name: 'S', Directives: [{ Name: 'd' }] },
    {
      Kind: 'OBJECT',
      Interfaces: ['I', 'J'],
      Fields: [
        {
          Name: 'a',
          Arguments: [{ Name: 'x', DefaultValue: { Raw: '1' }, Directives: [{ Name: 'e' }] }],
          Directives: [{ Name: 'f' }],
        },
        { Name: 'b', Type: { NamedType: 'S' } },
      ],
    },
    { Kind: 'INTERFACE', Interfaces: ['J'] },
    { Kind: 'UNION', Types: ['O', 'P'] },
    { Kind: 'ENUM', EnumValues: [{ Name: 'A', Directives: [{ Name: 'd' }] }, { Name: 'B' }] },
    {
      Kind: 'INPUT_OBJECT',
      Fields: [{ Name: 'a', DefaultValue: { Raw: '3' }, Directives: [{ Name: 'd' }] }],
    },
    { Name: 'Empty', Fields: [] },
    { Name: 'None', Types: [] },
  ]);
});

t.test('schemas, directives and extensions are kept apart', async (t) => {
  t.match(
    parseSchema(`
      schema @d { query: Q mutation: M }
      extend schema { subscription: S }
      directive @d(a: Int) repeatable on | FIELD | ENUM_VALUE
      extend type Q { a: Int }
      extend input N @d(a: $anything)
    `),
    {
      Schema: [
        {
          Directives: [{ Name: 'd' }],
          OperationTypes: [
            { Operation: 'query', Type: 'Q' },
            { Operation: 'mutation', Type: 'M' },
          ],
        },
      ],
      SchemaExtension: [{ OperationTypes: [{ Operation: 'subscription', Type: 'S' }] }],
      Directives: [
        { Name: 'd', Arguments: [{ Name: 'a' }], IsRepeatable: true, Locations: ['FIELD', 'ENUM_VALUE'] },
      ],
      Extensions: [
        { Kind: 'OBJECT', Name: 'Q' },
        { Kind: 'INPUT_OBJECT', Name: 'N' },
      ],
      Definitions: [],
    },
  );
});

t.test('descriptions have comments before and after them, a block before its end', async (t) => {
  t.equal(
    writeValue(documentValue(parseSchema('#1\n"E" #2\n enum E {#3\n "A" #4\n A #5\n "" #6\n B #7\n} #8'))),
    '{"Comment": {"List": [{"Value": "#8"}]}, "Definitions": [{' +
      '"AfterDescriptionComment": {"List": [{"Value": "#2"}]}, "BeforeDescriptionComment": {"List": [{"Value": "#1"}]}, ' +
      '"BuiltIn": false, "Description": "E", "EndOfDefinitionComment": {"List": [{"Value": "#7"}]}, "EnumValues": [' +
      '{"AfterDescriptionComment": {"List": [{"Value": "#4"}]}, "BeforeDescriptionComment": {"List": [{"Value": "#3"}]}, ' +
      '"Description": "A", "Name": "A"}, ' +
      '{"AfterDescriptionComment": {"List": [{"Value": "#6"}]}, "Description": "", "Name": "B"}], "Kind": "ENUM", "Name": "E"}]}',
    'within a definition an empty description is none, and the comment before it is lost',
  );
});

t.test('an extension has the comment before its first word', async (t) => {
  const comment = { AfterDescriptionComment: { List: [{ Value: '#1' }] } };
  t.match(parseSchema('#1\nextend #2\n type A @d').Extensions, [comment]);
  t.match(parseSchema('"" #1\nextend schema @d').SchemaExtension, [{ ...comment, Description: '' }]);
});

t.test('gqlparser takes strings for some words', async (t) => {
  t.match(parseSchema('type A "implements" B').Definitions, [{ Interfaces: ['B'] }]);
  t.match(parseSchema('schema { "query": Q }').Schema, [{ OperationTypes: [{ Operation: 'query' }] }]);
});

t.test('what is no definition is refused', async (t) => {
  for (const [source, message] of [
    ['query {a}', 'unexpected "query" in GraphQL at 1:1'],
    ['{a}', 'unexpected { in GraphQL at 1:1'],
    ['"described"', 'unexpected the end in GraphQL at 1:12'],
    ['type', 'unexpected the end in GraphQL at 1:5'],
    ['type A {}', 'unexpected the end in GraphQL at 1:10'],
    ['type A { a }', 'unexpected } in GraphQL at 1:12'],
    ['type A { a(): Int }', 'unexpected : in GraphQL at 1:13'],
    ['type A implements', 'unexpected the end in GraphQL at 1:18'],
    ['union U =', 'unexpected the end in GraphQL at 1:10'],
    ['union U = A |', 'unexpected the end in GraphQL at 1:14'],
    ['union U = || A', 'unexpected | in GraphQL at 1:12'],
    ['input N { a(x: Int): Int }', 'unexpected ( in GraphQL at 1:12'],
    ['type A @d(x: $v)', 'unexpected $ in GraphQL at 1:14'],
    ['schema { queries: Q }', 'unexpected "queries" in GraphQL at 1:10'],
    ['directive @d', 'unexpected the end in GraphQL at 1:13'],
    ['directive @d on ELSEWHERE', 'unexpected "ELSEWHERE" in GraphQL at 1:17'],
    ['directive @d on FIELD | "ENUM"', 'unexpected "ENUM" in GraphQL at 1:25'],
    ['extend', 'unexpected the end in GraphQL at 1:7'],
    ['extend directive @d on FIELD', 'unexpected "directive" in GraphQL at 1:8'],
    ['extend type A', 'unexpected the end in GraphQL at 1:14'],
    ['extend schema', 'unexpected the end in GraphQL at 1:14'],
    ['extend interface A implements B', 'unexpected "implements" in GraphQL at 1:20'],
    ['"d" extend type A @d', 'unexpected "d" in GraphQL at 1:1'],
  ])
    t.equal(fault(source as string), message, source as string);
});
