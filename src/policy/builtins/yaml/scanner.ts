/** A YAML stream as tokens: YAML 1.1 as libyaml reads it and, after it, go-yaml (`scannerc.go`). */
import { scanBlock, scanPlain, scanQuoted } from './scalars.ts';
import { SimpleKeys } from './simple-keys.ts';
import { END, isBlank, isBlankOrEnd, isBreak, Source } from './source.ts';
import { type Directive, scanAnchor, scanDirective, scanTag, type Tag } from './tags.ts';

/** `line` is the token's, from 1. */
export type Token = { readonly line: number } & (
  | { readonly type: PlainType }
  | { readonly type: 'alias' | 'anchor'; readonly name: string }
  | { readonly type: 'scalar'; readonly value: string; readonly isPlain: boolean }
  | ({ readonly type: 'tag' } & Tag)
  | Directive
);
type PlainType =
  | 'document start'
  | 'document end'
  | 'block sequence'
  | 'block mapping'
  | 'block end'
  | '['
  | ']'
  | '{'
  | '}'
  | ','
  | '-'
  | 'key'
  | 'value'
  | 'end';
type Content = Token extends infer T ? (T extends Token ? Omit<T, 'line'> : never) : never;

/** All tokens of a stream. Throws BuiltinError. */
export function scan(text: string): readonly Token[] {
  const scanner = new Scanner(text);
  while (scanner.next());
  return scanner.tokens;
}

class Scanner {
  readonly tokens: Token[] = [];
  readonly #source: Source;
  /** Columns of the block collections that we are in. */
  readonly #indents: number[] = [];
  readonly #keys: SimpleKeys;

  constructor(text: string) {
    this.#source = new Source(text);
    this.#keys = new SimpleKeys(this.#source);
  }

