/** Base64 as Go's `encoding/base64` reads it, RFC 4648: line breaks anywhere are skipped, and unused bits may be anything. */

export type Alphabet = 'base64' | 'base64url';

const DIGITS = { base64: /^[A-Za-z0-9+/]*$/, base64url: /^[-A-Za-z0-9_]*$/ };

/** The bytes; null for what is not base64 of this alphabet. The padding must be there, or must not be. */
export function decodeBase64(text: string, alphabet: Alphabet, padding: 'padded' | 'raw'): Buffer | null {
  const joined = text.replaceAll(/[\r\n]/g, '');
  if (padding === 'padded' && joined.length % 4 !== 0) return null;
  const digits = padding === 'padded' ? joined.replace(/={1,2}$/, '') : joined;
  if (digits.length % 4 === 1 || !DIGITS[alphabet].test(digits)) return null;
  return Buffer.from(digits, alphabet);
}
