/** Expressions of a body: terms, assignments, `some`, `every`, and what `with` changes for them. */
import { call, type Content, type Expr, expression, nameOf, type Term, type With } from './ast.ts';
import { parseInfix, parseOperator } from './operators.ts';
import { advance, isAt, keep, type Parser, unexpected, variableHere } from './parser.ts';
import { parseTerm } from './terms.ts';

/** A term, or two with `=` or `:=` between them. */
export function parseExpr(p: Parser): Expr | null {
  const left = parseInfix(p);
  if (left === null) return null;
  if (!isAt(p, ':=') && !isAt(p, '=')) return expression(left);
  const operator = parseOperator(p);
  const right = parseInfix(p);
  return right && expression(call([operator, left, right]));
}

/** The `with`s at the token, if there are any. Null where one is wrong. */
export function parseWiths(p: Parser): readonly With[] | null {
  const withs: With[] = [];
  while (isAt(p, 'with')) {
    advance(p);
    if (!isAt(p, 'identifier')) return unexpected(p, 'expected ident');
    const target = parseTerm(p);
    if (target === null) return null;
    if (target.kind !== 'ref' && target.kind !== 'var') unexpected(p, 'expected with target path');
    if (!isAt(p, 'as')) return unexpected(p, 'expected as keyword');
    advance(p);
    const value = parseInfix(p);
    if (value === null) return null;
    withs.push({ target, value });
  }
  return withs;
}

/** The expression with the `with`s at the token, if there are any. */
export function attachWiths(p: Parser, expr: Expr | null): Expr | null {
  if (expr === null || !isAt(p, 'with')) return expr;
  const withs = parseWiths(p);
  if (withs === null) return null;
  expr.withs = withs;
  return expr;
}

/** `some x in xs`, `some k, v in xs` or `some x, y`. */
export function parseSome(p: Parser): Expr | null {
  const place = keep(p);
  advance(p);
  const term = parseInfix(p);
  if (term?.kind === 'call') {
    if (membership(term) === null) return unexpected(p, 'expected `x in xs` or `x, y in xs` expression');
    return attachWiths(p, expression({ kind: 'some', symbols: [term] }));
  }
  p.place = place;
  const symbols: Term[] = [];
  do {
    advance(p);
    if (!isAt(p, 'identifier')) return unexpected(p, 'expected var');
    symbols.push(variableHere(p));
    advance(p);
  } while (isAt(p, ','));
  return expression({ kind: 'some', symbols });
}

type Membership = { readonly key: Term | null; readonly value: Term; readonly domain: Term };

/** What is searched for in what; null for other calls. */
function membership({ terms: [operator, ...operands] }: Term & { kind: 'call' }): Membership | null {
  const name = nameOf(operator);
  const isWithKey = name === 'internal.member_3';
  if ((!isWithKey && name !== 'internal.member_2') || operands.length !== (isWithKey ? 3 : 2)) return null;
  const [domain, value, key = null] = operands.toReversed() as [Term, Term, Term?];
  return { key, value, domain };
}

/** `every x in xs { … }` and `every k, v in xs { … }`. */
export function parseEvery(p: Parser): Expr | null {
  advance(p);
  const term = parseInfix(p);
  if (term === null) return null;
  const found = term.kind === 'call' ? membership(term) : null;
  if (found === null) return unexpected(p, 'expected `x[, y] in xs { ... }` expression');
  if (found.key !== null && found.key.kind !== 'var') return unexpected(p, 'expected key to be a variable');
  if (found.value.kind !== 'var') return unexpected(p, 'expected value to be a variable');
  if (!isAt(p, '{')) return unexpected(p, 'missing body');
  advance(p);
  const body = p.grammar.body(p, '}');
  if (body === null) return null;
  advance(p);
  const content: Content = { kind: 'every', ...found, body };
  return attachWiths(p, expression(content));
}
