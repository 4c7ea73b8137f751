/**
 * The request target, parsed by hand (RFC 9112 section 3.2). Never by `new URL`, which takes `//admin/x` for host `admin`
 * (CVE-2026-26205). The canonical path made here is the one string that is matched, judged by the policy and forwarded.
 */

/** Forms that a route may admit although two programs can read them differently. */
export type Ambiguity = '%2F' | '%3F' | '%23' | '%25' | ';' | '//';

export type Target = {
  /** Canonical path: unreserved characters decoded, other escapes in upper case. */
  readonly path: string;
  /** The path's segments, percent-decoded; `/a/` is `['a', '']`, `/` is `[]`. */
  readonly segments: readonly string[];
  /** The query's bytes as they came, without the `?`; null when there is no `?`. */
  readonly query: string | null;
  /** Ambiguous forms found, which the route has to admit. Nearly always empty. */
  readonly ambiguities: readonly Ambiguity[];
  /** The authority of an absolute-form target, to be held against Host; null in origin-form. */
  readonly authority: string | null;
};

/** Why a target is refused with 400: `malformed` breaks RFC 3986, `ambiguous` could be read in two ways. */
export type TargetFault = { readonly fault: 'malformed' | 'ambiguous'; readonly why: string };

const PLAIN = /^(?:\/[A-Za-z0-9\-_~!$&'()*+,=:@][A-Za-z0-9\-._~!$&'()*+,=:@]*)*\/?$/;
const QUERY = /^[\x21\x22\x24-\x7e]*$/;
const PATH = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/%]*$/;
const SENT_RAW_BY_BROWSERS = /[|[\]^{}`]/g;
const UNRESERVED = /[A-Za-z0-9\-._~]/;
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/;
const NON_ASCII = /[^\0-\x7f]/;
/** What separates or escapes within a path: the ASCII characters that must not appear when something else is normalised. */
const DELIMITERS = /[/;%?#]/g;
/** `/` and `\` to readers that convert by likeness (Windows' best fit), which NFKC keeps apart. */
const LIKE_SLASH = /[\u2044\u2215\u29f8]/g;
const LIKE_BACKSLASH = /[\u20e5\u2216\u29f5\u29f9]/g;
/** Backslashes of the code pages 932 and 949. Ordinary in prices, so that only a dot segment made by them is refused. */
const CURRENCY_BACKSLASH = /[\u00a5\u20a9]/g;
/** Unseen characters: joiners, soft hyphens, variation selectors. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;
const NONE: readonly Ambiguity[] = [];
/** Decoding beyond this serves nobody but an attacker. */
const MOST_READINGS = 5;

const malformed = (why: string): TargetFault => ({ fault: 'malformed', why });
const ambiguous = (why: string): TargetFault => ({ fault: 'ambiguous', why });

/** Parses an origin-form target, or an absolute-form one whose scheme is the listener's. */
export function parseTarget(raw: string, scheme: 'http' | 'https'): Target | TargetFault {
  let rest = raw;
  let authority: string | null = null;
  if (!raw.startsWith('/')) {
    const absolute = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)(.*)$/s.exec(raw);
    if (!absolute) return malformed('the request target is neither a path nor an absolute URL');
    if (absolute[1]?.toLowerCase() !== scheme)
      return malformed(`the request target's scheme is not ${scheme}`);
    authority = absolute[2] ?? '';
    rest = absolute[3] ?? '';
    if (!rest.startsWith('/')) rest = `/${rest}`;
  }
  if (rest.includes('#')) return malformed('the request target has a fragment');
  const mark = rest.indexOf('?');
  const query = mark < 0 ? null : rest.slice(mark + 1);
  if (query !== null && !QUERY.test(query))
    return malformed('the query has characters that a URL cannot have');
  const rawPath = mark < 0 ? rest : rest.slice(0, mark);
  if (PLAIN.test(rawPath)) {
    return {
      path: rawPath,
      segments: rawPath === '/' ? [] : rawPath.slice(1).split('/'),
      query,
      ambiguities: NONE,
      authority,
    };
  }
  const parsed = canonicalise(rawPath);
  return 'fault' in parsed ? parsed : { ...parsed, query, authority };
}

