import t from 'tap';
import { loadSchema } from '../../../../src/policy/builtins/graphql/load-schema.ts';
import { parseSchema } from '../../../../src/policy/builtins/graphql/schema-parser.ts';
import { schemaFault } from '../../../support/graphql.ts';

const load = (source: string): ReturnType<typeof loadSchema> => loadSchema(parseSchema(source));

t.test('extensions become part of what they extend, or what it is', async (t) => {
  const { types } = load(`
    extend type A { b: Int }
    type A implements I { a: Int }
    interface I { a: Int }
    extend union U = A
    extend enum E @deprecated2 { X }
    enum E { Y }
    directive @deprecated2 on ENUM
  `);
  t.strictSame(
    types.get('A')?.Fields.map(({ Name }) => Name),
    ['a', 'b'],
  );
  t.strictSame(types.get('U')?.Types, ['A']);
  t.strictSame(
    types.get('E')?.EnumValues.map(({ Name }) => Name),
    ['Y', 'X'],
  );
  t.equal(types.get('E')?.Directives.length, 1);
});

t.test('a value of an interface or a union may be of the types that implement it or are of it', async (t) => {
  const { possible } = load(`
    interface I { a: Int }
    interface J implements I { a: Int }
    type A implements I & J { a: Int }
    type B implements I { a: Int }
    union U = A | B
  `);
  const types = (name: string): string[] => [...(possible.get(name) ?? [])].toSorted();
  t.strictSame(types('I'), ['A', 'B', 'J'], 'an interface that implements it is one of them');
  t.strictSame(types('J'), ['A']);
  t.strictSame(types('U'), ['A', 'B']);
  t.strictSame(types('A'), ['A']);
  t.strictSame(types('Int'), []);
});

t.test('the types of operations are named by the schema, or have their own names', async (t) => {
  const types = 'type Query {a: Int} type Mutation {a: Int} type Subscription {a: Int} type Other {a: Int}';
  const roots = (source: string): object => Object.fromEntries(load(types + source).roots);
  t.strictSame(roots(''), { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' });
  t.strictSame(roots('schema {query: Other}'), { query: 'Other' });
  t.strictSame(roots('schema {query: Other} extend schema {mutation: Query}'), {
    query: 'Other',
    mutation: 'Query',
  });
  t.strictSame(roots('extend schema {query: Other}'), {
    query: 'Other',
    mutation: 'Mutation',
    subscription: 'Subscription',
  });
});

t.test('only the type of queries has introspection', async (t) => {
  const { types } = load('type Query {a: Int} type Mutation {a: Int}');
  t.strictSame(
    types.get('Query')?.Fields.map(({ Name }) => Name),
    ['a', '__schema', '__type'],
  );
  t.equal(types.get('Mutation')?.Fields.length, 1);
  t.equal(load('scalar S').roots.size, 0, 'there need be no queries');
});

t.test('directives of GraphQL may be defined again, and the last counts', async (t) => {
  const { directives } = load('directive @skip(whether: Int) on FIELD directive @skip(when: Int) on FIELD');
  t.strictSame(
    directives.get('skip')?.Arguments.map(({ Name }) => Name),
    ['when'],
  );
});

t.test('one schema has nothing of another', async (t) => {
  load('extend type __Type { more: Int }');
  t.notOk(
    load('scalar S')
      .types.get('__Type')
      ?.Fields.some(({ Name }) => Name === 'more'),
  );
});

t.test('what is there twice or not at all is refused', async (t) => {
  for (const [source, message] of [
    ['scalar A scalar A', 'Cannot redeclare type A'],
    ['scalar String', 'Cannot redeclare type String'],
    ['directive @a on FIELD directive @a on QUERY', 'Cannot redeclare directive a'],
    ['type A {a: Int} schema {query: A} schema {query: A}', 'Cannot have multiple schema entry points'],
    ['schema {query: A}', 'Schema root query refers to a type A that does not exist'],
    ['extend schema {mutation: A}', 'Schema root mutation refers to a type A that does not exist'],
    ['extend schema @nowhere', 'Undefined directive nowhere'],
    ['scalar A extend type A {a: Int}', 'Cannot extend type A: it is no OBJECT'],
    ['extend scalar A @specifiedBy(url: "") extend enum A {B}', 'Cannot extend type A: it is no ENUM'],
  ])
    t.equal(schemaFault(source as string), message, source as string);
});
