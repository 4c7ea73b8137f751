// What OPA takes for valid arguments, found out by asking it; where the specification says otherwise, the tests say so.
import t, { type Test } from 'tap';
import { queryFaults } from '../../../support/graphql.ts';

const fault = queryFaults(`
  enum Colour { RED GREEN }
  scalar Any
  input Point { x: Int! y: Int = 0 z: Float! = 1 name: String colours: [Colour!] any: Any inner: Point }
  input Choice @oneOf { a: Int b: String }
  directive @d(n: Int, p: Point) repeatable on FIELD | QUERY | VARIABLE_DEFINITION | FRAGMENT_DEFINITION
  directive @once(n: Int!) on FIELD
  type Query {
    f(int: Int, float: Float, text: String, flag: Boolean, id: ID, colour: Colour, any: Any, point: Point,
      choice: Choice, list: [Int!], lists: [[Int]], needed: Int! = 1): Int
    g(a: Int!, b: Point!): Int
  }
`);
const withValue = (argument: string): string | null => fault(`{f(${argument})}`);
const valid = (t: Test, ...all: string[]): void => {
  for (const one of all) t.equal(withValue(one), null, one);
};
const refused = (t: Test, cases: Readonly<Record<string, string>>): void => {
  for (const [one, message] of Object.entries(cases)) t.equal(withValue(one), message, one);
};

t.test('literals are of the scalars that they can be', async (t) => {
  valid(
    t,
    'int: -5',
    'float: 1',
    'float: 1.5e3',
    'text: "a"',
    'text: """a"""',
    'flag: false',
    'id: 7',
    'id: "a"',
  );
  refused(t, {
    'int: 1.0': 'Int cannot represent this value: 1.0',
    'int: "1"': 'Int cannot represent this value: 1',
    'int: RED': 'Int cannot represent this value: RED',
    'float: "1"': 'Float cannot represent this value: 1',
    'text: 1': 'String cannot represent this value: 1',
    'flag: 0': 'Boolean cannot represent this value: 0',
    'flag: "true"': 'Boolean cannot represent this value: true',
    'id: 1.5': 'ID cannot represent this value: 1.5',
    'id: true': 'ID cannot represent this value: true',
  });
});

t.test('integers are of 64 bits and not of 32, as the specification has it', async (t) => {
  valid(t, 'int: 2147483648', 'id: 9223372036854775807');
  refused(t, {
    'int: 9223372036854775808': '9223372036854775808 cannot be read',
    'float: 1e999': '1e999 cannot be read',
  });
});

t.test('enumerations have their values and no strings', async (t) => {
  valid(t, 'colour: RED');
  refused(t, {
    'colour: BLUE': 'Colour cannot represent this value: BLUE',
    'colour: "RED"': 'Colour cannot represent this value: RED',
    'colour: true': 'Colour cannot represent this value: true',
    'colour: 1': 'Colour cannot represent this value: 1',
  });
});

t.test('null is of all types but those that exclude it', async (t) => {
  valid(t, 'int: null', 'point: null', 'list: null', 'lists: [null]', 'any: null');
  refused(t, {
    'needed: null': 'Expected a value, found null',
    'list: [null]': 'Expected a value, found null',
    'point: {x: null}': 'Expected a value, found null',
  });
});

t.test('one value stands for a list of it', async (t) => {
  valid(t, 'list: [1, 2]', 'list: 1', 'lists: [[1], [null]]', 'lists: [1]', 'lists: 1', 'list: []');
  refused(t, {
    'list: ["a"]': 'Int cannot represent this value: a',
    'int: [1]': 'Int cannot represent this value: ',
    'lists: [[[1]]]': 'Int cannot represent this value: ',
  });
});

t.test('objects have the fields of their type, each once, and those that are needed', async (t) => {
  valid(
    t,
    'point: {x: 1}',
    'point: {x: 1, inner: {x: 2, colours: RED}}',
    'point: {name: "a", x: 1, any: {b: [c]}}',
  );
  valid(t, 'int: {}');
  refused(t, {
    'point: {}': 'Field Point.x was not provided',
    'point: {x: 1, w: 1}': 'Field "w" is not defined by Point',
    'point: {x: 1, x: 1}': 'There can be only one input field named "x"',
    'point: {x: 1, inner: {}}': 'Field Point.x was not provided',
    'colour: {x: 1}': 'Field "x" is not defined by Colour',
    'point: 1': 'Point cannot represent this value: 1',
  });
});

