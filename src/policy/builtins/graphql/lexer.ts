/** GraphQL's tokens (specification, appendix B.2, October 2021), as gqlparser v2.5 reads them, which is laxer here and there. */
import { BuiltinError } from '../builtin.ts';

const PUNCTUATORS = ['!', '$', '&', '(', ')', '...', ':', '=', '@', '[', ']', '{', '}', '|'] as const;
/** A punctuator stands for itself. */
export type Kind =
  | (typeof PUNCTUATORS)[number]
  | 'Name'
  | 'Int'
  | 'Float'
  | 'String'
  | 'BlockString'
  | 'the end';

export type Token = {
  readonly kind: Kind;
  /** A string's is what it means, a punctuator's is empty. */
  readonly value: string;
  /** In UTF-16 units from the source's begin. */
  readonly start: number;
  /** Those that stand directly before it, with their `#`. */
  readonly comments: readonly string[];
};

/** A byte order mark is one wherever it stands. */
const IGNORED = /[\t\n\r ,\ufeff]*/y;
/** It ends where a control character is: a line's end, or one that is an error. */
const COMMENT = /#[\t -\uffff]*/y;
const PUNCTUATOR = /\.\.\.|[!$&():=@[\]{}|]/y;
const NAME = /[_A-Za-z][_0-9A-Za-z]*/y;
/** What may follow a number is not looked at, but what would belong to it: `01`, `1.` and `1e` are errors, `1a` is two tokens. */
const NUMBER = /-?(?:0|[1-9][0-9]*)(?![0-9])(?:(\.[0-9]+)(?![0-9])|(?!\.))(?:([eE][+-]?[0-9]+)|(?![eE]))/y;
const STRING_STOP = /["\\\u0000-\u0008\u000a-\u001f]/g;
const ESCAPE = /\\(?:(["\\/bfnrt])|u([0-9a-fA-F]{4}))/y;
const ESCAPED: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const BLOCK_STOP = /"{3,}|\\"""|[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;

const NO_COMMENTS: string[] = [];

/** Gives the tokens of a source one by one; after the last, the end again and again. Throws BuiltinError. */
export function lexer(source: string): () => Token {
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (found) at += found[0].length;
    return found;
  };
  return () => {
    let comments = NO_COMMENTS;
    take(IGNORED);
    for (let comment = take(COMMENT); comment; comment = take(COMMENT)) {
      if (comments.length === 0) comments = [];
      comments.push(comment[0]);
      take(IGNORED);
    }
    const start = at;
    const token = (kind: Kind, value: string): Token => ({ kind, value, start, comments });
    if (at === source.length) return token('the end', '');
    const name = take(NAME)?.[0];
    if (name !== undefined) return token('Name', name);
    const punctuator = take(PUNCTUATOR)?.[0];
    if (punctuator !== undefined) return token(punctuator as Kind, '');
    const number = take(NUMBER);
    if (number) return token((number[1] ?? number[2]) !== undefined ? 'Float' : 'Int', number[0]);
    if (source[at] !== '"') throw syntaxError(source, at, 'nothing begins with this character');
    const block = source.startsWith('"""', at);
    const read = block ? blockString(source, at + 3) : string(source, at + 1);
    at = read.end;
    return token(block ? 'BlockString' : 'String', read.value);
  };
}

/** Says where it is: `fault at line:column`. */
export function syntaxError(source: string, at: number, fault: string): BuiltinError {
  const lines = source.slice(0, at).split(/\r\n|\n|\r/);
  const column = (lines.at(-1) as string).replaceAll(/[\udc00-\udfff]/g, '').length + 1;
  return new BuiltinError(`${fault} in GraphQL at ${lines.length}:${column}`);
}

type Read = { readonly value: string; readonly end: number };

function string(source: string, from: number): Read {
  let value = '';
  let at = from;
  for (;;) {
    STRING_STOP.lastIndex = at;
    const stop = STRING_STOP.exec(source)?.index ?? source.length;
    value += source.slice(at, stop);
    if (source[stop] === '"') return { value, end: stop + 1 };
    ESCAPE.lastIndex = stop;
    const escape = ESCAPE.exec(source);
    if (!escape) throw syntaxError(source, stop, 'a string does not end, or has what it may not have');
    const [all, character, code] = escape;
    // A half of a surrogate pair is no character of its own to Go, and it does not join two of them.
    const escaped =
      code === undefined ? (character as string) : String.fromCharCode(Number.parseInt(code, 16));
    value += code === undefined ? (ESCAPED[escaped] ?? escaped) : escaped.toWellFormed();
    at = stop + all.length;
  }
}

/** Of more than three quotes in a row the last three end it. */
function blockString(source: string, from: number): Read {
  let raw = '';
  let at = from;
  for (;;) {
    BLOCK_STOP.lastIndex = at;
    const stop = BLOCK_STOP.exec(source);
    if (!stop || stop[0] < ' ')
      throw syntaxError(
        source,
        stop?.index ?? source.length,
        'a string does not end, or has what it may not have',
      );
    raw += source.slice(at, stop.index);
    at = stop.index + stop[0].length;
    if (stop[0].startsWith('"')) return { value: dedented(raw + stop[0].slice(3)), end: at };
    raw += '"""';
  }
}

/**
 * What a block string means (`BlockStringValue`, specification 2.9.4): without the indentation that its lines have in common and
 * without blank lines around. Other than there, the first line counts for what is common.
 */
function dedented(raw: string): string {
  const lines = raw.split(/\r\n|\n|\r/);
  const indentations = lines.map((line) => line.search(/[^ \t]/));
  const common = indentations.reduce((least, own) => (own === -1 ? least : Math.min(least, own)), Infinity);
  const first = indentations.findIndex((own) => own !== -1);
  if (first === -1) return '';
  const last = indentations.findLastIndex((own) => own !== -1);
  return lines
    .map((line, index) => (index === 0 ? line : line.slice(common)))
    .slice(first, last + 1)
    .join('\n');
}
