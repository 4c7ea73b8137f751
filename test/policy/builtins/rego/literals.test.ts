// Bodies as OPA reads them, found out by asking it.
import t from 'tap';
import { parseBody, parseLiteral, parseQuery } from '../../../../src/policy/builtins/rego/literals.ts';
import { outcome, parserOn, showBody, showExpr } from '../../../support/rego-tree.ts';

const read = (source: string, ...future: string[]): string =>
  outcome(parserOn(source, ...future), parseLiteral, showExpr);
const body = (source: string): string => outcome(parserOn(source), (p) => parseBody(p, '}'), showBody);

t.test('expressions are on lines of their own, or have ; between them', async (t) => {
  t.equal(body('x\ny; z}'), 'x; y; z and then }');
  t.equal(body('x # c\n# d\ny}'), 'x; y and then }');
  t.equal(body('x y}'), 'fault: unexpected identifier token: expected \\n or ; or }');
  t.equal(body('x, y}'), 'fault: unexpected , token: expected \\n or ; or }');
  t.equal(body('}'), 'fault: found empty body');
  t.equal(body('x;}'), 'fault: unexpected } token');
});

t.test('outside of a rule one expression is enough', async (t) => {
  const query = (source: string): string => outcome(parserOn(source), parseQuery, showBody);
  t.equal(query('x; y\nz'), 'x; y and then identifier');
  t.equal(query('x;'), 'fault: unexpected eof token');
});

t.test('an expression may be negated, and have its changes', async (t) => {
  t.equal(read('not x with input as 1'), 'negated x with <input> as 1');
  t.equal(read('not x with input as 1', 'not'), 'not x with <input> as 1');
  t.equal(read('not {x}'), 'negated set(x)');
  t.equal(read('not {x; y}', 'not'), 'not {x; y}');
  t.equal(read('not some x'), "fault: unexpected some token: illegal negation of 'some'");
  t.equal(read('not every x in y {x}'), "fault: unexpected every token: illegal negation of 'every'");
  t.equal(read('x with 1'), 'fault: unexpected number token: expected ident');
});

t.test('keywords may begin references', async (t) => {
  t.equal(read('not.x'), 'not."x"');
  t.equal(read('some[1]'), 'some.1');
  t.equal(read('some x'), 'some x');
  t.equal(read('every x in y {x}'), 'every x in y {x}');
});

t.test('expressions may be joined, where that is imported', async (t) => {
  const logic = (source: string): string => read(source, 'and', 'or', 'not');
  t.equal(logic('x and y with input as 1'), 'and(x, y) with <input> as 1');
  t.equal(logic('{x; y} or z'), 'or({x; y}, z)');
  t.equal(logic('{x}'), 'set(x)');
  t.equal(
    logic('{x | y} and z'),
    'fault: ambiguous `{ ... | ... }` operand: read as a body, not as a comprehension',
  );
  t.equal(logic('(x or y) and z'), 'and(or(x, y), z)');
  t.equal(logic('(x or y'), 'fault: expected ) to close parenthesized group');
  t.equal(logic('not (x or y)'), 'not or(x, y)');
  t.equal(logic('not (x or y) and z'), 'and(not or(x, y), z)');
  t.equal(logic('not {x} and y'), 'and(not {x}, y)');
  t.equal(logic('x with input as 1 and y'), 'fault: `with` modifier is not allowed on an operand');
  t.equal(logic('{1, 2} & y and z'), 'fault: an operand cannot begin with `{` unless the braces hold a body');
  t.equal(read('x and y'), 'x and then identifier');
});
