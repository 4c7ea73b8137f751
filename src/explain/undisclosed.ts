/** Tokens as people may see them: what they are and say, never what could be sent again. */
import type { Permitted } from '../exchange.ts';
import { takeFromHead } from '../http/credential-places.ts';
import { jwtPart } from '../oauth/token-form.ts';
import { readings } from './readings.ts';

/** What a JWT says of itself. Nobody has verified it. */
export type Unverified = {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
};

/** Deeper values would exhaust the stack of whoever writes them out; no answer of a server has them (src/oauth/facts.ts). */
const DEEPEST = 64;
/** A JWT within a JWT counts for so many: quoted again, its own quotes double each time. */
const DEPTH_OF_A_JWT = 16;

/** Reads a JWT without verifying it; null when it is none, or encrypted. What is nested too deep is not in it. */
export function unverified(token: string): Unverified | null {
  const [header, claims, signature, ...more] = token.split('.', 4).map(parsed);
  return header && claims && signature !== undefined && more.length === 0 ? { header, claims } : null;
}

function parsed(part: string): Readonly<Record<string, unknown>> | null {
  const object = jwtPart(part);
  return object && (shallow(object) as Record<string, unknown>);
}

/** The same value, as deep as may be shown. */
const shallow = (value: unknown): unknown => mapped(value, 0, (text) => text);

/** A token in words: its kind and size, and of a JWT its header. */
export function described(token: string): string {
  const jwt = unverified(token);
  if (jwt) return `a JWT of ${token.length} characters, ${JSON.stringify(jwt.header)}`;
  return token.split('.', 6).length === 5
    ? `an encrypted JWT of ${token.length} characters`
    : `opaque, ${token.length} characters`;
}

/** All in this request that stage 2 takes for a credential, or took: of the head, before anything is refused; of a form, its token. */
export function credentialsIn(exchange: Partial<Permitted>): string[] {
  const { route, fields, target, token } = exchange;
  const head = route && fields && target ? takeFromHead(exchange as Permitted).sent : [];
  // Beside the token may stand its scheme, or what makes it malformed.
  const words = head.flatMap(({ written }) => written.split(/[\s,;"]+/));
  return [...words.filter((word) => !SCHEME.test(word)), ...(token ? [token] : [])];
}

const SCHEME = /^(?:basic|bearer|digest|dpop|mac|token)?$/i;

/**
 * The same value with whatever could be sent again replaced by words: these tokens, however they are written; whatever is a JWT, of which
 * header and claims are left; and values of parameters with such a name. What is nested too deep is left out.
 */
export function undisclosed<T>(value: T, tokens: readonly string[]): T;
export function undisclosed(value: unknown, tokens: readonly string[]): unknown {
  return undisclosedFrom(0, value, tokens.flatMap(writings));
}

const undisclosedFrom = (depth: number, value: unknown, all: readonly Writing[]): unknown =>
  mapped(value, depth, (text, at) => hidden(text, all, at));

/** The same value with its texts changed, and the names in it; no deeper than DEEPEST. */
function mapped(value: unknown, depth: number, change: (text: string, depth: number) => string): unknown {
  if (typeof value === 'string') return change(value, depth);
  if (typeof value === 'number') return change(String(value), depth) === String(value) ? value : TOKEN;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return '(too deep to show)';
  if (Array.isArray(value)) return value.map((item: unknown) => mapped(item, depth + 1, change));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]: [string, unknown]) => [
      change(name, depth),
      mapped(item, depth + 1, change),
    ]),
  );
}

/** A part of a text, and what stands for it. */
type Span = { readonly start: number; readonly end: number; readonly shown: string };

const TOKEN = '(the token)';

function hidden(text: string, all: readonly Writing[], depth: number): string {
  const spans = readings(text).flatMap(({ reading, origin }) =>
    [...tokensIn(reading, all), ...jwtsIn(reading, all, depth), ...parametersIn(reading)].map(
      ({ start, end, shown }) => ({
        start: origin(start),
        end: origin(end),
        shown,
      }),
    ),
  );
  return replaced(text, spans);
}

/** The longer first, and of the same the one that says most. */
const before = (a: Span, b: Span): number =>
  a.start - b.start || b.end - a.end || Number(b.shown === TOKEN) - Number(a.shown === TOKEN);

function replaced(text: string, spans: readonly Span[]): string {
  const apart: Span[] = [];
  for (const span of spans.toSorted(before)) {
    const last = apart.at(-1);
    if (!last || span.start >= last.end) apart.push(span);
    // Of two that overlap, neither may be left in part.
    else if (span.end > last.end)
      apart[apart.length - 1] = { start: last.start, end: span.end, shown: TOKEN };
  }
  let [left, at] = ['', 0];
  for (const { start, end, shown } of apart) {
    left += text.slice(at, start) + shown;
    at = end;
  }
  return left + text.slice(at);
}

/** A token as it may be written; `whole` when it is too short to be told from a part of something else. */
type Writing = { readonly written: string; readonly whole: boolean };

/** Shorter than this, a token is one only where it stands alone. */
const SHORTEST_ANYWHERE = 16;
/** Shorter than this, what encodes it is no more than a number or a word. */
const SHORTEST_ENCODED = 4;

