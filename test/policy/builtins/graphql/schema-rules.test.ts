// What OPA takes for a valid schema, found out by asking it; where the specification says otherwise, the tests say so.
import t, { type Test } from 'tap';
import { schemaFault } from '../../../support/graphql.ts';

const refused = (t: Test, cases: Readonly<Record<string, string>>): void => {
  for (const [source, message] of Object.entries(cases)) t.equal(schemaFault(source), message, source);
};

t.test('types have what their kind needs, each once', async (t) => {
  refused(t, {
    'type A': 'OBJECT A: must define one or more fields',
    'interface A': 'INTERFACE A: must define one or more fields',
    'input A': 'INPUT_OBJECT A: must define one or more fields',
    'enum A': 'ENUM A: must define one or more unique enum values',
    'enum A {B null}': 'ENUM A: non-enum value null',
    'type A {a: Int a: Int}': 'Field A.a can only be defined once',
    'type A {a: Int} extend type A {a: Int}': 'Field A.a can only be defined once',
    'enum A {B B}': 'Enum value A.B can only be defined once',
    'type A {a: Int} union U = A | A': 'Union type U: A can only be defined once',
  });
  t.equal(schemaFault('union U'), null, 'a union may be empty, which the specification forbids');
});

t.test('fields give what can be given, arguments and inputs take what can be taken', async (t) => {
  refused(t, {
    'type A {a: B}': 'Unknown type "B"',
    'type A {a(x: B): Int}': 'Unknown type "B"',
    'type A {a: N} input N {a: Int}': 'OBJECT A: field a cannot be of INPUT_OBJECT',
    'input N {a: A} type A {a: Int}': 'INPUT_OBJECT N: field a cannot be of OBJECT',
    'type A {a(x: [A!]): Int}': 'Cannot use [A!] as argument x: it is not a valid input type',
    'directive @d(x: A) on FIELD type A {a: Int}': 'Cannot use A as argument x: it is not a valid input type',
    'union U = E enum E {A}': 'UNION U: type "E" must be an OBJECT',
    'union U = V': 'UNION U: type "V" must be an OBJECT',
  });
  t.equal(
    schemaFault('input N {a: [[Int!]] = "no such thing"}'),
    null,
    'no default is compared with its type',
  );
});

t.test('names that begin with two underscores are taken', async (t) => {
  const message = 'Name "__a" must not begin with "__", which is reserved';
  for (const source of [
    'scalar __a',
    'type A {__a: Int}',
    'type A {a(__a: Int): Int}',
    'directive @__a on FIELD',
    'directive @d(__a: Int) on FIELD',
    'type A {a: Int @__a}',
  ])
    t.equal(schemaFault(source), message, source);
  t.equal(schemaFault('enum E {__a}'), null, 'but for values of enumerations');
});

t.test('directives stand where they may, with the arguments that they need', async (t) => {
  const directives =
    'directive @d(a: Int!, b: Int! = 1) on OBJECT directive @r repeatable on OBJECT | FIELD_DEFINITION ';
  const faults: Readonly<Record<string, string>> = {
    'type A @nowhere {a: Int}': 'Undefined directive nowhere',
    'type A {a: Int @d(a: 1)}': 'Directive d is not applicable on FIELD_DEFINITION',
    'enum E {A @r}': 'Directive r is not applicable on ENUM_VALUE',
    'input N {a: Int @r}': 'Directive r is not applicable on INPUT_FIELD_DEFINITION',
    'type A {a(x: Int @r): Int}': 'Directive r is not applicable on ARGUMENT_DEFINITION',
    'scalar S schema @r {query: A} type A {a: Int}': 'Directive r is not applicable on SCHEMA',
    'type A @d {a: Int}': 'Argument a for directive d cannot be null',
    'type A @d(a: null) {a: Int}': 'Argument a for directive d cannot be null',
    'type A @d(a: 1, c: 1) {a: Int}': 'Undefined argument c for directive d',
    'type A {a: Int @deprecated @deprecated}':
      'The directive deprecated can only be used once at this location',
  };
  refused(
    t,
    Object.fromEntries(Object.entries(faults).map(([source, fault]) => [directives + source, fault])),
  );
  for (const valid of [
    'type A @d(a: "of another type") {a: Int @r @r}',
    'type A @d(a: 1) {a: Int} extend type A @d(a: 2)',
    'type A @d(a: 1) @d(a: 2) {a: Int}',
  ])
    t.equal(schemaFault(directives + valid), null, valid);
  t.equal(
    schemaFault('directive @d(x: Int @d) on ARGUMENT_DEFINITION'),
    'Directive d cannot refer to itself',
  );
});

t.test('what implements an interface has its fields', async (t) => {
  const types = `
    interface I { a(x: Int, y: String!): U b: [I!] }
    type P { a: Int } type Q { a: Int } union U = P | Q `;
  const a = 'a(x: Int, y: String!): U';
  for (const valid of [
    `type A implements I { ${a} b: [I!]! c: Int }`,
    'type A implements I { a(x: Int, y: String!, z: Int, w: Int! = 1): P! b: [A!] }',
    `interface J implements I { ${a} b: [J!] } type A implements I & J { ${a} b: [A!] }`,
  ])
    t.equal(schemaFault(types + valid), null, valid);
  const faults: Readonly<Record<string, string>> = {
    'type A implements N {a: Int}': '"N" is no interface',
    'type A implements P {a: Int}': '"P" is no interface',
    [`type A implements I {${a}}`]: 'For A to implement I it must have a field called b',
    'type A implements I {a(x: Int, y: String!): Int b: [I!]}':
      'For A to implement I the field a must have type U',
    [`type A implements I {${a} b: [I]}`]: 'For A to implement I the field b must have type [I!]',
    [`type A implements I {${a} b: I!}`]: 'For A to implement I the field b must have type [I!]',
    'type A implements I {a(x: Int): U b: [I!]}':
      'For A to implement I the field a must have the same arguments',
    'type A implements I {a(x: Int, y: String): U b: [I!]}': null as unknown as string,
    'type A implements I {a(x: Int!, y: String!): U b: [I!]}':
      'For A to implement I the field a must have the same arguments',
    'type A implements I {a(x: Int, y: String!, z: Int!): U b: [I!]}':
      'For A to implement I the argument z of the field a must not be required',
    [`interface J implements I {${a} b: [I!]} type A implements J {${a} b: [I!]}`]:
      'For A to implement J it must implement I too, and not itself',
    'interface J implements J {a: Int}': null as unknown as string,
    'interface J implements K {a: Int} interface K implements J {a: Int}':
      'For J to implement K it must implement J too, and not itself',
  };
  for (const [source, message] of Object.entries(faults))
    t.equal(schemaFault(types + source), message, source);
});

t.test('input objects are not in themselves without end', async (t) => {
  const circular = 'Cannot reference an input object within itself through non-null fields';
  t.equal(schemaFault('input A {a: A!}'), circular);
  t.equal(schemaFault('input A {b: B!} input B {c: C!} input C {a: A!}'), circular);
  t.equal(schemaFault('input A {a: A b: [A!]!}'), null);
});
