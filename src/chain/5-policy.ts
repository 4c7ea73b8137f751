import type { Denial } from '../denial.ts';
import type { Permitted, Scoped } from '../exchange.ts';
import { EvaluationStopped } from '../policy/confinement.ts';
import { DecisionError, readDecision } from '../policy/decision.ts';
import { EvaluationError } from '../policy/engine.ts';
import { policyInput } from '../policy/input.ts';
import type { Policies } from '../policy/policies.ts';
import type { Result, Stage } from './stage.ts';

/**
 * Lets the route's Rego entrypoint decide: in process, or in a thread of its own where the route sets `policy_timeout`. Denials:
 * policy_denied, policy_unavailable (no bundle, or none with this entrypoint), policy_error (an evaluation that failed, or a decision
 * that is none), policy_timeout.
 */
export function policy(
  inForce: () => Policies | null,
  ownNames: ReadonlySet<string>,
): Stage<Scoped, Permitted> {
  const inputOf = policyInput(ownNames);
  return {
    name: 'policy',
    run(exchange): Result<Permitted> {
      const { policy: entrypoint, policy_timeout: timeout } = exchange.route;
      if (entrypoint === null) return { ...exchange, decision: null };
      const policies = inForce();
      if (!policies) return { denial: 'policy_unavailable', detail: 'no policy bundle is in force' };
      if (!policies.entrypoints.has(entrypoint))
        return { denial: 'policy_unavailable', detail: `the bundle has no entrypoint ${entrypoint}` };
      const { revision } = policies;
      const input = inputOf(exchange);
      if (timeout !== null)
        return policies.evaluateWithin(timeout, entrypoint, input).then(
          (result) => judged(exchange, entrypoint, revision, () => result),
          (error: unknown) => failed(entrypoint, revision, error),
        );
      return judged(exchange, entrypoint, revision, () => policies.evaluate(entrypoint, input));
    },
  };
}

function judged(
  exchange: Scoped,
  entrypoint: string,
  revision: string,
  evaluate: () => unknown,
): Permitted | Denial {
  const { route } = exchange;
  try {
    const decision = readDecision(evaluate(), route.policy_headers);
    if (decision.allow) return { ...exchange, decision: { ...decision, entrypoint, revision } };
    const { undefined: none, reason, status, message, body, fields } = decision;
    const said = { undefined: none, reason, status, message, body, fields };
    const anonymous = exchange.identity === null;
    return { denial: 'policy_denied', entrypoint, revision, ...said, anonymous, challenge: route.challenge };
  } catch (error) {
    return failed(entrypoint, revision, error);
  }
}

function failed(entrypoint: string, revision: string, error: unknown): Denial {
  if (error instanceof EvaluationStopped)
    return { denial: 'policy_timeout', entrypoint, revision, detail: error.message };
  if (error instanceof DecisionError || error instanceof EvaluationError)
    return { denial: 'policy_error', entrypoint, revision, detail: error.message };
  throw error;
}
