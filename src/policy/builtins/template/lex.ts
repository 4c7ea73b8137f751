/** The tokens of a template (Go's `text/template/parse/lex.go`). */
import { isDigit, isLetter } from '../go/characters.ts';

export type TokenType =
  | 'text'
  | 'left'
  | 'right'
  | 'space'
  | 'pipe'
  | 'assign'
  | 'declare'
  | 'open'
  | 'close'
  | 'dot'
  | 'nil'
  | 'bool'
  | 'number'
  | 'character'
  | 'string'
  | 'field'
  | 'variable'
  | 'identifier'
  | 'keyword'
  | 'other'
  | 'end';

export type Token = { readonly type: TokenType; readonly text: string; readonly line: number };

/** A text that is no template; the message says in what line, and why. */
export class TemplateError extends Error {}

/** Throws TemplateError with the line. */
export function refuse(line: number, reason: string): never {
  throw new TemplateError(`template: template:${line}: ${reason}`);
}

const KEYWORDS = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'range',
  'template',
  'with',
]);
const SINGLE: Readonly<Record<string, TokenType>> = { '=': 'assign', '|': 'pipe', '(': 'open', ')': 'close' };
/** All that can be read of a number; what of it is one, is asked later. */
const NUMBER =
  /[+-]?(?:0[xX][\da-fA-F_]*(?:\.[\da-fA-F_]*)?(?:[pP][+-]?[\d_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?[\d_]*)?)i?/y;

const isSpace = (character: string | undefined): boolean =>
  character === ' ' || character === '\t' || character === '\r' || character === '\n';

/** The tokens, with `end` as the last. Throws TemplateError. */
export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let [at, line, counted] = [0, 1, 0];

  const emit = (type: TokenType, from: number, to: number): void => {
    for (; counted < from; counted++) if (text[counted] === '\n') line++;
    found.push({ type, text: text.slice(from, to), line });
    at = to;
  };
  const fail = (reason: string): never => {
    for (; counted < at; counted++) if (text[counted] === '\n') line++;
    return refuse(line, reason);
  };
  /** What closes an action here: 2 or, with the mark that trims, 4 characters; else 0. */
  const closing = (from: number): 0 | 2 | 4 => {
    if (isSpace(text[from]) && text.startsWith('-}}', from + 1)) return 4;
    return text.startsWith('}}', from) ? 2 : 0;
  };
  const skipClosing = (size: number): void => {
    at += size;
    if (size === 4) while (isSpace(text[at])) at++;
  };

  for (;;) {
    const left = text.indexOf('{{', at);
    if (left === -1) {
      if (at < text.length) emit('text', at, text.length);
      emit('end', at, at);
      return found;
    }
    const trims = text[left + 2] === '-' && isSpace(text[left + 3]);
    let shown = left;
    if (trims) while (shown > at && isSpace(text[shown - 1])) shown--;
    if (shown > at) emit('text', at, shown);
    at = left + (trims ? 4 : 2);
    if (text.startsWith('/*', at)) {
      const close = text.indexOf('*/', at + 2);
      if (close === -1) fail('unclosed comment');
      at = close + 2;
      const size = closing(at);
      if (size === 0) fail('comment ends before closing delimiter');
      skipClosing(size);
    } else {
      emit('left', left, at);
      action();
    }
  }

  function action(): void {
    for (let parentheses = 0; ;) {
      const size = closing(at);
      if (size !== 0) {
        if (parentheses > 0) fail('unclosed left paren');
        const from = at;
        skipClosing(size);
        emit('right', from, at);
        return;
      }
      const character = text[at];
      if (character === undefined) return fail('unclosed action');
      if (character === '(') parentheses++;
      if (character === ')' && --parentheses < 0) fail('unexpected right paren');
      token(character);
    }
  }

  function token(character: string): void {
    const single = SINGLE[character];
    if (isSpace(character)) spaces();
    else if (single) emit(single, at, at + 1);
    else if (character === ':') {
      if (text[at + 1] !== '=') fail('expected :=');
      emit('declare', at, at + 2);
    } else if (character === '"' || character === '`' || character === "'") quoted(character);
    else if (character === '$' || (character === '.' && !/\d/.test(text[at + 1] ?? ''))) name(character);
    else if (/[\d.+-]/.test(character)) number();
    else if (wordEnd(at) > at) word();
    else if (character > ' ' && character <= '~') emit('other', at, at + 1);
    else fail('unrecognized character in action');
  }

  function spaces(): void {
    let end = at;
    while (isSpace(text[end])) end++;
    // The last of them may belong to what closes the action.
    if (closing(end - 1) === 4) end--;
    if (end > at) emit('space', at, end);
  }

  function quoted(mark: string): void {
    let end = at + 1;
    for (; text[end] !== mark; end++) {
      if (mark !== '`' && text[end] === '\\') end++;
      if (text[end] === undefined || (mark !== '`' && text[end] === '\n')) fail(`unterminated ${mark}`);
    }
    emit(mark === "'" ? 'character' : 'string', at, end + 1);
  }

  function name(first: string): void {
    const end = wordEnd(at + 1);
    if (!isTerminator(end)) fail('bad character');
    if (first === '$') emit('variable', at, end);
    else emit(end === at + 1 ? 'dot' : 'field', at, end);
  }

  function number(): void {
    let end = numberEnd(at);
    // A complex number has two parts.
    if (text[end] === '+' || text[end] === '-') {
      end = numberEnd(end);
      if (text[end - 1] !== 'i') fail('bad number syntax');
    }
    emit('number', at, end);
  }

  function numberEnd(from: number): number {
    NUMBER.lastIndex = from;
    const end = from + (NUMBER.exec(text)?.[0].length ?? 0);
    return wordEnd(end) > end ? fail('bad number syntax') : end;
  }

  function word(): void {
    const end = wordEnd(at);
    const read = text.slice(at, end);
    if (!isTerminator(end)) fail('bad character');
    if (read === 'true' || read === 'false') emit('bool', at, end);
    else if (read === 'nil') emit('nil', at, end);
    else emit(KEYWORDS.has(read) ? 'keyword' : 'identifier', at, end);
  }

  function wordEnd(from: number): number {
    let end = from;
    for (let character; end < text.length; end += character.length) {
      character = String.fromCodePoint(text.codePointAt(end) as number);
      if (character !== '_' && !isLetter(character) && !isDigit(character)) break;
    }
    return end;
  }

  /** Can a name end here? */
  function isTerminator(end: number): boolean {
    const next = text[end];
    return next === undefined || isSpace(next) || '.,|:()'.includes(next) || text.startsWith('}}', end);
  }
}
