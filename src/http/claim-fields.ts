/** Claims as header fields towards an upstream. */

const LONGEST_BYTES = 8_192;
const CONTROLS = /[\u0000-\u001f\u007f]/;

/**
 * Flat fields for the claims that are there; an absent or null claim sends nothing. Arrays are joined with `,`, objects are JSON,
 * non-ASCII is percent-encoded as UTF-8. What cannot be a header refuses the request: cutting it would change who it names.
 */
export function claimFields(
  claims: Readonly<Record<string, unknown>>,
  names: Readonly<Record<string, string>>,
): string[] | { readonly unrepresentable: string } {
  const fields: string[] = [];
  for (const claim of Object.keys(names)) {
    const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
    if (value === undefined || value === null) continue;
    const text = show(value);
    if (CONTROLS.test(text)) return { unrepresentable: `the claim ${claim} has control characters` };
    const encoded = text.replace(/[^\x20-\x7e]+/gu, (run) => encodeURIComponent(run.toWellFormed()));
    if (encoded.length > LONGEST_BYTES)
      return { unrepresentable: `the claim ${claim} is longer than ${LONGEST_BYTES} bytes` };
    fields.push(names[claim] as string, encoded);
  }
  return fields;
}

const show = (value: unknown): string => {
  if (Array.isArray(value)) return value.map(show).join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
};
