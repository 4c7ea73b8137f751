/** Template strings: `$"…{x}…"`, and with backquotes over several lines. */
import { type Expr, nameOf, string, type Term } from './ast.ts';
import { advance, advanceInTemplate, fail, isAt, type Parser, type Place } from './parser.ts';
import { unescape } from './string-literal.ts';

/** The expressions in it may be of one term, a call, `and`, `or` and `not { … }`. */
export function parseTemplateString(p: Parser): Term | null {
  const isRaw = p.place.kind.startsWith('raw');
  const parts: (Term | Expr)[] = [];
  for (;;) {
    const text = textOf(p.place);
    if (text === null) return fail(p, 'illegal template-string part');
    if (text !== '') parts.push(string(text));
    if (p.place.kind.endsWith('end')) return { kind: 'templatestring', parts, multiLine: isRaw };
    const { comments } = p.place;
    advance(p);
    const isCommented = p.place.comments !== comments;
    const expr = p.grammar.literal(p);
    if (expr === null) return fail(p, 'invalid template-string expression');
    const misplaced = misplacedIn(expr);
    if (misplaced !== null) return fail(p, `unexpected ${misplaced} in template-string expression`);
    const { content } = expr;
    parts.push(isConstant(expr) && !isCommented ? (content as Term) : expr);
    if (!isAt(p, '}')) return fail(p, 'expected } to end template string expression');
    advanceInTemplate(p, isRaw);
  }
}

function textOf({ kind, text }: Place): string | null {
  if (kind === 'template-part' || kind === 'template-end') return unescape(`"${text.slice(1, -1)}"`);
  return kind === 'raw-template-part' || kind === 'raw-template-end' ? text.slice(1, -1) : null;
}

function misplacedIn({ negated, content }: Expr): string | null {
  if (negated) return 'negation';
  if (content.kind === 'some' || content.kind === 'every') return content.kind;
  const operator = content.kind === 'call' ? nameOf(content.terms[0]) : null;
  if (operator === 'eq') return "unification ('=')";
  return operator === 'assign' ? "assignment (':=')" : null;
}

/** Such an expression is a term, whatever `with` it has. */
function isConstant({ content: { kind } }: Expr): boolean {
  return kind === 'string' || kind === 'number' || kind === 'boolean' || kind === 'null';
}
