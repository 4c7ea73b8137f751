/** Terms with operators between them. */
import { call, type Ref, ref, refOf, type Term, variable } from './ast.ts';
import { advance, beginsRef, isAt, keep, type Parser, reclassify } from './parser.ts';
import { type Kind, operatorName } from './scanner.ts';
import { parseTerm } from './terms.ts';

/** What binds closer has the higher level. */
const LEVELS: Readonly<Partial<Record<Kind, number>>> = {
  '==': 1,
  '!=': 1,
  '<': 1,
  '>': 1,
  '<=': 1,
  '>=': 1,
  '|': 2,
  '&': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
};

/**
 * A term with operators. Outside of a list it may be `k, v in xs`. As in OPA's parser, an operator whose second operand cannot be
 * read is left out of the term, and the fault is noted.
 */
export function parseInfix(p: Parser, isInList = false): Term | null {
  let left = binary(p, 1);
  while (left !== null) {
    const whole: Term | null = (isInList ? null : withKey(p, left)) ?? member(p, left);
    if (whole === null || !isAt(p, 'in')) return whole ?? left;
    left = whole;
  }
  return null;
}

/** `key, value in xs`, behind the key. */
function withKey(p: Parser, key: Term): Term | null {
  if (!isAt(p, ',')) return null;
  const place = keep(p);
  advance(p);
  const value = binary(p, 1);
  if (value !== null && isAt(p, 'in')) {
    advance(p);
    const domain = binary(p, 1);
    if (domain !== null) return call([refOf('internal', 'member_3'), key, value, domain]);
  }
  p.place = place;
  return null;
}

/** `value in xs`, behind the value. */
function member(p: Parser, value: Term): Term | null {
  if (beginsRef(p)) reclassify(p, 'identifier');
  if (!isAt(p, 'in')) return null;
  advance(p);
  const domain = binary(p, 1);
  return domain && call([refOf('internal', 'member_2'), value, domain]);
}

/** Operators of a level and above, each taking what stands left of it as its first operand. */
function binary(p: Parser, least: number): Term | null {
  let left = parseTerm(p);
  let most = Number.POSITIVE_INFINITY;
  while (left !== null) {
    const level: number = LEVELS[p.place.kind] ?? 0;
    if (level < least || level > most) break;
    const operator = parseOperator(p);
    const right = binary(p, level + 1);
    // A failure leaves the parser wherever it is; only what binds looser goes on from there.
    most = right === null ? level - 1 : level;
    if (right !== null) left = call([operator, left, right]);
  }
  return left;
}

/** The operator that the token is, as a reference to its function. */
export function parseOperator(p: Parser): Ref {
  const operator: Ref = { ...ref([variable(operatorName(p.place.kind))]), isInfix: true };
  advance(p);
  return operator;
}