  /** -1 outside of all block collections. */
  get #indent(): number {
    return this.#indents.at(-1) ?? -1;
  }

  #add(content: Content, at = this.tokens.length, line = this.#source.line + 1): void {
    this.tokens.splice(at, 0, { ...content, line } as Token);
  }

  /** A token of so many characters. */
  #addIndicator(type: PlainType, length = 1): void {
    this.#add({ type });
    for (let at = 0; at < length; at++) this.#source.skip();
  }

  /** False at the end. */
  next(): boolean {
    const source = this.#source;
    this.#skipToToken();
    this.#unroll(source.column);
    if (source.char() === END) {
      this.#unroll(-1);
      this.#keys.remove();
      this.#add({ type: 'end' });
      return false;
    }
    if (source.column === 0 && (source.char() === '%' || source.isAtDocumentIndicator()))
      this.#betweenDocuments();
    else {
      this.#token(source.char());
      // A comment behind an entry's `-` is left to be read as others are.
      if (this.tokens.at(-1)?.type !== '-' && source.newlines === 0) this.#skipComment(/[ \t]{0,511}#/y);
    }
    return true;
  }

  #betweenDocuments(): void {
    const source = this.#source;
    this.#unroll(-1);
    this.#keys.remove();
    this.#keys.allowed = false;
    const { line } = source;
    if (source.char() === '%') this.#add(scanDirective(source), undefined, line + 1);
    else this.#addIndicator(source.char() === '-' ? 'document start' : 'document end', 3);
  }

  #token(char: string): void {
    const source = this.#source;
    const isBlankNext = isBlankOrEnd(source.char(1));
    if (char === '[' || char === '{') this.#startFlow(char);
    else if (char === ']' || char === '}') this.#endFlow(char);
    else if (char === ',' || (char === '-' && isBlankNext)) this.#entry(char);
    else if (char === '?' && (this.#keys.inFlow || isBlankNext)) this.#key();
    else if (char === ':' && (this.#keys.inFlow || isBlankNext)) this.#value();
    else if (char === '*') this.#content(() => ({ type: 'alias', name: scanAnchor(source) }));
    else if (char === '&') this.#content(() => ({ type: 'anchor', name: scanAnchor(source) }));
    else if (char === '!') this.#content(() => ({ type: 'tag', ...scanTag(source) }));
    else if ((char === '|' || char === '>') && !this.#keys.inFlow) this.#blockScalar();
    else if (char === "'" || char === '"')
      this.#content(() => ({ type: 'scalar', value: scanQuoted(source, char), isPlain: false }));
    else if (this.#startsPlain(char)) this.#plain();
    else source.fail('found character that cannot start any token');
  }

  #startsPlain(char: string): boolean {
    const next = this.#source.char(1);
    if (char === '-') return !isBlank(next);
    if (char === '?' || char === ':') return !this.#keys.inFlow && !isBlankOrEnd(next);
    return !/^[\t #%@`|>]$/.test(char);
  }

  /** Blanks, comments and line breaks. A tab is none of them where a key could begin in a block. */
  #skipToToken(): void {
    const source = this.#source;
    if (source.index === 0 && source.char() === '\ufeff') source.skip();
    for (;;) {
      while (source.char() === ' ' || (source.char() === '\t' && (this.#keys.inFlow || !this.#keys.allowed)))
        source.skip();
      // Of comments in lines of their own, those that follow the first may be indented by tabs.
      if (source.char() === '#') while (this.#skipComment(/(?:[ \t\r\n]{1,511})?#/y));
      if (!isBreak(source.char())) return;
      source.skipLine();
      if (!this.#keys.inFlow) this.#keys.allowed = true;
    }
  }

  /** A comment, and what is before it by the pattern; false where there is none. */
  #skipComment(pattern: RegExp): boolean {
    const source = this.#source;
    pattern.lastIndex = source.at;
    if (!pattern.test(source.text)) return false;
    while (source.at < pattern.lastIndex - 1)
      if (isBreak(source.char())) source.skipLine();
      else source.skip();
    source.skipRest();
    return true;
  }

  /** Begins a block collection in this column, if there is none yet; its token goes in at this place. */
  #roll(column: number, type: 'block sequence' | 'block mapping', at?: number, line?: number): void {
    if (this.#keys.inFlow || this.#indent >= column) return;
    this.#indents.push(column);
    this.#add({ type }, at, line);
  }

  /** Ends the block collections that begin behind this column. */
  #unroll(column: number): void {
    if (this.#keys.inFlow) return;
    while (this.#indent > column) {
      this.#indents.pop();
      this.#add({ type: 'block end' });
    }
  }

  #saveKey(): void {
    this.#keys.save(this.tokens.length, !this.#keys.inFlow && this.#indent === this.#source.column);
  }

  /** What may be a key, or stand before one. */
  #content(scanContent: () => Content): void {
    this.#saveKey();
    this.#keys.allowed = false;
    const { line } = this.#source;
    this.#add(scanContent(), undefined, line + 1);
  }

  #startFlow(type: '[' | '{'): void {
    this.#saveKey();
    this.#keys.enterFlow();
    this.#keys.allowed = true;
    this.#addIndicator(type);
  }

  #endFlow(type: ']' | '}'): void {
    this.#keys.remove();
    this.#keys.leaveFlow();
    this.#keys.allowed = false;
    this.#addIndicator(type);
  }

  #entry(type: ',' | '-'): void {
    if (type === '-' && !this.#keys.inFlow) {
      if (!this.#keys.allowed) this.#source.fail('block sequence entries are not allowed in this context');
      this.#roll(this.#source.column, 'block sequence');
    }
    this.#keys.remove();
    this.#keys.allowed = true;
    this.#addIndicator(type);
  }

  #key(): void {
    if (!this.#keys.inFlow) {
      if (!this.#keys.allowed) this.#source.fail('mapping keys are not allowed in this context');
      this.#roll(this.#source.column, 'block mapping');
    }
    this.#keys.remove();
    this.#keys.allowed = !this.#keys.inFlow;
    this.#addIndicator('key');
  }

  #value(): void {
    const key = this.#keys.take();
    if (key) {
      this.#add({ type: 'key' }, key.token, key.mark.line + 1);
      this.#roll(key.mark.column, 'block mapping', key.token, key.mark.line + 1);
      this.#keys.allowed = false;
    } else {
      if (!this.#keys.inFlow) {
        if (!this.#keys.allowed) this.#source.fail('mapping values are not allowed in this context');
        this.#roll(this.#source.column, 'block mapping');
      }
      this.#keys.allowed = !this.#keys.inFlow;
    }
    this.#addIndicator('value');
  }

  #blockScalar(): void {
    this.#keys.remove();
    this.#keys.allowed = true;
    const { line } = this.#source;
    this.#add(
      { type: 'scalar', value: scanBlock(this.#source, this.#indent), isPlain: false },
      undefined,
      line + 1,
    );
  }

  #plain(): void {
    this.#content(() => {
      const { value, endsLine } = scanPlain(this.#source, this.#indent + 1, this.#keys.inFlow);
      this.#keys.allowed = endsLine;
      return { type: 'scalar', value, isPlain: true };
    });
  }
}
