/** Forms among request bodies: whether a body is one, and what its fields say that is no more true once it was changed. */
import { takeHeader } from './credentials.ts';
import { type Fields, spelling } from './headers.ts';

export type Form = 'plain' | 'undeclared';

/**
 * What a body is to who looks for forms: one that can be read here (`plain`); one that only some take for a form, since a POST does not
 * say what it is (`undeclared`; Rack and CGI do); one whose bytes are no ASCII as they are (`encoded`); null is no form.
 */
export function formOf(method: string, fields: Fields): Form | 'encoded' | null {
  const types = takeHeader(fields, 'content-type').found.join();
  // Of two types in one PHP goes by the first, and others by the last; and formidable by this word anywhere.
  const declared = /url-?encoded/i.test(types);
  if (!declared && (method !== 'POST' || /[^\s,]/.test(types))) return null;
  const codings = membersOf(fields, 'content-encoding');
  if (codings.some((coding) => !/^(?:identity)?$/i.test(coding))) return 'encoded';
  const [, ...charsets] = types.split(/charset/i);
  if (!charsets.every((rest) => LIKE_ASCII.test(rest))) return 'encoded';
  return declared ? 'plain' : 'undeclared';
}

/**
 * A charset in which ASCII's characters are ASCII's bytes, and nothing else is: what follows the word, wherever it stands. In UTF-16 or
 * EBCDIC a name would be hidden from us; and `charset*=` (RFC 8187) or `"charset"=` is one to some readers.
 */
const LIKE_ASCII =
  /^[\t ]*=[\t ]*("?)(?:utf-?8|us-ascii|ascii|iso-?8859-\d{1,2}|latin-?\d|windows-125\d)?\1[\t ]*(?:[;,]|$)/i;

/** What fields of this canonical spelling say, member by member. */
const membersOf = (fields: Fields, name: string): string[] =>
  takeHeader(fields, name).found.flatMap((value) => value.split(',').map((member) => member.trim()));

/** What a body's bytes were summed up in (RFC 9530): of no use once some of them are gone. */
const DIGESTS = new Set(['content-digest', 'repr-digest', 'digest', 'content-md5']);

/** The fields of a request whose form has another length now: the right Content-Length, if there was one, and no digest. */
export const changedForm = (fields: Fields, length: number): Fields =>
  fields.flatMap((name, index) => {
    if (index % 2 === 1) return [];
    const spelled = spelling(name);
    if (DIGESTS.has(spelled)) return [];
    return [name, spelled === 'content-length' ? String(length) : (fields[index + 1] as string)];
  });
