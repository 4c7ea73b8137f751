/** Collects the gateway's spans and draws each trace as a tree, for a terminal. */
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';

/** A span processor that keeps spans by trace, and the drawing of one. */
export function spanCollector(): { processor: SpanProcessor; tree: (traceId: string) => Promise<string> } {
  const traces = new Map<string, ReadableSpan[]>();
  const waiting = new Map<string, () => void>();
  const isRoot = ({ parentSpanContext }: ReadableSpan): boolean =>
    parentSpanContext === undefined || parentSpanContext.isRemote === true;
  const processor: SpanProcessor = {
    onStart() {},
    onEnd(span) {
      const { traceId } = span.spanContext();
      traces.set(traceId, [...(traces.get(traceId) ?? []), span]);
      if (isRoot(span)) waiting.get(traceId)?.();
    },
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  return {
    processor,
    async tree(traceId) {
      if (!traces.get(traceId)?.some(isRoot))
        await new Promise<void>((resolve) => {
          waiting.set(traceId, resolve);
        });
      const spans = traces.get(traceId) ?? [];
      const root = spans.find(isRoot);
      return root ? draw(root, spans, '').join('\n') : '';
    },
  };
}

const milliseconds = ([seconds, nanoseconds]: readonly [number, number]): number =>
  seconds * 1e3 + nanoseconds / 1e6;

function draw(span: ReadableSpan, all: readonly ReadableSpan[], indent: string): string[] {
  const children = all
    .filter(({ parentSpanContext }) => parentSpanContext?.spanId === span.spanContext().spanId)
    .toSorted((a, b) => milliseconds(a.startTime) - milliseconds(b.startTime));
  const notes = [
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
