/** Rego's terms without operators: values, variables, references and calls. */
import { RegoNumber } from '../../number.ts';
import { boolean, call, isRootDocument, nameOf, type Ref, ref, refOf, string, type Term } from './ast.ts';
import { parseArray, parseSetOrObject, parseTermList } from './collections.ts';
import { numberFault } from './number-text.ts';
import {
  advance,
  advanceToSpace,
  fail,
  isAt,
  keep,
  mayBeName,
  nested,
  type Parser,
  peek,
  recall,
  reclassify,
  remember,
  unexpected,
  variableHere,
} from './parser.ts';
import { unescape } from './string-literal.ts';
import type { Kind } from './scanner.ts';
import { parseTemplateString } from './template-string.ts';

/** A term; null where none can be read. What was read here before is not read again. */
export const parseTerm = (p: Parser): Term | null =>
  nested(p, () => {
    const known = recall(p);
    if (known !== undefined) return known;
    const { start } = p.place;
    // Where a term is expected, `and` and `or` are functions of sets.
    if ((isAt(p, 'and') || isAt(p, 'or')) && peek(p, advanceToSpace) === '(') reclassify(p, 'identifier');
    const term = isAt(p, '-') ? negative(p) : finish(p, (READERS[p.place.kind] ?? unexpected)(p));
    remember(p, start, term);
    return term;
  });

/** A number, or what is subtracted from 0. */
function negative(p: Parser): Term | null {
  const place = keep(p);
  advance(p);
  if (!isAt(p, 'identifier') && !isAt(p, 'contains')) {
    p.place = place;
    return finish(p, parseNumber(p));
  }
  const term = finish(p, variableHere(p));
  const zero = { kind: 'number', value: new RegoNumber('0') } as const;
  return term && call([refOf('minus'), zero, term]);
}

/** What a term may begin with. */
const READERS: Readonly<Partial<Record<Kind, (p: Parser) => Term | null>>> = {
  null: () => ({ kind: 'null' }),
  true: () => boolean(true),
  false: () => boolean(false),
  '.': parseNumber,
  number: parseNumber,
  string: parseString,
  'template-part': parseTemplateString,
  'template-end': parseTemplateString,
  'raw-template-part': parseTemplateString,
  'raw-template-end': parseTemplateString,
  identifier: variableHere,
  contains: variableHere,
  '[': parseArray,
  '{': parseSetOrObject,
  '(': inParentheses,
};

function inParentheses(p: Parser): Term | null {
  advance(p);
  const term = p.grammar.infix(p);
  if (term === null || isAt(p, ')')) return term;
  return fail(p, 'non-terminated expression');
}

/** What was read up to its last token, with what is looked up in it or called by it. */
function finish(p: Parser, term: Term | null): Term | null {
  if (term === null) return null;
  advanceToSpace(p);
  const { kind } = p.place;
  if (kind === '(' || kind === '.' || kind === '[') return parseRef(p, term);
  if (kind === 'whitespace') advance(p);
  return isRootDocument(term) ? ref([term]) : term;
}

const REF_HEADS: ReadonlySet<Term['kind']> = new Set([
  'var',
  'array',
  'object',
  'set',
  'arraycomprehension',
  'objectcomprehension',
  'setcomprehension',
  'call',
]);

/** A reference or a call by its head, at the `.`, `[` or `(` behind it. */
export function parseRef(p: Parser, head: Term): Term | null {
  if (!REF_HEADS.has(head.kind)) fail(p, `illegal ref (head cannot be ${head.kind})`);
  const terms = [head];
  while (isAt(p, '.') || isAt(p, '[')) {
    const term = isAt(p, '.') ? parseMember(p) : parseIndex(p);
    if (term === null) return null;
    terms.push(term);
    advanceToSpace(p);
  }
  if (isAt(p, '(')) return parseCall(p, ref(terms));
  if (isAt(p, 'whitespace')) advance(p);
  return ref(terms);
}

/** `.name` */
function parseMember(p: Parser): Term | null {
  advanceToSpace(p);
  if (!isAt(p, 'identifier') && !mayBeName(p, p.place.kind)) return unexpected(p, 'expected identifier');
  return string(p.place.text);
}

/** `[term]` */
function parseIndex(p: Parser): Term | null {
  advance(p);
  const term = p.grammar.infix(p);
  return term === null || isAt(p, ']') ? term : unexpected(p, 'expected ]');
}

function parseCall(p: Parser, operator: Ref): Term | null {
  advance(p);
  const terms = isAt(p, ')') ? [operator] : parseTermList(p, ')', [operator]);
  if (terms === null) return null;
  advanceToSpace(p);
  const term: Term =
    terms.length === 1 && isSetConstructor(operator) ? { kind: 'set', terms: [] } : call(terms);
  const { kind } = p.place;
  if (kind === '.' || kind === '[') return nested(p, () => parseRef(p, term));
  if (kind === 'whitespace') advance(p);
  return term;
}

const isSetConstructor = (operator: Ref): boolean =>
  operator.terms.length === 1 && nameOf(operator) === 'set';

/** A number's text stays as it is written. */
function parseNumber(p: Parser): Term | null {
  let prefix = '';
  if (isAt(p, '-')) {
    prefix = '-';
    advance(p);
    if (!isAt(p, 'number') && !isAt(p, '.')) return unexpected(p, 'expected number');
  }
  if (isAt(p, '.')) {
    prefix += '.';
    advance(p);
    if (!isAt(p, 'number')) return unexpected(p, 'expected number');
  }
  if (!prefix.endsWith('.') && /^0[0-9]/.test(p.place.text))
    return unexpected(p, 'expected number without leading zero');
  const text = prefix + p.place.text;
  const fault = numberFault(text);
  return fault === null ? { kind: 'number', value: new RegoNumber(text) } : fail(p, fault);
}

function parseString(p: Parser): Term | null {
  const { text } = p.place;
  if (text.startsWith('`')) return string(text.slice(1, -1));
  const value = unescape(text);
  return value === null ? fail(p, 'illegal string literal') : string(value);
}
