import { once } from 'node:events';
import type { RequestListener, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { admittedEndpoint, EndpointError, oauthFetch } from '../../src/oauth/fetch.ts';
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
  });
  const cases: [string, string][] = [
    ['https://as.example/introspect?a=b', 'https://as.example/introspect?a=b'],
    ['https://as.example:443/introspect', 'https://as.example/introspect'],
    ['https://keys.example/jwks', 'https://keys.example/jwks'],
    ['https://introspect.example/other', 'https://introspect.example/other'],
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
  await t.rejects(fetch(`${issuer}/`, {}), { code: 'UND_ERR_SOCKET' });
});

t.test(
  'CVE-2026-31923: a certificate that nobody vouches for is refused before anything is sent',
  async (t) => {
    const pem = (label: string, text: string): string =>
      `-----BEGIN ${label}-----\n${text}\n-----END ${label}-----\n`;
    // Made for this test, for 127.0.0.1, good until 2120.
    const key = pem(
      'PRIVATE KEY',
      'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgfYiKup5QxnQ0fnKqnXBMS3cdoT85WJpbmKkPHwCFXHihRANCAAT4envByHcwGGuN0JOIPfwKYy3dPto8la4u9pRjl7ce8zzFYhWJu0aX4yK18C9C8FuBY164OJYrUXzhBw007Xa+',
    );
    const cert = pem(
      'CERTIFICATE',
      'MIIBDzCBuAIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMMCTEyNy4wLjAuMTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPh6e8HIdzAYa43Qk4g9/ApjLd0+2jyVri72lGOXtx7zPMViFYm7RpfjIrXwL0LwW4FjXrg4litRfOEHDTTtdr4wCgYIKoZIzj0EAwIDRgAwQwIgAToxxV1wBc5RJeKIcxLVLwCddyweLQvF/mhzdd0NtFMCHzgo5z7NIx2MxP0Ubzn0X3PhAGGZJrQSMLRxua4BPO8=',
    );
    let requests = 0;
    const server = createTlsServer({ key, cert }, (_, response) => {
      requests++;
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => void server.close());
    const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    // allow_insecure_requests is on: it speaks of http://, and never of certificates.
    const { fetch, close } = oauthFetch(serverConfig(issuer));
    t.teardown(close);
    await t.rejects(fetch(`${issuer}/introspect`, {}), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    t.teardown(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']);
    await t.rejects(
      fetch(`${issuer}/introspect`, {}),
      { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
      'not even when the environment asks for it',
    );
    t.equal(requests, 0);
  },
);
