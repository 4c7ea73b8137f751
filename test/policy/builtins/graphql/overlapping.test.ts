// What OPA takes for fields that can be merged, found out by asking it.
import t from 'tap';
import { LimitError } from '../../../../src/policy/builtins/builtin.ts';
import { queryFaults } from '../../../support/graphql.ts';

const fault = queryFaults(`
  interface I { a(x: Int): I s: String }
  type A implements I { a(x: Int): I s: String n: Int v(of: [In], k: Int): Int l: [Int] e: A }
  type B implements I { a(x: Int): I s: String n: String v: Int! l: Int e: A }
  input In { p: Int q: Int }
  type Query { a: A b: B i: I }
`);
const conflict = (name: string, why: string): string => `Fields "${name}" conflict because ${why}`;
const TYPES = 'they return conflicting types';
const ARGUMENTS = 'they have differing arguments';

t.test('one name is for one field, with the same arguments', async (t) => {
  for (const [query, message] of [
    ['{a {s s} a {n}}', null],
    ['{a {x: s x: s}}', null],
    ['{a {x: s x: n}}', conflict('x', '"s" and "n" are different fields')],
    ['{a {s: n s}}', conflict('s', '"n" and "s" are different fields')],
    ['{a {a(x: 1) {s} a(x: 1) {s}}}', null],
    ['{a {a(x: 1) {s} a(x: 2) {s}}}', conflict('a', ARGUMENTS)],
    ['{a {a(x: 1) {s} a {s}}}', conflict('a', ARGUMENTS)],
    ['{a {v(of: [{p: 1, q: 2}], k: 3) v(k: 3, of: [{q: 2, p: 1}])}}', null],
    ['{a {v(of: [{p: 1}, {p: 2}]) v(of: [{p: 2}, {p: 1}])}}', conflict('v', ARGUMENTS)],
    ['{a {v(of: [{p: 1}]) v(of: [{q: 1}])}}', conflict('v', ARGUMENTS)],
    ['{a {v(of: []) v(of: null)}}', conflict('v', ARGUMENTS)],
    ['{a {v(of: [null]) v(of: [null, null])}}', conflict('v', ARGUMENTS)],
    ['{a {v(k: 1) v(of: 1)}}', 'In cannot represent this value: 1'],
    ['{a {v(k: 1) v(of: [])}}', conflict('v', ARGUMENTS)],
  ] as const)
    t.equal(fault(query), message, query);
});

t.test('objects of two types may have other fields of one name, but not of conflicting types', async (t) => {
  for (const [query, message] of [
    ['{i {... on A {x: s} ... on B {x: n}}}', null],
    ['{i {... on A {x: n} ... on B {x: n}}}', conflict('x', TYPES)],
    ['{i {... on A {x: v} ... on B {x: v}}}', conflict('x', TYPES)],
    ['{i {... on A {x: l} ... on B {x: l}}}', conflict('x', TYPES)],
    ['{i {... on A {x: l} ... on A {x: l}}}', null],
    ['{i {... on A {x: n} ... on I {x: s}}}', conflict('x', '"n" and "s" are different fields')],
    ['{i {... on A {a(x: 1) {s}} ... on B {a(x: 2) {s}}}}', null],
    ['{i {... on A {a {... on A {x: n}}} ... on B {a {... on B {x: n}}}}}', conflict('x', TYPES)],
    ['{i {... on A {x: __typename} ... on B {x: __typename}}}', null],
  ] as const)
    t.equal(fault(query), message, query);
});

t.test('fields are compared below fields, and through fragments', async (t) => {
  const different = conflict('x', '"s" and "n" are different fields');
  for (const query of [
    '{a {e {x: s}} a {e {x: n}}}',
    '{a {...F x: s}} fragment F on A {x: n}',
    '{a {...F ...G}} fragment F on A {x: s} fragment G on A {x: n}',
    '{a {...F x: s}} fragment F on A {...G} fragment G on A {x: n}',
    '{a {...F ...G}} fragment F on A {...H} fragment G on A {x: n} fragment H on A {x: s}',
    '{a {e {...F}} a {e {x: n}}} fragment F on A {x: s}',
    '{a {e {x: s}} a {e {...F}}} fragment F on A {x: n}',
    '{a {e {...F}} a {e {...G}}} fragment F on A {x: s} fragment G on A {x: n}',
    '{i {...F}} fragment F on I {... on A {x: s x: n}}',
  ])
    t.match(fault(query), /^Fields "x" conflict because "[sn]" and "[sn]" are different fields$/, query);
  t.equal(fault('{a {... {x: s} x: n}}'), different);
});

t.test('a fragment that is spread often is one', async (t) => {
  const spreads = '...F ...F ...G ...F';
  t.equal(
    fault(
      `{a {${spreads} e {${spreads}} ...F}} fragment F on A {...G x: s} fragment G on A {x: s ...H} fragment H on A {n}`,
    ),
    null,
  );
});

t.test('exclusive fragments are compared again where they do not exclude each other', async (t) => {
  const fragments = ' fragment F on I {a(x: 1) {s}} fragment G on I {a(x: 2) {s}}';
  t.equal(fault(`{i {... on A {a {...F}} ... on B {a {...G}}}} ${fragments}`), null);
  t.equal(
    fault(`{i {... on A {a {...F}} ... on B {a {...G}}} b {...F ...G}} ${fragments}`),
    conflict('a', ARGUMENTS),
  );
});

t.test('what would take time without end ends the evaluation', async (t) => {
  const much = new LimitError('graphql: a query takes more than 250000 comparisons');
  const chain = (length: number, body: (next: string) => string, last: string): string =>
    `${Array.from({ length }, (_, at) => `fragment F${at} on A {${body(`...F${at + 1}`)}}`).join(' ')} fragment F${length} on A {${last}}`;
  const twice = (length: number): string => chain(length, (next) => `e {${next}} e {${next}}`, 's');
  const literal = (length: number): string => `${'e {'.repeat(length)}s${'}'.repeat(length)}`;
  t.equal(fault(`{a {...F0 ${literal(8)}}} ${twice(8)}`), null);
  t.throws(() => fault(`{a {...F0 ${literal(100)}}} ${twice(100)}`), much, 'exponential in gqlparser');
  t.throws(
    () => fault(`{a {...F0 s}} ${chain(600, (next) => `${next} s`, 's')}`),
    new LimitError('graphql: fragments are nested deeper than 500'),
  );
  t.throws(
    () =>
      fault(
        `{a {${Array.from({ length: 600 }, (_, at) => `x${at}: s ...F${at}`).join(' ')}}} ${Array.from({ length: 600 }, (_, at) => `fragment F${at} on A {n}`).join(' ')}`,
      ),
    much,
  );
  const list = `v(of: [${'{p: 1, q: 2} '.repeat(100)}])`;
  t.throws(() => fault(`{a {${`${list} `.repeat(70)}}}`), much);
});
