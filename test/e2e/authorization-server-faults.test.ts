/** The authorization server is down, hangs, or comes back: nobody is let in meanwhile, and nobody has to restart anything. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { startScriptedServer } from '../support/authorization-server.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { call, startUpstream, type Upstream } from '../support/http.ts';
import { reasons } from '../support/open-gateway.ts';
import { until } from '../support/traced.ts';
import { openWire } from '../support/wire.ts';

const ROUTES = `
  - name: all
    match: { path: "/**" }
    service: api
    policy: none
    identity_headers: { jwt: false }
`;

async function start(
  t: Test,
  issuer: string,
  { timeout = '2s', now = Date.now } = {},
): Promise<{ gateway: Gateway; upstream: Upstream }> {
  const upstream = await startUpstream(t);
  const server = `    introspection: { timeout: ${timeout} }`;
  const gateway = await startGateway(t, { issuer, upstream: upstream.url, server, now, routes: ROUTES });
  return { gateway, upstream };
}

/** A server at a port of its own, that runs when told to. */
async function startLater(t: Test, listener: RequestListener) {
  const server = createServer(listener);
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  const port = await listen(0);
  await stop();
  return { issuer: `http://127.0.0.1:${port}`, up: () => listen(port), down: stop };
}

t.test('a dead authorization server is 503, until it is up again', async (t) => {
  const server = await startLater(t, (request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url === '/introspect') response.end('{"active":true}');
    else
      response.end(
        JSON.stringify({ issuer: server.issuer, introspection_endpoint: `${server.issuer}/introspect` }),
      );
  });
  let clock = Date.now();
  const { gateway, upstream } = await start(t, server.issuer, { now: () => clock });

  const refused = await call(gateway.url, { token: 'a' });
  t.equal(refused.status, 503);
  t.match(refused.headers, { 'retry-after': '1', 'content-type': 'application/problem+json' });
  t.match(refused.json(), { status: 503, trace_id: String, decision_id: String });
  t.notMatch(refused.text, /ECONNREFUSED|127\.0\.0\.1/, 'the client is not told of what');
  t.match(
    JSON.stringify(gateway.logged()),
    /authorization_server_unavailable.*main: the call failed: ECONNREFUSED/,
  );
  t.match(gateway.app.status().authorization_servers, { main: { failure: /ECONNREFUSED/ } });
  t.strictSame(upstream.requests, []);

  await server.up();
  clock += 2_000;
  t.equal((await call(gateway.url, { token: 'a' })).status, 200, 'it recovers by itself');
  t.match(gateway.app.status().authorization_servers, { main: { failure: null } });

  await server.down();
  t.equal((await call(gateway.url, { token: 'a' })).status, 200, 'what is known is known');
  t.equal((await call(gateway.url, { token: 'b' })).status, 503, 'who is new is not let in');
  clock += 60_000;
  t.equal((await call(gateway.url, { token: 'a' })).status, 503, 'and nothing is known for ever');
  t.equal(upstream.requests.length, 2);
});

t.test('an authorization server that hangs is 503 when its time is over', async (t) => {
  const server = await startScriptedServer(t, () => new Promise(() => {}));
  const { gateway, upstream } = await start(t, server.issuer, { timeout: '50ms' });
  const { status, headers } = await call(gateway.url, { token: 'a' });
  t.match({ status, headers }, { status: 503, headers: { 'retry-after': '1' } });
  t.strictSame(upstream.requests, []);
  t.strictSame(reasons(gateway), ['authorization_server_unavailable']);
});

t.test('an authorization server that fails is 503, never 401 or 403', async (t) => {
  const answers = [
    { status: 500 },
    { status: 401, body: '{"error":"invalid_client"}' },
    { status: 429 },
    { body: '<html>' },
  ];
  const server = await startScriptedServer(t, (token) => answers[Number(token)] ?? {});
  const { gateway, upstream } = await start(t, server.issuer);
  for (const index of answers.keys())
    t.equal((await call(gateway.url, { token: String(index) })).status, 503, JSON.stringify(answers[index]));
  t.strictSame(upstream.requests, []);
});

t.test('a client who leaves while it is asked about is not served', async (t) => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const server = await startScriptedServer(t, async () => {
    asked.resolve();
    await answer.promise;
    return { body: '{"active":true}' };
  });
  const { gateway, upstream } = await start(t, server.issuer);
  const wire = await openWire(t, gateway.url);
  wire.send('POST / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nContent-Length: 9\r\n\r\na');
  await asked.promise;
  wire.socket.destroy();
  await until(() => wire.socket.closed);
  const stays = call(gateway.url, { token: 'a' });
  await until(() => server.asked.length === 1);
  answer.resolve();
  t.equal((await stays).status, 200, 'who waits for the same answer has it');
  await until(() => reasons(gateway).length === 1);
  t.strictSame(reasons(gateway), ['client_gone']);
  t.match(upstream.requests, [{ method: 'GET' }]);
  t.equal(upstream.requests.length, 1);
});
