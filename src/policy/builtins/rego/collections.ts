/** Arrays, sets, objects and comprehensions. Each is read up to its last token, which is left to whoever asked for it. */
import type { Term, TermEntry } from './ast.ts';
import { objectOf, setOf } from './order.ts';
import { advance, fail, isAt, keep, type Parser, type Place, unexpected } from './parser.ts';
import type { Kind } from './scanner.ts';

/** `[…]` */
export function parseArray(p: Parser): Term | null {
  advance(p);
  if (isAt(p, ']')) return array([]);
  const mayBeComprehension = !skipComma(p);
  const place = keep(p);
  // No operators yet: `[a | b]` is a comprehension and no union.
  const head = p.grammar.term(p);
  if (head === null) return null;
  if (isAt(p, ']')) return array([head]);
  if (isAt(p, ',')) {
    advance(p);
    return array(parseTermList(p, ']', [head]));
  }
  if (isAt(p, '|') && mayBeComprehension) {
    advance(p);
    const body = p.grammar.body(p, ']');
    if (body) return { kind: 'arraycomprehension', term: head, body };
    if (!isAtComma(p)) return null;
  }
  p.place = place;
  return array(parseTermList(p, ']', []));
}

const array = (terms: readonly Term[] | null): Term | null => terms && { kind: 'array', terms };
const set = (terms: readonly Term[] | null): Term | null => terms && { kind: 'set', terms: setOf(terms) };
const object = (entries: readonly TermEntry[] | null): Term | null =>
  entries && { kind: 'object', entries: objectOf(entries) };

/** OPA takes a comma before the first member. */
function skipComma(p: Parser): boolean {
  if (!isAt(p, ',')) return false;
  advance(p);
  return true;
}

/** `{…}` */
export function parseSetOrObject(p: Parser): Term | null {
  advance(p);
  if (isAt(p, '}')) return object([]);
  const mayBeComprehension = !skipComma(p);
  const place = keep(p);
  const first = p.grammar.term(p);
  if (first === null) return null;
  const { kind } = p.place;
  if (kind === '}' || kind === ',' || (kind === '|' && mayBeComprehension)) return parseSet(p, place, first);
  if (kind === ':') return parseObject(p, first, mayBeComprehension);
  p.place = place;
  const head = p.grammar.infix(p, true);
  if (head === null) return null;
  if (isAtEnd(p)) return parseSet(p, place, head);
  return isAt(p, ':') ? parseObject(p, head, mayBeComprehension) : unexpected(p, 'non-terminated set');
}

const isAtComma = (p: Parser): boolean => isAt(p, ',');
const isAtEnd = (p: Parser): boolean => isAt(p, '}') || isAt(p, ',');

/** Behind the first member; `place` is where it began. */
function parseSet(p: Parser, place: Place, head: Term): Term | null {
  if (isAt(p, '}')) return set([head]);
  if (isAt(p, ',')) {
    advance(p);
    return set(parseTermList(p, '}', [head]));
  }
  advance(p);
  const body = p.grammar.body(p, '}');
  if (body) return { kind: 'setcomprehension', term: head, body };
  if (!isAtComma(p)) return null;
  p.place = place;
  return set(parseTermList(p, '}', []));
}

/** Behind the first key. */
function parseObject(p: Parser, key: Term, mayBeComprehension: boolean): Term | null {
  advance(p);
  const place = keep(p);
  const value = p.grammar.term(p);
  if (value === null) return null;
  if (mayBeComprehension) {
    if (isAtEnd(p)) return finishObject(p, key, value);
    if (isAt(p, '|')) {
      advance(p);
      const body = p.grammar.body(p, '}');
      if (body) return { kind: 'objectcomprehension', key, value, body };
    }
  }
  p.place = place;
  const whole = p.grammar.infix(p, true);
  if (whole === null) return null;
  return isAtEnd(p) ? finishObject(p, key, whole) : unexpected(p, 'non-terminated object');
}

function finishObject(p: Parser, key: Term, value: Term): Term | null {
  if (isAt(p, '}')) return object([[key, value]]);
  advance(p);
  const entries: TermEntry[] = [[key, value]];
  while (!isAt(p, '}')) {
    const nextKey = p.grammar.infix(p, true);
    if (nextKey === null) return null;
    if (!isAt(p, ':')) return unexpected(p, 'expected :');
    advance(p);
    const nextValue = p.grammar.infix(p, true);
    if (nextValue === null) return null;
    entries.push([nextKey, nextValue]);
    if (!isAtEnd(p)) return unexpected(p, 'expected , or }');
    skipComma(p);
  }
  return object(entries);
}

/** Terms up to `end`, with commas between them and perhaps after the last. */
export function parseTermList(p: Parser, end: Kind, terms: readonly Term[]): readonly Term[] | null {
  const all = [...terms];
  if (isAt(p, end) && all.length > 0) return all;
  do {
    const term = p.grammar.infix(p, true);
    if (term === null) return null;
    all.push(term);
    if (isAt(p, end)) return all;
    if (!skipComma(p)) return fail(p, `unexpected ${p.place.kind} token: expected , or ${end}`);
  } while (!isAt(p, end));
  return all;
}
