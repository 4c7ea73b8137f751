/** Bodies, and the expressions in them. */
import type { Body, Expr } from './ast.ts';
import { parseEvery, parseExpr, parseSome, parseWiths } from './expressions.ts';
import { continueLogic, failAsAmbiguous, isAmbiguous, negation, parseGroup, parseNotBody } from './logic.ts';
import {
  advance,
  beginsRef,
  fail,
  hasLogic,
  isAt,
  isLogical,
  keep,
  nested,
  type Parser,
  peek,
  reclassify,
  unexpected,
} from './parser.ts';
import type { Kind } from './scanner.ts';

/** Expressions up to `end`, which is left: on lines of their own, or with `;` between them. */
export const parseBody = (p: Parser, end: Kind): Body | null =>
  nested(p, () => {
    if (isAt(p, end)) return fail(p, 'found empty body');
    const body: Expr[] = [];
    for (;;) {
      const expr = parseLiteral(p);
      if (expr === null) return null;
      body.push(expr);
      if (isAt(p, ';')) advance(p);
      else if (isAt(p, end)) return body;
      else if (!p.place.isOnNewLine) {
        // OPA looks behind a comma, for a hint.
        if (isAt(p, ',') && p.place.fault === null) peek(p, advance);
        return unexpected(p, `expected \\n or ; or ${end}`);
      }
    }
  });

/** Expressions with `;` between them, outside of a rule. */
export function parseQuery(p: Parser): Body | null {
  const body: Expr[] = [];
  for (;;) {
    const expr = parseLiteral(p);
    if (expr === null) return null;
    body.push(expr);
    if (!isAt(p, ';')) return body;
    advance(p);
  }
}

/** One expression; null where none can be read. */
export function parseLiteral(p: Parser): Expr | null {
  const inParentheses = isAt(p, '(');
  const expr = literal(p);
  if (expr !== null) expr.inParentheses = inParentheses;
  return expr;
}

function literal(p: Parser): Expr | null {
  if (isAt(p, '{') && hasLogic(p)) {
    const place = keep(p);
    const { known } = p;
    advance(p);
    const body = parseBody(p, '}');
    if (body !== null) {
      advance(p);
      if (isLogical(p))
        return isAmbiguous(body) ? failAsAmbiguous(p) : continueLogic(p, { body, explicit: true });
    }
    p.place = place;
    p.known = known;
  }
  if (isAt(p, '(') && hasLogic(p)) {
    const group = parseGroup(p, false);
    if (group) return group.operand && continueLogic(p, group.operand);
  }
  if (beginsRef(p)) {
    reclassify(p, 'identifier');
    return withTail(p, false);
  }
  const isNegated = isAt(p, 'not');
  if (isNegated) advance(p);
  if (isNegated && p.hasNotBodies && isAt(p, '{')) {
    const not = parseNotBody(p);
    return not && continueLogic(p, { body: [not], explicit: false });
  }
  if (!isAt(p, 'some') && !isAt(p, 'every')) return withTail(p, isNegated);
  if (isNegated) return unexpected(p, `illegal negation of '${p.place.kind}'`);
  return isAt(p, 'some') ? parseSome(p) : parseEvery(p);
}

/** An expression behind its `not`, with its `with`s or with what `and` and `or` join to it. */
function withTail(p: Parser, isNegated: boolean): Expr | null {
  const first = p.place.kind;
  if (isNegated && p.hasNotBodies && first === '(') {
    const group = parseGroup(p, true);
    if (group) return group.operand && continueLogic(p, { body: [negation(group.operand)], explicit: false });
  }
  let expr = parseExpr(p);
  const hasWith = isAt(p, 'with');
  const withs = expr && parseWiths(p);
  if (expr === null || withs === null) return null;
  if (isNegated && p.hasNotBodies) expr = negation({ body: [expr], explicit: false });
  else expr.negated = isNegated;
  expr.withs = withs;
  if (!isLogical(p)) return expr;
  if (hasWith) return fail(p, '`with` modifier is not allowed on an operand');
  if (!isNegated && first === '{')
    return fail(p, 'an operand cannot begin with `{` unless the braces hold a body');
  return continueLogic(p, { body: [expr], explicit: false });
}
