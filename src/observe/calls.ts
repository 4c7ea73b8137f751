/** Client spans: the calls that the chain's ports make, with the trace sent along (W3C Trace Context). */
import {
  context,
  isSpanContextValid,
  propagation,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { Introspect } from '../chain/3-introspection.ts';
import type { Send } from '../chain/6-forward.ts';
import { isDenial } from '../denial.ts';
import type { OAuthFetch } from '../oauth/fetch.ts';
import { ATTRIBUTE } from './attributes.ts';
import { introspectionMetrics } from './metrics.ts';

/** The span under way, for whoever joins the call that is made in it. */
export const spanUnderWay = (): SpanContext | null => trace.getActiveSpan()?.spanContext() ?? null;

/** Opens a client span under the one that is active, if that is sampled, and runs in it. */
async function inClientSpan<T>(
  method: string,
  url: URL,
  call: (span: Span | null) => Promise<T>,
): Promise<T> {
  if (!trace.getActiveSpan()?.isRecording()) return call(null);
  const span = trace.getTracer('portcullis').startSpan(method, {
    kind: SpanKind.CLIENT,
    attributes: {
      [ATTRIBUTE.method]: method,
      // Without the query, whose values may be secrets.
      [ATTRIBUTE.url]: url.origin + url.pathname,
      [ATTRIBUTE.serverAddress]: url.hostname,
      [ATTRIBUTE.serverPort]: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
    },
  });
  try {
    return await context.with(trace.setSpan(context.active(), span), () => call(span));
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).name });
    throw error;
  } finally {
    span.end();
  }
}

const answered = (span: Span | null, status: number): void => {
  span?.setAttribute(ATTRIBUTE.status, status);
  if (status >= 400) span?.setStatus({ code: SpanStatusCode.ERROR });
};

/** Calls to an authorization server, traced. */
export const tracedFetch =
  (fetch: OAuthFetch): OAuthFetch =>
  (url, init) =>
    inClientSpan(init.method ?? 'GET', new URL(url), async (span) => {
      const headers = new Headers(init.headers as HeadersInit);
      propagation.inject(context.active(), headers, {
        set: (carrier, name, value) => carrier.set(name, value),
      });
      const response = await fetch(url, { ...init, headers });
      answered(span, response.status);
      return response;
    });

/** Requests to upstreams, traced. */
export const tracedSend =
  (send: Send): Send =>
  (request, sink) =>
    inClientSpan(request.method, new URL(request.service.upstream), async (span) => {
      propagation.inject(context.active(), request.fields, {
        set: (fields, name, value) => void fields.push(name, value),
      });
      const result = await send(request, sink);
      if (isDenial(result)) span?.setStatus({ code: SpanStatusCode.ERROR, message: result.denial });
      else answered(span, result.status);
      return result;
    });

/** Introspection, counted, and its outcome on the stage's span; one that joined another's call links to that call's span. */
export function observedIntrospect(introspect: Introspect): Introspect {
  const metrics = introspectionMetrics();
  return (server, token) => {
    const answer = introspect(server, token);
    const span = trace.getActiveSpan();
    const see = <A extends Awaited<typeof answer>>(seen: A): A => {
      metrics.answered(seen);
      span?.setAttributes({
        [ATTRIBUTE.cache]: seen.cache,
        [ATTRIBUTE.authorizationServer]: seen.authorization_server,
      });
      const joined = seen.joined as SpanContext | null;
      if (joined !== null && isSpanContextValid(joined)) span?.addLink({ context: joined });
      return seen;
    };
    return answer instanceof Promise ? answer.then(see) : see(answer);
  };
}
