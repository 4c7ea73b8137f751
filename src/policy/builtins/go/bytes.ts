/**
 * Go's strings are bytes. Where only a part of a character's bytes is left, each of them is here half a surrogate pair, U+DC80 to
 * U+DCFF, which no text from outside has: nothing is lost, and bytes that meet again are the character again.
 */
import { isUtf8 } from 'node:buffer';
import { LimitError } from '../builtin.ts';

const ESCAPED_BYTE = /[\udc80-\udcff]/u;

/** The bytes of a text: its UTF-8, and the bytes that are of no character. */
export function toBytes(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  return Buffer.concat(
    Array.from(text, (character) =>
      ESCAPED_BYTE.test(character) ? Buffer.of(character.charCodeAt(0) & 0xff) : Buffer.from(character),
    ),
  );
}

/** The text of bytes; those that are of no character are U+DC80 to U+DCFF. */
export function fromBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString();
  const pieces: string[] = [];
  for (let at = 0; at < buffer.length;) {
    const first = buffer[at] as number;
    const width = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    const character = buffer.subarray(at, at + width);
    const good = isUtf8(character);
    pieces.push(good ? character.toString() : String.fromCharCode(0xdc00 | first));
    at += good ? width : 1;
  }
  return pieces.join('');
}

/** With bytes that have met as the character that they are of. */
export const rejoined = (text: string): string => (text.isWellFormed() ? text : fromBytes(toBytes(text)));

/**
 * A text as a value of Rego. Throws LimitError where it has bytes that are of no character: Go's strings may, ours cannot, and
 * U+FFFD in their place would make different values equal.
 */
export function textValue(text: string): string {
  const whole = rejoined(text);
  if (!whole.isWellFormed()) throw new LimitError('the result is no text: it has bytes that are not UTF-8');
  return whole;
}

/** The text of bytes where Go replaces those that are of no character by U+FFFD, each by one, as its `encoding/json` does. */
export const replacedText = (bytes: Uint8Array): string => fromBytes(bytes).toWellFormed();

/** A text's bytes as a string with one character, U+0000 to U+00FF, for each. */
export const byteString = (text: string): string => toBytes(text).toString('latin1');

/** The text of such a string, as `fromBytes` gives it. */
export const ofByteString = (bytes: string): string => fromBytes(Buffer.from(bytes, 'latin1'));

/** Go's `len`. */
export const byteLength = (text: string): number =>
  text.isWellFormed() ? Buffer.byteLength(text) : toBytes(text).length;
