/** What a module is made of, one after the other. */
import type { Body, Import, Package, Rule } from './ast.ts';
import { applyImport, parseImport, parsePackage } from './declarations.ts';
import { parseBody, parseLiteral, parseQuery } from './literals.ts';
import { parseInfix } from './operators.ts';
import {
  advance,
  type Comments,
  fail,
  isAt,
  keep,
  type Parser,
  parserOf,
  peek,
  syntaxError,
  unexpected,
} from './parser.ts';
import { parseRules, RULE_NAME_FOLLOWERS } from './rules.ts';
import { V1_KEYWORDS } from './scanner.ts';
import { parseTerm } from './terms.ts';

export type Statement =
  | Package
  | Import
  | { readonly kind: 'rules'; readonly rules: readonly Rule[] }
  | { readonly kind: 'query'; readonly body: Body };

export type Statements = { readonly statements: readonly Statement[]; readonly comments: Comments | null };

/** What no source may have, outside of its first character. */
const ILLEGAL = /\0|(?!^)\ufeff/;

/** The statements of a source in Rego v1, as OPA's `Parser.Parse` reads them. Throws BuiltinError. */
export function parseStatements(source: string): Statements {
  const p = parserOf(source, V1_KEYWORDS, {
    term: parseTerm,
    infix: parseInfix,
    literal: parseLiteral,
    body: parseBody,
  });
  const illegal = source.search(ILLEGAL);
  if (illegal !== -1) throw syntaxError(p, { reason: 'illegal character', start: illegal });
  advance(p);
  const statements: Statement[] = [];
  while (!isAt(p, 'eof')) {
    const statement = parseStatement(p);
    const { fault } = p.place;
    if (statement === null || fault !== null)
      throw syntaxError(p, fault ?? { reason: 'no statement', start: p.place.start });
    statements.push(statement);
  }
  return { statements, comments: p.place.comments };
}

/** A declaration, else a rule, else a query. */
function parseStatement(p: Parser): Statement | null {
  const { kind } = p.place;
  if (RULE_NAME_FOLLOWERS[kind]?.includes(peek(p, advance)))
    return fail(p, `${kind} keyword cannot be used for rule name`);
  if (kind === 'package' || kind === 'import') {
    const place = keep(p);
    const declaration = kind === 'package' ? parsePackage(p) : parseImport(p);
    if (declaration !== null && isAt(p, '-')) return unexpected(p);
    if (declaration?.kind === 'import') applyImport(p, declaration);
    if (declaration !== null || p.place.fault !== null) return declaration;
    p.place = place;
  }
  const place = keep(p);
  const rules = parseRules(p);
  if (rules !== null) return { kind: 'rules', rules };
  if (p.place.fault !== null) return null;
  p.place = place;
  const body = parseQuery(p);
  return body && { kind: 'query', body };
}
