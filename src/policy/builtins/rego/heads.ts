/** What a rule begins with: its name or reference, its arguments, its key and value. */
import { boolean, EMPTY_HEAD, type Head, isRootDocument, type Ref, ref, type Term } from './ast.ts';
import { parseInfix } from './operators.ts';
import { advance, advanceToSpace, isAt, type Parser, unexpected, variableHere } from './parser.ts';
import type { Kind } from './scanner.ts';
import { parseRef } from './terms.ts';

/** A head, of which `contains` is a keyword. Null where none can be read; faults are noted. */
export function parseHead(p: Parser): Head | null {
  const named = parseName(p);
  if (named === null) return unexpected(p, 'expected rule head name');
  const head = headOf(p, named);
  if (head === null) return null;
  const { kind } = p.place;
  if (kind === 'contains') {
    if (named.kind === 'call') unexpected(p, 'the contains keyword can only be used with multi-value rules');
    advance(p);
    const key = parseInfix(p);
    if (key === null) unexpected(p, 'expected rule key term');
    return { ...head, key, keywords: ['contains'] };
  }
  if (kind === '=' || kind === ':=') {
    advance(p);
    const value = parseInfix(p);
    if (value !== null) return { ...head, value, assign: kind === ':=' };
    unexpected(p, 'expected rule value term');
  }
  return head.ref.length === 2 && head.args.length === 0 ? head : { ...head, value: boolean(true) };
}

const OPERATORS: ReadonlySet<Kind> = new Set([
  '+',
  '-',
  '*',
  '/',
  '%',
  '&',
  '|',
  '==',
  '!=',
  '>',
  '>=',
  '<',
  '<=',
]);

/** A variable, a reference or a call; there may be space between its name and the rest. */
function parseName(p: Parser): Term | null {
  const name = variableHere(p);
  advanceToSpace(p);
  if (OPERATORS.has(p.place.kind)) unexpected(p);
  if (isAt(p, 'whitespace')) advance(p);
  const { kind } = p.place;
  if (kind === '(' || kind === '.' || kind === '[') return parseRef(p, name);
  return isRootDocument(name) ? ref([name]) : name;
}

function headOf(p: Parser, named: Term): Head | null {
  if (named.kind === 'var') return { ...EMPTY_HEAD, name: named.name, ref: [named] };
  if (named.kind === 'ref') return headOfRef(named.terms);
  if (named.kind !== 'call') return null;
  const [{ terms }, ...args] = named.terms as readonly [Ref, ...Term[]];
  if (terms[0]?.kind !== 'var') return unexpected(p, 'rule head ref invalid');
  return { ...headOfRef(terms), args };
}

/** A reference by itself is called by no name. */
export function headOfRef(terms: readonly Term[]): Head {
  const [first] = terms;
  return { ...EMPTY_HEAD, ref: terms, name: terms.length < 2 && first?.kind === 'var' ? first.name : '' };
}
