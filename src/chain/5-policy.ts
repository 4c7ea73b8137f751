import type { Permitted, PolicyDecision, Scoped } from '../exchange.ts';
import { type Decision, DecisionError, readDecision } from '../policy/decision.ts';
import type { Policies } from '../policy/engine.ts';
import { policyInput } from '../policy/input.ts';
import type { Stage } from './stage.ts';

/**
 * Lets the route's Rego entrypoint decide, in process. Denials: policy_denied, policy_unavailable (no bundle, or none with this
 * entrypoint), policy_error (an evaluation that failed, or a decision that is none).
 */
export function policy(
  inForce: () => Policies | null,
  ownNames: ReadonlySet<string>,
): Stage<Scoped, Permitted> {
  const inputOf = policyInput(ownNames);
  return {
    name: 'policy',
    run(exchange) {
      const { route } = exchange;
      const entrypoint = route.policy;
      if (entrypoint === null) return { ...exchange, decision: null };
      const policies = inForce();
      if (!policies) return { denial: 'policy_unavailable', detail: 'no policy bundle is in force' };
      if (!policies.entrypoints.has(entrypoint))
        return { denial: 'policy_unavailable', detail: `the bundle has no entrypoint ${entrypoint}` };
      let decision: Decision;
      try {
        decision = readDecision(policies.evaluate(entrypoint, inputOf(exchange)), route.policy_headers);
      } catch (error) {
        if (!(error instanceof DecisionError)) throw error;
        return { denial: 'policy_error', entrypoint, detail: error.message };
      }
      const { revision } = policies;
      const made: PolicyDecision = { ...decision, entrypoint, revision };
      if (decision.allow) return { ...exchange, decision: made };
      const { undefined: none, reason, status, message, body, fields } = decision;
      return {
        denial: 'policy_denied',
        entrypoint,
        revision,
        undefined: none,
        reason,
        status,
        message,
        body,
        fields,
        anonymous: exchange.identity === null,
        challenge: route.challenge,
      };
    },
  };
}
