/** What a string's text means. */

/** What is in the quotes, if it is a string of JSON; any text without a backslash is taken as it is. Null for what is none. */
export function unescape(literal: string): string | null {
  if (!literal.includes('\\')) return literal.slice(1, -1);
  try {
    // Go's encoding/json makes U+FFFD of half a surrogate pair.
    return (JSON.parse(literal) as string).toWellFormed();
  } catch {
    return null;
  }
}
