/** `and`, `or` and `not { … }`: what `import future.keywords` and `rego.v2` bring. Braces around an operand hold a body. */
import { type Body, type Expr, expression, nameOf, type Operand } from './ast.ts';
import { attachWiths, parseExpr } from './expressions.ts';
import { parseInfix } from './operators.ts';
import {
  advance,
  advanceToSpace,
  fail,
  hasLogic,
  isAt,
  isLogical,
  keep,
  nested,
  type Parser,
  peek,
} from './parser.ts';
import { parseTerm } from './terms.ts';

const implicit = (expr: Expr): Operand => ({ body: [expr], explicit: false });
const implicitOrNull = (expr: Expr | null): Operand | null => expr && implicit(expr);

/** What is not so: an operand. */
export const negation = ({ body, explicit }: Operand): Expr => expression({ kind: 'not', body, explicit });

/** What an operand is the first of, at `and` or `or`. `and` binds closer. */
export function parseLogic(p: Parser, first: Operand): Expr | null {
  let left = conjunction(p, first);
  while (left !== null && isAt(p, 'or')) {
    advance(p);
    const operand = parseOperand(p, true);
    const right = operand && conjunction(p, operand);
    left = right && join(p, 'or', left, right);
  }
  return left && (left.body[0] as Expr);
}

function conjunction(p: Parser, first: Operand): Operand | null {
  let left: Operand | null = first;
  while (left !== null && isAt(p, 'and')) {
    advance(p);
    const right = parseOperand(p, true);
    left = right && join(p, 'and', left, right);
  }
  return left;
}

function join(p: Parser, kind: 'and' | 'or', left: Operand, right: Operand): Operand {
  if (isVoid(left.body) || isVoid(right.body))
    fail(p, `operand of \`${kind}\` cannot consist only of calls without a value`);
  return implicit(expression({ kind, left, right }));
}

/** Functions that give nothing. */
const VOID: ReadonlySet<string | null> = new Set(['print', 'internal.print', 'internal.test_case']);

const isVoid = (body: Body): boolean =>
  body.every(
    ({ negated, content }) => !negated && content.kind === 'call' && VOID.has(nameOf(content.terms[0])),
  );

/** An expression whose first operand was read, with what follows it. */
export const continueLogic = (p: Parser, first: Operand): Expr | null =>
  attachWiths(p, isLogical(p) ? parseLogic(p, first) : (first.body[0] as Expr));

/** `{ … }` as an operand. Where it is no body, `isSure` is it that it should be one: a value has to be put in parentheses. */
function parseBraces(p: Parser, isSure: boolean): Body | null {
  const place = keep(p);
  advance(p);
  const isEmpty = isAt(p, '}');
  const body = p.grammar.body(p, '}');
  if (body) {
    advance(p);
    return body;
  }
  if (isEmpty || !isSure) return null;
  const failed = keep(p);
  p.place = place;
  if (parseInfix(p) !== null) return fail(p, '`{...}` in an operand position must hold a body');
  p.place = failed;
  return null;
}

/** `{ a | b }` could be a comprehension as well; `{ (a | b) }` and `{ or(a, b) }` could not. */
export function isAmbiguous([first]: Body): boolean {
  if (first?.content.kind !== 'call' || first.inParentheses) return false;
  const [operator] = first.content.terms;
  return operator?.kind === 'ref' && operator.isInfix === true && nameOf(operator) === 'or';
}

export const failAsAmbiguous = (p: Parser): null =>
  fail(p, 'ambiguous `{ ... | ... }` operand: read as a body, not as a comprehension');

/** `not { … }`, at the brace. */
export function parseNotBody(p: Parser): Expr | null {
  const body = parseBraces(p, true);
  if (body === null) return null;
  return isAmbiguous(body) ? failAsAmbiguous(p) : negation({ body, explicit: true });
}

function parseOperand(p: Parser, isSure: boolean): Operand | null {
  if (isAt(p, '{')) {
    const body = parseBraces(p, isSure);
    if (body !== null && isAmbiguous(body)) failAsAmbiguous(p);
    return body && { body, explicit: true };
  }
  const isNegated = takeNot(p);
  if (isNegated && p.hasNotBodies && isAt(p, '{')) return implicitOrNull(parseNotBody(p));
  if (isAt(p, '(') && hasLogic(p) && (!isNegated || p.hasNotBodies)) {
    const group = parseGroup(p, true);
    if (group) return isNegated && group.operand ? implicit(negation(group.operand)) : group.operand;
  }
  const expr = parseExpr(p);
  if (expr === null) return null;
  if (isNegated && p.hasNotBodies) return implicit(negation(implicit(expr)));
  expr.negated = isNegated;
  return implicit(expr);
}

function takeNot(p: Parser): boolean {
  if (!isAt(p, 'not')) return false;
  const next = peek(p, advanceToSpace);
  if (next === '.' || next === '[') return false;
  advance(p);
  return true;
}

/** `operand` is null where it is a group, but with a fault in it. */
type Group = { readonly operand: Operand | null };
const FAULTY: Group = { operand: null };

/** Operands in parentheses; null where the parentheses are those of a term, of which nothing is read then. */
export const parseGroup = (p: Parser, isOperand: boolean): Group | null =>
  nested(p, () => {
    const place = keep(p);
    const goBack = (): null => {
      p.place = place;
      return null;
    };
    advance(p);
    if (isAt(p, ')')) {
      if (!isOperand) return goBack();
      fail(p, 'empty parenthesized group');
      return FAULTY;
    }
    const first = parseOperand(p, false);
    if (first === null) return goBack();
    if (isLogical(p)) return closed(p, implicitOrNull(attachWiths(p, parseLogic(p, first))));
    const [expr] = first.body as [Expr];
    if (isAt(p, 'with') && !first.explicit) {
      if (attachWiths(p, expr) === null) return FAULTY;
      if (isLogical(p)) fail(p, '`with` modifier is not allowed on an operand');
      const group = closed(p, first);
      return group === FAULTY || isOperand || isLogical(p) ? group : goBack();
    }
    if (first.explicit) {
      goBack();
      const start = keep(p);
      advance(p);
      const isTerm = parseTerm(p) !== null;
      p.place = start;
      if (isTerm) return null;
      fail(p, '`(...)` in an operand position cannot contain a body');
      return FAULTY;
    }
    const { kind } = expr.content;
    return kind === 'and' || kind === 'or' || kind === 'not' || expr.negated ? closed(p, first) : goBack();
  });

function closed(p: Parser, operand: Operand | null): Group {
  if (operand === null) return FAULTY;
  if (isAt(p, ')')) {
    advance(p);
    return { operand };
  }
  fail(p, 'expected ) to close parenthesized group');
  return FAULTY;
}
