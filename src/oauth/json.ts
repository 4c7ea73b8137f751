/** JSON that every reader reads alike (RFC 7493): the text that we judge goes on to others, and must not say something else to them. */
import { AnswerError } from './facts.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** What is no UTF-8 is refused: replaced by U+FFFD, two names would become one. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Throws AnswerError for bytes that are no text. A byte order mark is dropped (RFC 8259 section 8.1). */
export function decodeText(bytes: Uint8Array | ArrayBuffer): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new AnswerError('its answer is not UTF-8');
  }
}

/** Throws AnswerError when the text is no JSON object, or one that could be read in two ways. */
export function parseObject(text: string): Claims {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AnswerError('its answer is not JSON');
  }
  if (!isObject(value)) throw new AnswerError('its answer is not a JSON object');
  judgeStrings(text);
  return value;
}

/** Is it an object as JSON has them, no list? */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A string, with the colon that makes it a name, or the beginning or end of an object. */
const PIECE = /"[^"\\]*(?:\\.[^"\\]*)*"(?<colon>[ \t\r\n]*:)?|[{}]/g;

/** CVE-2022-25757: of two members of one name one reader takes the first, another the last. The text is JSON. */
function judgeStrings(text: string): void {
  const open: Set<string>[] = [];
  for (const { 0: piece, groups } of text.matchAll(PIECE)) {
    const names = open.at(-1);
    const colon = groups?.['colon'];
    if (piece === '{') open.push(new Set());
    else if (piece === '}') open.pop();
    else if (colon === undefined) stringOf(piece);
    else {
      const name = stringOf(piece.slice(0, -colon.length));
      if (names?.has(name)) throw new AnswerError('its answer has two members of one name');
      names?.add(name);
    }
  }
}

/** Half a surrogate pair is no text: whoever writes it out again makes U+FFFD of it. */
function stringOf(literal: string): string {
  if (!literal.includes('\\')) return literal.slice(1, -1);
  const value = JSON.parse(literal) as string;
  if (!value.isWellFormed()) throw new AnswerError('its answer is not Unicode text');
  return value;
}
