/**
 * A place in a Rego module, and how it moves on. As OPA's parser does, this one tries one reading of the text, and where that
 * fails goes back to a place that it kept and tries another. A place has the first fault with it that was met on the way.
 *
 * OPA goes back to the place itself and no copy of it, which then moves on. So what it knows of a term is right once, and when
 * it goes back to the end of the same term again it may find itself elsewhere: after `import rego.v2`, `not ({x | y, z})` is
 * an error. Hence places change here too, and copies of them are made where OPA makes some.
 */
import { BuiltinError } from '../builtin.ts';
import { type Body, DEEPEST, type Expr, type Term, variable } from './ast.ts';
import { type Kind, operatorName, scan, scanTemplate, type Token, V1_KEYWORDS } from './scanner.ts';

export type Place = {
  kind: Kind;
  text: string;
  start: number;
  /** Where the next token is looked for. */
  end: number;
  /** Was there a line's end before the token? */
  isOnNewLine: boolean;
  /** How many `_` there were so far: each is a variable of its own. */
  wildcards: number;
  fault: Fault | null;
  comments: Comments | null;
};
type Fault = { readonly reason: string; readonly start: number };
/** The last comment, and those before it. */
export type Comments = { readonly start: number; readonly text: string; readonly before: Comments | null };

/** Terms that were read already, by where they begin, those that begin last first. It is this that keeps going back cheap. */
type Known = {
  readonly start: number;
  readonly term: Term | null;
  readonly after: Place;
  readonly next: Known | null;
};

export type Parser = {
  readonly source: string;
  place: Place;
  keywords: ReadonlySet<string>;
  /** Do the braces of `not { … }` hold a body? */
  hasNotBodies: boolean;
  known: Known | null;
  depth: number;
  /** Characters that may still be read, again and again. */
  left: number;
  readonly grammar: Grammar;
};

/** What is read within itself: the files of this folder cannot import each other in a circle. Null where a fault was noted. */
export type Grammar = {
  readonly term: (p: Parser) => Term | null;
  /** A term with operators; with `k, v in xs` where no list is. */
  readonly infix: (p: Parser, isInList?: boolean) => Term | null;
  readonly literal: (p: Parser) => Expr | null;
  readonly body: (p: Parser, end: Kind) => Body | null;
};

/** Each level of nesting is up to ten calls, and a stack has about ten thousand. */
const MOST_NESTED = DEEPEST / 2;
/** A module is read about twice; there are some made to be read 2ⁿ times. */
const READINGS = 100;
const LEAST_LEFT = 100_000;

/** Before the first token. */
export function parserOf(source: string, keywords: ReadonlySet<string>, grammar: Grammar): Parser {
  const place: Place = {
    kind: 'eof',
    text: '',
    start: 0,
    end: source.startsWith('\ufeff') ? 1 : 0,
    isOnNewLine: false,
    wildcards: 0,
    fault: null,
    comments: null,
  };
  const left = LEAST_LEFT + source.length * READINGS;
  return { source, place, keywords, hasNotBodies: false, known: null, depth: 0, left, grammar };
}

/** To the next token. */
export const advance = (p: Parser): void => move(p, true, scan);
/** To the next token, be it one character of white space. */
export const advanceToSpace = (p: Parser): void => move(p, false, scan);
/** From the `}` of an expression in a template string to the piece behind it. */
export const advanceInTemplate = (p: Parser, isRaw: boolean): void =>
  move(p, false, (source, end) => scanTemplate(source, end - 1, isRaw));

function move(
  p: Parser,
  skipsSpace: boolean,
  read: (source: string, at: number, keywords: ReadonlySet<string>) => Token,
): void {
  const { place } = p;
  if (place.kind !== 'whitespace') place.isOnNewLine = false;
  for (;;) {
    if (skipsSpace) skipSpace(p);
    const { kind, text, start, end, fault } = read(p.source, place.end, p.keywords);
    spend(p, end - place.end + 1);
    place.kind = kind;
    place.text = text;
    place.start = start;
    place.end = end;
    if (kind === 'illegal') place.fault ??= { reason: fault, start };
    if (kind === 'whitespace' && text === '\n') place.isOnNewLine = true;
    if (kind === 'comment') place.comments = { start, text, before: place.comments };
    else return;
  }
}

