// Whose trace a request belongs to (W3C Trace Context), and what of the caller's context goes on to the API.
import t, { type Test } from 'tap';
import { observation } from '../../src/observe/observation.ts';
import { spans } from '../support/gateway.ts';
import { call } from '../support/http.ts';
import { startTraced, traceOf, type Traced } from '../support/traced.ts';
import { received } from '../support/traceparent.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const traceparent = `00-${TRACE}-${PARENT}-01`;

/** Calls the gateway and gives the spans of the trace that the API was told of. */
async function forwarded(t: Test, { gateway, api }: Traced, headers: Record<string, string | string[]>) {
  const answer = await call(gateway.url, { path: '/accounts/1001', token: 'opaque', headers });
  t.equal(answer.status, 200);
  const sent = api.requests.at(-1);
  return { spans: traceOf(received(sent).traceId), headers: sent?.headers ?? {}, ...received(sent) };
}

t.test("a caller's trace is continued with its state and baggage, or linked without", async (t) => {
  for (const trust of ['trusted_proxies', 'none', 'all']) {
    const traced = await startTraced(t, { more: `tracing: { trust: ${trust} }` });
    const trusted = trust === 'all';
    const { spans, traceId, headers } = await forwarded(t, traced, {
      traceparent,
      tracestate: ['vendor=opaque', 'other=1'],
      baggage: 'user=alice',
    });
    const span = spans['GET /accounts/{id}'];
    t.equal(traceId === TRACE, trusted, trust);
    if (trusted) {
      t.equal(span?.parentSpanContext?.spanId, PARENT);
      t.strictSame(span?.links, []);
      t.equal(headers['tracestate'], 'vendor=opaque,other=1');
      t.equal(headers['baggage'], 'user=alice');
    } else {
      t.equal(span?.parentSpanContext, undefined);
      const context = { traceId: TRACE, spanId: PARENT, traceFlags: 1, isRemote: true };
      t.strictSame(
        span?.links.map((link) => link.context),
        [context],
        'a link, without the tracestate',
      );
      t.notOk('tracestate' in headers || 'baggage' in headers, 'neither is sent on');
    }
  }
});

t.test('a trusted proxy is one, unless nobody is', async (t) => {
  const cases = [
    ['trusted_proxies', true, true],
    ['trusted_proxies', false, false],
    ['none', true, false],
    ['all', false, true],
  ] as const;
  for (const [trust, trusted, continued] of cases) {
    const observe = observation({ refused() {} }, { trust, now: Date.now });
    const { traceId } = observe({
      id: 'id',
      method: 'GET',
      scheme: 'http',
      path: '/',
      trusted,
      fields: ['TraceParent', traceparent],
    });
    t.equal(traceId === TRACE, continued, `${trust}, from ${trusted ? 'a proxy' : 'a stranger'}`);
  }
});

t.test('W3C Trace Context: a traceparent that is none starts a new trace, without a link', async (t) => {
  const traced = await startTraced(t, { more: 'tracing: { trust: all }' });
  const bad = [
    'nonsense',
    `00-${TRACE}-${PARENT}`,
    `00-${'0'.repeat(32)}-${PARENT}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `ff-${TRACE}-${PARENT}-01`,
    `00-${TRACE.toUpperCase()}-${PARENT}-01`,
    [traceparent, `00-${TRACE.replace('0', '1')}-${PARENT}-01`],
  ];
  for (const value of bad) {
    const { spans, traceId } = await forwarded(t, traced, { traceparent: value, tracestate: 'vendor=1' });
    t.not(traceId, TRACE, String(value));
    t.strictSame(spans['GET /accounts/{id}']?.links, []);
    t.equal(spans['GET /accounts/{id}']?.parentSpanContext, undefined);
  }
});

t.test('an unsampled request makes no spans, and sends on a traceparent that says so', async (t) => {
  const traced = await startTraced(t, { more: 'tracing: { trust: all }' });
  const ended = spans().length;
  const { traceId, spanId, flags } = await forwarded(t, traced, {
    traceparent: traceparent.replace(/1$/, '0'),
  });
  t.equal(spans().length, ended);
  t.equal(traceId, TRACE);
  t.match(spanId, /^(?!0{16}|b7ad6b7169203331)[0-9a-f]{16}$/);
  t.equal(flags, '00');
  t.strictSame(received(traced.server.requests[0]), { traceId, spanId, flags }, 'one span id for all');
  const refused = await call(traced.gateway.url, {
    path: '/',
    headers: { traceparent: `00-${TRACE}-${PARENT}-00` },
  });
  t.match(refused.json(), { trace_id: TRACE, status: 404 });
  t.match(traced.gateway.logged().at(-1), { trace_id: TRACE, stage: 'route' });
  t.equal(spans().length, ended);
});
