/** Rego's tokens, as the scanner of OPA 1.22 reads them. */
import { isDigit } from '../go/characters.ts';

/** Keywords and punctuators stand for themselves: `&` is an operator of sets, `and` one of expressions. */
export type Kind =
  | 'illegal'
  | 'eof'
  | 'whitespace'
  | 'comment'
  | 'identifier'
  | 'number'
  | 'string'
  | TemplateKind
  | Keyword
  | Punctuator;
/** A piece of a template string up to `{`, or its end. */
export type TemplateKind = 'template-part' | 'template-end' | 'raw-template-part' | 'raw-template-end';
export type Keyword = (typeof KEYWORDS | typeof V1_ONLY | typeof FUTURE)[number];
type Punctuator = (typeof PUNCTUATORS)[number] | (typeof OPERATORS)[number];

/** Always keywords. */
const KEYWORDS = [
  'package',
  'import',
  'as',
  'default',
  'else',
  'not',
  'some',
  'with',
  'null',
  'true',
  'false',
] as const;
/** Keywords since Rego v1. */
export const V1_ONLY = ['in', 'every', 'contains', 'if'] as const;
/** What `import future.keywords` makes keywords; `not` gets another meaning. */
export const FUTURE = ['not', 'and', 'or'] as const;
/** Those of Rego v1, which are no names of rules. */
export const V1_KEYWORDS: ReadonlySet<string> = new Set([...KEYWORDS, ...V1_ONLY]);
/** Those that stay keywords in the path of an import. */
export const IN_IMPORTS: ReadonlySet<string> = new Set(KEYWORDS.filter((keyword) => keyword !== 'not'));

const PUNCTUATORS = ['[', ']', '{', '}', '(', ')', ',', ':', ';', '.'] as const;
const OPERATORS = [':=', '=', '==', '!=', '<=', '>=', '<', '>', '+', '-', '*', '/', '%', '&', '|'] as const;
const ONE: ReadonlySet<string> = new Set([...PUNCTUATORS, ...OPERATORS]);
const TWO: ReadonlySet<string> = new Set(OPERATORS.filter((operator) => operator.length === 2));

/** Operators are functions. */
const NAMES: Readonly<Partial<Record<Kind, string>>> = {
  '+': 'plus',
  '-': 'minus',
  '*': 'mul',
  '/': 'div',
  '%': 'rem',
  '&': 'and',
  '|': 'or',
  '=': 'eq',
  '==': 'equal',
  ':=': 'assign',
  '!=': 'neq',
  '>': 'gt',
  '<': 'lt',
  '>=': 'gte',
  '<=': 'lte',
};

/** The function that an operator is; of other tokens, what OPA calls a keyword. */
export const operatorName = (kind: Kind): string => NAMES[kind] ?? kind;

export type Token = {
  readonly kind: Kind;
  /** As it is written; of punctuators `''`. The backslash of `\{` is left out of template strings. */
  readonly text: string;
  /** In UTF-16 units from the source's begin. */
  readonly start: number;
  readonly end: number;
  /** What is wrong with an illegal one. */
  readonly fault: string;
};

const IDENTIFIER = /[A-Za-z_][A-Za-z_0-9]*/y;
const NUMBER = /[0-9]+(?:(\.)[0-9]*)?(?:[eE][+-]?([0-9]*))?/y;
const SPACES: ReadonlySet<string | undefined> = new Set([' ', '\t', '\n', '\r']);
const LETTER = /^[A-Za-z_]$/;

/** The token that begins at a place. `keywords` are those that are known there. */
export function scan(source: string, start: number, keywords: ReadonlySet<string>): Token {
  const token = (kind: Kind, end: number, text = '', fault = ''): Token => ({
    kind,
    text,
    start,
    end,
    fault,
  });
  const first = source[start];
  if (first === undefined) return token('eof', start);
  if (SPACES.has(first)) return token('whitespace', start + 1, first);
  if (LETTER.test(first)) {
    const end = endOfIdentifier(source, start);
    const text = source.slice(start, end);
    return token(keywords.has(text) ? (text as Keyword) : 'identifier', end, text);
  }
  if (first >= '0' && first <= '9') return number(source, start);
  if (first === '#') {
    const newline = source.indexOf('\n', start);
    const end = newline === -1 ? source.length : newline;
    return token('comment', end, source.slice(start, end));
  }
  if (first === '"') return quoted(source, start);
  if (first === '`') {
    const close = source.indexOf('`', start + 1);
    if (close === -1) return token('illegal', source.length, '', 'non-terminated string');
    return token('string', close + 1, source.slice(start, close + 1));
  }
  const second = source[start + 1];
  if (first === '$' && (second === '"' || second === '`'))
    return scanTemplate(source, start + 1, second === '`');
  const two = first + (second ?? '');
  if (TWO.has(two)) return token(two as Kind, start + 2);
  if (ONE.has(first)) return token(first as Kind, start + 1);
  return token('illegal', start + 1, '', `illegal character ${JSON.stringify(first)}`);
}