const SPACE = /[ \t\r\n]+/y;

function skipSpace(p: Parser): void {
  SPACE.lastIndex = p.place.end;
  const space = SPACE.exec(p.source)?.[0];
  if (space === undefined) return;
  spend(p, space.length);
  p.place.end += space.length;
  if (space.includes('\n')) p.place.isOnNewLine = true;
}

/** Counts characters that are read. Throws BuiltinError where it gets out of proportion to the module. */
export function spend(p: Parser, characters: number): void {
  p.left -= characters;
  if (p.left < 0) throw new BuiltinError('the module has too many readings to try');
}

/** The place, to go back to. */
export const keep = ({ place }: Parser): Place => ({ ...place });

/** Is the token of this kind? */
export const isAt = ({ place }: Parser, kind: Kind): boolean => place.kind === kind;

/** Takes the token for one of another kind: a keyword for a name. */
export const reclassify = (p: Parser, kind: Kind): void => {
  p.place.kind = kind;
};

/** Notes a fault, if there was none before; gives null, for what cannot be read. */
export function fail(p: Parser, reason: string, start = p.place.start): null {
  p.place.fault ??= { reason, start };
  return null;
}

/** Notes that the token should not be here. */
export const unexpected = (p: Parser, note = ''): null =>
  fail(
    p,
    p.place.kind === 'illegal'
      ? 'illegal token'
      : `unexpected ${p.place.kind} token${note === '' ? '' : `: ${note}`}`,
  );

/** How many characters a text has, which columns are counted by. */
export const codePoints = (text: string): number => text.replaceAll(/[\udc00-\udfff]/g, '').length;

/** What a fault says, with line and column. */
export function syntaxError(p: Parser, { reason, start }: Fault): BuiltinError {
  const before = p.source.slice(0, start);
  const line = before.split('\n').length;
  const column = codePoints(before.slice(before.lastIndexOf('\n') + 1)) + 1;
  return new BuiltinError(`rego_parse_error at ${line}:${column}: ${reason}`);
}

/** What `read` gives, if that is not nested too deep. Throws BuiltinError. */
export function nested<T>(p: Parser, read: () => T): T {
  if (p.depth >= MOST_NESTED) throw new BuiltinError(`the module is nested deeper than ${MOST_NESTED}`);
  p.depth++;
  const result = read();
  p.depth--;
  return result;
}

/** A term that was read at this place before, which moves on behind it; undefined when none was. */
export function recall(p: Parser): Term | null | undefined {
  const { start } = p.place;
  let known = p.known;
  while (known && known.start > start) known = known.next;
  if (known?.start !== start) return undefined;
  p.place = known.after;
  return known.term;
}

/** Keeps a term that began at `start`; those within it are not wanted again. */
export function remember(p: Parser, start: number, term: Term | null): void {
  let next = p.known;
  while (next && next.start >= start) next = next.next;
  p.known = { start, term, after: keep(p), next };
}

/** The variable that the token names. */
export function variableHere(p: Parser): Term {
  return p.place.text === '_' ? wildcard(p) : variable(p.place.text);
}

/** `_` is a variable with a name of its own. */
export function wildcard(p: Parser): Term {
  return variable(`$${p.place.wildcards++}`);
}

/**
 * May a token stand for its name in a reference? A keyword may, and as OPA looks only at what it calls the token, `&` may
 * where `and` is a keyword.
 */
export function mayBeName(p: Parser, kind: Kind): boolean {
  const name = operatorName(kind);
  return V1_KEYWORDS.has(name) || p.keywords.has(name);
}

/** What follows the token, without moving on. */
export function peek(p: Parser, to: typeof advance): Kind {
  const place = keep(p);
  to(p);
  const { kind } = p.place;
  p.place = place;
  return kind;
}

/** Is the token a keyword that a reference begins with? */
export function beginsRef(p: Parser): boolean {
  if (!mayBeName(p, p.place.kind)) return false;
  const next = peek(p, advanceToSpace);
  return next === '.' || next === '[';
}

/** Are `and` and `or` operators of expressions? */
export const hasLogic = (p: Parser): boolean => p.keywords.has('and') || p.keywords.has('or');

export const isLogical = (p: Parser): boolean => isAt(p, 'and') || isAt(p, 'or');
