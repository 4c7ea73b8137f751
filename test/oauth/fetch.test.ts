import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import {
  admittedEndpoint,
  EndpointError,
  IllServerError,
  isIll,
  isIllStatus,
  oauthFetch,
  repeated,
  UnansweredError,
} from '../../src/oauth/fetch.ts';
import { startServer, startUpstream } from '../support/http.ts';
import { serverConfig } from '../support/introspection.ts';

/** A fetch of the server that `listener` makes, and its issuer. */
async function fetching(t: Test, listener: RequestListener, more: object = {}) {
  const issuer = await startServer(t, listener);
  const { fetch, close } = oauthFetch(serverConfig(issuer, more));
  t.teardown(close);
  return { issuer, fetch };
}

t.test('an endpoint lies at an origin that the configuration names', async (t) => {
  const server = serverConfig('https://as.example/tenant', {
    allow_insecure_requests: false,
    endpoint_origins: ['https://keys.example'],
    introspection: { endpoint: 'https://introspect.example/ask' },
    jwks_uri: 'https://sets.example/jwks',
  });
  const cases: [string, string][] = [
    ['https://as.example/introspect?a=b', 'https://as.example/introspect?a=b'],
    ['https://as.example:443/introspect', 'https://as.example/introspect'],
    ['https://keys.example/jwks', 'https://keys.example/jwks'],
    ['https://introspect.example/other', 'https://introspect.example/other'],
    ['https://sets.example/jwks', 'https://sets.example/jwks'],
    ['https://evil.example/introspect', "https://evil.example is neither the issuer's origin nor one of"],
    ['https://as.example.evil.example/', 'https://as.example.evil.example is neither'],
    ['https://as.example@evil.example/', 'https://evil.example is neither'],
    ['https://as.example:8443/', 'https://as.example:8443 is neither'],
    ['http://as.example/introspect', 'http://as.example is neither'],
    ['blob:https://as.example/x', 'https://as.example is not https, and allow_insecure_requests is off'],
    ['data:text/plain,x', 'null is neither'],
    ['/introspect', 'an endpoint of the authorization server is not a URL'],
    ['', 'an endpoint of the authorization server is not a URL'],
  ];
  for (const [endpoint, expected] of cases)
    if (expected.startsWith('https://') && !expected.includes(' '))
      t.equal(admittedEndpoint(endpoint, server).href, expected, endpoint);
    else t.throws(() => admittedEndpoint(endpoint, server), new EndpointError(expected), endpoint);
});

t.test('base_url is connected to instead of the issuer, whatever the path looks like', async (t) => {
  const server = serverConfig('https://login.example', { base_url: 'http://keycloak:8080/' });
  const cases: [string, string][] = [
    ['https://login.example/introspect?x=1', 'http://keycloak:8080/introspect?x=1'],
    ['https://login.example//evil.example/x', 'http://keycloak:8080//evil.example/x'],
    ['https://login.example/\\evil.example/x', 'http://keycloak:8080//evil.example/x'],
    ['http://keycloak:8080/introspect', 'http://keycloak:8080/introspect'],
  ];
  for (const [endpoint, expected] of cases)
    t.equal(admittedEndpoint(endpoint, server).href, expected, endpoint);
});

t.test(
  'http:// is judged by where the connection goes: an http issuer may be no more than a name',
  async (t) => {
    const strict = { allow_insecure_requests: false };
    const named = serverConfig('http://login.example', { ...strict, base_url: 'https://keycloak:8443' });
    t.equal(admittedEndpoint('http://login.example/x', named).href, 'https://keycloak:8443/x');
    const exposed = serverConfig('https://login.example', { ...strict, base_url: 'http://keycloak:8080' });
    for (const endpoint of ['https://login.example/x', 'http://keycloak:8080/x'])
      t.throws(() => admittedEndpoint(endpoint, exposed), {
        message: 'http://keycloak:8080 is not https, and allow_insecure_requests is off',
      });
  },
);

t.test('nothing is sent where it may not go', async (t) => {
  const { url, requests } = await startUpstream(t);
  const { fetch, close } = oauthFetch(serverConfig(url, { allow_insecure_requests: false }));
  t.teardown(close);
  await t.rejects(fetch(`${url}/introspect`, { method: 'POST', body: 'token=secret' }), {
    message: `${url} is not https`,
  });
  t.strictSame(requests, []);
});

t.test('method, fields and form go out, status, fields and body come back', async (t) => {
  const { url, requests } = await startUpstream(t, (_, response) =>
    response
      .writeHead(
        201,
        [
          ['X-A', '1'],
          ['X-A', '2'],
          ['Content-Type', 'text/plain'],
        ].flat(),
      )
      .end('made'),
  );
  const { fetch, close } = oauthFetch(serverConfig(url));
  t.teardown(close);
  const body = new URLSearchParams({ token: 'a&b=c' });
  const answer = await fetch(`${url}/ask?x=%20`, { method: 'POST', headers: { accept: 'a/b' }, body });
  t.match(requests[0], { method: 'POST', target: '/ask?x=%20', body: 'token=a%26b%3Dc' });
  t.equal(requests[0]!.headers.accept, 'a/b');
  t.equal(answer.status, 201);
  t.equal(answer.headers.get('x-a'), '1, 2');
  t.equal(await answer.text(), 'made');
});

