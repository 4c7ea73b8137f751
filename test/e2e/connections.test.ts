/** Requests that share a connection: each has its own answer, and the next one is found where it starts. */
import type { ServerResponse } from 'node:http';
import t from 'tap';
import { startScriptedServer } from '../support/authorization-server.ts';
import { startGateway } from '../support/gateway.ts';
import { startServer, startUpstream } from '../support/http.ts';
import { reasons, startOpenGateway } from '../support/open-gateway.ts';
import { startRecording } from '../support/recording.ts';
import { openWire, problemOf } from '../support/wire.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n';

t.test('pipelined requests are judged each by its own token, and answered in their order', async (t) => {
  const server = await startScriptedServer(t, (token) => ({
    body: JSON.stringify({ active: token !== 'mallory', sub: token }),
  }));
  const alice = Promise.withResolvers<ServerResponse>();
  const upstream = await startServer(t, (request, response) => {
    if (request.headers['x-user'] === 'alice') alice.resolve(response);
    else response.end(String(request.headers['x-user']));
  });
  const gateway = await startGateway(t, {
    issuer: server.issuer,
    upstream,
    routes: `
  - name: all
    match: { path: "/**" }
    service: api
    policy: none
    identity_headers: { claims: { sub: X-User }, jwt: false }
`,
  });
  const wire = await openWire(t, gateway.url);
  for (const token of ['alice', 'mallory', '', 'bob'])
    wire.send(`${GET}${token && `Authorization: Bearer ${token}\r\n`}\r\n`);
  const response = await alice.promise;
  t.strictSame(reasons(gateway), [], 'the others wait');
  t.equal(server.asked.length, 1);
  response.end('alice');
  const replies = [await wire.reply(), await wire.reply(), await wire.reply(), await wire.reply()];
  t.strictSame(
    replies.map(({ status, text }) => (status === 200 ? text : status)),
    ['alice', 401, 401, 'bob'],
  );
});

