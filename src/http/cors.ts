/** Cross-origin calls of browsers (https://fetch.spec.whatwg.org/#http-cors-protocol), answered by rule: pure functions. */
import { type Fields, listOf } from './headers.ts';

/** What a route says of pages of other origins. */
export type Cors = {
  /** `https://app.example.com`, `https://*.example.com`, or `*` for any. */
  readonly origins: readonly string[];
  /** Request header names that a page may send; `*` is any. */
  readonly headers: readonly string[];
  /** Response header names that a page may read. */
  readonly expose_headers: readonly string[];
  readonly credentials: boolean;
  /** Milliseconds that a browser may keep the answer to a preflight. */
  readonly max_age: number;
};

/** Fields that only the gateway says where it answers for CORS: an upstream's own would contradict or double them. */
export const CORS_FIELDS: ReadonlySet<string> = new Set([
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-private-network',
  'access-control-expose-headers',
  'access-control-max-age',
]);

const ORIGIN =
  /^https?:\/\/(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::[1-9]\d{0,4})?$|^https?:\/\/\[[0-9a-f:.]+\](?::[1-9]\d{0,4})?$/;
const LABELS = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/;
/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Can this stand among a route's origins? `null`, which any sandboxed page may claim to be, never can; nor can a default port, which
 * browsers leave out.
 */
export const isOriginPattern = (origin: string): boolean =>
  origin === '*' || (ORIGIN.test(origin) && !/^(?:http:.*:80|https:.*:443)$/.test(origin));

/** Is this request's Origin one of the route's? Compared as browsers write it: lower case, without a default port. */
function allows({ origins }: Cors, origin: string): boolean {
  return origins.some((allowed) => {
    if (allowed === '*') return true;
    const star = allowed.indexOf('*.');
    if (star < 0) return allowed === origin;
    const scheme = allowed.slice(0, star);
    const suffix = allowed.slice(star + 1);
    // The suffix starts with the dot, so that evilexample.com is not of example.com.
    return (
      origin.startsWith(scheme) &&
      origin.endsWith(suffix) &&
      LABELS.test(origin.slice(scheme.length, -suffix.length))
    );
  });
}

/** Whether all of its answers are the same for every origin. */
const forAny = ({ origins }: Cors): boolean => origins.includes('*');

/** The fields of an answer to a call of this Origin; none but Vary for another origin, or for a caller that is no page. */
export function corsFields(cors: Cors, origin: string | undefined): string[] {
  const fields = forAny(cors) ? [] : ['Vary', 'Origin'];
  // Said to those that are no pages, too: a cache may give the answer to one that is.
  if (forAny(cors)) fields.push('Access-Control-Allow-Origin', '*');
  else if (origin !== undefined && allows(cors, origin)) fields.push('Access-Control-Allow-Origin', origin);
  else return fields;
  if (cors.credentials) fields.push('Access-Control-Allow-Credentials', 'true');
  if (cors.expose_headers.length > 0)
    fields.push('Access-Control-Expose-Headers', cors.expose_headers.join(', '));
  return fields;
}

/** A browser's question before a call: from where, by which method, with which header fields of the page's own. */
export type Preflight = {
  readonly origin: string;
  readonly method: string;
  readonly headers: readonly string[];
};

/**
 * The preflight that this OPTIONS request is, if it is a true one: with one Origin and one Access-Control-Request-Method. Any other
 * OPTIONS request is a request like all others (oauth2-proxy#735: what merely looks like a preflight must not pass).
 */
export function preflightOf(method: string, fields: Fields): Preflight | null {
  if (method !== 'OPTIONS') return null;
  const origin = originOf(fields);
  const asked = only(fields, 'access-control-request-method');
  if (
    origin === undefined ||
    asked === undefined ||
    !TOKEN.test(asked) ||
    asked === 'TRACE' ||
    asked === 'CONNECT'
  )
    return null;
  const headers = listOf(fields, 'access-control-request-headers').filter((name) => name !== '');
  if (!headers.every((name) => TOKEN.test(name))) return null;
  return { origin, method: asked, headers: headers.map((name) => name.toLowerCase()) };
}

/** The fields of the answer to a preflight, or why the call is refused, in words for operators. */
export function preflightFields(cors: Cors, { origin, method, headers }: Preflight): string[] | string {
  if (!allows(cors, origin)) return 'the origin is not one of the route’s cors.origins';
  const allowed = new Set(cors.headers.map((name) => name.toLowerCase()));
  if (!allowed.has('*') && !headers.every((name) => allowed.has(name)))
    return 'a header asked for is not one of the route’s cors.headers';
  return [
    ...corsFields({ ...cors, expose_headers: [] }, origin),
    'Access-Control-Allow-Methods',
    method,
    ...(headers.length > 0 ? ['Access-Control-Allow-Headers', headers.join(', ')] : []),
    'Access-Control-Max-Age',
    String(Math.floor(cors.max_age / 1_000)),
    'Vary',
    'Access-Control-Request-Method, Access-Control-Request-Headers',
  ];
}

/** The value of a field that is there once; undefined else. */
function only(fields: Fields, name: string): string | undefined {
  const values = fields.filter((_, index) => index % 2 === 1 && fields[index - 1]?.toLowerCase() === name);
  return values.length === 1 ? values[0] : undefined;
}

/** The Origin of a request that has exactly one; of two, none is believed. */
export const originOf = (fields: Fields): string | undefined => only(fields, 'origin');