t.test('a redirect is an answer, and is not followed', async (t) => {
  const elsewhere = await startUpstream(t);
  const { issuer, fetch } = await fetching(t, (_, response) =>
    response.writeHead(307, { location: elsewhere.url }).end(),
  );
  t.equal((await fetch(`${issuer}/`, { method: 'POST', body: 'token=secret' })).status, 307);
  t.strictSame(elsewhere.requests, []);
});

t.test('statuses that have no body are read as such', async (t) => {
  const { issuer, fetch } = await fetching(t, ({ url }, response) =>
    response.writeHead(Number(url?.slice(1))).end(),
  );
  for (const status of [204, 205, 304]) t.equal((await fetch(`${issuer}/${status}`, {})).status, status);
});

t.test('an answer of 256 KiB is read, one byte more is not, announced or not', async (t) => {
  const { issuer, fetch } = await fetching(t, ({ url }, response) => {
    const [, how, bytes] = url!.split('/');
    if (how === 'chunked') response.write(' ');
    response.end(' '.repeat(Number(bytes) - (how === 'chunked' ? 1 : 0)));
  });
  for (const how of ['announced', 'chunked']) {
    t.equal((await (await fetch(`${issuer}/${how}/262144`, {})).text()).length, 262_144, how);
    await t.rejects(fetch(`${issuer}/${how}/262145`, {}), { code: 'UND_ERR_RES_EXCEEDED_MAX_SIZE' }, how);
  }
});

t.test('a server that hangs, before its head or within its body, is left at the deadline', async (t) => {
  const left: Promise<unknown>[] = [];
  const drip = (response: ServerResponse): void => {
    const timer = setInterval(() => response.write(' '), 10);
    response.on('close', () => clearInterval(timer));
  };
  const { issuer, fetch } = await fetching(
    t,
    (request, response) => {
      left.push(once(response, 'close'));
      if (request.url === '/drip') drip(response);
    },
    { introspection: { timeout: '100ms' } },
  );
  for (const path of ['/never', '/drip'])
    await t.rejects(fetch(`${issuer}${path}`, {}), { name: 'TimeoutError' }, path);
  await Promise.all(left);
  t.equal(left.length, 2, 'and its connections are closed');
});

t.test("a caller's own signal ends the call too", async (t) => {
  const asked = new AbortController();
  const { issuer, fetch } = await fetching(t, () => asked.abort());
  await t.rejects(fetch(`${issuer}/`, { signal: asked.signal }), { name: 'AbortError' });
});

t.test('a server that is not there fails by its code', async (t) => {
  const { issuer, fetch } = await fetching(t, (request) => request.socket.destroy());
  await t.rejects(fetch(`${issuer}/`, {}), { code: 'UND_ERR_SOCKET', message: 'no answer: UND_ERR_SOCKET' });
});

t.test('an answer is asked for as it is, and refused when it comes encoded', async (t) => {
  let coding: string | null = 'gzip';
  const { issuer, fetch } = await fetching(t, ({ headers }, response) => {
    if (coding !== null) response.setHeader('content-encoding', coding);
    response.end(coding === 'gzip' ? gzipSync(' '.repeat(1_000_000)) : headers['accept-encoding']);
  });
  for (coding of ['gzip', 'br', 'identity, gzip', 'x'])
    await t.rejects(
      fetch(`${issuer}/`, {}),
      new EndpointError('it answered in a content coding, which was not asked for'),
      coding,
    );
  for (coding of [null, 'identity'])
    t.equal(await (await fetch(`${issuer}/`, {})).text(), 'identity', String(coding));
});

/** A server that cuts the first `cut` connections when a request is there; what it heard, and on how many connections. */
async function cutting(t: Test, cut: number, introspection: object = {}) {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const { issuer, fetch } = await fetching(
    t,
    (request, response) => {
      heard.push(`${request.method} ${request.url}`);
      sockets.add(request.socket);
      if (heard.length <= cut) request.socket.resetAndDestroy();
      else response.end('served');
    },
    { introspection },
  );
  return { url: `${issuer}/x`, fetch, heard, sockets };
}

t.test('a GET whose connection fails is repeated, as often as configured', async (t) => {
  for (const [cut, retries] of [
    [1, 1],
    [3, 3],
  ] as const) {
    const { url, fetch, heard } = await cutting(t, cut, { retries });
    t.equal(await (await fetch(url, {})).text(), 'served');
    t.equal(heard.length, cut + 1);
  }
  for (const [cut, retries] of [
    [1, 0],
    [2, 1],
  ] as const) {
    const { url, fetch, heard } = await cutting(t, cut, { retries });
    await t.rejects(fetch(url, {}), { message: /^no answer: / });
    t.equal(heard.length, retries + 1);
  }
});

