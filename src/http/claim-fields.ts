/** Claims as header fields towards an upstream. */
import type { ClaimHeader } from '../config/route.ts';
import { claimAt } from '../oauth/claim.ts';

const LONGEST_BYTES = 8_192;
const CONTROLS = /\p{Cc}/u;
/** What cannot stay as it is: non-ASCII, the escape character itself, a comma, and a space where recipients trim. */
const ESCAPED = /[^\x20-\x7e]+|[%,]|^ | $/gu;
/** The same of an object by itself, where commas are JSON's. */
const ESCAPED_IN_JSON = /[^\x20-\x7e]+|%|^ | $/gu;

/** Why a value can be no header field's. */
export type Unrepresentable = { readonly unrepresentable: string };

/**
 * A value as a header field's. Arrays are joined with `,`, objects are JSON, non-ASCII is percent-encoded as UTF-8, and so is what would
 * make two values look the same: `%`, a space at either end, a comma in a text or in an array's member, so that the text `a,b` is not the
 * array of `a` and `b`. (The commas of an object by itself stay.)
 */
export function fieldValue(value: unknown): string | Unrepresentable {
  const texts = (Array.isArray(value) ? value : [value]).map(show);
  if (texts.some((text) => CONTROLS.test(text))) return { unrepresentable: 'has control characters' };
  if (!texts.every((text) => text.isWellFormed())) return { unrepresentable: 'is not Unicode text' };
  const escaped = typeof value === 'object' && !Array.isArray(value) ? ESCAPED_IN_JSON : ESCAPED;
  const encoded = texts.map((text) => text.replace(escaped, encodeURIComponent)).join(',');
  return encoded.length > LONGEST_BYTES
    ? { unrepresentable: `is longer than ${LONGEST_BYTES} bytes` }
    : encoded;
}

/**
 * Flat fields for values by their names; what is absent, null or an array of nothing sends nothing. What cannot be a header is refused
 * under what it is called: cutting it would change who it names.
 */
export function fieldsFor(
  values: readonly { readonly name: string; readonly called: string; readonly value: unknown }[],
): string[] | Unrepresentable {
  const fields: string[] = [];
  for (const { name, called, value } of values) {
    if (value === undefined || value === null || isEmptyList(value)) continue;
    const text = fieldValue(value);
    if (typeof text !== 'string') return { unrepresentable: `${called} ${text.unrepresentable}` };
    fields.push(name, text);
  }
  return fields;
}

/** Flat fields for the claims that are there, or why one of them cannot be sent. */
export const claimFields = (
  claims: Readonly<Record<string, unknown>>,
  headers: readonly ClaimHeader[],
): string[] | Unrepresentable =>
  fieldsFor(
    headers.map(({ claim, path, name }) => ({
      name,
      called: `the claim ${claim}`,
      value: claimAt(claims, path),
    })),
  );

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

const show = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
