/**
 * What is seen of a request from outside: one trace with a span for each stage, its metrics, and a line in the log when it is refused.
 * The decision to sample is made when the request arrives; an unsampled one makes no child spans.
 */
import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import type { Observer, Result, StageName } from '../chain/stage.ts';
import { type Denial, explanation, isDenial, refusal } from '../denial.ts';
import type { Answered, Permitted, Received } from '../exchange.ts';
import { field, type Fields } from '../http/headers.ts';
import { ATTRIBUTE, denialAttributes, exchangeAttributes } from './attributes.ts';
import type { DecisionLog } from './decision-log.ts';
import { requestMetrics } from './metrics.ts';

/** What is known of a request when its observation begins. */
export type Arrival = {
  readonly id: string;
  readonly method: string;
  readonly scheme: 'http' | 'https';
  readonly fields: Fields;
  /** Does it come from a trusted proxy? */
  readonly trusted: boolean;
};

/** Watches one request from arrival to answer. */
export type Watch = Observer & {
  readonly traceId: string;
  /** Runs the chain inside the request's trace. */
  readonly within: <T>(run: () => T) => T;
  /** The last word: exactly once. */
  readonly end: (outcome: Answered | Denial) => void;
};

/** Starts watching a request that arrives. */
export type Observe = (arrival: Arrival) => Watch;

const getter: TextMapGetter<Fields> = {
  get: (fields, name) => field(fields, name),
  keys: (fields) => fields.filter((_, index) => index % 2 === 0),
};

/**
 * Makes the observation of all requests. `trust` says whose traceparent is continued; another caller's becomes a link of a new trace.
 * `now` gives milliseconds since the epoch.
 */
export function observation(
  log: DecisionLog,
  { trust, now }: { trust: 'trusted_proxies' | 'all' | 'none'; now: () => number },
): Observe {
  const tracer = trace.getTracer('portcullis');
  const metrics = requestMetrics();

  return (arrival) => {
    const started = now();
    const incoming = propagation.extract(ROOT_CONTEXT, arrival.fields, getter);
    const continued = trust === 'all' || (trust === 'trusted_proxies' && arrival.trusted);
    const parent = continued ? incoming : ROOT_CONTEXT;
    const span = startServerSpan(
      tracer,
      arrival,
      parent,
      continued ? undefined : trace.getSpanContext(incoming),
    );
    const base = trace.setSpan(parent, span);
    const { traceId } = span.spanContext();
    let reached: Partial<Permitted> & Pick<Received, 'id' | 'method'> = arrival;
    let stage: StageName | null = null;

    const note = (name: StageName, result: object): void => {
      stage = name;
      if (!isDenial(result) && name !== 'forward') reached = result as typeof reached;
      if (name === 'route' && reached.pattern !== undefined && span.isRecording()) {
        span.updateName(`${arrival.method} ${reached.pattern}`);
        span.setAttributes({
          [ATTRIBUTE.httpRoute]: reached.pattern,
          [ATTRIBUTE.route]: reached.route?.name,
        });
      }
    };

    const unsampled = <Out extends object>(name: StageName, run: () => Result<Out>): Result<Out> => {
      const result = run();
      if (!(result instanceof Promise)) {
        note(name, result);
        return result;
      }
      return result.then((settled) => {
        note(name, settled);
        return settled;
      });
    };

    const sampled = <Out extends object>(name: StageName, run: () => Result<Out>): Result<Out> => {
      const child = tracer.startSpan(`portcullis.${name}`, {}, base);
      const finish = (result: Out | Denial): Out | Denial => {
        note(name, result);
        if (isDenial(result)) child.setAttributes(denialAttributes(result));
        else child.setAttributes(exchangeAttributes(name, reached));
        if (isDenial(result) && refusal(result).status >= 500)
          child.setStatus({ code: SpanStatusCode.ERROR });
        child.end();
        return result;
      };
      const fail = (error: unknown): never => {
        child.setStatus({ code: SpanStatusCode.ERROR });
        child.end();
        throw error;
      };
      try {
        const result = context.with(trace.setSpan(base, child), run);
        return result instanceof Promise ? result.then(finish, fail) : finish(result);
      } catch (error) {
        return fail(error);
      }
    };

    return {
      traceId,
      within: (run) => context.with(base, run),
      stage: span.isRecording() ? sampled : unsampled,
      end(outcome) {
        const denied = isDenial(outcome);
        const status = denied ? refusal(outcome).status : outcome.status;
        const seconds = (now() - started) / 1_000;
        metrics.request(
          {
            method: arrival.method,
            status,
            route: reached.route?.name,
            denial: denied ? outcome.denial : undefined,
          },
          seconds,
        );
        if (span.isRecording()) {
          span.setAttributes({ [ATTRIBUTE.status]: status, [ATTRIBUTE.decisionId]: arrival.id });
          if (denied) span.setAttributes(denialAttributes(outcome));
          if (status >= 500 || (!denied && outcome.aborted)) span.setStatus({ code: SpanStatusCode.ERROR });
        }
        span.end();
        if (denied)
          log.refused({
            traceId,
            denial: outcome,
            explanation: explanation(outcome),
            status,
            stage,
            exchange: reached,
          });
      },
    };
  };
}

function startServerSpan(
  tracer: Tracer,
  { method, scheme }: Arrival,
  parent: Context,
  linked: SpanContext | undefined,
): Span {
  const attributes = { [ATTRIBUTE.method]: method, [ATTRIBUTE.scheme]: scheme };
  const links = linked ? [{ context: linked }] : [];
  return tracer.startSpan(method, { kind: SpanKind.SERVER, attributes, links }, parent);
}
