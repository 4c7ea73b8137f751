/** Templates as trees (Go's `text/template/parse/parse.go`). */
import { quote, unquote } from '../go/quote.ts';
import { type Pipe, readPipe, type Scope } from './pipe.ts';
import { isKeyword, readerOf } from './reader.ts';

/** What a template is made of. */
export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | { readonly kind: 'break' | 'continue' }
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly pipe: Pipe;
      readonly list: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  | { readonly kind: 'template'; readonly name: string; readonly pipe: Pipe | null };

/** The name of a template that has none of its own. */
export const ROOT = 'template';

/** Go's `bytes.TrimSpace` leaves nothing of it. */
const SPACES = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$/;
const isEmpty = (list: readonly Node[]): boolean =>
  list.every((node) => node.kind === 'text' && SPACES.test(node.text));

/** The templates by their names: ROOT's, and those that it defines. `functions` are known. Throws TemplateError. */
export function parseTemplate(
  text: string,
  functions: ReadonlySet<string>,
): ReadonlyMap<string, readonly Node[]> {
  const reader = readerOf(text);
  const { peek, next, peekAfterSpace, nextAfterSpace, expect, nested, fail, unexpected } = reader;
  const templates = new Map<string, readonly Node[]>();
  // Of the template that is being read, at this place.
  let scope: Scope = { functions, variables: ['$'] };
  let ranges = 0;

  const root: Node[] = [];
  while (peek().type !== 'end') {
    const start = reader.place();
    if (next().type === 'left' && isKeyword(nextAfterSpace(), 'define')) {
      const name = templateName('define clause');
      expect('right', 'define clause');
      define(name);
      continue;
    }
    reader.goBack(start);
    const node = nodeOrEnd();
    if (typeof node === 'string') return fail(`unexpected {{${node}}}`);
    root.push(node);
  }
  add(ROOT, root);
  return templates;

  function add(name: string, list: readonly Node[]): void {
    const known = templates.get(name);
    if (known === undefined || isEmpty(known)) templates.set(name, list);
    else if (!isEmpty(list)) fail(`multiple definition of template ${quote(name)}`);
  }

  /** The list that follows, as a template of its own. */
  function define(name: string): void {
    const outer = [scope, ranges] as const;
    [scope, ranges] = [{ functions, variables: ['$'] }, 0];
    const { list, end } = nested(nodes);
    if (end !== 'end') fail(`unexpected {{${end}}} in a definition`);
    add(name, list);
    [scope, ranges] = outer;
  }

  /** Up to `{{end}}` or `{{else}}`, which is left out. */
  function nodes(): { readonly list: Node[]; readonly end: 'end' | 'else' } {
    const list: Node[] = [];
    while (peekAfterSpace().type !== 'end') {
      const node = nodeOrEnd();
      if (typeof node === 'string') return { list, end: node };
      list.push(node);
    }
    return fail('unexpected EOF');
  }

  function nodeOrEnd(): Node | 'end' | 'else' {
    const token = nextAfterSpace();
    if (token.type === 'text') return { kind: 'text', text: token.text };
    if (token.type !== 'left') return unexpected(token, 'input');
    const word = peekAfterSpace();
    if (word.type !== 'keyword') return { kind: 'action', pipe: pipe('command') };
    next();
    switch (word.text) {
      case 'if':
      case 'with':
      case 'range':
        return control(word.text);
      case 'end':
        expect('right', 'end');
        return 'end';
      case 'else':
        // What follows in `{{else if` is left for who asked.
        if (!isKeyword(peekAfterSpace(), 'if') && !isKeyword(peek(), 'with')) expect('right', 'else');
        return 'else';
      case 'break':
      case 'continue':
        expect('right', `{{${word.text}}}`);
        return ranges === 0 ? fail(`{{${word.text}}} outside {{range}}`) : { kind: word.text };
      case 'template': {
        const name = templateName('template clause');
        if (peekAfterSpace().type !== 'right')
          return { kind: 'template', name, pipe: pipe('template clause') };
        next();
        return { kind: 'template', name, pipe: null };
      }
      case 'block': {
        const name = templateName('block clause');
        const given = pipe('block clause');
        define(name);
        return { kind: 'template', name, pipe: given };
      }
      default:
        return unexpected(word, 'command');
    }
  }

  function pipe(where: string): Pipe {
    return readPipe(reader, scope, where, 'right');
  }

  function templateName(where: string): string {
    const token = nextAfterSpace();
    if (token.type !== 'string') unexpected(token, where);
    return unquote(token.text) ?? fail('invalid syntax');
  }

  function control(kind: 'if' | 'with' | 'range'): Node {
    const outer = scope.variables.length;
    const given = pipe(kind);
    if (kind === 'range') ranges++;
    const { list, end } = nested(nodes);
    if (kind === 'range') ranges--;
    const otherwise = end === 'else' ? nested(() => alternative(kind)) : [];
    scope.variables.length = outer;
    return { kind, pipe: given, list, otherwise };
  }

  function alternative(kind: 'if' | 'with' | 'range'): readonly Node[] {
    if (kind !== 'range' && isKeyword(peek(), kind)) {
      next();
      return [control(kind)];
    }
    const { list, end } = nodes();
    return end === 'end' ? list : fail('expected end; found {{else}}');
  }
}
