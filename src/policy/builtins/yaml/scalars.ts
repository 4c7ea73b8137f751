/**
 * The three ways in which YAML writes scalars, as go-yaml's scanner reads them. Each throws BuiltinError for what it cannot
 * read.
 */
import { END, isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, type Source } from './source.ts';

/** Line breaks between two parts of a scalar, joined: one is a space, of more the first is nothing. */
function folded(first: string, others: string): string {
  if (first !== '\n') return first + others;
  return others === '' ? ' ' : others;
}

/** What stands between two parts of a flow scalar: blanks, or line breaks with blanks around them. */
type Gap = { readonly text: string; readonly hasBreak: boolean };

/** `hasBreak` says that there was one before, which was escaped. */
function readGap(source: Source, hasBreak: boolean, checkTab: () => void): Gap {
  let [blanks, first, others] = ['', '', ''];
  for (let char = source.char(); isBlank(char) || isBreak(char); char = source.char()) {
    if (isBlank(char)) {
      if (hasBreak) checkTab();
      else blanks += char;
      source.skip();
    } else if (hasBreak) others += source.readLine();
    else {
      first = source.readLine();
      hasBreak = true;
    }
  }
  return { text: hasBreak ? folded(first, others) : blanks, hasBreak };
}

/** Whether a plain scalar ends here, or a part of it. */
function endsPlain(source: Source, inFlow: boolean): boolean {
  const char = source.char();
  if (isBlankOrEnd(char) || (char === ':' && isBlankOrEnd(source.char(1)))) return true;
  return inFlow && ',?[]{}'.includes(char);
}

/**
 * A scalar without quotes; `indent` is what its lines are indented by at least, outside of flow collections. `endsLine` says
 * whether line breaks follow it.
 */
export function scanPlain(
  source: Source,
  indent: number,
  inFlow: boolean,
): { readonly value: string; readonly endsLine: boolean } {
  let value = '';
  let gap: Gap = { text: '', hasBreak: false };
  while (!source.isAtDocumentIndicator() && source.char() !== '#') {
    const from = source.at;
    while (!endsPlain(source, inFlow)) source.skip();
    if (source.at > from) {
      value += gap.text + source.text.slice(from, source.at);
      gap = { text: '', hasBreak: false };
    }
    if (!isBlank(source.char()) && !isBreak(source.char())) break;
    gap = readGap(source, false, () => {
      if (source.column < indent && source.char() === '\t')
        source.fail('found a tab character that violates indentation');
    });
    if (!inFlow && source.column < indent) break;
  }
  return { value, endsLine: gap.hasBreak };
}

/** A scalar in quotes, at the first. */
export function scanQuoted(source: Source, quote: '"' | "'"): string {
  source.skip();
  let value = '';
  for (;;) {
    if (source.isAtDocumentIndicator()) source.fail('found unexpected document indicator');
    if (source.char() === END) source.fail('found unexpected end of stream');
    let hasBreak = false;
    while (!isBlankOrEnd(source.char()) && !hasBreak) {
      const from = source.at;
      while (!isBlankOrEnd(source.char()) && source.char() !== quote && source.char() !== '\\') source.skip();
      value += source.text.slice(from, source.at);
      if (isBlankOrEnd(source.char())) break;
      if (source.char() === quote) {
        if (quote === '"' || source.char(1) !== "'") break;
        value += "'";
        source.skip();
        source.skip();
      } else if (quote === "'") {
        value += '\\';
        source.skip();
      } else if (isBreak(source.char(1))) {
        source.skip();
        source.skipLine();
        hasBreak = true;
      } else value += readEscape(source);
    }
    if (source.char() === quote) break;
    value += readGap(source, hasBreak, () => {}).text;
  }
  source.skip();
  return value;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['a', '\u0007'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\u001b'],
  [' ', ' '],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['N', '\u0085'],
  ['_', '\u00a0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
]);
const CODE_LENGTHS: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

/** At the backslash. */
function readEscape(source: Source): string {
  const letter = source.char(1);
  const length = CODE_LENGTHS.get(letter) ?? 0;
  const escaped = ESCAPES.get(letter) ?? '';
  if (length === 0 && escaped === '') source.fail('found unknown escape character');
  source.skip();
  source.skip();
  if (length === 0) return escaped;
  const digits = source.text.slice(source.at, source.at + length);
  if (digits.length < length || !/^[0-9A-Fa-f]+$/.test(digits))
    source.fail('did not find expected hexdecimal number');
  const code = Number.parseInt(digits, 16);
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
    source.fail('found invalid Unicode character escape code');
  for (let at = 0; at < length; at++) source.skip();
  return String.fromCodePoint(code);
}

/** A scalar after `|` or `>`, at that; `parentIndent` is that of what it is in, -1 outside of all. */
export function scanBlock(source: Source, parentIndent: number): string {
  const isLiteral = source.char() === '|';
  source.skip();
  const { chomping, increment } = readHeader(source);
  const breaks = new BlockBreaks(source, parentIndent, increment);
  let [value, lineBreak, others, wasBlank] = ['', '', breaks.read(), false];
  while (source.column === breaks.indent && source.char() !== END) {
    const isBlankLine = isBlank(source.char());
    const folds = !isLiteral && !wasBlank && !isBlankLine && lineBreak === '\n';
    value += folds ? (others === '' ? ' ' : others) : lineBreak + others;
    wasBlank = isBlankLine;
    const from = source.at;
    source.skipRest();
    value += source.text.slice(from, source.at);
    lineBreak = source.readLine();
    others = breaks.read();
  }
  if (chomping !== '-') value += lineBreak;
  return chomping === '+' ? value + others : value;
}

/** What follows `|` and `>` in their line, in either order; without a number, `increment` is 0. */
function readHeader(source: Source): { readonly chomping: string; readonly increment: number } {
  const [header, before = '', digit = '', after = ''] =
    /^([-+]?)([0-9]?)([-+]?)/.exec(source.text.slice(source.at, source.at + 3)) ?? [];
  const isSignFirst = before !== '';
  if (digit === '0') source.fail('found an indentation indicator equal to 0');
  const length = isSignFirst || digit === '' ? before.length + digit.length : (header ?? '').length;
  for (let at = 0; at < length; at++) source.skip();
  source.skipBlanks();
  if (source.char() === '#') source.skipRest();
  if (!isBreakOrEnd(source.char())) source.fail('did not find expected comment or line break');
  source.skipLine();
  return { chomping: isSignFirst ? before : digit === '' ? '' : after, increment: Number(digit) };
}

/** Empty lines of a block scalar, and the indentation of the next that is not. */
class BlockBreaks {
  /** 0 until the first line tells. */
  indent: number;
  readonly #source: Source;
  readonly #parentIndent: number;

  constructor(source: Source, parentIndent: number, increment: number) {
    this.#source = source;
    this.#parentIndent = parentIndent;
    this.indent = increment > 0 ? Math.max(parentIndent, 0) + increment : 0;
  }

  read(): string {
    const source = this.#source;
    let [breaks, deepest] = ['', 0];
    for (;;) {
      while (this.#isBefore() && source.char() === ' ') source.skip();
      deepest = Math.max(deepest, source.column);
      if (this.#isBefore() && source.char() === '\t')
        source.fail('found a tab character where an indentation space is expected');
      if (!isBreak(source.char())) break;
      breaks += source.readLine();
    }
    if (this.indent === 0) this.indent = Math.max(deepest, this.#parentIndent + 1, 1);
    return breaks;
  }

  #isBefore(): boolean {
    return this.indent === 0 || this.#source.column < this.indent;
  }
}
