// What OPA takes for valid selections, found out by asking it.
import t from 'tap';
import { queryFaults } from '../../../support/graphql.ts';

const fault = queryFaults(`
  interface Animal { name: String }
  interface Winged { wings: Int }
  interface Extinct { since: Int }
  type Cat implements Animal { name: String lives: Int friend(of: Int!): Animal }
  type Bird implements Animal & Winged { name: String wings: Int }
  type Stone { weight: Int }
  union Pet = Cat | Bird
  input Filter { a: Int }
  type Query { cat: Cat animal: Animal pet: Pet winged: Winged stone: Stone cats(where: Filter): [[Cat!]!] }
`);

t.test('fields are of the type that they are asked of', async (t) => {
  for (const [query, message] of [
    ['{cat {name lives}}', null],
    ['{cats {name}}', null],
    ['{cat {wings}}', 'Cannot query field "wings" on type Cat'],
    ['{dog}', 'Cannot query field "dog" on type Query'],
    ['{animal {name lives}}', 'Cannot query field "lives" on type Animal'],
    ['{pet {name}}', 'Cannot query field "name" on type Pet'],
    ['{pet {__typename ... on Cat {__typename}} __typename}', null],
    ['{cat {__schema {types {name}}}}', 'Cannot query field "__schema" on type Cat'],
    ['{__type(name: "Cat") {name}}', null],
    ['{__type {name}}', 'Argument "name" of field Query.__type is required'],
    ['{cat {friend {name}}}', 'Argument "of" of field Cat.friend is required'],
  ] as const)
    t.equal(fault(query), message, query);
});

t.test('what has fields needs a selection, and only that may have one', async (t) => {
  t.equal(fault('{cat}'), 'Field "cat" must have a selection of subfields');
  t.equal(fault('{pet}'), 'Field "pet" must have a selection of subfields');
  t.equal(fault('{cat {name {length}}}'), 'Field "name" must not have a selection');
  t.equal(fault('{__typename {a}}'), 'Field "__typename" must not have a selection');
});

t.test('fragments are of types that have fields', async (t) => {
  for (const [query, message] of [
    ['{... on Dog {name}}', 'Unknown type "Dog"'],
    ['{...F} fragment F on Dog {name}', 'Unknown type "Dog"'],
    ['{...F}', 'Unknown fragment "F"'],
    ['{...F} fragment F on Filter {a}', 'A fragment cannot condition on non composite type "Filter"'],
    ['{cat {... on String {a}}}', 'A fragment cannot condition on non composite type "String"'],
    ['{cat {... {name ... @skip(if: true) {lives}}}}', null],
  ] as const)
    t.equal(fault(query), message, query);
});

t.test('fragments are spread where an object can be of their type', async (t) => {
  const never = (parent: string, type: string): string =>
    `A fragment cannot be spread here as ${parent} can never be ${type}`;
  for (const [query, message] of [
    ['{animal {... on Cat {lives} ... on Bird {wings} ... on Pet {__typename} ... on Winged {wings}}}', null],
    ['{pet {... on Animal {name} ... on Winged {wings}}}', null],
    ['{cat {... on Cat {name} ... on Animal {name} ... on Pet {__typename}}}', null],
    ['{cat {... on Bird {name}}}', never('Cat', 'Bird')],
    ['{cat {... on Winged {wings}}}', never('Cat', 'Winged')],
    ['{animal {... on Stone {weight}}}', never('Animal', 'Stone')],
    ['{pet {...F}} fragment F on Stone {weight}', never('Pet', 'Stone')],
    ['{animal {... on Extinct {since}}}', never('Animal', 'Extinct')],
    ['{cat {... on Animal {... on Bird {wings}}}}', null],
  ] as const)
    t.equal(fault(query), message, query);
});

t.test('directives are looked at wherever they stand', async (t) => {
  for (const query of [
    'query @x {cat {name}}',
    'query ($a: Int @x) {cat {name}}',
    '{cat @x {name}}',
    '{... @x {cat {name}}}',
    '{...F @x} fragment F on Query {cat {name}}',
    '{...F} fragment F on Query @x {cat {name}}',
  ])
    t.equal(fault(query), 'Unknown directive "@x"', query);
});

t.test('variables are of types that can be given', async (t) => {
  t.equal(fault('query ($a: [Cat]) {cats {name}}'), 'Variable "$a" cannot be of non-input type Cat');
  t.equal(fault('query ($a: Dog) {cats {name}}'), 'Unknown type "Dog"');
  t.equal(fault('query ($a: Filter) {cats(where: $a) {name}}'), null);
});
