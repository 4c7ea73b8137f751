/** Texts as Go's package time quotes them in its messages, which is not as `strconv` does it. */

/** In quotation marks, with what is not ASCII and printable by its bytes: `"1\xc2\xb5"`. Takes a byte string (`byteString`). */
export const quote = (bytes: string): string =>
  `"${bytes
    .replace(/["\\]/g, '\\$&')
    .replace(/[^ -\x7f]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;