/** The token as it is, in base64 and hex; and the signature of a JWT, without which it is of no use to anybody. */
function writings(token: string): Writing[] {
  const bytes = Buffer.from(token);
  const base64 = bytes.toString('base64');
  const encoded = [base64, base64.replace(/=+$/, ''), bytes.toString('hex'), bytes.toString('latin1')];
  const url = [bytes.toString('base64url'), base64.replaceAll('+', '-').replaceAll('/', '_')];
  const [, , signature = '', ...more] = token.split('.', 4);
  const written = new Set([
    token,
    ...(token.length < SHORTEST_ENCODED ? [] : [...encoded, ...url]),
    ...(more.length === 0 && signature.length >= SHORTEST_ANYWHERE ? [signature] : []),
  ]);
  written.delete('');
  return [...written].map((one) =>
    one.length < SHORTEST_ANYWHERE
      ? { written: one, whole: true }
      : { written: inLowerCase(one), whole: false },
  );
}

/** ASCII alone, so that all stays in its place. */
const inLowerCase = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** No regular expression is made of a token: one of a long token cannot be compiled, and the error would show it. */
function tokensIn(reading: string, all: readonly Writing[]): Span[] {
  const spans: Span[] = [];
  // In letters of either case: hosts come in small ones, hex in both.
  const lower = inLowerCase(reading);
  for (const { written, whole } of all) {
    const text = whole ? reading : lower;
    for (let start = text.indexOf(written); start >= 0;) {
      const end = start + written.length;
      const taken = !whole || isAlone(text.charAt(start - 1), text.charAt(end));
      if (taken) spans.push({ start, end, shown: TOKEN });
      start = text.indexOf(written, taken ? end : start + 1);
    }
  }
  return spans;
}

const isAlone = (left: string, right: string): boolean =>
  !/[A-Za-z0-9._~+/-]/.test(left) && !/[A-Za-z0-9._~+/=-]/.test(right);

/** What may have a JWT in it, and more: pieces with dots between. */
const DOTTED = /(?<![\w.-])[\w-]*(?:\.[\w-]*){2,}/g;
/** `{"`, or a blank after the brace, in base64url: so the header of a JWT begins, whatever stands before it. */
const BRACE = /e(?:[wy]|30)/g;
/** Reading is not free, and one run of letters may begin like a header again and again. */
const MOST_BRACES = 32;

function jwtsIn(reading: string, all: readonly Writing[], depth: number): Span[] {
  return [...reading.matchAll(DOTTED)].flatMap(({ 0: dotted, index }) =>
    jwtsOf(dotted, all, depth).map(({ start, end, shown }) => ({
      start: index + start,
      end: index + end,
      shown,
    })),
  );
}

/** JWTs are three parts, or five where encrypted; the first is an object of JSON. */
function jwtsOf(dotted: string, all: readonly Writing[], depth: number): Span[] {
  const spans: Span[] = [];
  let [tried, behind] = [0, 0];
  for (const { index: start } of dotted.matchAll(BRACE)) {
    if (start < behind) continue;
    const [header = '', claims, signature, key, tag] = dotted.slice(start).split('.', 5);
    if (claims === undefined || signature === undefined) break;
    if (++tried > MOST_BRACES) return [...spans, { start, end: dotted.length, shown: '(perhaps JWTs)' }];
    if (parsed(header) === null) continue;
    const parts = [header, claims, signature];
    const read = unverified(parts.join('.'));
    if (!read && key !== undefined && tag !== undefined) parts.push(key, tag);
    behind = start + parts.join('.').length;
    spans.push({ start, end: behind, shown: read ? shownJwt(read, all, depth) : '(an encrypted JWT)' });
  }
  return spans;
}

/** A claim may hold a token, too. */
const shownJwt = (read: Unverified, all: readonly Writing[], depth: number): string =>
  depth + DEPTH_OF_A_JWT > DEEPEST
    ? '(a JWT, too deep to show)'
    : `(a JWT: ${JSON.stringify(undisclosedFrom(depth + DEPTH_OF_A_JWT, read, all))})`;

/** The name of a parameter. */
const NAME = /(?<=[?&#;])([^=?&#;\s"]{1,64})=/g;
/** Where its value ends. */
const END = /[&#;\s"]|$/g;
/** Names of credentials, whatever stands between their letters. */
const LIKE_A_CREDENTIAL = /token|secret|passw|apikey|signature|assertion/i;

/** What is called like a credential is none that stage 2 took where no route, or another name, was asked for; but it may be one. */
function parametersIn(reading: string): Span[] {
  const spans: Span[] = [];
  for (const { 0: written, 1: name = '', index } of reading.matchAll(NAME)) {
    const start = index + written.length;
    if (start < (spans.at(-1)?.end ?? 0) || !LIKE_A_CREDENTIAL.test(name.replace(/[^a-z]/gi, ''))) continue;
    END.lastIndex = start;
    const end = END.exec(reading)?.index ?? start;
    if (end > start) spans.push({ start, end, shown: `(${end - start} characters)` });
  }
  return spans;
}