t.test('what is pipelined behind the last answer of a connection reaches nobody', async (t) => {
  const upstream = await startUpstream(t, (_request, response) =>
    response.writeHead(200, { 'content-length': 2 }).end('{}'),
  );
  const gateway = await startOpenGateway(t, { upstream: upstream.url });
  const lasts: [string, string, number][] = [
    ['the client says so', `${GET}Connection: close\r\n\r\n`, 200],
    ['HTTP/1.0 says so', 'GET / HTTP/1.0\r\nHost: a\r\n\r\n', 200],
    [
      'a refusal does, over an unread body',
      'POST /.. HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['an upgrade does', `${GET}Connection: upgrade\r\nUpgrade: websocket\r\n\r\n`, 501],
    [
      'an unclear length does',
      'POST / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
  ];
  for (const [name, bytes, status] of lasts) {
    const wire = await openWire(t, gateway.url);
    wire.send(`${bytes}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`);
    const reply = await wire.reply();
    t.equal(reply.status, status, name);
    t.equal(reply.headers['connection'], 'close', name);
    t.equal(await wire.rest(), '', name);
  }
  t.strictSame(new Set(upstream.requests.map(({ target }) => target)), new Set(['/']));
});

t.test('h2c is offered in vain, and nothing of it reaches the upstream (h2c smuggling)', async (t) => {
  const upstream = await startRecording(t);
  const gateway = await startOpenGateway(t, { upstream: upstream.url });
  const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
  for (const more of ['', preface, 'GET /smuggled HTTP/1.1\r\nHost: a\r\nX: ']) {
    const wire = await openWire(t, gateway.url);
    wire.send(
      `${GET}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n${more}`,
    );
    const reply = await wire.reply();
    t.match(reply, { status: 200, headers: { connection: 'close' } }, 'it is served as HTTP/1.1');
    wire.send('GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n');
    t.equal(await wire.rest(), '', 'and nothing behind it is read as a request');
  }
  t.strictSame(
    upstream.requests.map(({ target }) => target),
    ['/', '/', '/'],
  );
  t.strictSame(upstream.faults, []);
  for (const bytes of upstream.connections()) t.notMatch(bytes, /h2c|upgrade|http2-settings|PRI|smuggled/i);
});

t.test('other upgrades are refused before anything else happens, and end the connection', async (t) => {
  const upstream = await startUpstream(t);
  const gateway = await startOpenGateway(t, { upstream: upstream.url });
  for (const protocols of ['websocket', 'h2c, websocket', 'TLS/1.3', 'h2']) {
    const wire = await openWire(t, gateway.url);
    wire.send(
      `GET /.. HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: ${protocols}\r\n\r\n\x81\x05hello`,
    );
    const reply = await wire.reply();
    t.match(problemOf(reply), { status: 501 }, protocols);
    t.equal(reply.headers['connection'], 'close');
    t.equal(await wire.rest(), '');
  }
  t.strictSame(reasons(gateway), Array(4).fill('upgrade_not_served'));
  const wire = await openWire(t, gateway.url);
  wire.send(`${GET}Upgrade: websocket\r\n\r\n`);
  t.equal((await wire.reply()).status, 200, 'without Connection: upgrade it is none');
  t.equal(upstream.requests.length, 1);
});

t.test('100 Continue is sent to who was admitted alone (RFC 9110 section 10.1.1)', async (t) => {
  const upstream = await startUpstream(t);
  const { url } = await startOpenGateway(t, { upstream: upstream.url });
  const ask = (path: string, expect: string): string =>
    `POST ${path} HTTP/1.1\r\nHost: a\r\nExpect: ${expect}\r\nContent-Length: 5\r\n\r\n`;

  const admitted = await openWire(t, url);
  admitted.send(ask('/', '100-continue'));
  t.equal((await admitted.reply()).status, 100);
  t.equal(upstream.requests.length, 0);
  admitted.send('hello');
  t.equal((await admitted.reply()).status, 200);
  t.equal(upstream.requests[0]?.body, 'hello');

  for (const [path, expect, status] of [
    ['/..', '100-continue', 400],
    ['/', 'a-miracle', 417],
  ] as const) {
    const refused = await openWire(t, url);
    refused.send(ask(path, expect));
    const reply = await refused.reply();
    t.match(problemOf(reply), { status });
    t.equal(reply.headers['connection'], 'close', 'the body may follow, or may not');
    t.equal(await refused.rest(), '');
  }
});

t.test('a refused request leaves the connection to the next one', async (t) => {
  const upstream = await startUpstream(t);
  const { url } = await startOpenGateway(t, { upstream: upstream.url });
  const wire = await openWire(t, url);
  wire.send('POST /.. HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n');
  t.match(await wire.reply(), { status: 400, headers: { connection: 'keep-alive' } });
  wire.send(Buffer.alloc(60_000));
  wire.send('GET /next HTTP/1.1\r\nHost: a\r\n\r\n');
  t.equal((await wire.reply()).status, 200);
  t.equal(upstream.requests[0]?.target, '/next');
});

t.test('it ends the connection when its body is large', async (t) => {
  const { url } = await startOpenGateway(t);
  const wire = await openWire(t, url);
  wire.send('POST /.. HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n');
  t.match(await wire.reply(), { status: 400, headers: { connection: 'close' } });
  t.equal(await wire.rest(), '');
});

t.test('HTTP/1.0 is answered in its own way', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.end('ok'));
  const { url } = await startOpenGateway(t, { upstream: upstream.url });
  const wire = await openWire(t, url);
  wire.send('GET / HTTP/1.0\r\nHost: a\r\n\r\n');
  t.match(await wire.rest(), /^HTTP\/1.1 200 OK\r\n(?![^]*chunked)[^]*Connection: close\r\n\r\nok$/);

  const kept = await openWire(t, url);
  for (let i = 0; i < 2; i++) {
    kept.send('POST / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na');
    t.match(await kept.reply(), { status: 200, headers: { connection: 'keep-alive' }, text: 'ok' });
  }

  const waiting = await openWire(t, url);
  waiting.send('POST / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na');
  t.match(await waiting.rest(), /^HTTP\/1.1 200 OK\r\n/, 'no interim answer (RFC 9110 section 10.1.1)');
});
