// The order that OPA writes sets and objects in, found out by asking it.
import * as fc from 'fast-check';
import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import type { Term } from '../../../../src/policy/builtins/rego/ast.ts';
import { parseInfix } from '../../../../src/policy/builtins/rego/operators.ts';
import { objectOf, setOf } from '../../../../src/policy/builtins/rego/order.ts';
import { parserOn, showTerm } from '../../../support/rego-tree.ts';

const term = (source: string): Term => parseInfix(parserOn(source, 'and', 'or', 'not')) as Term;
const set = (...sources: string[]): string[] => setOf(sources.map(term)).map(showTerm);

const ASCENDING = [
  'null',
  'false',
  'true',
  '-1',
  '0.5',
  '2',
  '10',
  '"a"',
  '"b"',
  '$"a"',
  '$"{1}{x}"',
  '$"a{x}"',
  '$"a{y}"',
  '$"{x}{1}"',
  '$`a`',
  'a',
  'b',
  'a.b',
  'a.c',
  'input',
  '[]',
  '[1]',
  '[1, 1]',
  '[2]',
  '{}',
  '{"a": 1}',
  '{"a": 2}',
  '{"b": 1}',
  'set()',
  '{1}',
  '{1, 2}',
  '{2}',
  '[1 | a]',
  '[1 | b]',
  '[2 | a]',
  '{1: 1 | a}',
  '{1: 1 | b}',
  '{1: 2 | a}',
  '{2: 1 | a}',
  '{1 | some x}',
  '{1 | some y}',
  '{1 | a}',
  '{1 | a; b}',
  '{1 | a with x as 1}',
  '{1 | a with input as 1}',
  '{1 | a with input as 2}',
  '{1 | b}',
  '{1 | f(a)}',
  '{1 | f(b)}',
  '{1 | every x in y {a}}',
  '{1 | every x in y {b}}',
  '{1 | every x in z {a}}',
  '{1 | every y in y {a}}',
  '{1 | not {a}}',
  '{1 | not {b}}',
  '{1 | a and b}',
  '{1 | a and c}',
  '{1 | b and a}',
  '{1 | a or b}',
  '{2 | a}',
  'f(a)',
  'f(a, b)',
  'g(a)',
];

t.test('by kind first, then by what is in them', async (t) => {
  const shown = ASCENDING.map((source) => showTerm(term(source)));
  t.strictSame(set(...ASCENDING), shown);
  fc.assert(
    fc.property(fc.shuffledSubarray(ASCENDING, { minLength: ASCENDING.length }), (shuffled) =>
      t.strictSame(set(...shuffled), shown),
    ),
    { numRuns: 20 },
  );
});

t.test('a set has each member once, the first of those that are equal', async (t) => {
  t.strictSame(set('1.0', '1', '"a"', 'null', '"a"', 'null'), ['null', '1.0', '"a"']);
  t.strictSame(set('[1 | not {a}]', '[1 | not a]'), ['[1 | not {a}]'], 'braces make no difference');
  t.strictSame(set('{1 | every k, x in y {a}}', '{1 | every k, x in y {a}}').length, 1);
});

t.test('an object keeps a key that comes twice', async (t) => {
  const object = (...entries: [string, string][]): string =>
    objectOf(entries.map(([key, value]) => [term(key), term(value)]))
      .map((entry) => entry.map(showTerm).join(':'))
      .join(' ');
  t.equal(object(['2', '1'], ['1', '2'], ['1.0', '1']), '1:2 1.0:1 2:1');
  const many = Array.from({ length: 13 }, (_, at): [string, string] => [String(at), 'x']);
  t.equal(objectOf(many.map(([key]) => [term(key), term(key)])).length, 13);
  t.throws(
    () => object(...many.slice(1), ['1', 'y']),
    new BuiltinError('an object of more than 12 entries has a key twice'),
  );
});

t.test('what OPA has no order for', async (t) => {
  t.throws(() => set('1e400', '10e399'), new BuiltinError('equal numbers beyond doubles: 10e399 and 1e400'));
  t.throws(
    () => set('{1 | every x in y {a}}', '{1 | every k, x in y {a}}'),
    new BuiltinError('`every` with and without key have no order'),
  );
});
