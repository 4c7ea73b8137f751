/** Syntax trees of Rego in tests: parsers at the begin of a text, and trees as text that shows how they are nested. */
import {
  type Body,
  type Content,
  type Expr,
  isCompound,
  type Term,
} from '../../src/policy/builtins/rego/ast.ts';
import { parseBody, parseLiteral } from '../../src/policy/builtins/rego/literals.ts';
import { parseInfix } from '../../src/policy/builtins/rego/operators.ts';
import { advance, type Parser, parserOf } from '../../src/policy/builtins/rego/parser.ts';
import { V1_KEYWORDS } from '../../src/policy/builtins/rego/scanner.ts';
import { parseTerm } from '../../src/policy/builtins/rego/terms.ts';

/** At the first token; `future` are keywords that are imported. */
export function parserOn(source: string, ...future: readonly string[]): Parser {
  const p = parserOf(source, new Set([...V1_KEYWORDS, ...future]), {
    term: parseTerm,
    infix: parseInfix,
    literal: parseLiteral,
    body: parseBody,
  });
  p.hasNotBodies = future.includes('not');
  advance(p);
  return p;
}

/** What a reader makes of all of a text: the tree, or what is wrong with it, or the token that it left. */
export function outcome<T>(p: Parser, read: (p: Parser) => T | null, show: (tree: T) => string): string {
  const tree = read(p);
  const { fault, kind } = p.place;
  if (fault) return `fault: ${fault.reason}`;
  if (tree === null) return 'nothing';
  return kind === 'eof' ? show(tree) : `${show(tree)} and then ${kind}`;
}

/** Operators are functions, every reference is a path: `1 + a.b` is `plus(1, a."b")`. */
export function showTerm(term: Term): string {
  switch (term.kind) {
    case 'null':
      return 'null';
    case 'boolean':
      return String(term.value);
    case 'number':
      return term.value.text;
    case 'string':
      return JSON.stringify(term.value);
    case 'var':
      return term.name;
    case 'ref':
      return term.terms.length === 1 ? `<${all(term.terms)}>` : term.terms.map(showTerm).join('.');
    case 'call': {
      const [operator, ...operands] = term.terms as [Term, ...Term[]];
      return `${showTerm(operator).replaceAll(/[<>"]/g, '')}(${all(operands)})`;
    }
    case 'array':
      return `[${all(term.terms)}]`;
    case 'set':
      return `set(${all(term.terms)})`;
    case 'object':
      return `{${term.entries.map(([key, value]) => `${showTerm(key)}: ${showTerm(value)}`).join(', ')}}`;
    case 'arraycomprehension':
      return `[${showTerm(term.term)} | ${showBody(term.body)}]`;
    case 'setcomprehension':
      return `{${showTerm(term.term)} | ${showBody(term.body)}}`;
    case 'objectcomprehension':
      return `{${showTerm(term.key)}: ${showTerm(term.value)} | ${showBody(term.body)}}`;
    case 'templatestring': {
      const parts = term.parts.map((part) =>
        part.kind === 'expr' ? `expr ${showExpr(part)}` : showTerm(part),
      );
      return `${term.multiLine ? 'lines' : 'line'}(${parts.join(', ')})`;
    }
  }
}

const all = (terms: readonly Term[]): string => terms.map(showTerm).join(', ');

export const showBody = (body: Body): string => body.map(showExpr).join('; ');

export function showExpr({ content, negated, withs }: Expr): string {
  const changes = withs.map(({ target, value }) => ` with ${showTerm(target)} as ${showTerm(value)}`);
  return `${negated ? 'negated ' : ''}${showContent(content)}${changes.join('')}`;
}

function showContent(content: Content): string {
  if (!isCompound(content)) return showTerm(content);
  switch (content.kind) {
    case 'some':
      return `some ${all(content.symbols)}`;
    case 'every': {
      const { key, value, domain, body } = content;
      return `every ${key ? `${showTerm(key)}, ` : ''}${showTerm(value)} in ${showTerm(domain)} {${showBody(body)}}`;
    }
    case 'not':
      return `not ${showOperand(content)}`;
    case 'and':
    case 'or':
      return `${content.kind}(${showOperand(content.left)}, ${showOperand(content.right)})`;
  }
}

const showOperand = ({ body, explicit }: { readonly body: Body; readonly explicit: boolean }): string =>
  explicit ? `{${showBody(body)}}` : showBody(body);
