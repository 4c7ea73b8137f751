// Operators as OPA binds them, found out by asking it.
import t from 'tap';
import { parseInfix, parseOperator } from '../../../../src/policy/builtins/rego/operators.ts';
import { outcome, parserOn, showTerm } from '../../../support/rego-tree.ts';

const read = (source: string, isInList = false): string =>
  outcome(parserOn(source), (p) => parseInfix(p, isInList), showTerm);

t.test('what binds closer is within', async (t) => {
  for (const [source, shown] of [
    ['a + b * c', 'plus(a, mul(b, c))'],
    ['a * b + c', 'plus(mul(a, b), c)'],
    ['a - b - c', 'minus(minus(a, b), c)'],
    ['a / b % c', 'rem(div(a, b), c)'],
    ['a | b & c', 'or(a, and(b, c))'],
    ['a & b | c', 'or(and(a, b), c)'],
    ['a + 1 == b', 'equal(plus(a, 1), b)'],
    ['a < b > c', 'gt(lt(a, b), c)'],
    ['a <= b', 'lte(a, b)'],
    ['a >= b', 'gte(a, b)'],
    ['a != b', 'neq(a, b)'],
    ['a | b == c in d', 'internal.member_2(equal(or(a, b), c), d)'],
    ['(a + b) * c', 'mul(plus(a, b), c)'],
    ['a -1', 'minus(a, 1)'],
  ] as const)
    t.equal(read(source), shown, source);
});

t.test('`in` may have a key before it, but not in a list', async (t) => {
  t.equal(read('x in xs'), 'internal.member_2(x, xs)');
  t.equal(read('x in xs in ys'), 'internal.member_2(internal.member_2(x, xs), ys)');
  t.equal(read('k, v in xs'), 'internal.member_3(k, v, xs)');
  t.equal(read('k, v in xs in ys'), 'internal.member_2(internal.member_3(k, v, xs), ys)');
  t.equal(read('k, v in xs', true), 'k and then ,');
  t.equal(read('k, v'), 'k and then ,');
  t.equal(read('x in[y]'), 'x and then identifier');
});

t.test('an operand that cannot be read is a fault', async (t) => {
  t.equal(read('a + )'), 'fault: unexpected ) token');
  t.equal(read('a in )'), 'fault: unexpected ) token');
  t.equal(read('k, v in )'), 'k and then ,');
  t.equal(read(')'), 'fault: unexpected ) token');
  const p = parserOn('a * b.+ c');
  t.equal(showTerm(parseInfix(p) ?? { kind: 'null' }), 'plus(a, c)', 'what binds looser goes on');
});

t.test('an operator is known as one', async (t) => {
  t.match(parseOperator(parserOn('|')), { kind: 'ref', isInfix: true, terms: [{ name: 'or' }] });
});