t.test('what else is sent is not repeated here: an assertion in it would be seen twice', async (t) => {
  const { url, fetch, heard } = await cutting(t, 1, { retries: 5 });
  await t.rejects(fetch(url, { method: 'POST', body: 'token=a' }), { message: /^no answer: / });
  t.strictSame(heard, ['POST /x']);
});

t.test('an answer that breaks off is not asked for again', async (t) => {
  let calls = 0;
  const { issuer, fetch } = await fetching(
    t,
    ({ socket }, response) => {
      calls++;
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => socket.destroy());
    },
    { introspection: { retries: 5 } },
  );
  const failure = await fetch(`${issuer}/`, {}).then(
    () => null,
    (error: unknown) => error,
  );
  t.notOk(failure instanceof UnansweredError);
  t.ok(isIll(failure), 'though it is the server that is ill');
  t.equal(calls, 1);
});

t.test('neither is one that comes late', async (t) => {
  let calls = 0;
  const { issuer, fetch } = await fetching(t, () => void calls++, {
    introspection: { timeout: '50ms', retries: 5 },
  });
  await t.rejects(fetch(`${issuer}/`, {}), { name: 'TimeoutError' });
  t.equal(calls, 1);
});

t.test('a repetition waits no longer than the call may last, and then says what failed', async (t) => {
  const failure = new UnansweredError('ECONNREFUSED', null);
  const over = new AbortController();
  let calls = 0;
  const call = (): Promise<never> => {
    calls++;
    setImmediate(() => over.abort());
    return Promise.reject(failure);
  };
  const config = serverConfig('https://as.example', { introspection: { retries: 5 } });
  const random = (): number => 1_000_000;
  await t.rejects(repeated(config, { random, deadline: over.signal }, call), failure);
  t.equal(calls, 1);
});

t.test('connections are kept for the next call, or not', async (t) => {
  const paths = ['/a', '/b', '/c', '/d', '/e'];
  for (const keep_alive of ['30s', '0s']) {
    const seen = new Set<Socket>();
    const said = new Set<string | undefined>();
    const { issuer, fetch } = await fetching(
      t,
      ({ socket, headers }, response) => {
        seen.add(socket);
        said.add(headers.connection);
        response.end();
      },
      { keep_alive },
    );
    for (const path of paths) await fetch(issuer + path, {});
    // Two may take turns: undici gives a connection back a moment after its answer.
    t.equal(seen.size <= 2, keep_alive === '30s', `${keep_alive}: ${seen.size} connections`);
    t.strictSame([...said], [keep_alive === '0s' ? 'close' : 'keep-alive']);
  }
});

t.test('a connection is closed when its time is over, whatever the server would like', async (t) => {
  const server = createServer((_, response) => response.setHeader('keep-alive', 'timeout=600').end());
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { fetch, close } = oauthFetch(serverConfig(issuer, { keep_alive: '50ms' }));
  t.teardown(close);
  const connected = once(server, 'connection') as Promise<[Socket]>;
  await fetch(`${issuer}/`, {});
  const [socket] = await connected;
  if (!socket.closed) await once(socket, 'close');
});

t.test('a server is ill that cannot be reached, is too slow, or says so', async (t) => {
  const coded = (code: string): Error => Object.assign(new Error(code), { code });
  const ill = [
    new UnansweredError('ECONNREFUSED', null),
    new IllServerError('it answered 503', new Response()),
    new DOMException('late', 'TimeoutError'),
    ...['ECONNRESET', 'UND_ERR_SOCKET', 'ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'ERR_JWKS_TIMEOUT'].map(
      coded,
    ),
  ];
  for (const error of ill) t.ok(isIll(error), error.message);
  const well = [
    new EndpointError('elsewhere'),
    new TypeError('a bug'),
    new DOMException('left', 'AbortError'),
    ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_HAS_EXPIRED', 'UND_ERR_RES_EXCEEDED_MAX_SIZE', 'EMFILE'].map(
      coded,
    ),
  ];
  for (const error of well) t.notOk(isIll(error), error.message);
  for (const status of [500, 502, 503, 599, 429]) t.ok(isIllStatus(status), String(status));
  for (const status of [200, 204, 301, 400, 401, 404, 499]) t.notOk(isIllStatus(status), String(status));
});

t.test('an ill server may say when to come again, in seconds', async (t) => {
  const after = (value?: string): number | null =>
    new IllServerError(
      'x',
      new Response(null, { headers: value === undefined ? {} : { 'retry-after': value } }),
    ).retry_after;
  t.equal(after('120'), 120);
  t.equal(after('0'), 0);
  for (const value of [undefined, '', '-1', '1.5', '1e9', '9'.repeat(10), 'Fri, 31 Dec 1999 23:59:59 GMT'])
    t.equal(after(value), null, String(value));
});
