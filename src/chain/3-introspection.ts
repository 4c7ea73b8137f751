import type { Denial, TokenFault } from '../denial.ts';
import type { Bearing, Identified, Identity } from '../exchange.ts';
import { factsFault } from '../oauth/facts.ts';
import { isJwt, serverOf } from '../oauth/token-form.ts';
import type { Answer, Introspect } from './ports.ts';
import type { Stage } from './stage.ts';

/**
 * Learns whose token it is: from its authorization server, or, where the route says so, from a JWT itself. Facts from the cache are
 * judged like fresh ones: expiry anew for every request. Denials: invalid_token, too_many_new_tokens, authorization_server_unavailable
 * (so the gateway fails closed).
 */
export function introspection(introspect: Introspect, now: () => number): Stage<Bearing, Identified> {
  return {
    name: 'introspection',
    run(exchange) {
      const { token, route } = exchange;
      if (token === null) return { ...exchange, identity: null };
      const { challenge, jwt_tokens, authorization_servers: servers } = route;
      // Passing an unverified token for none would fail open.
      if (servers.length === 0) throw new Error(`nobody to ask for the route ${route.name}`);
      const how = isJwt(token) ? jwt_tokens : 'introspect';
      const refuse = (fault: TokenFault, detail: string): Denial => ({
        denial: 'invalid_token',
        fault,
        detail,
        challenge,
      });
      if (how === 'refuse')
        return refuse('jwt_refused', 'it is a JWT, and the route says jwt_tokens: refuse');
      const server = serverOf(token, servers);
      if (!server) return refuse('wrong_issuer', 'it is from none of the route’s authorization servers');

      const settle = (answer: Answer): Identified | Denial => {
        if ('unavailable' in answer) {
          const { unavailable: detail, retry_after } = answer;
          return { denial: 'authorization_server_unavailable', detail, retry_after };
        }
        if ('throttled' in answer) {
          const { throttled: detail, retry_after } = answer;
          return { denial: 'too_many_new_tokens', detail, retry_after };
        }
        const fault = 'refused' in answer ? answer.refused : factsFault(answer.facts, now());
        if (fault !== null) return refuse(fault.fault, fault.detail);
        const identity = answer as Identity;
        return {
          ...exchange,
          identity: how === 'verify' ? { ...identity, verified_jwt: token } : identity,
        };
      };
      const answer = introspect({ server: server.name, token, how, received: exchange });
      return answer instanceof Promise ? answer.then(settle) : settle(answer);
    },
  };
}
