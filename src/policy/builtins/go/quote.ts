/** Go's literals of strings and characters (package `strconv`). */
import { fromBytes } from './bytes.ts';
import { isPrintable, UNPRINTABLE } from './characters.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '\u0007': String.raw`\a`,
  '\b': String.raw`\b`,
  '\f': String.raw`\f`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
  '\v': String.raw`\v`,
};
/** Literals without anything to escape, which are most. */
const PLAIN = /^[ !#-[\]-~]*$/;

const NOT_ASCII = /[^ -~]+/gu;

/** `strconv.Quote`, and `strconv.QuoteToASCII` where no other characters are wanted. */
export function quote(text: string, ascii = false): string {
  if (PLAIN.test(text)) return `"${text}"`;
  const marked = text.replaceAll(/["\\]/g, String.raw`\$&`);
  return `"${marked.replaceAll(ascii ? NOT_ASCII : UNPRINTABLE, escaped)}"`;
}

/** `strconv.QuoteRune` and `strconv.QuoteRuneToASCII`, of one character. */
export function quoteCharacter(character: string, ascii: boolean): string {
  if (character === "'" || character === '\\') return `'\\${character}'`;
  const plain = PLAIN.test(character) || character === '"' || (!ascii && isPrintable(character));
  return `'${plain ? character : escape(character)}'`;
}

function escaped(characters: string): string {
  let text = '';
  for (const character of characters) {
    const code = character.codePointAt(0) as number;
    text += ASCII[code] ?? escape(character);
  }
  return text;
}

const hex = (value: number, digits: number): string => (value + 2 ** (4 * digits)).toString(16).slice(1);

function escape(character: string): string {
  const code = character.codePointAt(0) as number;
  const known = ESCAPES[character];
  if (known !== undefined) return known;
  // A byte that is of no character is half a surrogate pair, see bytes.ts.
  if (code >= 0xdc80 && code <= 0xdcff) return String.raw`\x${hex(code & 0xff, 2)}`;
  if (code < 0x20 || code === 0x7f) return String.raw`\x${hex(code, 2)}`;
  return code < 0x10000 ? String.raw`\u${hex(code, 4)}` : String.raw`\U${hex(code, 8)}`;
}

const ASCII: readonly string[] = Array.from({ length: 0x80 }, (_, code) =>
  escape(String.fromCodePoint(code)),
);

/** `strconv.CanBackquote`: could it be a literal between backquotes, on one line, with nothing invisible? */
export const canBackquote = (text: string): boolean =>
  !/[\u0000-\u0008\n-\u001f`\u007f\ufeff\udc80-\udcff]/u.test(text);

const SINGLE: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92 };
/** An escape, or a character that stands for itself. */
const PIECE =
  /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|([abfnrtv\\'"]))|([^\\\n])/uy;

/** `strconv.Unquote`: the string of a literal in `"` or backquotes; null when it is none. */
export function unquote(literal: string): string | null {
  const mark = literal[0];
  const inner = literal.slice(1, -1);
  if (literal.length < 2 || literal.at(-1) !== mark) return null;
  if (mark === '`') return inner.includes('`') ? null : inner.replaceAll('\r', '');
  return mark === '"' ? unescape(inner, mark) : null;
}

/** The code of a literal in `'`, of a character or a byte; null when it is none. */
export function unquoteCharacter(literal: string): number | null {
  PIECE.lastIndex = 1;
  const piece = PIECE.exec(literal);
  const code = piece && codeOf(piece, "'");
  return code !== null && PIECE.lastIndex === literal.length - 1 && literal.at(-1) === "'"
    ? code.value
    : null;
}

function unescape(inner: string, mark: string): string | null {
  const pieces: Buffer[] = [];
  for (PIECE.lastIndex = 0; PIECE.lastIndex < inner.length;) {
    const piece = PIECE.exec(inner);
    const code = piece && codeOf(piece, mark);
    if (code === null) return null;
    pieces.push(code.byte ? Buffer.of(code.value) : Buffer.from(String.fromCodePoint(code.value)));
  }
  return fromBytes(Buffer.concat(pieces));
}

/** `\x` and `\` with three octal digits name a byte, all else a character; null for what names none. */
function codeOf(
  piece: RegExpExecArray,
  mark: string,
): { readonly value: number; readonly byte: boolean } | null {
  const [, x, u, long, octal, single, plain] = piece;
  if (plain !== undefined)
    return plain === mark ? null : { value: plain.codePointAt(0) as number, byte: false };
  if (single === '"' || single === "'")
    return single === mark ? { value: single.charCodeAt(0), byte: true } : null;
  if (single !== undefined) return { value: SINGLE[single] as number, byte: true };
  if (x !== undefined) return { value: Number.parseInt(x, 16), byte: true };
  const value = octal === undefined ? Number.parseInt((u ?? long) as string, 16) : Number.parseInt(octal, 8);
  if (octal !== undefined) return value > 255 ? null : { value, byte: true };
  return value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff) ? null : { value, byte: false };
}
