/** What a route requires of a token's claims, judged for every request anew: facts from a cache age, and the next route asks for more. */
import type { Route } from '../config/route.ts';
import { claimAt } from './claim.ts';
import type { Facts } from './facts.ts';

/** As for `iat`: clocks differ by a little. */
const LEEWAY_MS = 5_000;

/**
 * The claims that are not as required, as the configuration names them: absent, there although they must not be, or of another value.
 * Values compare by type and letter: `"1"` is not 1, no object is any value, and of a list one member must fit.
 */
export const unmetClaims = ({ claims }: Facts, required: Route['required_claims']): string[] =>
  required
    .filter(({ path, anyOf, present }) => {
      const value = claimAt(claims, path);
      if (value === undefined || !present) return present === (value === undefined);
      const said: readonly unknown[] = Array.isArray(value) ? value : [value];
      return anyOf !== null && !anyOf.some((wanted) => said.includes(wanted));
    })
    .map(({ claim }) => claim);

/**
 * Why the user must log in better or anew (RFC 9470), without a word of the claims; null when that is not so. `now` in milliseconds since
 * the epoch. What does not say how or when the user logged in does not suffice, nor does a time to come.
 */
export function stepUpFault({ claims }: Facts, { acr, max_age }: StepUp, now: number): string | null {
  if (acr.length > 0 && !acr.some((wanted) => claimAt(claims, ['acr']) === wanted))
    return `its acr is not ${acr.join(' or ')}`;
  if (max_age === null) return null;
  const loggedIn = claimAt(claims, ['auth_time']);
  if (typeof loggedIn !== 'number') return 'its auth_time is absent, or no time';
  const age = now - loggedIn * 1_000;
  if (age < -LEEWAY_MS) return 'its auth_time is to come';
  return age <= max_age ? null : `its auth_time is longer ago than ${max_age / 1_000} s`;
}

type StepUp = NonNullable<Route['step_up']>;
