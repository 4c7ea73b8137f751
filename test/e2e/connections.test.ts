/** Requests that share a connection: each has its own answer, and the next one is found where it starts. */
import t from 'tap';
import { startScriptedServer } from '../support/authorization-server.ts';
import { startGateway } from '../support/gateway.ts';
import { startServer, startUpstream } from '../support/http.ts';
import { startOpenGateway } from '../support/open-gateway.ts';
import { openWire, problemOf } from '../support/wire.ts';

t.test('pipelined requests are judged each by its own token, and answered in their order', async (t) => {
  const server = await startScriptedServer(t, (token) => ({
    body: JSON.stringify({ active: token !== 'mallory', sub: token }),
  }));
  const held: (() => void)[] = [];
  const upstream = await startServer(t, (request, response) => {
    const answer = (): void => void response.end(String(request.headers['x-user']));
    if (request.headers['x-user'] === 'alice') held.push(answer);
    else {
      answer();
      for (const late of held) late();
    }
  });
  const { url } = await startGateway(t, {
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
  const wire = await openWire(t, url);
  for (const token of ['alice', 'mallory', '', 'bob'])
    wire.send(`GET / HTTP/1.1\r\nHost: a\r\n${token && `Authorization: Bearer ${token}\r\n`}\r\n`);
  const replies = [await wire.reply(), await wire.reply(), await wire.reply(), await wire.reply()];
  t.strictSame(
    replies.map(({ status, text }) => (status === 200 ? text : status)),
    ['alice', 401, 401, 'bob'],
  );
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

  const waiting = await openWire(t, url);
  waiting.send('POST / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na');
  t.match(await waiting.rest(), /^HTTP\/1.1 200 OK\r\n/, 'no interim answer (RFC 9110 section 10.1.1)');
});
