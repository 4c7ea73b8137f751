/**
 * What another reader of a request, laxer than we are, would take for a credential: what is judged here must be what is read there. Told
 * of what is left once the credentials themselves are taken. Strict on purpose: nobody means any of it.
 */
import { divided } from './credentials.ts';
import { type Fields, spelling } from './headers.ts';
import { compatible } from './target.ts';
import { unescaped } from './unescaped.ts';

/** PHP (max_input_vars) and Django (DATA_UPLOAD_MAX_NUMBER_FIELDS) look at no more either. */
const MOST_FIELDS = 1_000;

/** Has a query or a form more fields than are looked at? Looking has its price, and who sends them is not known yet. */
export const hasTooManyFields = (text: string): boolean =>
  text.split(/[&;]/, MOST_FIELDS + 1).length > MOST_FIELDS;

/**
 * Which of these parameters would a laxer reader find in a query or a form, if any? One who separates at `;` too, decodes many times,
 * ignores case (ASP.NET), drops blanks or makes `_` of dots (PHP), nests at brackets (PHP, Rack, qs), drops a `?` at the start
 * (URLSearchParams), or takes characters for others (IIS, NFKC).
 */
export function likeParameter(text: string, names: readonly string[]): string | null {
  if (names.length === 0) return null;
  const wanted = readingsOf(names);
  for (const piece of text.split(/[&;]/)) {
    const like = likeOne(divided(piece)[0], wanted);
    if (like !== null) return like;
  }
  return null;
}

/**
 * The same of cookies; lax readers separate at `,` (RFC 2965) or at blanks (Python), drop `=` at the start (Werkzeug, CVE-2023-23934), and PHP
 * once decoded names (CVE-2020-7070).
 */
export function likeCookie(fields: Fields, names: readonly string[]): string | null {
  if (names.length === 0) return null;
  const wanted = readingsOf(names);
  let looked = 0;
  for (let i = 0; i < fields.length; i += 2) {
    if (spelling(fields[i] as string) !== 'cookie') continue;
    for (const written of cookieNames(fields[i + 1] as string)) {
      // No browser keeps half as many of a host: what is not looked at may be anything.
      if (++looked > MOST_FIELDS) return names[0] ?? null;
      const like = likeOne(written, wanted);
      if (like !== null) return like;
    }
  }
  return null;
}

/**
 * A name wherever some reader could start one, and the `=` behind it: after blanks, in quotes, after any of RFC 2616's separators. But not
 * after a name's own `=`, where its value starts to everybody.
 */
const NAME_WITHIN = /(?<![^\s\x85;,"'()<>@:\\/?{}])=*([^\s\x85;,"'()<>@:\\/?{}=]+)["')}>]?\s*=/g;

function* cookieNames(value: string): Generator<string> {
  for (const piece of value.split(/[;,]/)) yield divided(piece.replace(/^[\s=]+/, ''))[0];
  for (const [, name = ''] of value.matchAll(NAME_WITHIN)) yield name;
}

/** Names by what lax readers make of them. */
type Wanted = { readonly names: ReadonlyMap<string, string>; readonly longest: number };

function readingsOf(names: readonly string[]): Wanted {
  const longest = Math.max(...names.map(({ length }) => length));
  return {
    names: new Map(names.flatMap((name) => laxly(name, longest).map((reading) => [reading, name] as const))),
    longest,
  };
}

/** The name that is wanted and that this one is like. One that is encoded too many times over may be like any. */
function likeOne(written: string, { names, longest }: Wanted): string | null {
  const reading = PLAIN.test(written) ? written : readFully(written);
  if (ESCAPE.test(reading)) return names.values().next().value ?? null;
  for (const name of laxly(reading, longest)) {
    const like = names.get(name);
    if (like !== undefined) return like;
  }
  return null;
}

/** A name that is the same to all decoders. */
const PLAIN = /^[^%+\x80-\xff]*$/;
const ESCAPE = /%(?:u[0-9a-f]{2})?[0-9a-f]{2}/i;

/** Decoding beyond this serves nobody. */
const MOST_READINGS = 5;

/** What comes of decoding until nothing is left to decode, as most tolerant readers do it. A form's bytes come as latin1. */
function readFully(written: string): string {
  let reading = readOnce(written, 'latin1');
  for (let readings = 1; readings < MOST_READINGS && /[%+]/.test(reading); readings++) {
    const next = readOnce(reading, 'utf8');
    if (next === reading) break;
    reading = next;
  }
  return reading;
}

/** Characters by their UTF-16 numbers, as IIS takes them. */
const WIDE_ESCAPES = /(?:%u[0-9a-f]{4})+/gi;
/** ASCII in more bytes than it needs, which UTF-8 forbids (RFC 3629 section 3), and some decoders do not. */
const OVERLONG =
  /(?:[\xc0\xc1]|\xe0[\x80\x81]|\xf0\x80[\x80\x81]|\xf8\x80\x80[\x80\x81]|\xfc\x80\x80\x80[\x80\x81])[\x80-\xbf]/g;

function readOnce(text: string, encoding: 'latin1' | 'utf8'): string {
  const wide = text.replace(WIDE_ESCAPES, (run) =>
    encodeURIComponent(
      run
        .replace(/%u(....)/gis, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
        .toWellFormed(),
    ),
  );
  const bytes = unescaped(wide, encoding);
  const raw = bytes.toString('latin1');
  if (!/[\xc0\xc1\xe0\xf0\xf8\xfc]/.test(raw)) return bytes.toString();
  return Buffer.from(raw.replace(OVERLONG, shortest), 'latin1').toString();
}

/** The character of an overlong form: its last seven bits. */
const shortest = (form: string): string =>
  String.fromCharCode(
    ((form.charCodeAt(form.length - 2) & 1) << 6) | (form.charCodeAt(form.length - 1) & 0x3f),
  );

/** What some readers do not see, or drop: joiners, soft hyphens, bytes that are no UTF-8. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\ufffd]/gu;
/** What is dropped at the start: blanks (PHP), brackets (qs), a `?` (URLSearchParams). */
const LEADING = /^[\s?[]+/;

/** What lax readers may make of a decoded name, so far as it takes to tell whether it is one of at most `longest` characters. */
function laxly(name: string, longest: number): string[] {
  // Two units make one character at most; and normalising takes time that grows with the square of a run of combining marks.
  const start = name
    .replace(UNSEEN, '')
    .replace(LEADING, '')
    .slice(0, 2 * longest + 2);
  const plain = folded(start).replace(LEADING, '').replace(/\0.*$/s, '');
  // PHP takes a bracket that nothing closes for `_`; to others a name ends there.
  return [plain.replace(/[[\]].*$/s, ''), plain.replace('[', '_')].map((reading) =>
    reading.trim().replace(/[.\s]/g, '_'),
  );
}

/** Without case and compatibility forms; all of `K`, `ſ` and `İ` are letters of ASCII to somebody. */
const folded = (text: string): string =>
  /^[\0-\x7f]*$/.test(text)
    ? text.toLowerCase()
    : compatible(text).toUpperCase().toLowerCase().replaceAll('i\u0307', 'i');
