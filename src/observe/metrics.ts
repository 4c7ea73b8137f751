/** What is counted. Labels are bounded: routes and reasons come from configuration and code, never from a request. */
import { type Attributes, metrics, type ObservableResult } from '@opentelemetry/api';
import { METRIC_HTTP_SERVER_REQUEST_DURATION } from '@opentelemetry/semantic-conventions';
import type { Answer } from '../chain/ports.ts';
import type { BreakerState } from '../oauth/breaker.ts';
import { ATTRIBUTE } from './attributes.ts';

type Request = {
  readonly method: string;
  readonly status: number;
  readonly route: string | undefined;
  readonly denial: string | undefined;
};

/** Duration of each request, by route and outcome. */
export function requestMetrics(): { request: (request: Request, seconds: number) => void } {
  const duration = metrics.getMeter('portcullis').createHistogram(METRIC_HTTP_SERVER_REQUEST_DURATION, {
    description: 'Duration of requests, from arrival to the end of the answer.',
    unit: 's',
    advice: {
      explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    },
  });
  return {
    request({ method, status, route, denial }, seconds) {
      const labels: Attributes = { [ATTRIBUTE.method]: method, [ATTRIBUTE.status]: status };
      if (route !== undefined) labels[ATTRIBUTE.route] = route;
      if (denial !== undefined) labels[ATTRIBUTE.denialReason] = denial;
      duration.record(seconds, labels);
    },
  };
}

/** How introspection was answered, and what the answer was. */
export function introspectionMetrics(): { answered: (answer: Answer) => void } {
  const answers = metrics.getMeter('portcullis').createCounter('portcullis.introspections', {
    description:
      'Answers of introspection, by how they were come by: from the cache, by a call, or by a call of another request.',
  });
  return {
    answered(answer) {
      answers.add(1, {
        [ATTRIBUTE.cache]: answer.cache,
        [ATTRIBUTE.authorizationServer]: answer.authorization_server,
        result: resultOf(answer),
      });
    },
  };
}

const BREAKER = { closed: 0, half_open: 1, open: 2 } as const;

/** Shows the state of each server's circuit breaker from now on; what is given back ends that. */
export function watchBreakers(
  servers: readonly { readonly name: string; readonly status: () => { readonly breaker: BreakerState } }[],
): () => void {
  const gauge = metrics
    .getMeter('portcullis')
    .createObservableGauge('portcullis.authorization_server.breaker', {
      description:
        'Circuit breaker of an authorization server: 0 closed, 1 half open (one call tries it), 2 open (it is left alone).',
    });
  const read = (result: ObservableResult): void => {
    for (const { name, status } of servers)
      result.observe(BREAKER[status().breaker], { [ATTRIBUTE.authorizationServer]: name });
  };
  gauge.addCallback(read);
  return () => gauge.removeCallback(read);
}

function resultOf(answer: Answer): string {
  if ('facts' in answer) return 'active';
  if ('refused' in answer) return 'refused';
  return 'throttled' in answer ? 'throttled' : 'unavailable';
}
