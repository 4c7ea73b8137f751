import type { Identified, Scoped } from '../exchange.ts';
import type { Stage } from './stage.ts';

/**
 * Judges scopes and audience, for every request anew: a cached token that served one route may not serve the next
 * (CVE-2021-32701). Scopes are compared as whole tokens: all of the route's, of a nested list any. Denials: invalid_token
 * (wrong_audience), insufficient_scope.
 */
export function scope(): Stage<Identified, Scoped> {
  return {
    name: 'scope',
    run(exchange) {
      const { identity, route } = exchange;
      if (identity === null) return { ...exchange, scoped: true };
      const { scopes, audience } = identity.facts;
      if (route.audience.length > 0 && !route.audience.some((wanted) => audience.includes(wanted))) {
        // Whom the token is for is a claim, and claims are for no log or trace.
        const detail = `it is not for ${route.audience.join(' or ')}`;
        return { denial: 'invalid_token', fault: 'wrong_audience', detail, required: route.scopes.flat() };
      }
      const missing = route.scopes.filter((anyOf) => !anyOf.some((wanted) => scopes.includes(wanted)));
      if (missing.length > 0) return { denial: 'insufficient_scope', missing, required: route.scopes.flat() };
      return { ...exchange, scoped: true };
    },
  };
}
