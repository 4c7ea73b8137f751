import type { Consumer } from '../config/consumer.ts';
import type { Identified, Scoped } from '../exchange.ts';
import { claimAt } from '../oauth/claim.ts';
import { consumerIndex } from '../oauth/consumers.ts';
import { stepUpFault, unmetClaims } from '../oauth/requirements.ts';
import type { Stage } from './stage.ts';

/**
 * Judges what the route requires of a token, for every request anew: a cached token that served one route may not serve the next
 * (CVE-2021-32701), and a login grows old while it is cached. Scopes are compared as whole tokens: all of the route's, of a nested list
 * any. Finds the consumer that calls; for a caller without a token, the anonymous one. Denials: invalid_token (wrong_audience),
 * insufficient_scope, insufficient_claims, insufficient_user_authentication, consumer_unknown.
 */
export function scope(consumers: readonly Consumer[], now: () => number): Stage<Identified, Scoped> {
  const find = consumerIndex(consumers);
  return {
    name: 'scope',
    run(exchange) {
      const { identity, route } = exchange;
      if (identity === null) return { ...exchange, consumer: route.anonymous };
      const { facts, authorization_server: server } = identity;
      const { challenge, step_up, consumer: sought } = route;
      if (route.audience.length > 0 && !route.audience.some((wanted) => facts.audience.includes(wanted))) {
        // Whom the token is for is a claim, and claims are for no log or trace.
        const detail = `it is not for ${route.audience.join(' or ')}`;
        return { denial: 'invalid_token', fault: 'wrong_audience', detail, challenge };
      }
      const missing = route.scopes.filter((anyOf) => !anyOf.some((wanted) => facts.scopes.includes(wanted)));
      if (missing.length > 0) return { denial: 'insufficient_scope', missing, challenge };
      const unmet = unmetClaims(facts, route.required_claims);
      if (unmet.length > 0) return { denial: 'insufficient_claims', missing: unmet };
      const detail = step_up && stepUpFault(facts, step_up, now());
      if (step_up && detail !== null)
        return { denial: 'insufficient_user_authentication', detail, ...step_up, challenge };
      if (sought === null) return { ...exchange, consumer: null };
      const consumer = find(server, sought.by, claimAt(facts.claims, sought.path));
      if (consumer === null && sought.required)
        return {
          denial: 'consumer_unknown',
          detail: `no consumer has what the claim ${sought.claim} says as its ${sought.by}`,
        };
      return { ...exchange, consumer };
    },
  };
}
