/** Whom the gateway believes to be the authorization server, and where its secret goes. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { AUTHORITY, CLIENT, EXPIRED, SERVER } from '../support/certificates.ts';
import { startGateway } from '../support/gateway.ts';
import { call, startServer, startUpstream } from '../support/http.ts';
import { reasons } from '../support/open-gateway.ts';
import { CERTIFICATE, startTlsServer, trustCertificate } from '../support/tls.ts';

const ROUTES = `
  - name: all
    match: { path: "/**" }
    service: api
    policy: none
    identity_headers: { jwt: false }
`;

type TlsOptions = Parameters<typeof startTlsServer>[2];
type Asked = {
  readonly url: string;
  readonly authorization: string;
  readonly servername: string;
  readonly client: string;
};

/** A server that says of every token that it is active, and what it was asked. */
async function startSecure(t: Test, options: TlsOptions = {}) {
  const asked: Asked[] = [];
  const issuer: string = await startTlsServer(
    t,
    ({ url = '', headers, socket }, response) => {
      const { servername, getPeerCertificate } = socket as TLSSocket;
      asked.push({
        url,
        authorization: headers.authorization ?? '',
        servername: servername || 'none',
        client: String(getPeerCertificate.call(socket)?.subject?.CN ?? 'none'),
      });
      response.setHeader('content-type', 'application/json');
      const metadata = { issuer, introspection_endpoint: `${issuer}/introspect` };
      response.end(JSON.stringify(url === '/introspect' ? { active: true } : metadata));
    },
    options,
  );
  return { issuer, asked };
}

/** Calls through a gateway that asks there; the status, and what operators are told. */
async function through(t: Test, issuer: string, settings: object = {}) {
  const upstream = await startUpstream(t);
  const server = Object.entries(settings)
    .map(([name, value]) => `    ${name}: ${JSON.stringify(value)}`)
    .join('\n');
  const gateway = await startGateway(t, { issuer, upstream: upstream.url, server, routes: ROUTES });
  const { status } = await call(gateway.url, { token: 'a' });
  // Twice: a session of the first connection must not open the second.
  t.equal((await call(gateway.url, { token: 'b' })).status, status);
  if (status !== 200) t.strictSame(upstream.requests, []);
  return { status, logged: JSON.stringify(gateway.logged()), reasons: reasons(gateway) };
}

t.test(
  'CVE-2026-31923: an authorization server whose certificate nobody vouches for is not asked',
  async (t) => {
    const { issuer, asked } = await startSecure(t);
    for (const settings of [
      {},
      { tls: {} },
      { tls: { ca: AUTHORITY } },
      { tls: { certificate: CLIENT.cert, key: CLIENT.key } },
    ]) {
      const { status, logged, reasons: refused } = await through(t, issuer, settings);
      t.equal(status, 503);
      t.match(logged, /DEPTH_ZERO_SELF_SIGNED_CERT/, 'operators are told');
      t.strictSame(new Set(refused), new Set(['authorization_server_unavailable']));
    }
    t.strictSame(asked, [], 'nothing was sent to it');
  },
);

