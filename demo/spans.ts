/** Collects the gateway's spans and draws each trace as a tree, for a terminal. */
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';

/** The demo stays up for long: older traces go. */
const MOST_TRACES = 100;
/** A trace that was not sampled, by OTEL_TRACES_SAMPLER, never comes. */
const LONGEST_WAIT_MS = 2_000;

export type SpanCollector = {
  readonly processor: SpanProcessor;
  /** The drawing of a trace, once it has ended. */
  readonly tree: (traceId: string) => Promise<string>;
  /** From now on, draws every trace that ends. */
  readonly follow: (draw: (tree: string) => void) => void;
};

/** A span processor that keeps spans by trace, to be drawn. */
export function spanCollector(): SpanCollector {
  const traces = new Map<string, ReadableSpan[]>();
  const waiting = new Map<string, () => void>();
  let ended: (traceId: string) => void = () => {};
  const isRoot = ({ parentSpanContext }: ReadableSpan): boolean =>
    parentSpanContext === undefined || parentSpanContext.isRemote === true;
  const processor: SpanProcessor = {
    onStart() {},
    onEnd(span) {
      const { traceId } = span.spanContext();
      const spans = traces.get(traceId);
      if (spans) spans.push(span);
      else traces.set(traceId, [span]);
      if (traces.size > MOST_TRACES) traces.delete(traces.keys().next().value as string);
      if (!isRoot(span)) return;
      waiting.get(traceId)?.();
      ended(traceId);
    },
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const tree = async (traceId: string): Promise<string> => {
    if (!traces.get(traceId)?.some(isRoot))
      await new Promise<void>((resolve) => {
        waiting.set(traceId, resolve);
        setTimeout(resolve, LONGEST_WAIT_MS).unref();
      });
    waiting.delete(traceId);
    const spans = traces.get(traceId) ?? [];
    const root = spans.find(isRoot);
    return root ? draw(root, spans, '').map(escaped).join('\n') : '(this trace was not sampled)';
  };
  return {
    processor,
    tree,
    follow(show) {
      ended = (traceId) => void tree(traceId).then(show);
    },
  };
}

/** Controls can do things to a terminal. */
const escaped = (line: string): string =>
  line.replaceAll(/\p{Cc}/gu, (control) => encodeURIComponent(control));

const milliseconds = ([seconds, nanoseconds]: readonly [number, number]): number =>
  seconds * 1e3 + nanoseconds / 1e6;

function draw(span: ReadableSpan, all: readonly ReadableSpan[], indent: string): string[] {
  const children = all
    .filter(({ parentSpanContext }) => parentSpanContext?.spanId === span.spanContext().spanId)
    .toSorted((a, b) => milliseconds(a.startTime) - milliseconds(b.startTime));
  const notes = [
    'url.full',
    'portcullis.cache',
    'portcullis.policy.entrypoint',
    'portcullis.denial.reason',
    'portcullis.denial.detail',
    'http.response.status_code',
  ]
    .map((name) => span.attributes[name])
    .filter((value) => typeof value === 'string' || typeof value === 'number')
    .join(' · ');
  const line = `${indent}${span.name.padEnd(Math.max(0, 40 - indent.length))}${milliseconds(span.duration).toFixed(2).padStart(8)} ms  ${notes}`;
  return [line.trimEnd(), ...children.flatMap((child) => draw(child, all, `${indent}  `))];
}
