/**
 * The path that an upstream gets where it is not the client's: a prefix stripped, or a rewrite by pattern. Both work on the canonical
 * path while it is encoded, segment by segment, so that nothing is decoded, normalised or encoded again after it was judged
 * (CVE-2026-48020: Traefik stripped a prefix first and normalised then).
 */
import { parsePattern, PatternError } from './path-pattern.ts';
import { type Ambiguity, canonicalise, type TargetFault } from './target.ts';

/** What a route says of the paths that its upstream gets. At most one of the two. */
export type Rewriting = {
  /** Beginning that the upstream does not get, such as `/api`. */
  readonly strip_prefix: string | false;
  /** A pattern in the route's own notation, such as `/v2/users/{id}` or `/files/**`. */
  readonly rewrite: string | false;
};

/** Gives the upstream's path for a canonical path that the pattern matched, or why there is none. */
export type Rewrite = (path: string) => string | TargetFault;

/**
 * Compiles what a route does to the paths of one of its patterns; null where the upstream gets them as they are. `allowed` are the
 * ambiguous forms that the route admits. The settings must be valid (`rewriteFault`).
 */
export function compileRewrite(
  { strip_prefix, rewrite }: Rewriting,
  pattern: string,
  allowed: readonly Ambiguity[],
): Rewrite | null {
  if (strip_prefix !== false) {
    const count = parsePattern(strip_prefix).length;
    return (path) => judged(after(path, count), allowed);
  }
  if (rewrite === false) return null;
  const matched = parsePattern(pattern);
  const pieces = parsePattern(rewrite).map(({ kind, text }): string | number =>
    kind === 'literal' ? text : matched.findIndex((part) => part.kind === kind && part.text === text),
  );
  // What `/**` matched may be no segment at all, or many: it ends the path as it ended the client's.
  const rest = parsePattern(rewrite).at(-1)?.kind === 'rest' ? (pieces.pop() as number) : null;
  return (path) => {
    const segments = path.split('/');
    let made = '';
    for (const piece of pieces) made += `/${typeof piece === 'string' ? piece : segments[piece + 1]}`;
    return judged(rest === null ? made : made + after(path, rest), allowed);
  };
}

/** What follows the first `count` segments of a path: empty, or it begins with a slash. */
function after(path: string, count: number): string {
  let at = 0;
  for (let i = 0; i < count; i++) {
    at = path.indexOf('/', at + 1);
    if (at < 0) return '';
  }
  return path.slice(at);
}

/** The path made, if it is as canonical and as plain as the one it was made of; an empty one is `/`. */
function judged(made: string, allowed: readonly Ambiguity[]): string | TargetFault {
  const path = made === '' ? '/' : made;
  // A reader may take what follows for a host, whatever the route admits (CVE-2026-26205); of `/%2F`, one that decodes first.
  if (path.startsWith('//') || path.startsWith('/%2F'))
    return { fault: 'ambiguous', why: 'the path for the upstream starts with //' };
  const again = canonicalise(path);
  if ('fault' in again) return again;
  if (again.path !== path) return { fault: 'malformed', why: 'the path for the upstream is not canonical' };
  const refused = again.ambiguities.find((form) => !allowed.includes(form));
  return refused === undefined
    ? path
    : { fault: 'ambiguous', why: `the path for the upstream has ${refused}` };
}

/** The prefix that was stripped of a path to give the upstream's: `/api` of `/api/a` to give `/a`, and of `/api` to give `/`. */
export const strippedPrefix = (path: string, upstreamPath: string): string =>
  path.endsWith(upstreamPath) ? path.slice(0, -upstreamPath.length) : path;

/** Why a route with this valid pattern cannot say this of its upstream's paths, or null. */
export function rewriteFault({ strip_prefix, rewrite }: Rewriting, pattern: string): string | null {
  if (strip_prefix !== false && rewrite !== false)
    return 'strip_prefix and rewrite exclude each other: a rewrite leaves the prefix out by itself';
  try {
    if (strip_prefix !== false) return stripFault(strip_prefix, pattern);
    return rewrite === false ? null : patternFault(rewrite, pattern);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return error.message;
  }
}

function stripFault(prefix: string, pattern: string): string | null {
  const stripped = parsePattern(prefix);
  if (stripped.length === 0 || stripped.some(({ kind, text }) => kind !== 'literal' || text === ''))
    return 'expected literal segments such as /api, without a slash at their end';
  const matched = parsePattern(pattern);
  const begins = stripped.every(
    ({ text }, index) => matched[index]?.kind === 'literal' && matched[index].text === text,
  );
  return begins ? null : `${pattern} does not begin with ${prefix}`;
}

function patternFault(rewrite: string, pattern: string): string | null {
  const matched = parsePattern(pattern);
  for (const { kind, text } of parsePattern(rewrite)) {
    if (kind === 'literal' || matched.some((part) => part.kind === kind && part.text === text)) continue;
    return kind === 'rest' ? `${pattern} has no /** to take it from` : `${pattern} has no {${text}}`;
  }
  return null;
}
