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
  { timeout = '2s', now = Date.now, introspection = '' } = {},
): Promise<{ gateway: Gateway; upstream: Upstream }> {
  const upstream = await startUpstream(t);
  const server = `    introspection: { timeout: ${timeout}, ${introspection} }`;
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

/** A server with discovery that answers every introspection with this, once it is up. */
const answering =
  (server: () => { readonly issuer: string }, introspect: RequestListener): RequestListener =>
  (request, response) => {
    response.setHeader('content-type', 'application/json');
    const { issuer } = server();
    if (request.url === '/introspect') introspect(request, response);
    else response.end(JSON.stringify({ issuer, introspection_endpoint: `${issuer}/introspect` }));
  };

t.test(
  'a server that is dead is left alone, each refusal says for how long, and it is tried again',
  async (t) => {
    let heard = 0;
    const server = await startLater(
      t,
      answering(
        () => server,
        (_request, response) => {
          heard++;
          response.end('{"active":true}');
        },
      ),
    );
    let clock = Date.now();
    const introspection = 'retries: 0, breaker: { failures: 3, open_for: 20s }';
    const { gateway, upstream } = await start(t, server.issuer, { now: () => clock, introspection });
    const ask = async (token: string) => {
      const { status, headers } = await call(gateway.url, { token });
      return [status, headers['retry-after']];
    };
    const breaker = () => gateway.app.status().authorization_servers['main']?.breaker;

    await server.up();
    t.strictSame(await ask('known'), [200, undefined]);
    await server.down();
    for (const retry of ['1', '1', '20']) t.strictSame(await ask('new'), [503, retry]);
    t.equal(breaker(), 'open');
    await server.up();
    clock += 12_500;
    t.strictSame(await ask('new'), [503, '8'], 'though it is up again');
    t.strictSame(await ask('known'), [200, undefined]);
    t.equal(heard, 1);
    clock += 7_500;
    t.equal(breaker(), 'half_open');
    t.strictSame(await ask('new'), [200, undefined]);
    t.equal(breaker(), 'closed');
    t.equal(heard, 2);
    t.equal(upstream.requests.length, 3);
    t.match(
      gateway
        .logged()
        .filter(({ message }) => message !== 'refused')
        .map(({ level, message }) => [level, message]),
      [
        ['warn', 'the authorization server fails, and is left alone'],
        ['info', 'the authorization server is back'],
      ],
    );
  },
);

t.test('one that hangs, and one that answers with 5xx, are left alone like one that is dead', async (t) => {
  for (const listener of [
    () => {},
    (_request, response) => void response.writeHead(502).end(),
  ] as RequestListener[]) {
    let heard = 0;
    const server = await startLater(
      t,
      answering(
        () => server,
        (...exchange) => {
          heard++;
          listener(...exchange);
        },
      ),
    );
    await server.up();
    const introspection = 'breaker: { failures: 2, open_for: 30s }';
    const { gateway, upstream } = await start(t, server.issuer, { timeout: '300ms', introspection });
    for (const token of ['a', 'b', 'c', 'd']) t.equal((await call(gateway.url, { token })).status, 503);
    t.equal(heard, 2);
    t.strictSame(upstream.requests, []);
  }
});

t.test('one that is slow, though in time, is waited for by all who come', async (t) => {
  const held = Promise.withResolvers<void>();
  const server = await startScriptedServer(t, async () => {
    await held.promise;
    return { body: '{"active":true}' };
  });
  const { gateway } = await start(t, server.issuer, { timeout: '60s' });
  const answers = Array.from({ length: 20 }, (_, index) => call(gateway.url, { token: `t${index % 4}` }));
  await until(() => server.asked.length === 4);
  held.resolve();
  for (const { status } of await Promise.all(answers)) t.equal(status, 200);
  t.equal(server.asked.length, 4);
});

t.test('an answer that is cut off is 503, and nobody is let in on half of it', async (t) => {
  const server = await startLater(
    t,
    answering(
      () => server,
      (_request, response) => {
        response.setHeader('content-length', 1_000);
        response.write('{"active":true}');
        setImmediate(() => response.destroy());
      },
    ),
  );
  await server.up();
  const { gateway, upstream } = await start(t, server.issuer);
  t.equal((await call(gateway.url, { token: 'a' })).status, 503);
  t.strictSame(upstream.requests, []);
});

t.test(
  'facts are served stale while it is dead, where that is dared, and no longer than the token lives',
  async (t) => {
    let clock = Date.now();
    let active = true;
    const exp = Math.floor(clock / 1_000) + 60;
    const server = await startLater(
      t,
      answering(
        () => server,
        (_request, response) => response.end(JSON.stringify({ active, exp })),
      ),
    );
    await server.up();
    const introspection = 'cache: { max_ttl: 10s, dangerously_serve_stale: 10m }';
    const { gateway } = await start(t, server.issuer, { now: () => clock, introspection });
    const status = async (token: string): Promise<number> => (await call(gateway.url, { token })).status;
    t.equal(await status('a'), 200);
    t.equal(await status('b'), 200);
    active = false;
    clock += 10_000;
    t.equal(await status('b'), 401, 'while it can be asked, nothing stale is served');
    await server.down();
    clock += 10_000;
    t.equal(await status('a'), 200);
    t.equal(await status('b'), 503, 'of this one it has said that it is inactive');
    t.equal(await status('c'), 503);
    clock = exp * 1_000 - 1;
    t.equal(await status('a'), 200);
    clock++;
    t.equal(await status('a'), 503);
    await server.up();
    clock += 5_000;
    t.equal(await status('a'), 401);
  },
);

t.test('one discovery that fails is one failure, however many requests waited for it', async (t) => {
  let healthy = false;
  let heard = 0;
  const server = await startLater(t, (...exchange) => {
    heard++;
    if (!healthy) exchange[1].writeHead(503).end();
    else
      answering(
        () => server,
        (_request, response) => response.end('{"active":true}'),
      )(...exchange);
  });
  await server.up();
  let clock = Date.now();
  const introspection = 'breaker: { failures: 3, open_for: 1h }';
  const { gateway } = await start(t, server.issuer, { now: () => clock, introspection });
  const ask = async (token: string): Promise<number> => (await call(gateway.url, { token })).status;
  const eight = Array.from({ length: 8 }, (_, index) => `t${index}`);
  t.strictSame(await Promise.all(eight.map(ask)), Array(8).fill(503));
  t.equal(await ask('later'), 503, 'nor does who comes within the second count');
  t.equal(heard, 2, 'RFC 8414 and OpenID, once');
  healthy = true;
  clock += 1_000;
  t.equal(await ask('later'), 200, 'it is not left alone for that');
});

t.test('tokens on which the server fails do not shut out those that it knows', async (t) => {
  const server = await startScriptedServer(t, (token) =>
    token.startsWith('odd') ? { status: 500 } : { body: '{"active":true}' },
  );
  let clock = Date.now();
  const introspection = 'cache: { max_ttl: 1s }, breaker: { failures: 2, open_for: 20s }';
  const { gateway } = await start(t, server.issuer, { now: () => clock, introspection });
  const ask = async (token: string): Promise<number> => (await call(gateway.url, { token })).status;
  t.equal(await ask('good'), 200);
  for (let round = 0; round < 3; round++) {
    clock += 1_000;
    for (const odd of ['odd-a', 'odd-b', 'odd-c']) t.equal(await ask(odd), 503);
    t.equal(gateway.app.status().authorization_servers['main']?.breaker, 'open');
    t.equal(await ask('good'), 200, 'though the server is left alone with new ones');
  }
  t.equal(server.asked.length, 1 + 3 * 3, 'of the odd ones it heard two each time');
});

t.test('a token that was said to be inactive is served stale for no other request either', async (t) => {
  let answer: Awaited<ReturnType<Parameters<typeof startScriptedServer>[1]>> = { body: '{"active":true}' };
  const server = await startScriptedServer(t, () => answer);
  let clock = Date.now();
  const introspection =
    'introspect_request: true, cache: { max_ttl: 10s, dangerously_serve_stale: 1h }, breaker: { failures: 1000 }';
  const { gateway } = await start(t, server.issuer, { now: () => clock, introspection });
  const ask = async (path: string, token = 'a'): Promise<number> =>
    (await call(gateway.url, { path, token })).status;
  for (const path of ['/one', '/two']) for (const token of ['a', 'b']) t.equal(await ask(path, token), 200);
  clock += 10_000;
  answer = { body: '{"active":false}' };
  t.equal(await ask('/one'), 401);
  answer = { status: 503 };
  t.equal(await ask('/two'), 503);
  t.equal(await ask('/two', 'b'), 200, 'another one is');
});
