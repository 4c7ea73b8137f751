/** What can be told of a token by its form alone, before anyone vouches for it. */
import type { Candidate } from '../config/route.ts';

/**
 * Has it the three parts of a signed JWT, or the five of an encrypted one (RFC 7515 section 7.1, RFC 7516 section 7.1)? Whatever they are
 * made of: what a server may take for a JWT must not pass for opaque on a route that refuses or verifies JWTs.
 */
export const isJwt = (token: string): boolean => /^[^.]*\.[^.]*\.[^.]*(?:\.[^.]*\.[^.]*)?$/.test(token);

/** RFC 6750 section 2.1: the scheme, one or more spaces, a b64token. */
const BEARER = /^bearer +(?<token>[A-Za-z0-9\-._~+/]+=*)$/i;
const PERHAPS_BEARER = /^(?:bearer +)?(?<token>[A-Za-z0-9\-._~+/]+=*)$/i;
const BARE = /^(?<token>[A-Za-z0-9\-._~+/]+=*)$/;
/** Beside these, no server's opaque tokens come near 4 KiB. */
const LONGEST_JWT_BYTES = 65_536;
const LONGEST_OPAQUE_BYTES = 4_096;

/**
 * The token in a credential as it was written. In Authorization the scheme is needed; in a header of another name some clients write it
 * all the same; elsewhere there is none.
 */
export function readToken(
  written: string,
  scheme: 'needed' | 'tolerated' | 'none',
): string | { readonly malformed: string } {
  const syntax = { needed: BEARER, tolerated: PERHAPS_BEARER, none: BARE }[scheme];
  const token = syntax.exec(written)?.groups?.['token'];
  if (token === undefined) return { malformed: 'it has characters that a bearer token cannot have' };
  if (isMisspelt(token)) return { malformed: 'it is a JWT, and not as a JWT is written' };
  const longest = isJwt(token) ? LONGEST_JWT_BYTES : LONGEST_OPAQUE_BYTES;
  return token.length > longest ? { malformed: 'it is too long' } : token;
}

/** The same, of base64url alone, and with what has to be there. */
const COMPACT = /^[\w-]+\.(?:[\w-]*\.[\w-]+\.[\w-]*\.[\w-]+|[\w-]+\.[\w-]*)$/;

/**
 * Some servers read over what does not belong to a JWT: with dots or `=` after it, or in plain base64, it is the same one to Keycloak. To
 * us it would be another token, opaque perhaps, and known to the cache under another key.
 */
function isMisspelt(token: string): boolean {
  const [header = '', , ...rest] = token.split('.');
  return rest.length > 0 && !COMPACT.test(token) && jwtPart(header) !== null;
}

/** The object of JSON that a part of a JWT is; null when it is none. */
export function jwtPart(part: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/**
 * Which of a route's authorization servers a token is from; null when it can be none of theirs. A JWT's `iss` is not verified here: it
 * only says who is to be asked. Opaque tokens go by `token_prefix`, the longest that fits; the only server without one has the rest.
 */
export function serverOf(token: string, candidates: readonly Candidate[]): Candidate | null {
  const [first, ...others] = candidates;
  if (others.length === 0) return first ?? null;
  const issuer = isJwt(token) ? issuerOf(token) : null;
  if (issuer !== null) return candidates.find(({ issuers }) => issuers.includes(issuer)) ?? null;
  const prefixed = candidates
    .filter(({ token_prefix }) => token_prefix !== null && token.startsWith(token_prefix))
    .toSorted((a, b) => (b.token_prefix?.length ?? 0) - (a.token_prefix?.length ?? 0));
  const rest = candidates.filter(({ token_prefix }) => token_prefix === null);
  return prefixed[0] ?? (rest.length === 1 ? (rest[0] as Candidate) : null);
}

function issuerOf(jwt: string): string | null {
  const iss = jwtPart(jwt.split('.')[1] ?? '')?.['iss'];
  return typeof iss === 'string' ? iss : null;
}
