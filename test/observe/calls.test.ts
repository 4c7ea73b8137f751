// Client spans: what the authorization server and the upstream were really sent, and what is seen of introspection.
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import t from 'tap';
import { spanUnderWay, tracedFetch } from '../../src/observe/calls.ts';
import { spans } from '../support/gateway.ts';
import { call, startUpstream } from '../support/http.ts';
import { startTraced, traceOf, until } from '../support/traced.ts';
import { received } from '../support/traceparent.ts';

const ACCOUNT = { path: '/accounts/1001', token: 'opaque' };
const idOf = (span: ReadableSpan | undefined): string | undefined => span?.spanContext().spanId;

t.test('both servers are told the trace and the client span that calls them', async (t) => {
  const { gateway, server, api } = await startTraced(t);
  await call(gateway.url, { ...ACCOUNT, headers: { traceparent: 'nonsense', trace_parent: 'x' } });
  const [asked, sent] = [received(server.requests[0]), received(api.requests[0])];
  const trace = traceOf(sent.traceId);
  for (const [request, span, stage] of [
    [asked, trace['client POST'], trace['portcullis.introspection']],
    [sent, trace['client GET'], trace['portcullis.forward']],
  ] as const) {
    t.equal(span?.kind, SpanKind.CLIENT);
    t.equal(request.traceId, sent.traceId);
    t.equal(request.spanId, idOf(span));
    t.equal(request.flags, '01');
    t.equal(span?.parentSpanContext?.spanId, idOf(stage), 'a child of the stage that calls');
  }
  const names = api.requests[0]?.rawHeaders.filter((_, index) => index % 2 === 0) ?? [];
  t.equal(names.filter((name) => name.toLowerCase() === 'traceparent').length, 1);
});

t.test('a client span says where it went, without the query', async (t) => {
  const { gateway, server, api } = await startTraced(t);
  await call(gateway.url, { ...ACCOUNT, path: '/accounts/1001?key=query-secret' });
  const trace = traceOf(received(api.requests[0]).traceId);
  t.strictSame(trace['client POST']?.attributes, {
    'http.request.method': 'POST',
    'url.full': `${server.url}/introspect`,
    'server.address': '127.0.0.1',
    'server.port': Number(new URL(server.url).port),
    'http.response.status_code': 200,
  });
  t.strictSame(trace['client GET']?.attributes, {
    'http.request.method': 'GET',
    'url.full': `${api.url}/accounts/1001`,
    'server.address': '127.0.0.1',
    'server.port': Number(new URL(api.url).port),
    'http.response.status_code': 200,
  });
});

t.test('a client span is an error from 400 on, and where there was no answer', async (t) => {
  const { gateway, api } = await startTraced(t, {
    upstream: ({ method }, response) =>
      void (method === 'GET' ? response.writeHead(404).end() : response.destroy()),
  });
  await call(gateway.url, ACCOUNT);
  const answered = traceOf(received(api.requests[0]).traceId)['client GET'];
  t.equal(answered?.status.code, SpanStatusCode.ERROR);
  t.match(answered?.attributes, { 'error.type': '404', 'http.response.status_code': 404 });
  await call(gateway.url, { ...ACCOUNT, method: 'POST' });
  const { name, status, attributes } = spans().findLast(({ kind }) => kind === SpanKind.CLIENT) ?? {};
  t.equal(name, 'POST');
  t.equal(status?.code, SpanStatusCode.ERROR);
  t.equal(attributes?.['error.type'], 'upstream_unreachable');
  t.notOk('http.response.status_code' in (attributes ?? {}));
});

t.test('an authorization server that cannot be reached is an error of its client span', async (t) => {
  const { gateway } = await startTraced(t, { answer: () => Promise.reject(new Error('out of order')) });
  const { trace_id: id } = (await call(gateway.url, ACCOUNT)).json();
  const refused = traceOf(String(id))['client POST'];
  t.match(refused?.attributes, { 'error.type': '500' });

  const { gateway: alone } = await startTraced(t, {
    answer: () => new Promise(() => {}),
    timeout: '50ms',
  });
  const late = (await call(alone.url, ACCOUNT)).json();
  const timed = traceOf(String(late['trace_id']))['client POST'];
  t.equal(timed?.status.code, SpanStatusCode.ERROR);
  t.match(timed?.attributes, { 'error.type': /Timeout/ });
});

