/** Which terms have no variables in them. */
import { below, type Body, type Content, isCompound, type Term } from './ast.ts';

/** As OPA's `IsGround`: a reference is ground when all that it looks up is. Throws BuiltinError for what is nested too deep. */
export function isGround(term: Term, depth = 0): boolean {
  const next = below(depth);
  const all = (terms: readonly Term[]): boolean => terms.every((each) => isGround(each, next));
  switch (term.kind) {
    case 'null':
    case 'boolean':
    case 'number':
    case 'string':
      return true;
    case 'var':
    case 'templatestring':
      return false;
    case 'ref':
      return all(term.terms.slice(1));
    case 'call':
    case 'array':
    case 'set':
      return all(term.terms);
    case 'object':
      return term.entries.every(all);
    case 'objectcomprehension':
      return all([term.key, term.value]) && isGroundBody(term.body, next);
    case 'arraycomprehension':
    case 'setcomprehension':
      return isGround(term.term, next) && isGroundBody(term.body, next);
  }
}

const isGroundBody = (body: Body, depth: number): boolean =>
  body.every(({ content }) => isGroundContent(content, below(depth)));

function isGroundContent(content: Content, depth: number): boolean {
  // The operator of an expression is not looked at.
  if (content.kind === 'call') return content.terms.slice(1).every((term) => isGround(term, depth));
  if (!isCompound(content)) return isGround(content, depth);
  switch (content.kind) {
    case 'some':
    case 'every':
      return false;
    case 'not':
      return isGroundBody(content.body, depth);
    case 'and':
    case 'or':
      return isGroundBody(content.left.body, depth) && isGroundBody(content.right.body, depth);
  }
}
