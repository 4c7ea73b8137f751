/**
 * What is seen of a request from outside: one trace with a span for each stage, its metrics, and a line in the log when it is refused.
 * The decision to sample is made when the request arrives; an unsampled one makes no child spans.
 */
import {
  type Attributes,
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
import type { Fields } from '../http/headers.ts';
import { ATTRIBUTE, denialAttributes, exchangeAttributes } from './attributes.ts';
import type { DecisionLog } from './decision-log.ts';
import { requestMetrics } from './metrics.ts';

/** What is known of a request when its observation begins. */
export type Arrival = {
  readonly id: string;
  /** `_OTHER` for one that no parser knew. */
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** The path in canonical form, without the query; null when it has none. */
  readonly path: string | null;
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
  get(fields, name) {
    let value: string | undefined;
    for (let i = 0; i < fields.length; i += 2) {
      if (fields[i]?.toLowerCase() !== name) continue;
      // tracestate and baggage are lists, which may come in parts; two traceparents make one that cannot be read, as they should.
      value = value === undefined ? fields[i + 1] : `${value},${fields[i + 1]}`;
    }
    return value;
  },
  keys: (fields) => fields.filter((_, index) => index % 2 === 0),
};

/**
 * Makes the observation of all requests. `trust` says whose traceparent is continued; another caller's becomes a link of a new trace.
 * `now` gives milliseconds, and fractions of them, of a clock that is never set.
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
    const name = arrival.method === '_OTHER' ? 'HTTP' : arrival.method;
    const linked = continued ? undefined : trace.getSpanContext(incoming);
    const span = startServerSpan(tracer, name, arrival, parent, linked);
    const base = trace.setSpan(parent, span);
    const { traceId } = span.spanContext();
    let reached: Partial<Permitted> & Pick<Received, 'id' | 'method'> = arrival;
    let stage: StageName | null = null;

    const note = (at: StageName, result: object): void => {
      if (!isDenial(result) && at !== 'forward') reached = result as typeof reached;
      if (at === 'route' && reached.pattern !== undefined && span.isRecording()) {
        span.updateName(`${name} ${reached.pattern}`);
        span.setAttributes({
          [ATTRIBUTE.httpRoute]: reached.pattern,
          [ATTRIBUTE.route]: reached.route?.name,
        });
      }
    };

    const unsampled = <Out extends object>(at: StageName, run: () => Result<Out>): Result<Out> => {
      stage = at;
      const result = run();
      if (!(result instanceof Promise)) {
        note(at, result);
        return result;
      }
      return result.then((settled) => {
        note(at, settled);
        return settled;
      });
    };

    const sampled = <Out extends object>(at: StageName, run: () => Result<Out>): Result<Out> => {
      stage = at;
      const child = tracer.startSpan(`portcullis.${at}`, {}, base);
      const finish = (result: Out | Denial): Out | Denial => {
        note(at, result);
        if (isDenial(result)) {
          child.setAttributes(denialAttributes(result, arrival.id));
          if (refusal(result).status >= 500) fault(child, result.denial);
        } else child.setAttributes(exchangeAttributes(at, reached));
        child.end();
        return result;
      };
      const fail = (error: unknown): never => {
        fault(child, (error as Error).name);
        child.end();
        throw error;
      };
      let result: Result<Out>;
      try {
        result = context.with(trace.setSpan(base, child), run);
      } catch (error) {
        return fail(error);
      }
      return result instanceof Promise ? result.then(finish, fail) : finish(result);
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
          if (denied) span.setAttributes(denialAttributes(outcome, arrival.id));
          if (status >= 500) fault(span, denied ? outcome.denial : String(status));
          // A client who leaves is no fault of ours.
          else if (!denied && outcome.aborted && !outcome.gone) fault(span, 'aborted');
        }
        span.end();
        if (denied)
          log.refused({
            traceId,
            path: arrival.path,
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

/** A caller's span without its tracestate, which is the caller's to fill with what it likes. */
const withoutState = ({ traceId, spanId, traceFlags }: SpanContext): SpanContext => ({
  traceId,
  spanId,
  traceFlags,
  isRemote: true,
});

const fault = (span: Span, type: string): void =>
  void span.setAttribute(ATTRIBUTE.errorType, type).setStatus({ code: SpanStatusCode.ERROR });

function startServerSpan(
  tracer: Tracer,
  name: string,
  { method, scheme, path }: Arrival,
  parent: Context,
  linked: SpanContext | undefined,
): Span {
  const attributes: Attributes = { [ATTRIBUTE.method]: method, [ATTRIBUTE.scheme]: scheme };
  if (path !== null) attributes[ATTRIBUTE.path] = path;
  const links = linked ? [{ context: withoutState(linked) }] : [];
  return tracer.startSpan(name, { kind: SpanKind.SERVER, attributes, links }, parent);
}