t.test('the introspection stage says how it came by its answer', async (t) => {
  const { gateway, api } = await startTraced(t);
  for (const cache of ['miss', 'hit']) {
    await call(gateway.url, ACCOUNT);
    const trace = traceOf(received(api.requests.at(-1)).traceId);
    t.strictSame(trace['portcullis.introspection']?.attributes, {
      'portcullis.cache': cache,
      'portcullis.authorization_server': 'main',
    });
    t.equal('client POST' in trace, cache === 'miss', 'a hit calls nobody');
  }
});

t.test('an answer older than it should be is named so, and the call that failed before it', async (t) => {
  const clock = { now: Date.now() };
  let down = false;
  const { gateway, api } = await startTraced(t, {
    now: () => clock.now,
    answer: () =>
      down
        ? Promise.reject(new Error('out of order'))
        : { active: true, sub: 'alice', scope: 'accounts:read' },
    introspection: 'cache: { max_ttl: 1s, dangerously_serve_stale: 1m }',
  });
  await call(gateway.url, ACCOUNT);
  down = true;
  clock.now += 1_000;
  await call(gateway.url, ACCOUNT);
  const trace = traceOf(received(api.requests.at(-1)).traceId);
  t.match(trace['portcullis.introspection']?.attributes, { 'portcullis.cache': 'stale' });
  t.match(trace['client POST']?.attributes, { 'error.type': '500' });
});

t.test('requests that wait for the same answer link to the span of the one that asked', async (t) => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const { gateway, server, api } = await startTraced(t, {
    answer: async () => {
      await held;
      return { active: true, sub: 'alice', scope: 'accounts:read' };
    },
  });
  const waiting = (): number => spans().filter(({ name }) => name === 'portcullis.credential').length;
  const before = waiting();
  const answers = Array.from({ length: 4 }, () => call(gateway.url, ACCOUNT));
  // After its credential stage a request waits for the answer in the same turn.
  await until(() => waiting() - before === 4);
  release();
  await Promise.all(answers);
  t.equal(server.requests.length, 1, 'one call for all');

  const stages = api.requests.map(
    (request) => traceOf(received(request).traceId)['portcullis.introspection'],
  );
  const [asked, ...others] = ['miss', 'coalesced'].flatMap((cache) =>
    stages.filter((stage) => stage?.attributes['portcullis.cache'] === cache),
  );
  t.equal(others.length, 3);
  t.strictSame(asked?.links, []);
  for (const links of others.map((stage) => stage?.links ?? [])) {
    t.equal(links.length, 1);
    t.equal(links[0]?.context.spanId, idOf(asked));
    t.equal(links[0]?.context.traceId, asked?.spanContext().traceId);
  }
  const called = traceOf(received(server.requests[0]).traceId)['client POST'];
  t.equal(called?.parentSpanContext?.spanId, idOf(asked), 'and that span made the call');
});

t.test('without a span under way a call is made as it is', async (t) => {
  const { url, requests } = await startUpstream(t);
  const ended = spans().length;
  t.equal(spanUnderWay(), null);
  const answer = await tracedFetch((to, init) => fetch(to, init as RequestInit))(url, {
    headers: { 'x-own': '1' },
  });
  t.equal(answer.status, 200);
  t.match(requests[0]?.headers, { 'x-own': '1' });
  t.notOk('traceparent' in (requests[0]?.headers ?? {}));
  t.equal(spans().length, ended);
});

t.test("a URL without a port means its scheme's", async (t) => {
  const answering = tracedFetch(async () => new Response());
  const { traceId } = await trace.getTracer('test').startActiveSpan('test', async (span) => {
    await answering('https://login.example.com/introspect?token=query-secret', { method: 'POST' });
    await answering('http://[::1]/keys', {});
    return span.spanContext();
  });
  const { 'client POST': post, 'client GET': get } = traceOf(traceId);
  t.match(post?.attributes, {
    'url.full': 'https://login.example.com/introspect',
    'server.address': 'login.example.com',
    'server.port': 443,
  });
  t.match(get?.attributes, { 'url.full': 'http://[::1]/keys', 'server.port': 80 });
});
