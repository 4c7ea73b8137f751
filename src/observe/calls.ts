/** Client spans: the calls that the chain's ports make, with the trace sent along (W3C Trace Context). */
import {
  type Attributes,
  context,
  isSpanContextValid,
  propagation,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { Introspect, Send } from '../chain/ports.ts';
import { isDenial } from '../denial.ts';
import type { OAuthFetch } from '../oauth/fetch.ts';
import { ATTRIBUTE } from './attributes.ts';
import { introspectionMetrics } from './metrics.ts';

const tracer = trace.getTracer('portcullis');

/** The span under way, for whoever joins the call that is made in it. */
export const spanUnderWay = (): SpanContext | null => trace.getActiveSpan()?.spanContext() ?? null;

/** Where a call goes: a URL, or a server's and a target there. Without the query, whose values may be secrets. */
function addressed(url: string, target?: string): Attributes {
  const { origin, pathname, protocol, hostname, port } = new URL(url);
  return {
    [ATTRIBUTE.url]: origin + (target?.split('?', 1)[0] ?? pathname),
    [ATTRIBUTE.serverAddress]: hostname,
    [ATTRIBUTE.serverPort]: Number(port) || (protocol === 'https:' ? 443 : 80),
  };
}

/** Opens a client span under the one that is active, if that is sampled, and runs in it. `to` is asked only then. */
async function inClientSpan<T>(
  method: string,
  to: () => Attributes,
  call: (span: Span | null) => Promise<T>,
): Promise<T> {
  if (!trace.getActiveSpan()?.isRecording()) return call(null);
  const attributes = { [ATTRIBUTE.method]: method, ...to() };
  const span = tracer.startSpan(method, { kind: SpanKind.CLIENT, attributes });
  try {
    return await context.with(trace.setSpan(context.active(), span), () => call(span));
  } catch (error) {
    failed(span, (error as Error).name);
    throw error;
  } finally {
    span.end();
  }
}

const failed = (span: Span | null, type: string): void =>
  void span?.setAttribute(ATTRIBUTE.errorType, type).setStatus({ code: SpanStatusCode.ERROR });

/** To a client span, unlike a server's, the status codes from 400 on are errors (the conventions' word). */
const answered = (span: Span | null, status: number): void => {
  span?.setAttribute(ATTRIBUTE.status, status);
  if (status >= 400) failed(span, String(status));
};

/** Calls to an authorization server, traced. */
export const tracedFetch =
  (fetch: OAuthFetch): OAuthFetch =>
  (url, init) =>
    inClientSpan(
      init.method ?? 'GET',
      () => addressed(url),
      async (span) => {
        const headers = new Headers(init.headers as HeadersInit);
        propagation.inject(context.active(), headers, {
          set: (carrier, name, value) => carrier.set(name, value),
        });
        const response = await fetch(url, { ...init, headers });
        answered(span, response.status);
        return response;
      },
    );

/** Requests to upstreams, traced. */
export const tracedSend =
  (send: Send): Send =>
  (request, sink) =>
    inClientSpan(
      request.method,
      () => addressed(request.service.upstream, request.target),
      async (span) => {
        propagation.inject(context.active(), request.fields, {
          set: (fields, name, value) => void fields.push(name, value),
        });
        const result = await send(request, sink);
        if (isDenial(result)) {
          if (result.denial !== 'client_gone') failed(span, result.denial);
          return result;
        }
        answered(span, result.status);
        if (result.resent) span?.setAttribute(ATTRIBUTE.resends, 1);
        if (result.aborted && !result.gone) failed(span, 'aborted');
        return result;
      },
    );

/** Introspection, counted, and its outcome on the stage's span; one that joined another's call links to that call's span. */
export function observedIntrospect(introspect: Introspect): Introspect {
  const metrics = introspectionMetrics();
  return (question) => {
    const answer = introspect(question);
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
