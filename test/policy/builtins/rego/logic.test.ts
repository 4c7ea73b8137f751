// `and`, `or` and `not { … }` as OPA reads them, found out by asking it.
import t from 'tap';
import { expression, type Operand, variable } from '../../../../src/policy/builtins/rego/ast.ts';
import { parseLiteral } from '../../../../src/policy/builtins/rego/literals.ts';
import {
  continueLogic,
  failAsAmbiguous,
  isAmbiguous,
  negation,
  parseGroup,
  parseLogic,
  parseNotBody,
} from '../../../../src/policy/builtins/rego/logic.ts';
import { outcome, parserOn, showExpr } from '../../../support/rego-tree.ts';

const read = (source: string): string =>
  outcome(parserOn(source, 'and', 'or', 'not'), parseLiteral, showExpr);
const operand = (): Operand => ({ body: [expression(variable('a'))], explicit: false });

t.test('`and` binds closer than `or`, and both to the left', async (t) => {
  t.equal(read('a or b and c or d'), 'or(or(a, and(b, c)), d)');
  t.equal(read('a and b or c and d'), 'or(and(a, b), and(c, d))');
  t.equal(read('a and b and c'), 'and(and(a, b), c)');
  t.equal(read('a and (b or c)'), 'and(a, or(b, c))');
  t.equal(read('a == 1 and not b'), 'and(equal(a, 1), not b)');
  t.equal(
    outcome(parserOn('or b', 'or'), (p) => parseLogic(p, operand()), showExpr),
    'or(a, b)',
  );
  t.equal(
    outcome(parserOn('with x as 1'), (p) => continueLogic(p, operand()), showExpr),
    'a with x as 1',
  );
});

t.test('`not` without its import only negates', async (t) => {
  const some = (source: string): string => outcome(parserOn(source, 'and'), parseLiteral, showExpr);
  t.equal(some('a and not b'), 'and(a, negated b)');
  t.equal(some('a and not (b)'), 'and(a, negated b)');
  t.equal(some('(not b) and a'), 'and(negated b, a)');
});

t.test('braces around an operand hold a body', async (t) => {
  t.equal(read('a and {b; c}'), 'and(a, {b; c})');
  t.equal(read('a and {}'), 'fault: found empty body');
  t.equal(read('a and {b; c, d}'), 'fault: unexpected , token: expected \\n or ; or }');
  t.equal(read('a and {1, 2}'), 'fault: `{...}` in an operand position must hold a body');
  t.equal(read('a and {1 2}'), 'fault: unexpected number token: expected \\n or ; or }');
  t.equal(
    read('a and {b | c}'),
    'fault: ambiguous `{ ... | ... }` operand: read as a body, not as a comprehension',
  );
  t.equal(read('a and {(b | c)}'), 'and(a, {or(b, c)})');
  t.equal(read('a and {or(b, c)}'), 'and(a, {or(b, c)})');
  t.equal(
    read('not {b | c}'),
    'fault: ambiguous `{ ... | ... }` operand: read as a body, not as a comprehension',
  );
  t.equal(read('not {}'), 'fault: found empty body');
  t.equal(read('a or not {b}'), 'or(a, not {b})');
  t.equal(read('a or not {'), 'fault: unexpected eof token');
});

t.test('parentheses hold operands, a term, or a term with its changes', async (t) => {
  t.equal(read('((a or b))'), 'or(a, b)');
  t.equal(read('(not a)'), 'not a');
  t.equal(read('(a)'), 'a');
  t.equal(read('(a == b)'), 'equal(a, b)');
  t.equal(read('({a})'), 'set(a)');
  t.equal(read('not ({a})'), 'not set(a)');
  t.equal(read('not ({a} and b)'), 'not and({a}, b)');
  t.equal(read('(a with x as 1) and b'), 'and(a with x as 1, b)');
  t.equal(read('a and (b with x as 1)'), 'and(a, b with x as 1)');
  t.equal(read('(a and b with x as 1)'), 'and(a, b) with x as 1');
  t.equal(read('a and not (b or c)'), 'and(a, not or(b, c))');
  t.equal(read('(a with x as 1)'), 'fault: non-terminated expression');
  t.equal(read('(a with x as 1'), 'fault: expected ) to close parenthesized group');
  t.equal(read('(a with x as 1 and b)'), 'fault: `with` modifier is not allowed on an operand');
  t.equal(read('(a with 1)'), 'fault: unexpected number token: expected ident');
  t.equal(read('(a or b'), 'fault: expected ) to close parenthesized group');
  t.equal(read('(a or )'), 'fault: unexpected ) token');
  t.equal(read('a and ()'), 'fault: empty parenthesized group');
  t.equal(read('()'), 'fault: unexpected ) token');
  t.equal(read('not ({a; b})'), 'fault: `(...)` in an operand position cannot contain a body');
  t.equal(parseGroup(parserOn('(a)', 'and'), true), null);
});

t.test('OPA goes wrong where it goes back to the same term twice', async (t) => {
  t.equal(read('({x | y, z})'), 'fault: unexpected identifier token: expected , or }');
  t.equal(read('({x, y})'), 'set(x, y)');
});

t.test('an operand has to be able to fail', async (t) => {
  const fault = (kind: string): string =>
    `fault: operand of \`${kind}\` cannot consist only of calls without a value`;
  t.equal(read('a and print(b)'), fault('and'));
  t.equal(read('{print(a); print(b)} or c'), fault('or'));
  t.equal(read('a or {print(b); c}'), 'or(a, {print(b); c})');
});

t.test('an operand that cannot be read is a fault', async (t) => {
  t.equal(read('a and )'), 'fault: unexpected ) token');
  t.equal(read('a or )'), 'fault: unexpected ) token');
  t.equal(read('a or b and )'), 'fault: unexpected ) token');
  t.equal(read('a and not.b'), 'fault: unexpected not token');
});

t.test('a body of one union is ambiguous', async (t) => {
  t.equal(isAmbiguous([]), false);
  t.equal(isAmbiguous([expression(variable('a'))]), false);
  t.equal(failAsAmbiguous(parserOn('x')), null);
  t.equal(showExpr(negation(operand())), 'not a');
  t.equal(outcome(parserOn('{a}', 'not'), parseNotBody, showExpr), 'not {a}');
});
