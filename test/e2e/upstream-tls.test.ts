/** Upstreams of https://: whom the gateway believes, and whom it says it is. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { AUTHORITY, CLIENT, EXPIRED, SERVER } from '../support/certificates.ts';
import { call } from '../support/http.ts';
import { reasons, startOpenGateway } from '../support/open-gateway.ts';
import { CERTIFICATE, startTlsServer, trustCertificate } from '../support/tls.ts';

/** The YAML of a service's `tls:`; JSON is YAML. */
const tls = (settings: Record<string, string>): string => `    tls: ${JSON.stringify(settings)}`;

/** Starts an upstream that says what it knows of its client, and how it was reached. */
const startSecure = (t: Test, options?: Parameters<typeof startTlsServer>[2]): Promise<string> =>
  startTlsServer(
    t,
    ({ socket, httpVersion }, response) => {
      const { servername, alpnProtocol, getPeerCertificate } = socket as TLSSocket;
      const { subject } = getPeerCertificate.call(socket);
      const client = subject?.CN ?? null;
      response.end(
        JSON.stringify({ servername, alpnProtocol, httpVersion, client, from: socket.remotePort }),
      );
    },
    options,
  );

/** Calls through a gateway; what an upstream that refuses was asked, and what operators are told. */
async function refused(t: Test, upstream: string, service = ''): Promise<string> {
  const gateway = await startOpenGateway(t, { upstream, service });
  // Twice: a session of the first connection must not open the second.
  t.strictSame([(await call(gateway.url)).status, (await call(gateway.url)).status], [502, 502]);
  t.strictSame(new Set(reasons(gateway)), new Set(['upstream_unreachable']));
  return JSON.stringify(gateway.logged());
}

t.test('an upstream whose certificate nobody vouches for is not believed (CVE-2026-31923)', async (t) => {
  let reached = 0;
  const upstream = await startTlsServer(t, (_request, response) => {
    reached++;
    response.end();
  });
  t.match(await refused(t, upstream), /DEPTH_ZERO_SELF_SIGNED_CERT/, 'operators are told');
  t.match(await refused(t, upstream, tls({ ca: AUTHORITY })), /DEPTH_ZERO_SELF_SIGNED_CERT/);
  t.equal(reached, 0);
});

t.test('nor is one when the environment asks for it', async (t) => {
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  t.teardown(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']);
  t.match(await refused(t, await startSecure(t)), /DEPTH_ZERO_SELF_SIGNED_CERT/);
});

t.test('an upstream is believed by the CA of its service, and by no other', async (t) => {
  const upstream = await startSecure(t);
  const { url } = await startOpenGateway(t, { upstream, service: tls({ ca: AUTHORITY + CERTIFICATE }) });
  t.match(await call(url), { status: 200 });
  trustCertificate(t);
  const { url: trusting } = await startOpenGateway(t, { upstream });
  t.match(await call(trusting), { status: 200 }, 'without one, by those well known');
  await refused(t, upstream, tls({ ca: AUTHORITY }));
});

t.test('a certificate is of the name asked for, in time', async (t) => {
  const named = await startSecure(t, SERVER);
  t.match(await refused(t, named, tls({ ca: AUTHORITY })), /ERR_TLS_CERT_ALTNAME_INVALID/);
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const upstream = await startSecure(t, { ...SERVER, maxVersion });
    const other = tls({ ca: AUTHORITY, server_name: 'other.internal' });
    t.match(await refused(t, upstream, other), /ERR_TLS_CERT_ALTNAME_INVALID/);
  }
  const late = await startSecure(t, EXPIRED);
  t.match(await refused(t, late, tls({ ca: AUTHORITY })), /CERT_HAS_EXPIRED/);
});

t.test('the server name is asked for and verified', async (t) => {
  const upstream = await startSecure(t, SERVER);
  const service = tls({ ca: AUTHORITY, server_name: 'api.internal' });
  const { url } = await startOpenGateway(t, { upstream, service });
  t.match((await call(url)).json(), {
    servername: 'api.internal',
    alpnProtocol: 'http/1.1',
    httpVersion: '1.1',
  });
});

t.test('the client’s Host never says who is believed', async (t) => {
  const upstream = await startSecure(t, SERVER);
  const preserving = (settings: Record<string, string>): string =>
    `${tls(settings)}\n    defaults: { preserve_host: true }`;
  await refused(t, upstream, preserving({ ca: AUTHORITY }));
  const gateway = await startOpenGateway(t, { upstream, service: preserving({ ca: AUTHORITY }) });
  t.equal((await call(gateway.url, { headers: { host: 'api.internal' } })).status, 502);
  const named = preserving({ ca: AUTHORITY, server_name: 'api.internal' });
  const { url } = await startOpenGateway(t, { upstream, service: named });
  const ports = new Set<unknown>();
  for (const host of ['api.internal', 'elsewhere.example']) {
    const { servername, from } = (await call(url, { headers: { host } })).json();
    t.equal(servername, 'api.internal');
    ports.add(from);
  }
  t.equal(ports.size, 1, 'nor does it end a connection');
});

t.test('an upstream that demands a client certificate is shown it', async (t) => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const upstream = await startSecure(t, {
      ca: AUTHORITY,
      requestCert: true,
      rejectUnauthorized: true,
      maxVersion,
    });
    const shown = tls({ ca: CERTIFICATE, certificate: CLIENT.cert, key: CLIENT.key });
    const { url } = await startOpenGateway(t, { upstream, service: shown });
    t.match((await call(url)).json(), { client: 'portcullis' });
    await refused(t, upstream, tls({ ca: CERTIFICATE }));
  }
});

t.test(
  'an upstream that offers HTTP/2 is spoken to in HTTP/1.1, with all of its header fields',
  async (t) => {
    const upstream = await startTlsServer(t, ({ httpVersion }, response) => {
      response.writeHead(200, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Version', httpVersion]).end('ok');
    });
    const { url } = await startOpenGateway(t, { upstream, service: tls({ ca: CERTIFICATE }) });
    const headers = { 'x-version': '1.1', 'set-cookie': ['a=1', 'b=2'] };
    t.match(await call(url), { status: 200, headers, text: 'ok' });
  },
);

t.test('an upstream that speaks no TLS, or nothing else, is 502', async (t) => {
  const server = createServer({ ...SERVER, ALPNProtocols: ['h2'] }, (socket) => socket.end());
  server.on('tlsClientError', () => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  t.match(
    await refused(t, `https://127.0.0.1:${port}`, tls({ ca: AUTHORITY, server_name: 'api.internal' })),
    /NO_APPLICATION_PROTOCOL/,
  );
});
