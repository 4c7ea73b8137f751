/** A module's comments as they are in its tree. */
import { RegoNumber } from '../../number.ts';
import { RegoObject, type Value } from '../../value.ts';
import { codePoints, type Comments } from './parser.ts';

/** In the source's order, each with its text in base64, which is what Go makes of bytes in JSON, and with where it is. */
export function commentsValue(comments: Comments | null, source: string, file: string): readonly Value[] {
  const values: Value[] = [];
  const listed: Comments[] = [];
  for (let each = comments; each; each = each.before) listed.push(each);
  let line = 1;
  let lineStart = 0;
  for (const { start, text } of listed.toReversed()) {
    for (let newline = source.indexOf('\n', lineStart); newline !== -1 && newline < start;) {
      line++;
      lineStart = newline + 1;
      newline = source.indexOf('\n', lineStart);
    }
    const column = codePoints(source.slice(lineStart, start)) + 1;
    const place = RegoObject.of({ file, row: RegoNumber.of(line), col: RegoNumber.of(column) });
    const isLast = start + text.length === source.length;
    values.push(RegoObject.of({ Text: textValue(text.slice(1), isLast), Location: place }));
  }
  return values;
}

/** Without carriage returns at the end; of those that are all there is, the last of several stays. */
function textValue(text: string, isLast: boolean): string | null {
  let bytes = Buffer.from(text);
  // OPA loses what the last character of a source has more than one byte, when that is in a comment.
  if (isLast) bytes = bytes.subarray(0, bytes.length - (lastSize(text) - 1));
  if (bytes.length === 1 && bytes[0] === 0x0d) return null;
  let end = bytes.length;
  while (end > 1 && bytes[end - 1] === 0x0d) end--;
  return bytes.subarray(0, end).toString('base64');
}

/** The bytes of the last character; 1 for the `#` before an empty text. */
const lastSize = (text: string): number => Buffer.byteLength(/[^]$/u.exec(text)?.[0] ?? '#');
