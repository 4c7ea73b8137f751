// Expressions as OPA reads them, found out by asking it.
import t from 'tap';
import { expression } from '../../../../src/policy/builtins/rego/ast.ts';
import {
  attachWiths,
  parseEvery,
  parseExpr,
  parseSome,
  parseWiths,
} from '../../../../src/policy/builtins/rego/expressions.ts';
import type { Parser } from '../../../../src/policy/builtins/rego/parser.ts';
import { outcome, parserOn, showExpr } from '../../../support/rego-tree.ts';

type Reader = Parameters<typeof outcome<ReturnType<typeof expression>>>[1];
const reading =
  (read: Reader) =>
  (source: string): string =>
    outcome(parserOn(source), read, showExpr);

t.test('a term, or two with an assignment', async (t) => {
  const read = reading(parseExpr);
  t.equal(read('x'), 'x');
  t.equal(read('x := y + 1'), 'assign(x, plus(y, 1))');
  t.equal(read('x = y'), 'eq(x, y)');
  t.equal(read('x := y := z'), 'assign(x, y) and then :=');
  t.equal(read('x := )'), 'fault: unexpected ) token');
  t.equal(read(')'), 'fault: unexpected ) token');
});

t.test('with changes for an expression', async (t) => {
  const read = reading((p: Parser) => attachWiths(p, expression({ kind: 'null' })));
  t.equal(read('with input.x as 1 with f as g'), 'null with input."x" as 1 with f as g');
  t.equal(read(''), 'null');
  t.equal(read('with 1 as 2'), 'fault: unexpected number token: expected ident');
  t.equal(read('with f(x) as 2'), 'fault: unexpected as token: expected with target path');
  t.equal(read('with x to 2'), 'fault: unexpected identifier token: expected as keyword');
  t.equal(read('with x as )'), 'fault: unexpected ) token');
  t.equal(read('with x.1 as 2'), 'fault: unexpected number token: expected identifier');
  t.strictSame(parseWiths(parserOn('x')), []);
  t.equal(attachWiths(parserOn('with x as 1'), null), null);
});

t.test('variables of its own', async (t) => {
  const read = reading(parseSome);
  t.equal(read('some x, y'), 'some x, y');
  t.equal(read('some x in xs'), 'some internal.member_2(x, xs)');
  t.equal(read('some k, v in xs with input as 1'), 'some internal.member_3(k, v, xs) with <input> as 1');
  t.equal(read('some f(x)'), 'fault: unexpected eof token: expected `x in xs` or `x, y in xs` expression');
  t.equal(read('some 1'), 'fault: unexpected number token: expected var');
});

t.test('all of a collection', async (t) => {
  const read = reading(parseEvery);
  t.equal(read('every x in xs { x > 1; y }'), 'every x in xs {gt(x, 1); y}');
  t.equal(read('every k, v in xs { v } with a as 1'), 'every k, v in xs {v} with a as 1');
  t.equal(read('every x { y }'), 'fault: unexpected { token: expected `x[, y] in xs { ... }` expression');
  t.equal(read('every f(x) { y }'), 'fault: unexpected { token: expected `x[, y] in xs { ... }` expression');
  t.equal(read('every 1, x in xs { y }'), 'fault: unexpected { token: expected key to be a variable');
  t.equal(read('every input in xs { y }'), 'fault: unexpected { token: expected value to be a variable');
  t.equal(read('every x in xs'), 'fault: unexpected eof token: missing body');
  t.equal(read('every x in xs {}'), 'fault: found empty body');
  t.equal(read('every )'), 'fault: unexpected ) token');
});
