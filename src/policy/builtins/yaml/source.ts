/** The text of a YAML stream while it is read: where we are, and what the characters are to go-yaml's scanner (`scannerc.go`). */
import { BuiltinError } from '../builtin.ts';

/** What a stream has none of: control characters but tab and line breaks, and what Unicode gives no character. */
const FORBIDDEN = /[^\t\n\r -~\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const BREAKS = '\r\n\u0085\u2028\u2029';

/** A place; `index` and `column` count characters, `line` and `column` from 0. */
export type Mark = { readonly index: number; readonly line: number; readonly column: number };

/** `char` at the end of the text. */
export const END = '';

export const isBreak = (char: string): boolean => char !== END && BREAKS.includes(char);
export const isBlank = (char: string): boolean => char === ' ' || char === '\t';
export const isBreakOrEnd = (char: string): boolean => char === END || isBreak(char);
export const isBlankOrEnd = (char: string): boolean => isBlank(char) || isBreakOrEnd(char);
/** What names of anchors, directives and tags' handles consist of. */
export const isAlpha = (char: string): boolean => /^[-0-9A-Z_a-z]$/.test(char);

export class Source {
  readonly text: string;
  /** In UTF-16 units. */
  at = 0;
  index = 0;
  line = 0;
  column = 0;
  /** Line breaks since what was last neither break nor blank. */
  newlines = 0;

  /** Throws BuiltinError for what no stream has. */
  constructor(text: string) {
    this.text = text.startsWith('\ufeff') ? text.slice(1) : text;
    if (FORBIDDEN.test(this.text)) throw new BuiltinError('yaml: control characters are not allowed');
  }

  get mark(): Mark {
    return { index: this.index, line: this.line, column: this.column };
  }

  /** The UTF-16 unit here, or further on; END behind the text. */
  char(ahead = 0): string {
    return this.text.charAt(this.at + ahead);
  }

  /** A character that is no line break. */
  skip(): void {
    const code = this.text.charCodeAt(this.at);
    if (code !== 32 && code !== 9) this.newlines = 0;
    // A text has no halves of surrogate pairs.
    this.at += code >= 0xd800 && code <= 0xdbff ? 2 : 1;
    this.index++;
    this.column++;
  }

  /** A line break, where there is one. */
  skipLine(): void {
    if (!isBreak(this.char())) return;
    const width = this.char() === '\r' && this.char(1) === '\n' ? 2 : 1;
    this.at += width;
    this.index += width;
    this.column = 0;
    this.line++;
    this.newlines++;
  }

  /** The same; gives what a scalar has in its place, of old all are a line feed. */
  readLine(): string {
    const char = this.char();
    this.skipLine();
    return char === END || char === '\u2028' || char === '\u2029' ? char : '\n';
  }

  /** What has been skipped while the characters passed. */
  readWhile(passes: (char: string) => boolean): string {
    const from = this.at;
    while (this.at < this.text.length && passes(this.char())) this.skip();
    return this.text.slice(from, this.at);
  }

  skipBlanks(): void {
    while (isBlank(this.char())) this.skip();
  }

  /** What is left of the line. */
  skipRest(): void {
    while (!isBreakOrEnd(this.char())) this.skip();
  }

  /** Whether a line begins here with `---` or `...`, and nothing else hangs on to it. */
  isAtDocumentIndicator(): boolean {
    if (this.column !== 0 || !isBlankOrEnd(this.char(3))) return false;
    return this.text.startsWith('---', this.at) || this.text.startsWith('...', this.at);
  }

  fail(problem: string): never {
    throw new BuiltinError(`yaml: line ${this.line + 1}: ${problem}`);
  }
}
