/**
 * What must not compile. `tsc` checks this file and nobody runs it: each `@ts-expect-error` is an error of its own where the line
 * below it compiles.
 */
import { route } from '../../src/chain/1-route.ts';
import { credential } from '../../src/chain/2-credential.ts';
import { introspection } from '../../src/chain/3-introspection.ts';
import { scope } from '../../src/chain/4-scope.ts';
import { policy } from '../../src/chain/5-policy.ts';
import { forward } from '../../src/chain/6-forward.ts';
import type { Ports, Sink } from '../../src/chain/ports.ts';
import { inOrder, type Observed, type Stage } from '../../src/chain/stage.ts';
import type { Denial, Reason } from '../../src/denial.ts';
import type { Bearing, Permitted, Received, Routed, Scoped } from '../../src/exchange.ts';

declare const ports: Ports;
declare const sink: Sink;
declare const received: Received;
declare const routed: Routed;
declare const scoped: Scoped;

const first = route(ports.table);
const second = credential();
const third = introspection(ports.introspect, ports.now);
const fourth = scope(ports.consumers, ports.now);
const fifth = policy(ports.policies, ports.ownNames);
const last = forward(ports.phantom, ports.send, ports.ownNames, ports.via);

// The one order that compiles.
inOrder(first, second, third, fourth, fifth) satisfies Observed<Received, Permitted>;

// Two neighbours in the wrong order, all along the chain.
// @ts-expect-error -- a credential before its route
inOrder(second, first, third, fourth, fifth);
// @ts-expect-error -- introspection before there is a token
inOrder(first, third, second, fourth, fifth);
// @ts-expect-error -- scopes before it is known whose token it is
inOrder(first, second, fourth, third, fifth);
// @ts-expect-error -- the policy before the scopes
inOrder(first, second, third, fifth, fourth);

// A stage left out, another one standing twice to fill its place.
// @ts-expect-error -- no credential
inOrder(first, first, third, fourth, fifth);
// @ts-expect-error -- no introspection
inOrder(first, second, second, fourth, fifth);
// @ts-expect-error -- no scopes
inOrder(first, second, third, third, fifth);
// @ts-expect-error -- no policy: what comes out is not permitted
inOrder(first, second, third, fourth, fourth) satisfies Observed<Received, Permitted>;
// @ts-expect-error -- one stage too few
inOrder(first, second, third, fourth);

// A stage, or the last step, with an exchange that is not far enough.
// @ts-expect-error -- it has no route yet
void second.run(received);
// @ts-expect-error -- no token was looked for
void third.run(routed);
// @ts-expect-error -- no policy has let it pass
void last(scoped, sink);

// `run` is a property: a method's parameters would be bivariant, and this would compile.
// @ts-expect-error -- a stage that needs more than it is given
second satisfies Stage<Received, Bearing>;

// A stage gives a richer exchange or a denial, and changes nothing in place.
// @ts-expect-error -- it learns the token and does not say so
({ name: 'credential', run: (exchange) => exchange }) satisfies Stage<Routed, Bearing>;
// @ts-expect-error -- no such reason
({ denial: 'because' }) satisfies Denial;
const challenge = { scopes: [], resource_metadata: null };
// @ts-expect-error -- a refused token without its fault
({ denial: 'invalid_token', detail: '', challenge }) satisfies Denial;
// @ts-expect-error -- exchanges are readonly
routed.route = scoped.route;

/** Every reason has its case, so that this compiles without a default. */
export function complete(reason: Reason): true {
  switch (reason) {
    case 'malformed_request':
    case 'ambiguous_path':
    case 'uri_too_long':
    case 'header_fields_too_large':
    case 'content_too_large':
    case 'request_timeout':
    case 'expectation_failed':
    case 'method_not_allowed':
    case 'upgrade_not_served':
    case 'too_many_connections':
    case 'too_many_connections_of_address':
    case 'no_route':
    case 'cross_origin_refused':
    case 'credential_missing':
    case 'credential_not_bearer':
    case 'credential_ambiguous':
    case 'invalid_token':
    case 'insufficient_scope':
    case 'insufficient_claims':
    case 'insufficient_user_authentication':
    case 'consumer_unknown':
    case 'too_many_new_tokens':
    case 'authorization_server_unavailable':
    case 'phantom_unavailable':
    case 'policy_denied':
    case 'policy_unavailable':
    case 'policy_error':
    case 'policy_timeout':
    case 'unrepresentable_claim':
    case 'loop_detected':
    case 'upstream_busy':
    case 'upstream_unreachable':
    case 'upstream_malformed':
    case 'upstream_timeout':
    case 'client_gone':
    case 'internal_error':
      return true;
  }
}

/** One that misses a reason falls out of the switch without an answer. */
// @ts-expect-error -- client_gone has no case
export function incomplete(reason: Extract<Reason, 'no_route' | 'client_gone'>): true {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the linter sees it too
  switch (reason) {
    case 'no_route':
      return true;
  }
}
