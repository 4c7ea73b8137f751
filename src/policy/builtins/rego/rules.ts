/** Rules that are written with a body, `contains` or `default`; those without are expressions first, see statement-rules.ts. */
import { type Body, boolean, type Head, ref, type Rule, type Term, trueBody } from './ast.ts';
import { checkDefault } from './default-rules.ts';
import { isGround } from './ground.ts';
import { parseHead } from './heads.ts';
import { parseBody, parseLiteral } from './literals.ts';
import { parseInfix } from './operators.ts';
import {
  advance,
  beginsRef,
  fail,
  isAt,
  keep,
  nested,
  type Parser,
  reclassify,
  spend,
  unexpected,
  wildcard,
} from './parser.ts';
import type { Kind } from './scanner.ts';

/** What is no name of a rule when one of these comes next. */
const RULE: readonly Kind[] = [':=', '=', 'if', 'contains', '('];
const OPERATOR_RULE: readonly Kind[] = [':=', '=', 'if', 'contains'];
const PATH_RULE: readonly Kind[] = [':=', '=', '('];
/** The tokens behind a keyword that show that it was meant as a rule's name. */
export const RULE_NAME_FOLLOWERS: Readonly<Partial<Record<Kind, readonly Kind[]>>> = {
  every: RULE,
  if: RULE,
  in: RULE,
  some: RULE,
  as: RULE,
  package: PATH_RULE,
  import: PATH_RULE,
  not: OPERATOR_RULE,
  and: OPERATOR_RULE,
  or: OPERATOR_RULE,
  contains: ['if', 'contains'],
};

/** A rule, and one more for each further body in braces; null where none is. */
export function parseRules(p: Parser): readonly Rule[] | null {
  nameIfRef(p);
  const isDefault = isAt(p, 'default');
  if (isDefault) {
    advance(p);
    nameIfRef(p);
  }
  if (!isAt(p, 'identifier'))
    return isDefault && RULE_NAME_FOLLOWERS[p.place.kind]
      ? fail(p, `${p.place.kind} keyword cannot be used for rule name`)
      : null;
  const { start } = p.place;
  const written = parseHead(p);
  if (written === null) return null;
  if (isDefault) return checkDefault(p, written) ? [ruleOf(written, trueBody(), { isDefault })] : null;
  const head = completed({ ...written, size: p.place.start - start }, isAt(p, 'if'));
  if (head === null) return null;
  if (!isAt(p, 'if') && !isAt(p, '{')) {
    return head.keywords.includes('contains') ? [ruleOf(head, trueBody(), { generatedBody: true })] : null;
  }
  return withBodies(p, isAt(p, 'if') ? { ...head, keywords: [...head.keywords, 'if'] } : head);
}

/** A keyword may begin a reference. */
function nameIfRef(p: Parser): boolean {
  const is = beginsRef(p);
  if (is) reclassify(p, 'identifier');
  return is;
}

type Details = Partial<Pick<Rule, 'isDefault' | 'generatedBody' | 'otherwise'>>;
const ruleOf = (head: Head, body: Body, details: Details = {}): Rule => ({
  head,
  body,
  otherwise: null,
  isDefault: false,
  generatedBody: false,
  ...details,
});

/** With what a head means that is `p[x]`: a member of a set or an object, by what follows it. */
function completed(head: Head, hasIf: boolean): Head | null {
  if (head.keywords.includes('contains')) return head;
  const [first, second] = head.ref as [Term, Term?];
  const isPair = second !== undefined && head.ref.length === 2 && head.args.length === 0;
  const name = first.kind === 'var' ? first.name : null;
  if (hasIf) {
    if (head.ref.length !== 2) return head;
    const key = isPair && (second.kind === 'ref' || !isGround(second)) ? second : head.key;
    if (head.value === null) return { ...head, key, value: boolean(true) };
    return name === null ? null : { ...head, key, name };
  }
  if (!isPair) return head;
  if (name === null) return null;
  return { ...head, name, key: second, ref: head.value === null ? [first] : head.ref };
}

function withBodies(p: Parser, head: Head): readonly Rule[] | null {
  const body = isAt(p, 'if') ? bodyOfIf(p) : bodyInBraces(p);
  if (body === null) return null;
  let otherwise: Rule | null = null;
  if (isAt(p, 'else') && !nameIfRef(p)) {
    if (head.ref.length > 1 && !isGround(ref(head.ref)))
      return fail(p, 'else keyword cannot be used on rules with variables in head');
    if (head.key !== null) return fail(p, 'else keyword cannot be used on multi-value rules');
    otherwise = parseElse(p, head);
    if (otherwise === null) return null;
  }
  const rules = [ruleOf(head, body, { otherwise })];
  while (isAt(p, '{')) {
    if (otherwise !== null) return fail(p, 'expected else keyword');
    const next = bodyInBraces(p);
    if (next === null) return null;
    rules.push(ruleOf(renewed(p, head), next));
  }
  return rules;
}

function bodyInBraces(p: Parser): Body | null {
  advance(p);
  const body = parseBody(p, '}');
  if (body !== null) advance(p);
  return body;
}

/** Behind `if`: one expression, or a body in braces. A set with braces around it is no expression here. */
function bodyOfIf(p: Parser): Body | null {
  advance(p);
  const place = keep(p);
  const expr = parseLiteral(p);
  if (expr !== null && !(place.kind === '{' && expr.content.kind === 'set')) return [expr];
  if (place.kind !== '{') return null;
  p.place = place;
  return bodyInBraces(p);
}

/** A character of a head that is written once more counts as so many that are read. */
const COPY = 10;

/** The same head for another body, with wildcards of its own. */
function renewed(p: Parser, head: Head): Head {
  spend(p, head.size * COPY);
  const args = head.args.map((arg) => (arg.kind === 'var' && arg.name.startsWith('$') ? wildcard(p) : arg));
  return { ...head, args };
}

/** At `else`. */
const parseElse = (p: Parser, original: Head): Rule | null =>
  nested(p, () => {
    let head: Head = { ...renewed(p, original), keywords: [] };
    advance(p);
    const { kind } = p.place;
    if (kind === '{' || kind === 'if') head = { ...head, value: boolean(true) };
    else if (kind === ':=' || kind === '=') {
      advance(p);
      const value = parseInfix(p);
      if (value === null) return null;
      head = { ...head, assign: kind === ':=', value };
    } else return unexpected(p, 'expected else value term or rule body');
    const hasIf = isAt(p, 'if');
    if (!hasIf && !isAt(p, '{')) return ruleOf(head, trueBody(), { generatedBody: true });
    if (hasIf) {
      head = { ...head, keywords: ['if'] };
      advance(p);
    }
    const body = bodyOfElse(p);
    if (body === null) return null;
    if (!isAt(p, 'else')) return ruleOf(head, body);
    const otherwise = parseElse(p, original);
    return otherwise && ruleOf(head, body, { otherwise });
  });

function bodyOfElse(p: Parser): Body | null {
  if (isAt(p, '{')) return bodyInBraces(p);
  if (isAt(p, 'eof')) return unexpected(p, 'rule body expected');
  const expr = parseLiteral(p);
  return expr && [expr];
}
