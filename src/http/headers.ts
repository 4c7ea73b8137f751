/**
 * Which header fields pass, in which direction. Fields are flat arrays `[name, value, name, value …]` as they came over the
 * wire, so that duplicates and order survive (CVE-2021-32777).
 */

/** Flat header fields: name, value, name, value … */
export type Fields = readonly string[];

/** Hop-by-hop by RFC 9110 section 7.6.1, with those that older software still sends. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/** Names that say who calls or where from: only Portcullis may set them towards an upstream. */
const RESERVED = new Set([
  'forwarded',
  'x-real-ip',
  'x-anonymous-consumer',
  'x-rewrite-url',
  'x-userinfo',
  'x-access-token',
  'x-id-token',
]);
const RESERVED_PREFIX = /^x-(?:credential|consumer|portcullis|forwarded|original|authenticated)-/;

/** Names of which two would let two readers see two different requests. */
const SINGLE = new Set(['host', 'authorization', 'content-length', 'content-type']);
const METHOD_OVERRIDES = new Set(['x-http-method-override', 'x-method-override', 'x-http-method']);

/** A name as every upstream may read it: lower case, `_` as `-` (CVE-2026-39858, CVE-2025-64484). */
export const spelling = (name: string): string => name.toLowerCase().replaceAll('_', '-');

/** Is this name one that only Portcullis sets? Any spelling. */
export function isReserved(name: string): boolean {
  const spelled = spelling(name);
  return RESERVED.has(spelled) || RESERVED_PREFIX.test(spelled);
}

/** Can a policy, a claim or a route never set this name: framing, hop-by-hop, Host, Authorization and what is reserved. */
export function isProtected(name: string): boolean {
  const spelled = spelling(name);
  return HOP_BY_HOP.has(spelled) || SINGLE.has(spelled) || spelled === 'expect' || isReserved(name);
}

/** The value of the only (or first) field of this lower-case name; undefined without one. */
export function field(fields: Fields, name: string): string | undefined {
  for (let i = 0; i < fields.length; i += 2) if (fields[i]?.toLowerCase() === name) return fields[i + 1];
  return undefined;
}

/** The members of a list that fields of this lower-case name make together (RFC 9110 section 5.3); `['']` without one. */
export function listOf(fields: Fields, name: string): string[] {
  const values = fields.filter((_, i) => i % 2 === 1 && fields[i - 1]?.toLowerCase() === name);
  return values
    .join(',')
    .split(',')
    .map((member) => member.trim());
}

/** Why these request fields are refused with 400, or null. */
export function fieldsFault(fields: Fields): string | null {
  const seen = new Set<string>();
  for (let i = 0; i < fields.length; i += 2) {
    const name = spelling(fields[i] as string);
    if (SINGLE.has(name)) {
      if (seen.has(name)) return `there are two ${name} headers`;
      seen.add(name);
    }
    if (METHOD_OVERRIDES.has(name)) return `${name} would change the method that was judged`;
    // Anything but plain chunked would be decoded by nobody, or by two readers in two ways.
    if (name === 'transfer-encoding' && fields[i + 1]?.toLowerCase() !== 'chunked')
      return 'the transfer coding is not chunked';
  }
  if (!seen.has('host')) return 'there is no host header';
  return null;
}

/** Says of a spelling whether such a field ends at this hop: hop-by-hop, or listed in Connection. */
function endingHere(fields: Fields): (spelled: string) => boolean {
  const listed = new Set(listOf(fields, 'connection').map(spelling));
  return (spelled) => HOP_BY_HOP.has(spelled) || listed.has(spelled);
}

/**
 * A client's fields that go on to an upstream: without hop-by-hop names, those listed in Connection, reserved names and
 * `removed` (canonical spellings of whatever else this gateway sets or consumes). Host, Expect and Content-Length are the forwarding's own matter.
 * What Portcullis sets is appended after this, so that `Connection: X-User` cannot remove it (CVE-2024-45410).
 */
export function passUpstream(fields: Fields, removed: ReadonlySet<string>): string[] {
  const endsHere = endingHere(fields);
  const passed: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    const spelled = spelling(name);
    if (endsHere(spelled) || isReserved(spelled) || removed.has(spelled)) continue;
    if (spelled === 'host' || spelled === 'expect' || spelled === 'content-length') continue;
    passed.push(name, fields[i + 1] as string);
  }
  return passed;
}

/** An upstream's response fields that go on to the client: without hop-by-hop names and those listed in Connection. */
export function passDownstream(fields: Fields): string[] {
  const endsHere = endingHere(fields);
  const passed: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    if (!endsHere(spelling(name))) passed.push(name, fields[i + 1] as string);
  }
  return passed;
}

/**
 * A client's fields as a policy sees them: lower-case names, duplicates joined with `, `, cookies with `; `. Left out are `hidden`
 * (canonical spellings) and what `passUpstream` drops as reserved or ending here: neither judged nor forwarded, it decides nothing.
 */
export function fieldsByName(fields: Fields, hidden: ReadonlySet<string>): Readonly<Record<string, string>> {
  const endsHere = endingHere(fields);
  const byName = Object.create(null) as Record<string, string>;
  for (let i = 0; i < fields.length; i += 2) {
    const name = (fields[i] as string).toLowerCase();
    const spelled = spelling(name);
    if (endsHere(spelled) || isReserved(spelled) || hidden.has(spelled)) continue;
    const before = byName[name];
    const value = fields[i + 1] as string;
    byName[name] = before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`;
  }
  return byName;
}

/** Can this be sent as a header value: visible characters, spaces and tabs, no CR, LF or other control (RFC 9110 section 5.5)? */
export const isFieldValue = (value: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(value);

/** Can this be a header name (RFC 9110 section 5.1)? */
export const isFieldName = (name: string): boolean => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name);
