/** The order of the chain, written once: what every front needs to decide, and what serves a request that was permitted. */
import type { Denial } from '../denial.ts';
import type { Answered, Permitted, Received } from '../exchange.ts';
import { route } from './1-route.ts';
import { credential } from './2-credential.ts';
import { introspection } from './3-introspection.ts';
import { scope } from './4-scope.ts';
import { policy } from './5-policy.ts';
import { forward } from './6-forward.ts';
import type { Ports, Sink } from './ports.ts';
import { inOrder, type Observed, type Observer, andThen } from './stage.ts';

export type Chain = {
  /** Stages 1 to 5: may this caller do this? */
  readonly decide: Observed<Received, Permitted>;
  /** Stages 1 to 6: the same, and the upstream's answer into the sink. */
  readonly serve: (received: Received, sink: Sink, observer: Observer) => Promise<Answered | Denial>;
};

/** Puts the stages together. */
export function chain(ports: Ports): Chain {
  const decide = inOrder(
    route(ports.table),
    credential(),
    introspection(ports.introspect, ports.now),
    scope(ports.consumers, ports.now),
    policy(ports.policies, ports.ownNames),
  );
  const last = forward(ports.phantom, ports.send, ports.ownNames, ports.via);
  return {
    decide,
    serve: async (received, sink, observer) =>
      andThen(decide, (permitted: Permitted, watching: Observer) =>
        watching.stage('forward', () => last(permitted, sink)),
      )(received, observer),
  };
}
