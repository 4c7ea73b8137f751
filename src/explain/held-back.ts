/** What stands between the chain and the network while a request is explained: nothing goes upstream, and what servers say is heard. */
import type { Answer, Introspect, Send, UpstreamRequest } from '../chain/ports.ts';

/** Stands in for the upstreams: keeps what it is given to send, and sends nothing. */
export function heldBack(): { readonly send: Send; readonly held: () => UpstreamRequest | null } {
  let kept: UpstreamRequest | null = null;
  return {
    send: async (request) => {
      kept = request;
      return { status: 200, aborted: false };
    },
    held: () => kept,
  };
}

/** Hears what authorization servers say: the chain drops it when it refuses the token, since claims are for no log or trace. */
export function overheard(): {
  readonly overhear: (introspect: Introspect) => Introspect;
  /** The last answer; null before there is one. */
  readonly heard: () => Answer | null;
} {
  let kept: Answer | null = null;
  const keep = (answer: Answer): Answer => (kept = answer);
  return {
    overhear: (introspect) => (question) => {
      const answer = introspect(question);
      return answer instanceof Promise ? answer.then(keep) : keep(answer);
    },
    heard: () => kept,
  };
}

/** What an answer said of the token, good or not; null where it said nothing. */
export function claimsIn(answer: Answer | null): Readonly<Record<string, unknown>> | null {
  if (answer === null) return null;
  if ('facts' in answer) return answer.facts.claims;
  return ('refused' in answer && answer.refused.claims) || null;
}