t.test('a choice has one field, which is not null', async (t) => {
  const message = 'Choice must have exactly one field, which is not null';
  valid(t, 'choice: {a: 1}', 'choice: {b: "c"}');
  refused(t, { 'choice: {}': message, 'choice: {a: 1, b: "c"}': message, 'choice: {a: null}': message });
});

t.test('scalars of a schema’s own are anything, but not in what is read', async (t) => {
  valid(t, 'any: 99999999999999999999', 'any: {a: [1e999, {}]}', 'any: X');
  refused(t, {
    'any: {a: 1, a: 2}': 'There can be only one input field named "a"',
    'point: {x: 1, any: {deep: [99999999999999999999]}}': '99999999999999999999 cannot be read',
  });
});

t.test('arguments are known, given once, and given if they are needed', async (t) => {
  for (const [query, message] of [
    ['{f(nothing: 1)}', 'Unknown argument "nothing" on field Query.f'],
    ['{f(int: 1, int: 1)}', 'There can be only one argument named "int"'],
    ['{g(a: 1)}', 'Argument "b" of field Query.g is required'],
    ['{f @once}', 'Argument "n" of directive "@once" is required'],
    ['{f @d(m: 1)}', 'Unknown argument "m" on directive "@d"'],
    ['{f @d(p: {})}', 'Field Point.x was not provided'],
    ['{f @include(if: 1)}', 'Boolean cannot represent this value: 1'],
  ])
    t.equal(fault(query as string), message, query as string);
});

t.test('directives are known, stand where they may, and only some of them twice', async (t) => {
  for (const [query, message] of [
    ['{f @nowhere}', 'Unknown directive "@nowhere"'],
    ['query @once(n: 1) {f}', 'Directive "@once" may not be used on QUERY'],
    ['{f @deprecated}', 'Directive "@deprecated" may not be used on FIELD'],
    ['{f @once(n: 1) @once(n: 2)}', 'The directive "@once" can only be used once at this location'],
    ['query @d @d {f @d @d}', null],
    [
      'query ($a: Int @d @once(n: 1)) {f(int: $a)}',
      'Directive "@once" may not be used on VARIABLE_DEFINITION',
    ],
    ['{... @defer(label: "a") {f}}', null],
    ['{f @defer}', 'Directive "@defer" may not be used on FIELD'],
  ] as const)
    t.equal(fault(query), message, query);
});

t.test('variables stand where their type may', async (t) => {
  const other = (name: string): string => `Variable "$${name}" is of another type than expected here`;
  for (const [variables, argument, message] of [
    ['$a: Int', 'int: $a', null],
    ['$a: Int!', 'int: $a', null],
    ['$a: Int', 'needed: $a', null],
    ['$a: Int', 'list: [$a]', other('a')],
    ['$a: Int = 1', 'list: [$a]', null],
    ['$a: Int = null', 'list: [$a]', other('a')],
    ['$a: Int', 'list: $a', other('a')],
    ['$a: [Int!]', 'list: $a', null],
    ['$a: [Int]', 'list: $a', other('a')],
    ['$a: String', 'id: $a', other('a')],
    ['$a: Int!', 'point: {x: $a}', null],
    ['$a: Int', 'point: {x: $a}', other('a')],
    ['$a: Float', 'point: {x: 1, z: $a}', null],
    ['$a: String', 'any: $a', other('a')],
    ['$a: String', 'any: [$a, {b: $a}]', null],
    ['$a: Int!', 'choice: {a: $a}', null],
    ['$a: Int = 1', 'choice: {a: $a}', 'Variable "$a" must be non-nullable here'],
    ['$a: Any = 99999999999999999999', 'any: $a', null],
    [
      '$a: Any = [99999999999999999999]',
      'point: {x: 1, any: $a}',
      'The default of variable "$a" cannot be read',
    ],
    ['$a: Int = "1"', 'int: $a', 'Int cannot represent this value: 1'],
    ['$a: Point = {}', 'point: $a', 'Field Point.x was not provided'],
  ] as const)
    t.equal(fault(`query (${variables}) {f(${argument})}`), message, `${variables} ${argument}`);
});
