// OpenTelemetry as a user sets it up: `portcullis serve` with OTEL_* variables, and a collector that keeps what it gets.
import { isSpanContextValid, metrics, trace } from '@opentelemetry/api';
import t, { type Test } from 'tap';
import { startTelemetry } from '../../src/observe/telemetry.ts';
import { call, type Recorded, startServer, startUpstream } from '../support/http.ts';
import { startServing } from '../support/serving.ts';
import { received } from '../support/traceparent.ts';

// Each waits for processes, not for the processor.
t.jobs = 3;

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** A gateway in a process of its own that forwards everything to an API, with these variables set. */
async function serve(t: Test, variables: Record<string, string>) {
  const api = await startUpstream(t);
  const config = `
server: { host: 127.0.0.1, port: 0 }
health: { host: 127.0.0.1, port: 0 }
admin: { port: 0 }
tracing: { trust: all }
services: { api: { upstream: "${api.url}" } }
routes: [{ name: open, match: { path: "/open/{id}" }, service: api, token: none, policy: none }]
`;
  return { ...(await startServing(t, config, variables)), api };
}

t.test(
  'spans are sent to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names, at the latest in the end',
  async (t) => {
    const collector = await startUpstream(t);
    const { url, api, stop } = await serve(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    t.equal((await call(url, { path: '/open/1' })).status, 200);
    t.equal(received(api.requests[0]).flags, '01');
    t.match(await stop(), { code: 0, stderr: '' });
    const [request] = collector.requests as [Recorded];
    t.equal(request.target, '/v1/traces');
    t.equal(request.headers['content-type'], 'application/x-protobuf');
    // Protobuf writes strings as they are.
    for (const said of [
      'GET /open/{id}',
      'portcullis.forward',
      'http.request.method',
      'service.name',
      'portcullis',
    ])
      t.ok(request.body.includes(said), said);
  },
);

t.test('a collector that is down delays no answer and hardly the end', async (t) => {
  const refusing = 'http://127.0.0.1:9';
  const hanging = await startServer(t, () => {});
  const cases = { refusing, hanging };
  await Promise.all(
    Object.entries(cases).map(async ([what, endpoint]) => {
      const { url, stop } = await serve(t, {
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        OTEL_SERVICE_NAME: 'edge',
      });
      t.equal((await call(url, { path: '/open/1' })).status, 200);
      const { code, stderr, ms } = await stop();
      t.equal(code, 0, `${what}: ${stderr}`);
      t.ok(ms < 5_000, `${what}: it took ${Math.round(ms)} ms`);
    }),
  );
});

t.test('without an exporter nothing is sampled, and traces go on all the same', async (t) => {
  const { url, api, stop } = await serve(t, {
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
  });
  t.equal((await call(url, { path: '/open/1', headers: { traceparent: TRACEPARENT } })).status, 200);
  const sent = received(api.requests[0]);
  t.equal(sent.traceId, TRACEPARENT.split('-')[1]);
  t.equal(sent.flags, '00');
  const { json } = await call(url, { path: '/nothing' });
  t.match(json()['trace_id'], /^(?!0{32})[0-9a-f]{32}$/);
  t.match(await stop(), { code: 0, stderr: '' });
});

t.test('with no variables at all there are trace ids and metrics', async (t) => {
  const telemetry = startTelemetry({});
  const span = trace.getTracer('test').startSpan('one');
  t.ok(isSpanContextValid(span.spanContext()));
  t.notOk(span.isRecording());
  metrics.getMeter('test').createCounter('ones').add(1, { kind: 'odd' });
  const scraped = await call(await startServer(t, telemetry.scrape));
  t.match(scraped.text, /^ones_total\{kind="odd",.*\} 1$/m);
  t.notMatch(scraped.text, /target_info/);
  await t.resolves(telemetry.shutdown());
});
