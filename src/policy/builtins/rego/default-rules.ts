/** What `default` rules may say. */
import { below, type Expr, type Head, isCompound, type Term } from './ast.ts';
import { fail, type Parser } from './parser.ts';

/** A value without variables, references and calls; arguments that are variables, each once. Notes what is wrong. */
export function checkDefault(p: Parser, { value, args }: Head): boolean {
  const fault = value === null ? 'must have a value' : (faultOfValue(value) ?? faultOfArguments(args));
  if (fault !== null) fail(p, `illegal default rule (${fault})`);
  return fault === null;
}

const faultOfValue = (value: Term): string | null =>
  isConstant(value, 0) ? null : 'value cannot contain variables, references and calls';

/** Comprehensions may have anything in them. */
function isConstant(term: Term, depth: number): boolean {
  const next = below(depth);
  const all = (terms: readonly Term[]): boolean => terms.every((each) => isConstant(each, next));
  switch (term.kind) {
    case 'var':
    case 'ref':
    case 'call':
      return false;
    case 'array':
    case 'set':
      return all(term.terms);
    case 'object':
      return term.entries.every(all);
    case 'templatestring':
      return term.parts.every((part) =>
        part.kind === 'expr' ? isConstantExpr(part, next) : isConstant(part, next),
      );
    case 'null':
    case 'boolean':
    case 'number':
    case 'string':
    case 'arraycomprehension':
    case 'objectcomprehension':
    case 'setcomprehension':
      return true;
  }
}

function isConstantExpr({ content, withs }: Expr, depth: number): boolean {
  const next = below(depth);
  const all = (body: readonly Expr[]): boolean => body.every((expr) => isConstantExpr(expr, next));
  if (withs.length > 0) return false;
  if (!isCompound(content)) return isConstant(content, next);
  switch (content.kind) {
    case 'some':
    case 'every':
      return false;
    case 'not':
      return all(content.body);
    case 'and':
    case 'or':
      return all(content.left.body) && all(content.right.body);
  }
}

function faultOfArguments(args: readonly Term[]): string | null {
  const names = new Set<string>();
  for (const arg of args) {
    if (arg.kind !== 'var') return `arguments cannot contain ${arg.kind}`;
    if (names.has(arg.name)) return `arguments cannot be repeated ${arg.name}`;
    names.add(arg.name);
  }
  return null;
}
