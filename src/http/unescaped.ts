/** Percent-decoding as forms have it, byte by byte. */

const [PLUS, SPACE, PERCENT] = [0x2b, 0x20, 0x25];

/**
 * The bytes of a name or a value of a form: `+` is a space, a bad escape is literal. `encoding` says what the characters written are:
 * bytes (`latin1`), or text. By hand, since anybody may send a thousand of these: URLSearchParams takes ten times as long for short ones.
 */
export function unescaped(written: string, encoding: 'latin1' | 'utf8'): Buffer {
  const bytes = Buffer.from(written, encoding);
  let end = 0;
  for (let at = 0; at < bytes.length; at++) {
    let byte = bytes[at] as number;
    if (byte === PLUS) byte = SPACE;
    else if (byte === PERCENT) {
      const [high, low] = [digit(bytes[at + 1]), digit(bytes[at + 2])];
      if (high >= 0 && low >= 0) {
        byte = high * 16 + low;
        at += 2;
      }
    }
    bytes[end++] = byte;
  }
  return bytes.subarray(0, end);
}

/** What a hexadecimal digit counts; -1 for what is none. */
function digit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
