/**
 * What an authorization server says of a token, in one shape whatever the answer's form. Facts, never decisions: scope, audience
 * and policy are judged per request, and `factsFault` is asked again on every cache hit.
 */
import type { TokenFault } from '../denial.ts';
import { foreignClaim, isBound } from './token-kind.ts';

/** An active token. Times are seconds since the epoch (RFC 7519 section 2). */
export type Facts = {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly scopes: readonly string[];
  readonly audience: readonly string[];
  readonly issuer: string | null;
  readonly client_id: string | null;
  readonly token_type: string;
  readonly expires_at: number | null;
  readonly not_before: number | null;
  /** What the token may be used for, in detail (RFC 9396): each has a string `type`. Null when it does not say. */
  readonly authorization_details: readonly Readonly<Record<string, unknown>>[] | null;
  /** The authorization server's own JWT for the API; null when the answer carried none. Never an RFC 9701 response. */
  readonly jwt: string | null;
};

/** Why a token is not good: the server's word or its own claims. */
export type FactsFault = {
  readonly fault: TokenFault;
  readonly detail: string;
  /** What the answer said, for `portcullis explain` alone: no denial, log, span or cache has it. */
  readonly claims?: Readonly<Record<string, unknown>>;
};

/** The server's own word. */
export const INACTIVE: FactsFault = {
  fault: 'inactive',
  detail: 'the authorization server says that it is not active',
};

/** An answer that breaks its own form: nothing can be said of the token (503, never cached). */
export class AnswerError extends Error {}

/** Clocks differ by a little: `nbf` and `iat` are read with this much leeway, `exp` with none. */
const LEEWAY_SECONDS = 5;

/** Deeper claims would exhaust the stack of whoever writes them out again. */
const DEEPEST_CLAIM = 64;

/**
 * Reads the claims of an active answer. Throws AnswerError when a registered claim is not what its RFC says it is.
 * `issuers` are what `iss` may be; an absent `iss` is accepted unless `issRequired`.
 */
export function readFacts(
  claims: Readonly<Record<string, unknown>>,
  { issuers, issRequired, jwt }: { issuers: readonly string[]; issRequired: boolean; jwt: string | null },
): Facts | FactsFault {
  // Some servers sign the members of RFC 7662 as they are, so that a JWT says it too.
  const { active = true } = claims;
  if (typeof active !== 'boolean') throw new AnswerError('active is not a boolean');
  if (!active) return INACTIVE;
  if (isDeep(claims)) throw new AnswerError(`its claims are nested deeper than ${DEEPEST_CLAIM}`);
  text(claims, 'sub');
  const token_type = text(claims, 'token_type') ?? 'Bearer';
  const foreign = foreignClaim(claims);
  if (foreign !== undefined)
    return { fault: 'not_an_access_token', detail: `its ${foreign} says that it is no access token`, claims };
  const iss = text(claims, 'iss');
  if (iss === null && issRequired) throw new AnswerError('the JWT has no iss');
  if (iss !== null && !issuers.includes(iss))
    return { fault: 'wrong_issuer', detail: 'the token is from another issuer', claims };
  return {
    claims,
    scopes: names(claims, 'scope') ?? names(claims, 'scp') ?? [],
    audience: texts(claims, 'aud'),
    issuer: iss,
    // Keycloak's access tokens have it as the authorized party (OpenID Connect Core section 2) only.
    client_id: text(claims, 'client_id') ?? text(claims, 'azp'),
    token_type,
    expires_at: seconds(claims, 'exp'),
    not_before: laterOf(seconds(claims, 'nbf'), seconds(claims, 'iat')),
    authorization_details: details(claims),
    jwt,
  };
}

/** Is the token good at this moment (milliseconds since the epoch)? Null when it is. */
export function factsFault(facts: Facts, now: number): FactsFault | null {
  const at = now / 1_000;
  if (facts.expires_at !== null && at >= facts.expires_at)
    return { fault: 'expired', detail: 'its exp is past' };
  if (facts.not_before !== null && at + LEEWAY_SECONDS < facts.not_before)
    return { fault: 'not_yet_valid', detail: 'its nbf or iat is to come' };
  // Proof of possession is not verified here. RFC 9449 section 6.2 says in two members that there has to be one.
  if (isBound(facts.claims))
    return {
      fault: 'sender_constrained',
      detail: 'it is bound to a key whose proof this route does not verify',
    };
  return null;
}

function text(claims: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = claims[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw new AnswerError(`${name} is not a string`);
  return value;
}

function texts(claims: Readonly<Record<string, unknown>>, name: string): readonly string[] {
  const value = claims[name];
  if (value === undefined || value === null) return [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (!list.every((item) => typeof item === 'string'))
    throw new AnswerError(`${name} is neither a string nor a list of them`);
  return list;
}

/** Scope names, from `a b` or `["a", "b"]`; null when the claim is absent. */
function names(claims: Readonly<Record<string, unknown>>, claim: string): readonly string[] | null {
  const value = claims[claim];
  if (value === undefined || value === null) return null;
  return texts(claims, claim)
    .flatMap((item) => item.split(' '))
    .filter((name) => name !== '');
}

function details(claims: Readonly<Record<string, unknown>>): Facts['authorization_details'] {
  const value = claims['authorization_details'];
  if (value === undefined || value === null) return null;
  // RFC 9396 section 2: without its type a detail says nothing, and a policy would read it as it likes.
  const isDetail = (item: unknown): item is Readonly<Record<string, unknown>> =>
    typeof (item as { type?: unknown } | null)?.type === 'string';
  if (!Array.isArray(value) || !value.every(isDetail))
    throw new AnswerError('authorization_details is not a list of objects with a type');
  return value;
}

/** The last second of the year 9999, beyond which a clock is no clock. */
export const LAST_SECOND = 253_402_300_799;

/** A NumericDate. */
function seconds(claims: Readonly<Record<string, unknown>>, name: string): number | null {
  const value = claims[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || !(value >= 0 && value <= LAST_SECOND))
    throw new AnswerError(`${name} is not a sane number of seconds`);
  return value;
}

const laterOf = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.max(a, b);

function isDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= DEEPEST_CLAIM; depth++) {
    level = level.flatMap((item) =>
      typeof item === 'object' && item !== null ? (Object.values(item) as unknown[]) : [],
    );
    if (level.length === 0) return false;
  }
  return true;
}
