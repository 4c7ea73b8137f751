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
  'x-forwarded',
  'x-real-ip',
  'x-anonymous-consumer',
  'x-rewrite-url',
  'x-userinfo',
  'x-access-token',
  'x-id-token',
  // CVE-2016-5385, httpoxy: CGI makes HTTP_PROXY of it, through which programs then send what they send.
  'proxy',
]);
const RESERVED_PREFIX = /^x-(?:credential|consumer|portcullis|forwarded|original|authenticated)-/;

/** Names of which two would let two readers see two different requests. */
const SINGLE = new Set(['host', 'authorization', 'content-length', 'content-type', 'transfer-encoding']);
const METHOD_OVERRIDES = new Set(['x-http-method-override', 'x-method-override', 'x-http-method']);

/**
 * A name as every upstream may read it: lower case, `_` as `-` (CVE-2026-39858, CVE-2025-64484). So are the other characters that
 * are no letter or digit: CGI and its kin make one variable of `X-User`, `X_User` and `X.User`.
 */
export const spelling = (name: string): string => name.toLowerCase().replace(/[^a-z0-9-]/g, '-');

/** Is this name one that only Portcullis sets? Any spelling. */
export const isReserved = (name: string): boolean => isReservedSpelling(spelling(name));

const isReservedSpelling = (spelled: string): boolean =>
  RESERVED.has(spelled) || RESERVED_PREFIX.test(spelled);

/** Can a policy, a claim or a route never set this name: framing, hop-by-hop, Host, Authorization and what is reserved. */
export function isProtected(name: string): boolean {
  const spelled = spelling(name);
  return (
    HOP_BY_HOP.has(spelled) || SINGLE.has(spelled) || spelled === 'expect' || isReservedSpelling(spelled)
  );
}

/** Is this field of that lower-case name? Lengths first: nearly all names differ in it, and a lower-case copy is not for free. */
const isNamed = (written: string | undefined, name: string): boolean =>
  written?.length === name.length && written.toLowerCase() === name;

/** The value of the only (or first) field of this lower-case name; undefined without one. */
export function field(fields: Fields, name: string): string | undefined {
  for (let i = 0; i < fields.length; i += 2) if (isNamed(fields[i], name)) return fields[i + 1];
  return undefined;
}

/** The members of a list that fields of this lower-case name make together (RFC 9110 section 5.3); `['']` without one. */
export function listOf(fields: Fields, name: string): string[] {
  const values = fields.filter((_, i) => i % 2 === 1 && isNamed(fields[i - 1], name));
  return values
    .join(',')
    .split(',')
    .map((member) => member.trim());
}

/** Why these request fields are refused with 400, or null. */
export function fieldsFault(fields: Fields): string | null {
  const seen = new Set<string>();
  let spelledOddly = false;
  for (let i = 0; i < fields.length; i += 2) {
    const written = fields[i] as string;
    const name = spelling(written);
    if (name !== written && name !== written.toLowerCase()) spelledOddly = true;
    if (SINGLE.has(name)) {
      if (seen.has(name)) return `there are two ${name} headers`;
      seen.add(name);
    }
    // Anything but plain chunked would be decoded by nobody, or by two readers in two ways.
    if (name === 'transfer-encoding' && fields[i + 1]?.toLowerCase() !== 'chunked')
      return 'the transfer coding is not chunked';
  }
  if (!seen.has('host')) return 'there is no host header';
  return spelledOddly ? spellingFault(fields) : null;
}

/** `X-Tenant` and `X_Tenant` are two fields to a policy, and one to an upstream that is fed by CGI or WSGI. */
function spellingFault(fields: Fields): string | null {
  const writtenAs = new Map<string, string>();
  for (let i = 0; i < fields.length; i += 2) {
    const written = (fields[i] as string).toLowerCase();
    const name = spelling(written);
    if ((writtenAs.get(name) ?? written) !== written) return `${name} is spelled in two ways`;
    writtenAs.set(name, written);
  }
  return null;
}

/** The header, in canonical spelling, that would have an upstream do another method than the one that was judged; or null. */
export function methodOverride(fields: Fields): string | null {
  for (let i = 0; i < fields.length; i += 2) {
    const name = spelling(fields[i] as string);
    if (METHOD_OVERRIDES.has(name)) return name;
  }
  return null;
}

const NONE: ReadonlySet<string> = new Set();

/** Spellings of what Connection lists. Nothing is made for the usual request, which has none, or one that only says how it ends. */
function listedInConnection(fields: Fields): ReadonlySet<string> {
  let listed: Set<string> | null = null;
  for (let i = 0; i < fields.length; i += 2) {
    if (!isNamed(fields[i], 'connection')) continue;
    const value = fields[i + 1] as string;
    if (value === 'keep-alive' || value === 'close') continue;
    listed ??= new Set();
    for (const member of value.split(',')) listed.add(spelling(member.trim()));
  }
  return listed ?? NONE;
}

const endsHere = (spelled: string, listed: ReadonlySet<string>): boolean =>
  HOP_BY_HOP.has(spelled) || listed.has(spelled);

/**
 * A client's fields that go on to an upstream: without hop-by-hop names, those listed in Connection, reserved names and
 * `removed` (canonical spellings of whatever else this gateway sets or consumes). Host, Expect and Content-Length are the forwarding's own matter.
 * What Portcullis sets is appended after this, so that `Connection: X-User` cannot remove it (CVE-2024-45410).
 */
export function passUpstream(fields: Fields, removed: ReadonlySet<string>): string[] {
  const listed = listedInConnection(fields);
  const passed: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    const spelled = spelling(name);
    if (endsHere(spelled, listed) || removed.has(spelled) || isReservedSpelling(spelled)) continue;
    if (spelled === 'host' || spelled === 'expect' || spelled === 'content-length') continue;
    passed.push(name, fields[i + 1] as string);
  }
  return passed;
}

/**
 * An upstream's response fields that go on to the client: without hop-by-hop names and those listed in Connection, and without
 * Content-Length where the status has no content (RFC 9110 section 8.6). `Trailer` is hop-by-hop here: which trailers go on is the
 * gateway's to say (`passTrailers`), and node:http refuses to announce any beside a Content-Length.
 */
export function passDownstream(fields: Fields, status: number): string[] {
  const empty = status < 200 || status === 204;
  const listed = listedInConnection(fields);
  const passed: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    const spelled = spelling(name);
    if (endsHere(spelled, listed) || (empty && spelled === 'content-length')) continue;
    passed.push(name, fields[i + 1] as string);
  }
  return passed;
}

/**
 * A client's fields as a policy sees them: lower-case names, duplicates joined with `, `, cookies with `; `. Left out are `hidden`
 * (canonical spellings) and what `passUpstream` drops as reserved or ending here: neither judged nor forwarded, it decides nothing.
 */
export function fieldsByName(fields: Fields, hidden: ReadonlySet<string>): Readonly<Record<string, string>> {
  const listed = listedInConnection(fields);
  const byName = Object.create(null) as Record<string, string>;
  for (let i = 0; i < fields.length; i += 2) {
    const name = (fields[i] as string).toLowerCase();
    const spelled = spelling(name);
    if (endsHere(spelled, listed) || hidden.has(spelled) || isReservedSpelling(spelled)) continue;
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
