import type { Denial } from '../denial.ts';
import type { Bearing, Identified, Identity } from '../exchange.ts';
import { factsFault } from '../oauth/facts.ts';
import type { Answer, Introspect } from './ports.ts';
import type { Stage } from './stage.ts';

/**
 * Learns from the authorization server whose token it is. Facts from the cache are judged like fresh ones: expiry anew for every
 * request. Denials: invalid_token, authorization_server_unavailable (so the gateway fails closed).
 */
export function introspection(introspect: Introspect, now: () => number): Stage<Bearing, Identified> {
  return {
    name: 'introspection',
    run(exchange) {
      const { token, route } = exchange;
      if (token === null) return { ...exchange, identity: null };
      // Passing an unverified token for none would fail open.
      if (route.authorization_server === null) throw new Error(`nobody to ask for the route ${route.name}`);
      const settle = (answer: Answer): Identified | Denial => {
        if ('unavailable' in answer)
          return { denial: 'authorization_server_unavailable', detail: answer.unavailable };
        const fault = 'refused' in answer ? answer.refused : factsFault(answer.facts, now());
        if (fault === null) return { ...exchange, identity: answer as Identity };
        return { denial: 'invalid_token', ...fault, required: route.scopes.flat() };
      };
      const answer = introspect(route.authorization_server, token);
      return answer instanceof Promise ? answer.then(settle) : settle(answer);
    },
  };
}
