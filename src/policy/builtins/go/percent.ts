/**
 * Percent-encoding by the rules of Go's `net/url`, which are neither WHATWG's nor RFC 3986's to the letter. It works on byte
 * strings (`byteString`).
 */
import { BuiltinError } from '../builtin.ts';
import { ofByteString } from './bytes.ts';
import { quote } from './quote.ts';

/** The part of a URL that something is of. */
export type Part = 'path' | 'host' | 'zone' | 'userinfo' | 'query' | 'fragment';

const IN_HOST = /^[-!"$&'()*+,.0-9:;<=>A-Z[\]_a-z~]*$/;
/** What is written as it is. */
const UNESCAPED = {
  path: /[-$&+,./0-9:;=@A-Z_a-z~]/,
  query: /[-.0-9A-Z_a-z~]/,
  fragment: /[-!$&()*+,./0-9:;=?@A-Z_a-z~]/,
  userinfo: /[-$&+,.0-9;=A-Z_a-z~]/,
  host: /[-!"$&'()*+,.0-9:;<=>A-Z[\]_a-z~]/,
};

/** With upper-case digits; a space in a query becomes `+`. */
export function escape(bytes: string, part: keyof typeof UNESCAPED): string {
  return bytes.replaceAll(/[^-.0-9A-Z_a-z~]/g, (byte) => {
    if (byte === ' ' && part === 'query') return '+';
    return UNESCAPED[part].test(byte) ? byte : `%${hexadecimal(byte)}`;
  });
}

const hexadecimal = (byte: string): string => byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');

/**
 * `+` is a space in a query. In a host only bytes beyond ASCII may be escaped, and `%`; a zone may escape what a host may have
 * bare. Throws BuiltinError with Go's words.
 */
export function unescape(bytes: string, part: Part): string {
  const bare = part === 'query' ? bytes.replaceAll('+', ' ') : bytes;
  // The first fault is told, so bare bytes are judged in the same pass as escapes.
  return bare.replaceAll(/%(?:[0-9A-Fa-f]{2})?|[^%]+/g, (piece, at: number) => {
    if (piece[0] !== '%') return judgedBare(piece, part);
    const escaped = bytes.slice(at, at + 3);
    if (piece.length < 3) throw new BuiltinError(`invalid URL escape ${quote(ofByteString(escaped))}`);
    const byte = String.fromCharCode(Number.parseInt(piece.slice(1), 16));
    if (!isAllowed(byte, part)) throw new BuiltinError(`invalid URL escape "${escaped}"`);
    return byte;
  });
}

function isAllowed(byte: string, part: Part): boolean {
  if (byte === '%') return true;
  if (part === 'host') return byte >= '\u0080';
  return part !== 'zone' || byte === ' ' || IN_HOST.test(byte);
}

function judgedBare(bytes: string, part: Part): string {
  if (part !== 'host' && part !== 'zone') return bytes;
  const bad = Array.from(bytes).find((byte) => byte < '\u0080' && !IN_HOST.test(byte));
  if (bad !== undefined) throw new BuiltinError(`invalid character ${quote(bad)} in host name`);
  return bytes;
}
