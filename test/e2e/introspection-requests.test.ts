/** What the authorization server hears of a token and of the request it came with, and over which connections. */
import type { Socket } from 'node:net';
import type { RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { startGateway } from '../support/gateway.ts';
import { call, startServer, startUpstream } from '../support/http.ts';
import { reasons } from '../support/open-gateway.ts';

const ROUTES = `
  - name: all
    match: { path: "/**" }
    service: api
    policy: none
    identity_headers: { jwt: false }
    credential: [header, { header: X-Session }]
`;

type Heard = {
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly form: Readonly<Record<string, string>>;
  readonly socket: Socket;
};

/** A gateway, and all introspection requests that its server heard; `answer` may do something else than to say that a token is active. */
async function start(
  t: Test,
  introspection: object,
  answer?: (nth: number, ...at: Parameters<RequestListener>) => boolean,
) {
  const heard: Heard[] = [];
  const issuer: string = await startServer(t, (request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url !== '/introspect') {
      response.end(JSON.stringify({ issuer, introspection_endpoint: `${issuer}/introspect` }));
      return;
    }
    void text(request).then((body) => {
      const { headers, socket } = request;
      heard.push({ headers, form: Object.fromEntries(new URLSearchParams(body)), socket });
      if (!answer?.(heard.length, request, response)) response.end('{"active":true,"sub":"alice"}');
    });
  });
  const upstream = await startUpstream(t);
  const server = `    introspection: ${JSON.stringify(introspection)}`;
  const gateway = await startGateway(t, { issuer, upstream: upstream.url, server, routes: ROUTES });
  const status = async (request: Parameters<typeof call>[1]): Promise<number> =>
    (await call(gateway.url, request)).status;
  return { gateway, upstream, heard, status };
}

t.test('the server hears what is configured, and of the caller what is named', async (t) => {
  const { status, heard, upstream } = await start(t, {
    token_type_hint: 'access_token',
    headers: { 'X-Realm': 'blue' },
    parameters: { resource: 'https://api.example.com' },
    client_headers: ['X-Tenant', 'X-Session'],
    introspect_request: true,
  });
  const headers = {
    'X-Tenant': 'acme',
    'X-Request-Path': '/forged',
    'X-Realm': 'forged',
    Accept: 'text/html',
  };
  t.equal(await status({ method: 'PUT', path: '/a/%62?q=secret', token: 'a', headers }), 200);
  t.match(heard[0], {
    form: { token: 'a', token_type_hint: 'access_token', resource: 'https://api.example.com' },
    headers: {
      'x-realm': 'blue',
      'x-tenant': 'acme',
      'x-request-path': '/a/b',
      'x-request-http-method': 'PUT',
      accept: 'application/jwt, application/token-introspection+jwt;q=0.9, application/json;q=0.5',
      traceparent: /^00-/,
    },
  });
  t.equal(await status({ headers: { 'X-Session': 'b', 'X-Tenant': 'acme' } }), 200);
  t.equal(heard[1]?.form['token'], 'b');
  t.equal(heard[1]?.headers['x-session'], undefined, 'a credential goes along as the token, and not else');
  t.equal(upstream.requests.length, 2);
});

t.test(
  'GHSA-rp9m-7r4c-75qg: what was said of a token for one caller is not what is said for another',
  async (t) => {
    const { status, heard } = await start(
      t,
      { client_headers: ['X-Tenant'], introspect_request: true },
      (_nth, request, response) => {
        const { 'x-tenant': tenant, 'x-request-path': path } = request.headers;
        response.end(JSON.stringify({ active: tenant === 'acme' && path !== '/admin' }));
        return true;
      },
    );
    const of = (tenant: string, path: string) =>
      status({ path, token: 'a', headers: { 'X-Tenant': tenant } });
    t.equal(await of('acme', '/'), 200);
    t.equal(await of('evil', '/'), 401);
    t.equal(await of('acme', '/admin'), 401);
    t.equal(await status({ method: 'POST', token: 'a', headers: { 'X-Tenant': 'acme' } }), 200);
    t.equal(heard.length, 4);
    t.equal(await of('acme', '/'), 200);
    t.equal(await of('evil', '/'), 401);
    t.equal(heard.length, 4, 'and each answer is kept');
  },
);

t.test('without such settings one answer is for all requests', async (t) => {
  const { status, heard } = await start(t, {});
  t.equal(await status({ path: '/a', token: 'a', headers: { 'X-Tenant': 'acme' } }), 200);
  t.equal(await status({ method: 'POST', path: '/b', token: 'a', headers: { 'X-Tenant': 'evil' } }), 200);
  t.equal(heard.length, 1);
  t.strictSame(heard[0]?.form, { token: 'a' });
});

t.test('a kept connection that the server resets as it is used costs nobody a 503', async (t) => {
  const cut = new Set([2, 4]);
  const { status, heard } = await start(t, {}, (nth, { socket }) => {
    if (cut.has(nth)) socket.resetAndDestroy();
    return cut.has(nth);
  });
  for (const token of ['a', 'b', 'c']) t.equal(await status({ token }), 200, token);
  t.strictSame(
    heard.map(({ form }) => form['token']),
    ['a', 'b', 'b', 'c', 'c'],
    'each of them is repeated once',
  );
});

t.test('one that resets every connection is asked as often as configured', async (t) => {
  for (const retries of [0, 1, 3]) {
    const { status, heard, gateway, upstream } = await start(t, { retries }, (_nth, { socket }) => {
      socket.resetAndDestroy();
      return true;
    });
    t.equal(await status({ token: 'a' }), 503);
    t.equal(heard.length, retries + 1);
    t.strictSame(reasons(gateway), ['authorization_server_unavailable']);
    t.strictSame(upstream.requests, []);
  }
});

t.test('slow heads, slow bodies and resets end at one deadline', async (t) => {
  const timers = new Set<NodeJS.Timeout>();
  t.teardown(() => timers.forEach((timer) => clearInterval(timer)));
  const dripping = (write: () => unknown): boolean => {
    timers.add(setInterval(write, 5));
    return true;
  };
  const ills: Readonly<Record<string, (...at: Parameters<RequestListener>) => boolean>> = {
    'a head that drips': ({ socket }) => dripping(() => socket.write('H')),
    'informational answers without end': ({ socket }) =>
      dripping(() => socket.write('HTTP/1.1 102 P\r\n\r\n')),
    'a body that drips': (_request, response) => dripping(() => response.write(' ')),
    'resets, each after a while': ({ socket }) => dripping(() => socket.resetAndDestroy()),
  };
  for (const [title, ill] of Object.entries(ills)) {
    const { status, upstream } = await start(t, { timeout: '100ms', retries: 5 }, (_nth, ...at) =>
      ill(...at),
    );
    t.equal(await status({ token: 'a' }), 503, title);
    t.strictSame(upstream.requests, []);
  }
});

t.test('an answer that is encoded, or larger than 256 KiB, is none', async (t) => {
  const { status, gateway } = await start(t, {}, (nth, _request, response) => {
    if (nth === 1) response.setHeader('content-encoding', 'gzip');
    response.end(nth === 1 ? 'x' : `{"active":true,"x":"${'x'.repeat(262_144)}"}`);
    return true;
  });
  for (const token of ['a', 'b']) t.equal(await status({ token }), 503);
  t.match(JSON.stringify(gateway.logged()), /content coding.*EXCEEDED_MAX_SIZE/);
});
