/** Documents, input and data, as text that a module reads as it was meant. */
import { parseValue, writeValue } from './value-text.ts';

/** A document that cannot be handed to a module; the message says which and why. */
export class DocumentError extends Error {}

/** JSON of plain data. Throws DocumentError. */
export function writtenJson(what: string, plain: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(plain);
  } catch (error) {
    throw new DocumentError(`${what} cannot be written as JSON: ${(error as Error).message}`);
  }
  if (text === undefined)
    throw new DocumentError(`${what} cannot be written as JSON: it is a ${typeof plain}`);
  return whole(what, text);
}

/** Text of a value, JSON or Rego's, without the commas that Rego allows at an end. Throws DocumentError. */
export function canonicalText(what: string, text: string): string {
  let canonical: string;
  try {
    canonical = writeValue(parseValue(text));
  } catch (error) {
    throw new DocumentError(`${what} is no value: ${(error as Error).message}`);
  }
  return whole(what, canonical);
}

/** Bytes of a JSON object: the same, where a module reads them as they are. Throws DocumentError. */
export function checkedJson(what: string, json: Uint8Array): Uint8Array {
  let text: string;
  let read: unknown;
  try {
    text = UTF_8.decode(json);
    // A module takes some text that is no JSON, and reads no further than the first value.
    read = JSON.parse(text);
  } catch (error) {
    throw new DocumentError(`${what} cannot be read: ${(error as Error).message}`);
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read))
    throw new DocumentError(`${what} cannot be read: it is not a JSON object`);
  return SURROGATE.test(text) ? Buffer.from(canonicalText(what, text)) : json;
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** An escaped surrogate. JSON.stringify writes pairs as they are, so what it escapes is half of one. */
const SURROGATE = /(?<!\\)(?:\\\\)*\\u[dD][89a-fA-F]/;

/** OPA's own parser reads half a pair as one character with whatever is escaped after it: two names could become the same. */
function whole(what: string, text: string): string {
  if (text.includes('\\ud') && SURROGATE.test(text))
    throw new DocumentError(`${what} has half a surrogate pair, which is no character`);
  return text;
}
