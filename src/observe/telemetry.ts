/** Starts OpenTelemetry for the process, by the standard OTEL_* variables (and nothing of our own). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { AlwaysOffSampler, NoopSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace';

export type Telemetry = {
  /** Answers a scrape in Prometheus' text format. */
  readonly scrape: (request: IncomingMessage, response: ServerResponse) => void;
  /** Sends what is still to be sent, which takes long when the collector is down. Never rejects: that must not fail a shutdown. */
  readonly shutdown: () => Promise<void>;
};

const EXPORTERS = new Set(['otlp', 'zipkin', 'console']);
const ENDPOINTS = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];

/** Do the variables say where to send traces? Asked here, since the SDK makes no trace ids when they say `none`. */
function exports(env: Readonly<Record<string, string | undefined>>): boolean {
  const names = (env['OTEL_TRACES_EXPORTER'] ?? '').split(',').map((name) => name.trim());
  if (names[0] === '') return ENDPOINTS.some((name) => (env[name] ?? '') !== '');
  return names[0] !== 'none' && names.some((name) => EXPORTERS.has(name));
}

/**
 * Registers the SDK. Traces are exported when a variable says where to, or to the processors given; otherwise nothing is sampled and
 * trace ids are all that is made. Metrics are for Prometheus to scrape.
 */
export function startTelemetry(
  env: Readonly<Record<string, string | undefined>>,
  processors?: readonly SpanProcessor[],
): Telemetry {
  // `target_info` would tell whoever can scrape the command line, the host and the user.
  const prometheus = new PrometheusExporter({ preventServerStart: true, withoutTargetInfo: true });
  const sdk = new NodeSDK({
    serviceName: env['OTEL_SERVICE_NAME'] || 'portcullis',
    instrumentations: [],
    metricReaders: [prometheus],
    logRecordProcessors: [],
    ...(processors ? { spanProcessors: [...processors] } : {}),
    ...(processors || exports(env)
      ? {}
      : { spanProcessors: [new NoopSpanProcessor()], sampler: new AlwaysOffSampler() }),
  });
  sdk.start();
  return {
    scrape: (request, response) => prometheus.getMetricsRequestHandler(request, response),
    shutdown: () => sdk.shutdown().catch(() => {}),
  };
}
