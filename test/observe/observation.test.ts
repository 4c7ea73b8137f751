// One trace for each request: which spans it has, whose trace it is, and what is an error. The gateway and its servers are real.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { diag, DiagLogLevel, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import t, { type Test } from 'tap';
import { decisionLog } from '../../src/observe/decision-log.ts';
import { openLog } from '../../src/observe/log.ts';
import { observation } from '../../src/observe/observation.ts';
import { spans } from '../support/gateway.ts';
import { call, callRaw } from '../support/http.ts';
import { startTraced, traceOf, type Traced, until } from '../support/traced.ts';
import { received } from '../support/traceparent.ts';

const ACCOUNT = { path: '/accounts/1001', token: 'opaque' };
const arrival = { id: 'id', method: 'GET', scheme: 'http', path: '/', fields: [], trusted: false } as const;

t.test('a permitted request is a server span with a child for each of the six stages', async (t) => {
  const traced = await startTraced(t);
  await call(traced.gateway.url, ACCOUNT);
  const spans = traceOf(received(traced.api.requests[0]).traceId);
  const server = spans['GET /accounts/{id}'];
  t.equal(server?.kind, SpanKind.SERVER);
  t.equal(server?.parentSpanContext, undefined);
  const id = server?.attributes['portcullis.decision.id'];
  t.match(id, /^[0-9a-f-]{36}$/);
  t.strictSame(server?.attributes, {
    'http.request.method': 'GET',
    'url.scheme': 'http',
    'url.path': '/accounts/1001',
    'http.route': '/accounts/{id}',
    'http.response.status_code': 200,
    'portcullis.route': 'account',
    'portcullis.decision.id': id,
  });
  const children = Object.values(spans).filter(
    ({ parentSpanContext }) => parentSpanContext?.spanId === server?.spanContext().spanId,
  );
  t.strictSame(
    children.map(({ name }) => name),
    ['route', 'credential', 'introspection', 'scope', 'policy', 'forward'].map((s) => `portcullis.${s}`),
  );
  t.strictSame(spans['portcullis.route']?.attributes, { 'portcullis.route': 'account' });
  const { attributes = {} } = spans['portcullis.policy'] ?? {};
  t.match(attributes['portcullis.policy.revision'], /^[0-9a-f]{12}$/);
  t.equal(attributes['portcullis.policy.entrypoint'], 'accounts/allow');
  t.equal(attributes['portcullis.decision.id'], id);
});

t.test('a refused request has no span beyond the stage that refused it, which says why', async (t) => {
  const { gateway } = await startTraced(t, {
    answer: ({ body }) => ({
      active: true,
      sub: 'alice',
      scope: body.includes('narrow') ? 'other' : 'accounts:read',
    }),
  });
  const cases = [
    ['no_route', 'GET', { path: '/nothing' }, ['route']],
    ['credential_missing', 'GET /accounts/{id}', { path: '/accounts/1001' }, ['route', 'credential']],
    [
      'insufficient_scope',
      'GET /accounts/{id}',
      { path: '/accounts/1001', token: 'narrow' },
      ['route', 'credential', 'introspection', 'scope'],
    ],
    [
      'policy_denied',
      'GET /accounts/{id}',
      { path: '/accounts/1002', token: 'opaque' },
      ['route', 'credential', 'introspection', 'scope', 'policy'],
    ],
  ] as const;
  for (const [reason, name, request, stages] of cases) {
    const problem = (await call(gateway.url, request)).json();
    const spans = traceOf(String(problem['trace_id']));
    t.strictSame(
      Object.keys(spans).filter((name) => name.startsWith('portcullis.')),
      stages.map((stage) => `portcullis.${stage}`),
      reason,
    );
    const refused = spans[`portcullis.${stages.at(-1)}`];
    for (const span of [spans[name], refused]) {
      t.equal(span?.attributes['portcullis.denial.reason'], reason);
      t.type(span?.attributes['portcullis.denial.detail'], 'string');
      t.equal(span?.attributes['portcullis.decision.id'], problem['decision_id']);
      t.equal(span?.status.code, SpanStatusCode.UNSET, 'a refusal is no error');
    }
  }
});

t.test('a request that no parser could read has a span of its own', async (t) => {
  const { gateway } = await startTraced(t);
  const answer = await callRaw(gateway.url, 'FROBNICATE / HTTP/1.1\r\nHost: a\r\n\r\n');
  const traceId = /"trace_id":"([0-9a-f]{32})"/.exec(answer)?.[1] ?? '';
  const { HTTP: span } = traceOf(traceId);
  t.match(span?.attributes, { 'http.request.method': '_OTHER', 'http.response.status_code': 400 });
  t.notOk('url.path' in (span?.attributes ?? {}));
});

/** A client who may leave at any time. */
function visit({ gateway }: Traced): Socket {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.write('GET /accounts/1001 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer opaque\r\n\r\n');
  return socket;
}

