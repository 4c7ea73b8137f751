/**
 * Mail addresses as Go's `mail.ParseAddress` takes them: RFC 5322 with a display name, comments, and groups of one, and RFC
 * 6532's Unicode.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { decodeBase64 } from '../go/base64.ts';

const ATOM = /[!#-'*+\-./0-9=?A-Z^_`a-z{|}~\u0080-\u{10ffff}]+/uy;
const QUOTED = /"(?:[\t !#-[\]-~\u0080-\u{10ffff}]|\\[\t -~\u0080-\u{10ffff}])*"/uy;
const LITERAL = /\[[!-Z^-~\u0080-\u{10ffff}]*\]/uy;
const SPACE = /[ \t]*/y;

/** A text and how far it was read. */
type Reader = { readonly text: string; at: number };

export function isMailAddress(text: string): boolean {
  const reader = { text, at: 0 };
  return readAddress(reader, true) === 1 && skipComments(reader) && reader.at === text.length;
}

/** How many addresses there are: one, or those of a group; null for a fault. */
function readAddress(reader: Reader, mayBeGroup: boolean): number | null {
  read(reader, SPACE);
  if (readSpec(reader)) {
    read(reader, SPACE);
    const comment = next(reader) === '(' ? readComment(reader) : '';
    return comment !== null && comment.split(/[ \t]/).every(isReadable) ? 1 : null;
  }
  if (next(reader) !== '<' && !readPhrase(reader)) return null;
  read(reader, SPACE);
  if (mayBeGroup && take(reader, ':')) return readGroup(reader);
  return take(reader, '<') && readSpec(reader) && take(reader, '>') ? 1 : null;
}

/** What follows the colon of a group, up to its semicolon. */
function readGroup(reader: Reader): number | null {
  read(reader, SPACE);
  let count = 0;
  for (let isOver = take(reader, ';'); !isOver; isOver = take(reader, ';')) {
    if (count > 0 && !take(reader, ',')) return null;
    const more = readAddress(reader, false);
    if (more === null || !skipComments(reader)) return null;
    count += more;
  }
  return skipComments(reader) ? count : null;
}

/** `local@domain`; nothing is read where it is none. */
function readSpec(reader: Reader): boolean {
  const start = reader.at;
  read(reader, SPACE);
  const isLocal =
    next(reader) === '"' ? (read(reader, QUOTED) ?? '""') !== '""' : isDotAtom(read(reader, ATOM));
  if (isLocal && take(reader, '@')) {
    read(reader, SPACE);
    const isDomain = next(reader) === '[' ? isAddress(read(reader, LITERAL)) : isDotAtom(read(reader, ATOM));
    if (isDomain) return true;
  }
  reader.at = start;
  return false;
}

const isDotAtom = (atom: string | null): boolean => atom !== null && !/^\.|\.\.|\.$/.test(atom);

function isAddress(literal: string | null): boolean {
  const address = literal?.slice(1, -1) ?? '';
  return isIPv4(address) || (isIPv6(address) && !address.includes('%'));
}

/**
 * One word or more that are not empty; after one that is not encoded there may be comments. It ends where nothing can be read any
 * more.
 */
function readPhrase(reader: Reader): boolean {
  let [words, plain] = [0, 0];
  for (;;) {
    if (plain > 0 && !skipComments(reader)) return false;
    read(reader, SPACE);
    const word = read(reader, next(reader) === '"' ? QUOTED : ATOM);
    if (word === null || !isReadable(word)) return words > 0;
    const encoded = encodedIn(word);
    if (encoded === null) plain++;
    if (encoded?.content !== '') words++;
  }
}

const ENCODED = /^=\?([^?]+)\?([BbQq])\?([^?]*)\?=$/;
const Q = /^(?:[\t\n\r -<>-~]|=[\dA-Fa-f]{2})*$/;
const CHARSET = /^(?:utf-8|iso-8859-1|us-ascii)$/iu;

/** What is in a word that is encoded as RFC 2047 says; null of another word. */
function encodedIn(word: string): { readonly charset: string; readonly content: string } | null {
  const [, charset = '', encoding = '', content = ''] = ENCODED.exec(word) ?? [];
  if (encoding === '') return null;
  const isBase64 = encoding.toUpperCase() === 'B';
  const isDecodable = isBase64 ? decodeBase64(content, 'base64', 'padded') !== null : Q.test(content);
  return isDecodable ? { charset, content } : null;
}

const isReadable = (word: string): boolean => CHARSET.test(encodedIn(word)?.charset ?? 'utf-8');

/** False for a comment without an end. */
function skipComments(reader: Reader): boolean {
  read(reader, SPACE);
  while (next(reader) === '(') {
    if (readComment(reader) === null) return false;
    read(reader, SPACE);
  }
  return true;
}

/** What is in the parentheses, which may have others within; null where they do not end. */
function readComment(reader: Reader): string | null {
  let [comment, depth] = ['', 1];
  for (reader.at++; reader.at < reader.text.length;) {
    const isEscaped = next(reader) === '\\' && reader.at + 1 < reader.text.length;
    if (isEscaped) reader.at++;
    const character = reader.text[reader.at++] as string;
    if (!isEscaped && character === '(') depth++;
    if (!isEscaped && character === ')') depth--;
    if (depth === 0) return comment;
    comment += character;
  }
  return null;
}

const next = (reader: Reader): string | undefined => reader.text[reader.at];

function take(reader: Reader, character: string): boolean {
  if (next(reader) !== character) return false;
  reader.at++;
  return true;
}

/** What the pattern matches here; null where it does not, and then nothing is read. */
function read(reader: Reader, pattern: RegExp): string | null {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0] ?? null;
  reader.at += found?.length ?? 0;
  return found;
}