/** Digits of other scripts belong to a name, letters of others do not. */
function endOfIdentifier(source: string, start: number): number {
  let end = start;
  for (;;) {
    IDENTIFIER.lastIndex = end;
    if (IDENTIFIER.test(source)) end = IDENTIFIER.lastIndex;
    const code = source.codePointAt(end) ?? 0;
    const isAscii = code >= 0x30 && code <= 0x39;
    if (!isAscii && (code < 0x80 || !isDigit(String.fromCodePoint(code)))) return end;
    end += code > 0xffff ? 2 : 1;
  }
}

function number(source: string, start: number): Token {
  NUMBER.lastIndex = start;
  const [text = '', point, exponent] = NUMBER.exec(source) ?? [];
  const end = start + text.length;
  const token = (kind: Kind, fault: string): Token => ({ kind, text, start, end, fault });
  if (point !== undefined && !/\.[0-9]/.test(text)) return token('illegal', 'expected fraction');
  if (exponent === '') return token('illegal', 'expected exponent');
  return LETTER.test(source[end] ?? '') ? token('illegal', 'illegal number format') : token('number', '');
}

/** Where a string in quotes ends, or the piece of one; `found` is the character that ends it, `''` where it is not ended. */
type End = { readonly at: number; readonly found: string; readonly fault: string };

const ESCAPABLE: ReadonlySet<string | undefined> = new Set(['\\', '"', '/', 'b', 'f', 'n', 'r', 't']);

function endOfQuoted(source: string, from: number, isTemplate: boolean): End {
  for (let at = from; ; at++) {
    const found = source[at];
    if (found === undefined || found === '\n') return { at, found: '', fault: 'non-terminated string' };
    if (found === '"' || (isTemplate && found === '{')) return { at: at + 1, found, fault: '' };
    if (found !== '\\') continue;
    at++;
    const escaped = source[at];
    // What follows `\u` is left to JSON, which wants four digits there.
    if (escaped === 'u' && /^[0-9A-Fa-f]{4}$/.test(source.slice(at + 1, at + 5))) at += 4;
    else if (!ESCAPABLE.has(escaped) && !(isTemplate && escaped === '{'))
      return { at, found: '', fault: 'illegal escape sequence' };
  }
}

function quoted(source: string, start: number): Token {
  const { at, fault } = endOfQuoted(source, start + 1, false);
  return fault === ''
    ? { kind: 'string', text: source.slice(start, at), start, end: at, fault }
    : { kind: 'illegal', text: '', start, end: at, fault };
}

/** A piece of a template string. `start` is that of the mark before it: the first quote, or the `}` of an expression. */
export function scanTemplate(source: string, start: number, isRaw: boolean): Token {
  const { at, found, fault } = isRaw ? endOfRaw(source, start + 1) : endOfQuoted(source, start + 1, true);
  if (fault !== '') return { kind: 'illegal', text: '', start, end: at, fault };
  const kind = `${isRaw ? 'raw-' : ''}template-${found === '{' ? 'part' : 'end'}` as const;
  return { kind, text: unescaped(source.slice(start, at), isRaw), start, end: at, fault };
}

function endOfRaw(source: string, from: number): End {
  for (let at = from; at < source.length; at++) {
    const found = source[at] as string;
    if (found === '`' || found === '{') return { at: at + 1, found, fault: '' };
    if (found === '\\' && source[at + 1] === '{') at++;
  }
  return { at: source.length, found: '', fault: 'non-terminated string' };
}

/** Without the backslash of `\{`. In quotes, a backslash may itself have one before it. */
const unescaped = (text: string, isRaw: boolean): string =>
  text.replace(isRaw ? /\\(\{)/g : /\\(\{)|\\[\s\S]/g, (escape: string, brace?: string) => brace ?? escape);