t.test('NODE_TLS_REJECT_UNAUTHORIZED=0 changes nothing', async (t) => {
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  t.teardown(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']);
  const { issuer, asked } = await startSecure(t);
  t.equal((await through(t, issuer)).status, 503);
  t.strictSame(asked, []);
});

t.test('it is believed by the CA of the configuration, or by those well known', async (t) => {
  const { issuer } = await startSecure(t);
  t.equal((await through(t, issuer, { tls: { ca: CERTIFICATE } })).status, 200);
  t.equal((await through(t, issuer, { tls: { ca: AUTHORITY + CERTIFICATE } })).status, 200);
  trustCertificate(t);
  t.equal((await through(t, issuer)).status, 200);
  t.equal(
    (await through(t, issuer, { tls: { ca: AUTHORITY } })).status,
    503,
    'a CA of one’s own replaces them',
  );
});

t.test('its certificate is of its name, in time', async (t) => {
  const named = await startSecure(t, SERVER);
  const ca = AUTHORITY;
  t.match(await through(t, named.issuer, { tls: { ca } }), {
    status: 503,
    logged: /ERR_TLS_CERT_ALTNAME_INVALID/,
  });
  t.match(await through(t, named.issuer, { tls: { ca, server_name: 'other.internal' } }), { status: 503 });
  t.strictSame(named.asked, []);
  t.match(await through(t, named.issuer, { tls: { ca, server_name: 'api.internal' } }), { status: 200 });
  t.strictSame(new Set(named.asked.map(({ servername }) => servername)), new Set(['api.internal']));
  const late = await startSecure(t, EXPIRED);
  t.match(await through(t, late.issuer, { tls: { ca } }), { status: 503, logged: /CERT_HAS_EXPIRED/ });
  t.strictSame(late.asked, []);
});

t.test('a faulty certificate opens no circuit: it is no illness that passes', async (t) => {
  const { issuer } = await startSecure(t);
  const server = '    introspection: { breaker: { failures: 1 } }';
  const gateway = await startGateway(t, { issuer, upstream: 'http://127.0.0.1:1', server, routes: ROUTES });
  for (const token of ['a', 'b', 'c']) t.equal((await call(gateway.url, { token })).status, 503);
  t.equal(JSON.stringify(gateway.logged()).match(/DEPTH_ZERO_SELF_SIGNED_CERT/g)?.length, 3);
});

t.test('only dangerously_skip_verification believes anybody', async (t) => {
  const { issuer, asked } = await startSecure(t, EXPIRED);
  const skipping = { tls: { dangerously_skip_verification: true } };
  t.equal((await through(t, issuer, skipping)).status, 200);
  t.ok(asked.length > 0);
});

t.test('who demands a certificate of the gateway is shown it, on each connection', async (t) => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const { issuer, asked } = await startSecure(t, {
      ca: AUTHORITY,
      requestCert: true,
      rejectUnauthorized: true,
      maxVersion,
    });
    const shown = { ca: CERTIFICATE, certificate: CLIENT.cert, key: CLIENT.key };
    t.equal((await through(t, issuer, { tls: shown, keep_alive: '0s' })).status, 200);
    t.strictSame(new Set(asked.map(({ client }) => client)), new Set(['portcullis']));
    t.equal((await through(t, issuer, { tls: { ca: CERTIFICATE } })).status, 503);
  }
});

t.test('a server that speaks no TLS, or breaks it off, hears no secret', async (t) => {
  let heard = '';
  const server = createServer((socket: Socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => {
      heard += bytes.toString('latin1');
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"active":true}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.equal((await through(t, issuer)).status, 503);
  t.ok(heard.length > 0);
  t.notMatch(heard, /POST|portcullis|Basic/);
});

t.test('no redirect is followed: the secret and the token go to the endpoint alone', async (t) => {
  const elsewhere = await startUpstream(t, (_request, response) =>
    response.setHeader('content-type', 'application/json').end('{"active":true}'),
  );
  for (const status of [301, 302, 303, 307, 308])
    for (const place of ['/introspect', '/.well-known/oauth-authorization-server']) {
      const issuer: string = await startServer(t, ({ url = '' }, response) => {
        response.setHeader('content-type', 'application/json');
        if (url.startsWith('/.well-known/openid')) response.writeHead(404).end();
        else if (url === place) response.writeHead(status, { location: `${elsewhere.url}${url}` }).end();
        else if (url === '/introspect') response.end('{"active":true}');
        else response.end(JSON.stringify({ issuer, introspection_endpoint: `${issuer}/introspect` }));
      });
      const { status: said, logged } = await through(t, issuer);
      t.equal(said, 503, `${status} at ${place}`);
      t.match(logged, new RegExp(`it answered ${status}`));
    }
  t.strictSame(elsewhere.requests, []);
});

t.test('an endpoint that the metadata place elsewhere is not asked', async (t) => {
  const elsewhere = await startUpstream(t);
  const issuer: string = await startServer(t, (_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ issuer, introspection_endpoint: `${elsewhere.url}/introspect` }));
  });
  t.equal((await through(t, issuer)).status, 503);
  t.strictSame(elsewhere.requests, []);
  t.equal(
    (await through(t, issuer, { endpoint_origins: [elsewhere.url] })).status,
    503,
    'its answer is none',
  );
  t.ok(elsewhere.requests.length > 0, 'but it was asked');
});
