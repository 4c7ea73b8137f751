/** PEM as Go's `encoding/pem` reads it, RFC 7468 with a tolerance of its own: text before a block is skipped, headers are allowed. */
import { decodeBase64 } from './base64.ts';

export type PemBlock = {
  /** Such as `CERTIFICATE`. */
  readonly type: string;
  readonly bytes: Uint8Array;
  /** What follows the block's last line. */
  readonly rest: string;
};

const BEGIN = '-----BEGIN ';
const END = '\n-----END ';

/** The first whole block; null where there is none. */
export function decodePem(text: string): PemBlock | null {
  for (let from = 0; ;) {
    const end = text.indexOf(END, from);
    if (end < 0) return null;
    // A beginning without an end of its own is passed over.
    const begin = from + text.slice(from, end).lastIndexOf(BEGIN);
    const atLineStart = begin === from || text[begin - 1] === '\n';
    const found = begin >= from && atLineStart ? blockBetween(text, begin + BEGIN.length, end) : 'none';
    if (found === 'cut') return null;
    if (found !== 'none') return found;
    from = end + END.length;
  }
}

/** The block that begins with its type at `begin`, and whose last line follows the line break at `end`. */
function blockBetween(text: string, begin: number, end: number): PemBlock | 'none' | 'cut' {
  const [typeLine, afterType] = lineAt(text, begin);
  if (!typeLine.endsWith('-----')) return 'none';
  const type = typeLine.slice(0, -5);
  const start = afterHeaders(text, afterType);
  // There is nothing left that could be the last line.
  if (start === text.length || (start > afterType && start > end + END.length)) return 'cut';
  if (start > afterType && start > end) return 'none';
  const trailer = end + END.length;
  if (!text.startsWith(`${type}-----`, trailer)) return 'none';
  const [afterTrailer, rest] = lineAt(text, trailer + type.length + 5);
  if (afterTrailer !== '') return 'none';
  const bytes = decodeBase64(
    text.slice(start, Math.max(start, end)).replaceAll(/[ \t]/g, ''),
    'base64',
    'padded',
  );
  return bytes === null ? 'none' : { type, bytes, rest: text.slice(rest) };
}

/** Where the first line without a colon begins. */
function afterHeaders(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const [line, next] = lineAt(text, at);
    if (!line.includes(':')) break;
    at = next;
  }
  return at;
}

/** The line without blanks at its end, and where the next begins. */
function lineAt(text: string, at: number): readonly [string, number] {
  const feed = text.indexOf('\n', at);
  const next = feed < 0 ? text.length : feed + 1;
  let end = feed < 0 ? next : feed;
  if (feed > at && text[feed - 1] === '\r') end--;
  while (end > at && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--;
  return [text.slice(at, end), next];
}