/** The canonical form of a path, or why it has none. Also judges a path after a rewrite. */
export function canonicalise(
  rawPath: string,
): Pick<Target, 'path' | 'segments' | 'ambiguities'> | TargetFault {
  if (!rawPath.startsWith('/')) return malformed('the path does not start with a slash');
  const found = new Set<Ambiguity>();
  const escaped = rawPath.replace(
    SENT_RAW_BY_BROWSERS,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  if (!PATH.test(escaped)) return malformed('the path has characters that a URL cannot have');
  if (/%(?![0-9A-Fa-f]{2})/.test(escaped)) return malformed('the path has a bad escape');
  const path = escaped.replace(/%[0-9A-Fa-f]{2}/g, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return UNRESERVED.test(character) ? character : escape.toUpperCase();
  });
  const written = path === '/' ? [] : path.slice(1).split('/');
  const segments: string[] = [];
  for (const [index, segment] of written.entries()) {
    if (segment === '' && index < written.length - 1) found.add('//');
    const decoded = decode(segment);
    if (decoded === null) return malformed('the path has an escape that is not UTF-8');
    const fault = hazard(decoded);
    if (fault) return fault;
    for (const form of ['%2F', '%3F', '%23', ';'] as const) if (segment.includes(form)) found.add(form);
    if (segment.includes('%3B')) found.add(';');
    if (/%25[0-9A-Fa-f]{2}/.test(segment)) found.add('%25');
    segments.push(decoded);
  }
  return { path, segments, ambiguities: found.size > 0 ? [...found] : NONE };
}

/** What no route can admit, however often a later reader decodes: dot segments, backslash, controls, bad escapes. */
function hazard(segment: string): TargetFault | null {
  let reading = segment;
  for (let readings = 0; readings < MOST_READINGS; readings++) {
    if (CONTROLS.test(reading)) return malformed('the path has a control character');
    if (reading.includes('\\')) return ambiguous('the path has a backslash');
    if (hasDotSegment(reading)) return ambiguous('the path has a dot segment');
    if (NON_ASCII.test(reading) && looksHazardous(reading))
      return ambiguous('the path has characters that become delimiters when they are normalised');
    if (!/%[0-9A-Fa-f]{2}/.test(reading)) return null;
    const next = decode(reading);
    // A laxer reader would skip the bad escape and decode the others, which nobody has looked at.
    if (next === null) return malformed('the path has a bad escape within an escape');
    reading = next;
  }
  return ambiguous('the path is encoded many times over');
}

/**
 * Tomcat and its kin drop `;…` from a segment before they look at it, so `..;x` is a dot segment too; and so are `..?x` and `..#x`
 * to who decodes before parsing.
 */
const hasDotSegment = (reading: string): boolean =>
  reading.split('/').some((part) => /^\.\.?(?:[;?#]|$)/.test(part));

/** Is there more in it to an upstream that applies NFKC, a best fit, or drops what is unseen: `／`, `．．`, `％2e`? */
function looksHazardous(reading: string): boolean {
  // Decoders take a byte order mark away, and so make one name of two.
  if (reading.includes('\ufeff')) return true;
  const normalised = normalise(reading);
  return (
    normalised.includes('\\') ||
    hasDotSegment(normalised.replace(CURRENCY_BACKSLASH, '/')) ||
    escapesIn(normalised) > escapesIn(reading) ||
    normalise(reading.replace(DELIMITERS, '')).search(DELIMITERS) >= 0
  );
}

/** `%６1`, with a fullwidth 6, is an escape once it is normalised. */
const escapesIn = (reading: string): number => reading.match(/%[0-9A-Fa-f]{2}/g)?.length ?? 0;

// What is like a slash comes first: NFKC makes `1⁄2` of `½`, which is no path to anybody.
const normalise = (reading: string): string =>
  compatible(reading.replace(LIKE_SLASH, '/').replace(LIKE_BACKSLASH, '\\'));

/** A text as some readers take it (HFS+, NFKC_Casefold): compatibility characters are plain ones, and what is unseen is not there. */
export const compatible = (text: string): string => text.normalize('NFKC').replace(UNSEEN, '');

function decode(text: string): string | null {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/**
 * The query as a policy sees it: WHATWG form decoding into arrays, in order; `&` alone separates; a bad escape is literal.
 * The object has no prototype, so that no name in it is anything but a parameter.
 */
export function queryParameters(query: string | null): Readonly<Record<string, readonly string[]>> {
  const parameters = Object.create(null) as Record<string, string[]>;
  // URLSearchParams drops one `?` at the start: ours, so that the second one of `/a??b=c` stays part of the name.
  if (query)
    for (const [name, value] of new URLSearchParams(`?${query}`)) (parameters[name] ??= []).push(value);
  return parameters;
}
