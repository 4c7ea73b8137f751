/** Starts OpenTelemetry for the process, by the standard OTEL_* variables (and nothing of our own). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { AlwaysOffSampler, NoopSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace';

export type Telemetry = {
  /** Answers a scrape in Prometheus' text format. */
  readonly scrape: (request: IncomingMessage, response: ServerResponse) => void;
  /** Sends what is still to be sent. Never rejects: a collector that is down must not fail a shutdown. */
  readonly shutdown: () => Promise<void>;
};

const EXPORT_VARIABLES = [
  'OTEL_TRACES_EXPORTER',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
];

/**
 * Registers the SDK. Traces are exported when a variable says where to, or to the processors given; otherwise nothing is sampled and
 * trace ids are all that is made. Metrics are for Prometheus to scrape.
 */
export function startTelemetry(
  env: Readonly<Record<string, string | undefined>>,
  processors?: readonly SpanProcessor[],
): Telemetry {
  const prometheus = new PrometheusExporter({ preventServerStart: true });
  const exporting = EXPORT_VARIABLES.some((name) => env[name] !== undefined && env[name] !== '');
  const sdk = new NodeSDK({
    serviceName: env['OTEL_SERVICE_NAME'] || 'portcullis',
    instrumentations: [],
    metricReaders: [prometheus],
    logRecordProcessors: [],
    ...(processors ? { spanProcessors: [...processors] } : {}),
    ...(processors || exporting
      ? {}
      : { spanProcessors: [new NoopSpanProcessor()], sampler: new AlwaysOffSampler() }),
  });
  sdk.start();
  return {
    scrape: (request, response) => prometheus.getMetricsRequestHandler(request, response),
    shutdown: () => sdk.shutdown().catch(() => {}),
  };
}
