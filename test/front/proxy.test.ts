import { METHODS } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { Denial } from '../../src/denial.ts';
import { type ProxyPorts, proxyFront } from '../../src/front/proxy.ts';
import { publishes } from '../../src/front/published.ts';
import { receiver } from '../../src/front/receive.ts';
import type { Limits } from '../../src/front/server.ts';
import { LIMITS } from '../support/limits.ts';
import { trustedProxies } from '../../src/http/forwarded.ts';
import { decisionLog } from '../../src/observe/decision-log.ts';
import { openLog } from '../../src/observe/log.ts';
import { observation } from '../../src/observe/observation.ts';
import { until } from '../support/traced.ts';
import { call, startUpstream } from '../support/http.ts';
import { startOpenGateway } from '../support/open-gateway.ts';
import { openWire, problemOf } from '../support/wire.ts';

/** The front alone, in front of a chain that a test makes up; `lines` is its log. */
async function startFront(
  t: Test,
  serve: ProxyPorts['serve'],
  { limits, ...ports }: Partial<Omit<ProxyPorts, 'limits'>> & { limits?: Partial<Limits> } = {},
): Promise<{ url: string; lines: string[]; close: () => Promise<void> }> {
  const lines: string[] = [];
  const log = openLog('debug', { write: (line) => void lines.push(line) });
  const trust = trustedProxies([]);
  const front = proxyFront({
    serve,
    observe: observation(decisionLog(log, Date.now), { trust: 'none', now: Date.now }),
    receive: receiver(trust, 'http', LIMITS, Date.now),
    log,
    published: () => null,
    limits: { ...LIMITS, ...limits },
    trust,
    dressing: null,
    judgeOrigin: null,
    ...ports,
  });
  const close = (): Promise<void> => front.close(0);
  t.teardown(close);
  return { url: await front.listen({ host: '127.0.0.1', port: 0 }), lines, close: () => front.close(60_000) };
}

t.test('every method of HTTP goes through the chain', async (t) => {
  const upstream = await startUpstream(t);
  const { url } = await startOpenGateway(t, { upstream: upstream.url });
  const methods = METHODS.filter((method) => method !== 'CONNECT' && method !== 'TRACE');
  for (const method of ['PROPFIND', 'QUERY', 'SOURCE', 'M-SEARCH']) t.ok(methods.includes(method), method);
  for (const method of methods) t.equal((await call(url, { method, path: '/x' })).status, 200, method);
  t.strictSame(
    upstream.requests.map(({ method }) => method),
    methods,
  );
});

t.test('TRACE is refused with what is served instead (RFC 9110 section 9.3.8)', async (t) => {
  const { url } = await startOpenGateway(t);
  const { status, headers } = await call(url, { method: 'TRACE', path: '/x' });
  t.equal(status, 405);
  t.match(headers, { allow: /^GET, HEAD, POST/, 'content-type': 'application/problem+json' });
});

t.test('nobody but the chain reads the target or the body', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.writeHead(200).end());
  const { url } = await startOpenGateway(t, { upstream: upstream.url });
  const answers = new Map<string, number>();
  for (const path of ['/', '/a%2Cb;', '/?q=50%&q=%2e%2E', '/no/such/route?', '/%zz']) {
    const { status, headers } = await call(url, {
      path,
      method: 'POST',
      headers: { 'content-type': 'no/type' },
      body: '{',
    });
    answers.set(path, status);
    if (status === 400) t.equal(headers['content-type'], 'application/problem+json', path);
  }
  t.strictSame([...answers.values()], [200, 400, 200, 200, 400]);
  t.strictSame(
    upstream.requests.map(({ target, body }) => `${target} ${body}`),
    ['/ {', '/?q=50%&q=%2e%2E {', '/no/such/route? {'],
  );
  const { rawHeaders } = await call(url, { path: '/..' });
  t.strictSame(
    rawHeaders.filter((_, index) => index % 2 === 0),
    ['Content-Type', 'Content-Length', 'Cache-Control', 'Date', 'Connection'],
  );
});

t.test('a second Host is seen however far down it stands', async (t) => {
  const { url } = await startOpenGateway(t, { listener: 'limits: { header_count: 3000 }' });
  const wire = await openWire(t, url);
  wire.send(`GET / HTTP/1.1\r\nHost: a\r\n${'a:\r\n'.repeat(2_500)}Host: b\r\n\r\n`);
  t.equal((await wire.reply()).status, 400);
});

t.test('what the gateway itself answers is asked of nobody else, and dressed by no route', async (t) => {
  const crossOrigin = {
    dressing: { removes: new Set(['access-control-allow-origin']), adds: ['Vary', 'Origin'] },
    preflight: null,
  };
  const { url } = await startFront(t, async () => ({ denial: 'no_route' }), {
    published: publishes([{ path: '/keys', host: null, document: { keys: [{ kid: 'a' }] } }], []),
    judgeOrigin: () => crossOrigin,
    dressing: { removes: new Set(['server']), adds: ['X-Always', 'yes'] },
  });
  const { status, headers, text } = await call(url, { path: '/keys?x' });
  t.match({ status, text }, { status: 200, text: '{"keys":[{"kid":"a"}]}' });
  t.match(headers, { 'access-control-allow-origin': '*', 'x-always': 'yes' });
  t.notOk('vary' in headers);
  t.match(await call(url, { path: '/keys', method: 'HEAD' }), {
    status: 200,
    text: '',
    headers: { 'content-length': '22' },
  });
  t.match(await call(url, { path: '/other' }), { status: 404, headers: { vary: 'Origin' } });
});

