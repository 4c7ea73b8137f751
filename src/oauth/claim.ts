/** Claims by name or, where they are nested, by JSON Pointer (RFC 6901): `sub`, `/realm_access/roles`, `/groups/0`. */

/** The member names and indexes that lead to a claim. */
export type ClaimPath = readonly string[];

/** Reads a claim's name as configuration writes it: one that begins with `/` is a JSON Pointer, any other the name itself, dots and all. */
export const claimPath = (written: string): ClaimPath =>
  written.startsWith('/')
    ? written
        .slice(1)
        .split('/')
        // In this order: `~01` is `~1`, and no slash (RFC 6901 section 4).
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    : [written];

/** What is wrong with a claim's name as configuration writes it; null when nothing is. */
export function claimPathFault(written: string): string | null {
  if (/^\/*$/.test(written)) return 'names no claim';
  // RFC 6901 section 3: `~` begins an escape, and there are two of them.
  return written.startsWith('/') && /~(?![01])/.test(written)
    ? 'expected a JSON Pointer (RFC 6901), where ~0 stands for ~ and ~1 for / within a name'
    : null;
}

/** Of a list's own members: its length is one too, and no claim. */
const INDEX = /^\d+$/;

/** The claim's value; undefined where it is absent or null. Only own members lead to it, and of a list its indexes. */
export function claimAt(claims: Readonly<Record<string, unknown>>, path: ClaimPath): unknown {
  let value: unknown = claims;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    if (Array.isArray(value) && !INDEX.test(name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value ?? undefined;
}
