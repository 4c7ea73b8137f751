import t from 'tap';
import { LimitError } from '../../../../src/policy/builtins/builtin.ts';
import { parseQuery } from '../../../../src/policy/builtins/graphql/query-parser.ts';
import { faultOf } from '../../../support/graphql.ts';

const fault = (source: string): string | null => faultOf(() => parseQuery(source));

t.test('an operation has its type, name, variables, directives and selections', async (t) => {
  t.match(parseQuery('mutation M($a: [Int!] = [1] @v, $b: B) @d(x: $a) {s}').Operations[0], {
    Operation: 'mutation',
    Name: 'M',
    VariableDefinitions: [
      { Variable: 'a', DefaultValue: { Raw: '' }, Directives: [{ Name: 'v' }] },
      { Variable: 'b', Type: { NamedType: 'B' } },
    ],
    Directives: [{ Name: 'd', Arguments: [{ Name: 'x' }] }],
    SelectionSet: [{ struct: 'Field', Name: 's' }],
  });
  t.equal(parseQuery('{a}').Operations[0]?.Operation, 'query');
  t.equal(parseQuery('subscription {a}').Operations[0]?.Name, '');
});

t.test('selections are fields, with alias or without, spreads, and fragments in line', async (t) => {
  const [operation] = parseQuery(
    '{a b: c(d: 1) @e {f} ...G @h ... on I @j {k} ... @l {m} ... {n} on fragment}',
  ).Operations;
  t.match(operation?.SelectionSet, [
    { struct: 'Field', Alias: 'a', Name: 'a' },
    { struct: 'Field', Alias: 'b', Name: 'c', SelectionSet: [{ Name: 'f' }] },
    { struct: 'FragmentSpread', Name: 'G', Directives: [{ Name: 'h' }] },
    { struct: 'InlineFragment', TypeCondition: 'I', Directives: [{ Name: 'j' }] },
    { struct: 'InlineFragment', TypeCondition: '', Directives: [{ Name: 'l' }] },
    { struct: 'InlineFragment', TypeCondition: '' },
    { struct: 'Field', Name: 'on' },
    { struct: 'Field', Name: 'fragment' },
  ]);
});

t.test('a fragment has a name, a type, and may have variables', async (t) => {
  t.match(parseQuery('fragment F($x: Int = 3) on T @d {a}').Fragments[0], {
    Name: 'F',
    VariableDefinition: [{ Variable: 'x' }],
    TypeCondition: 'T',
    Directives: [{ Name: 'd' }],
  });
});

t.test('comments stay with operations that have a word, fragments, fields, and what is spread', async (t) => {
  const { Operations, Fragments } = parseQuery(
    '#1\n query #2\n Q {#3\n a #4\n ... #5\n F #6\n ... on #7\n T {b}} #8\n fragment F on T {c} #9\n {d}',
  );
  const of = (one?: object): unknown =>
    (one as { Comment: { List: { Value: string }[] } | null }).Comment?.List[0]?.Value;
  t.equal(of(Operations[0]), '#1');
  t.strictSame(Operations[0]?.SelectionSet.map(of), ['#3', '#4', '#6']);
  t.equal(of(Fragments[0]), '#8');
  t.equal(of(Operations[1]), undefined, 'not with a query in short');
});

t.test('a document may be empty', async (t) => {
  t.match(parseQuery(' # nothing\n'), { Operations: [], Fragments: [] });
});

t.test('gqlparser takes the string "on" for the word in front of a type', async (t) => {
  t.match(parseQuery('{... "on" T {a}}').Operations[0]?.SelectionSet[0], { TypeCondition: 'T' });
});

t.test('what is no operation and no fragment is refused', async (t) => {
  for (const [source, message] of [
    ['type A {a: Int}', 'unexpected "type" in GraphQL at 1:1'],
    ['"query" {a}', 'unexpected "query" in GraphQL at 1:1'],
    ['query', 'unexpected the end in GraphQL at 1:6'],
    ['{}', 'unexpected the end in GraphQL at 1:3'],
    ['{a {}}', 'unexpected } in GraphQL at 1:6'],
    ['{a', 'unexpected the end in GraphQL at 1:3'],
    ['query () {a}', 'unexpected { in GraphQL at 1:10'],
    ['query (a: Int) {a}', 'unexpected "a" in GraphQL at 1:8'],
    ['query ($a: Int = $b) {a}', 'unexpected $ in GraphQL at 1:18'],
    ['{a()}', 'unexpected } in GraphQL at 1:5'],
    ['{...}', 'unexpected } in GraphQL at 1:5'],
    ['{... on}', 'unexpected } in GraphQL at 1:8'],
    ['fragment on on T {a}', 'unexpected "on" in GraphQL at 1:10'],
    ['fragment F T {a}', 'unexpected "T" in GraphQL at 1:12'],
    ['fragment F on T', 'unexpected the end in GraphQL at 1:16'],
  ])
    t.equal(fault(source as string), message, source as string);
});

t.test('selections are not nested deeper than two hundred', async (t) => {
  t.equal(fault('{a'.repeat(200) + '}'.repeat(200)), null);
  const deeper = new LimitError('graphql: a document is nested deeper than 200');
  t.throws(() => fault('{a'.repeat(100_000)), deeper);
  t.throws(() => fault('{...'.repeat(100_000)), deeper);
});