t.test('a published document is nothing for a request that every route would refuse', async (t) => {
  const published = publishes([{ path: '/jwks.json', host: null, document: {} }], []);
  const refused: Denial = { denial: 'malformed_request', detail: 'the chain says so' };
  const { url } = await startFront(t, async () => refused, { published });
  for (const method of ['GET', 'HEAD'])
    for (const more of ['Host: b', 'Transfer-Encoding: gzip, chunked', 'X-HTTP-Method-Override: PUT']) {
      const wire = await openWire(t, url);
      wire.send(`${method} /jwks.json HTTP/1.1\r\nHost: a\r\n${more}\r\n\r\n`);
      t.equal((await wire.reply(method === 'HEAD' ? 'bodyless' : undefined)).status, 400, more);
    }
});

t.test('a bug is answered with 500, told in the log and to nobody else', async (t) => {
  const { url, lines } = await startFront(t, async () => {
    throw new TypeError('x is not a function');
  });
  const answer = await call(url);
  t.equal(answer.status, 500);
  t.notMatch(answer.text, /function/);
  t.match(lines.join(''), new RegExp(`x is not a function.*${String(answer.json()['trace_id'])}`));
});

t.test('a bug after the head cuts the answer', async (t) => {
  const { url, lines } = await startFront(t, async (_received, sink) => {
    sink.head(200, []);
    sink.write(Buffer.from('half'));
    throw new TypeError('x is not a function');
  });
  const wire = await openWire(t, url);
  wire.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  t.notMatch(await wire.rest(), /0\r\n\r\n$/);
  t.notMatch(lines.join(''), /the connection was cut/, 'and that is no further bug');
});

t.test('a bug of the front itself cuts the connection, and the process goes on', async (t) => {
  const { url, lines } = await startFront(t, async () => ({ denial: 'no_route' }), {
    observe: () => {
      throw new TypeError('nothing to see');
    },
  });
  await t.rejects(call(url), { code: 'ECONNRESET' });
  await t.rejects(call(url), { code: 'ECONNRESET' });
  t.match(lines[1], /nothing to see.*a bug/);
});

t.test('a request that breaks off tells the chain that its client is gone, and the client why', async (t) => {
  const { url, lines } = await startFront(
    t,
    (received, sink) =>
      new Promise((resolve) => {
        received.body?.stream(Infinity).resume();
        sink.onGone(() => resolve({ denial: 'client_gone' }));
      }),
    { limits: { body_timeout: 20 } },
  );
  const wire = await openWire(t, url);
  wire.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na');
  t.match(problemOf(await wire.reply()), { status: 408 });
  t.equal(await wire.rest(), '');
  await until(() => lines.length > 0);
  t.match(lines, [/"reason":"request_timeout"/]);
});

t.test('who does not read the end of an answer is cut when `idle_timeout` has passed', async (t) => {
  const whole = Buffer.alloc(33_554_432, 'x');
  const gone: string[] = [];
  const { url } = await startFront(
    t,
    async ({ target }, sink) => {
      sink.onGone(() => gone.push(target.path));
      sink.head(200, []);
      sink.write(whole);
      sink.end([]);
      return { status: 200, aborted: false };
    },
    { limits: { idle_timeout: 1_000 } },
  );
  const wire = await openWire(t, url);
  wire.socket.pause();
  wire.send('GET /unread HTTP/1.1\r\nHost: a\r\n\r\n');
  t.equal((await call(url, { path: '/read' })).text.length, whole.length);
  await until(() => gone.length > 0);
  t.strictSame(gone, ['/unread']);
});

t.test('that is over when the next request begins', async (t) => {
  const { url } = await startFront(
    t,
    async ({ target }, sink) => {
      const large = target.path === '/large';
      if (!large) await pause(1_000);
      const body = Buffer.alloc(large ? 33_554_432 : 2, 'x');
      sink.head(200, ['Content-Length', String(body.length)]);
      sink.write(body);
      sink.end([]);
      return { status: 200, aborted: false };
    },
    { limits: { idle_timeout: 500 } },
  );
  const wire = await openWire(t, url);
  let last = '';
  wire.socket.on('data', (chunk: Buffer) => (last = chunk.toString('latin1')));
  wire.send('GET /large HTTP/1.1\r\nHost: a\r\n\r\nGET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
  await until(() => wire.socket.closed || last.endsWith('\r\n\r\nxx'));
  t.equal(wire.socket.closed, false);
});

t.test('while it drains, an answer ends its connection', async (t) => {
  let answer = (): void => {};
  const { url, close } = await startFront(
    t,
    (_received, sink) =>
      new Promise((resolve) => {
        answer = () => {
          sink.head(200, ['Content-Length', '0', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']);
          sink.end([]);
          resolve({ status: 200, aborted: false });
        };
        arrived();
      }),
  );
  let arrived = (): void => {};
  const wire = await openWire(t, url);
  const arrival = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  wire.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await arrival;
  const closing = close();
  answer();
  t.match(await wire.reply(), { status: 200, headers: { connection: 'close', 'set-cookie': 'a=1, b=2' } });
  await closing;
  t.equal(await wire.rest(), '');
});