t.test('only what went wrong on the server side is an error', async (t) => {
  const cases = [
    ['an answer of 404 from the API', (_, api) => api.writeHead(404).end(), 404, UNSET],
    ['an answer of 503 from the API', (_, api) => api.writeHead(503).end(), 503, '503'],
    ['an API that hangs up', (_, api) => api.destroy(), 502, 'upstream_unreachable'],
  ] as const satisfies [string, NonNullable<Parameters<typeof startTraced>[1]>['upstream'], number, string][];
  for (const [what, upstream, status, error] of cases) {
    const traced = await startTraced(t, { upstream });
    t.equal((await call(traced.gateway.url, ACCOUNT)).status, status);
    t.equal(outcome(traced), error, what);
  }
  const cut = await startTraced(t, {
    upstream: (_, api) => void api.writeHead(200).write('half', () => api.destroy()),
  });
  await t.rejects(call(cut.gateway.url, ACCOUNT));
  t.equal(outcome(cut), 'aborted', 'an API that stops in the middle');
  const { 'client GET': client } = traceOf(received(cut.api.requests[0]).traceId);
  t.match(client?.attributes, { 'error.type': 'aborted', 'http.response.status_code': 200 });

  const silent = await startTraced(t, { answer: () => Promise.reject(new Error('out of order')) });
  const { status, json } = await call(silent.gateway.url, ACCOUNT);
  t.equal(status, 503);
  const { 'GET /accounts/{id}': server, 'portcullis.introspection': stage } = traceOf(
    String(json()['trace_id']),
  );
  for (const span of [server, stage])
    t.equal(span?.attributes['error.type'], 'authorization_server_unavailable');
});

const UNSET = 'no error';

/** What the server span of the last request that reached the API gives as its error. */
function outcome({ api }: Traced): unknown {
  const span = traceOf(received(api.requests.at(-1)).traceId)['GET /accounts/{id}'];
  if (span?.status.code !== SpanStatusCode.ERROR) return span ? UNSET : 'no span';
  return span.attributes['error.type'];
}

t.test('a client who leaves is no error, before the answer or in the middle of it', async (t) => {
  const before = await startTraced(t, { upstream: () => {} });
  const waiting = visit(before);
  await until(() => before.api.requests.length === 1);
  waiting.destroy();
  await until(() => outcome(before) !== 'no span');
  t.equal(outcome(before), UNSET);
  const { traceId } = received(before.api.requests[0]);
  t.match(traceOf(traceId)['GET /accounts/{id}']?.attributes, { 'http.response.status_code': 499 });
  t.equal(traceOf(traceId)['client GET']?.status.code, SpanStatusCode.UNSET);

  const during = await startTraced(t, { upstream: (_, api) => void api.writeHead(200).write('half') });
  const reading = visit(during);
  await once(reading, 'data');
  reading.destroy();
  await until(() => outcome(during) !== 'no span');
  t.equal(outcome(during), UNSET);
});

/** What the SDK complains of: spans that are ended twice, or used after their end. */
function complaints(t: Test): unknown[] {
  const heard: unknown[] = [];
  const hear = (...said: unknown[]): void => void heard.push(said);
  const logger = { error: hear, warn: hear, info: hear, debug() {}, verbose() {} };
  diag.setLogger(logger, DiagLogLevel.WARN);
  t.teardown(() => diag.disable());
  return heard;
}

t.test('a stage that throws ends its span as an error, and the request ends as one', async (t) => {
  const heard = complaints(t);
  const lines: string[] = [];
  const log = decisionLog(openLog('info', { write: (line) => void lines.push(line) }), Date.now);
  const observe = observation(log, { trust: 'none', now: Date.now });
  const bugs = [
    () => {
      throw new TypeError('at once');
    },
    () => Promise.reject(new TypeError('later')),
  ];
  for (const bug of bugs) {
    const watch = observe(arrival);
    await t.rejects(async () => watch.stage('scope', bug), TypeError);
    watch.end({ denial: 'internal_error', detail: 'a bug' });
    const { GET: server, 'portcullis.scope': child } = traceOf(watch.traceId);
    t.equal(child?.attributes['error.type'], 'TypeError');
    t.equal(server?.attributes['error.type'], 'internal_error');
    for (const span of [server, child]) t.equal(span?.status.code, SpanStatusCode.ERROR);
    t.match(JSON.parse(lines.at(-1) ?? ''), { stage: 'scope', trace_id: watch.traceId });
  }
  t.strictSame(heard, []);
});

t.test('every span ends exactly once, however the request ends', async (t) => {
  const heard = complaints(t);
  const traced = await startTraced(t, {
    upstream: ({ method }, response) => {
      if (method === 'PUT') response.writeHead(200).write('half', () => response.destroy());
      if (method === 'POST') response.end();
    },
  });
  const { url } = traced.gateway;
  const before = spans().length;
  await call(url, { ...ACCOUNT, method: 'POST' });
  await call(url, { path: '/accounts/1001' });
  await call(url, { path: '/accounts/1002', token: 'opaque' });
  await t.rejects(call(url, { ...ACCOUNT, method: 'PUT' }));
  const waiting = visit(traced);
  await until(() => traced.api.requests.length === 3);
  waiting.destroy();
  const ended = (): readonly ReadableSpan[] => spans().slice(before);
  await until(() => ended().filter(({ kind }) => kind === SpanKind.SERVER).length === 5);
  const counts: Record<string, number> = {};
  for (const { name, kind } of ended()) {
    const key = kind === SpanKind.INTERNAL ? name : SpanKind[kind];
    counts[key] = (counts[key] ?? 0) + 1;
  }
  t.strictSame(counts, {
    'portcullis.route': 5,
    'portcullis.credential': 5,
    'portcullis.introspection': 4,
    'portcullis.scope': 4,
    'portcullis.policy': 4,
    'portcullis.forward': 3,
    CLIENT: 4,
    SERVER: 5,
  });
  t.strictSame(heard, []);
});
