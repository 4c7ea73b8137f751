/** Claims as header fields towards an upstream. */

const LONGEST_BYTES = 8_192;
const CONTROLS = /\p{Cc}/u;
/** What cannot stay as it is: non-ASCII, the escape character itself, and a space where recipients trim. */
const ESCAPED = /[^\x20-\x7e]+|%|^ | $/gu;
const ESCAPED_IN_LIST = /[^\x20-\x7e]+|[%,]|^ | $/gu;

/**
 * Flat fields for the claims that are there; an absent or null claim sends nothing. Arrays are joined with `,`, objects are JSON,
 * non-ASCII is percent-encoded as UTF-8, and so is what would make two claims look the same: `%`, a space at either end, a
 * comma in an array's member. What cannot be a header refuses the request: cutting it would change who it names.
 */
export function claimFields(
  claims: Readonly<Record<string, unknown>>,
  names: Readonly<Record<string, string>>,
): string[] | { readonly unrepresentable: string } {
  const fields: string[] = [];
  for (const [claim, name] of Object.entries(names)) {
    const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
    if (value === undefined || value === null) continue;
    const texts = (Array.isArray(value) ? value : [value]).map(show);
    if (texts.some((text) => CONTROLS.test(text)))
      return { unrepresentable: `the claim ${claim} has control characters` };
    if (!texts.every((text) => text.isWellFormed()))
      return { unrepresentable: `the claim ${claim} is not Unicode text` };
    const escaped = Array.isArray(value) ? ESCAPED_IN_LIST : ESCAPED;
    const encoded = texts.map((text) => text.replace(escaped, encodeURIComponent)).join(',');
    if (encoded.length > LONGEST_BYTES)
      return { unrepresentable: `the claim ${claim} is longer than ${LONGEST_BYTES} bytes` };
    fields.push(name, encoded);
  }
  return fields;
}

const show = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
