import type { Duplex } from 'node:stream';
import t, { type Test } from 'tap';
import { EndpointError, IllServerError, isIll, oauthFetch } from '../../src/oauth/fetch.ts';
import { AUTHORITY, EXPIRED, SERVER } from '../support/certificates.ts';
import { startForwardProxy } from '../support/forward-proxy.ts';
import { startServer } from '../support/http.ts';
import { serverConfig } from '../support/introspection.ts';
import { CERTIFICATE, startTlsServer } from '../support/tls.ts';

const basic = `Basic ${btoa('us:secret-of-the-proxy')}`;

/** Asks a server with these settings; the answer's text, or the failure. */
async function ask(t: Test, issuer: string, settings: object): Promise<string | Error> {
  const { fetch, close } = oauthFetch(serverConfig(issuer, settings), () => 0);
  t.teardown(close);
  return fetch(`${issuer}/ask`, { method: 'POST', body: 'token=hunter2' }).then(
    (response) => response.text(),
    (error: Error) => error,
  );
}

t.test('through a proxy a server is reached that it connects to, and cannot read', async (t) => {
  const proxy = await startForwardProxy(t);
  const issuer = await startTlsServer(t, (_request, response) => response.end('reached'));
  const tls = { ca: CERTIFICATE };
  t.equal(await ask(t, issuer, { proxy: proxy.url, tls }), 'reached');
  const authority = new URL(issuer).host;
  t.strictSame(proxy.asked, [{ authority, authorization: undefined }]);
  t.notMatch(proxy.read(), /hunter2|POST/);
  t.ok(proxy.read().length > 0, 'though all went through it');
});

t.test('the proxy hears its authorization, and the server does not', async (t) => {
  const proxy = await startForwardProxy(t);
  const issuer = await startServer(t, ({ headers }, response) => response.end(JSON.stringify(headers)));
  const said = await ask(t, issuer, { proxy: proxy.url, proxy_authorization: basic });
  t.match(JSON.parse(said as string), { host: new URL(issuer).host, 'proxy-authorization': undefined });
  t.strictSame(proxy.asked, [{ authority: new URL(issuer).host, authorization: basic }]);
  t.match(proxy.read(), /POST \/ask HTTP/, 'of http:// it reads all: as everybody on the way');
});

t.test('a server is named to the proxy with its port, and looked up by it', async (t) => {
  const refusing = (socket: Duplex): boolean => {
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    return true;
  };
  const proxy = await startForwardProxy(t, { answer: refusing });
  for (const [issuer, authority] of [
    ['https://as.invalid', 'as.invalid:443'],
    ['http://as.invalid', 'as.invalid:80'],
    ['https://as.invalid:8443', 'as.invalid:8443'],
    ['https://[::1]:8443', '[::1]:8443'],
    ['https://[::1]', '[::1]:443'],
  ] as const) {
    t.match(await ask(t, issuer, { proxy: proxy.url }), new EndpointError('the proxy answered 403'));
    t.equal(proxy.asked.at(-1)?.authority, authority);
  }
});

t.test('CVE-2026-31923: a proxy changes nothing of whom one believes', async (t) => {
  const proxy = await startForwardProxy(t);
  const settings = { proxy: proxy.url, tls: { ca: AUTHORITY } };
  const self = await startTlsServer(t, (_request, response) => response.end('reached'));
  t.match(await ask(t, self, settings), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  const late = await startTlsServer(t, (_request, response) => response.end('reached'), EXPIRED);
  t.match(await ask(t, late, settings), { code: 'CERT_HAS_EXPIRED' });
  const named = await startTlsServer(t, (_request, response) => response.end('reached'), SERVER);
  t.match(await ask(t, named, settings), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  const tls = { ca: AUTHORITY, server_name: 'api.internal' };
  t.equal(await ask(t, named, { ...settings, tls }), 'reached');
  t.notMatch(proxy.read(), /hunter2/);
});

t.test('a proxy of https:// is verified too, by the well-known authorities', async (t) => {
  const proxy = await startForwardProxy(t, { tls: SERVER });
  const issuer = await startServer(t, (_request, response) => response.end('reached'));
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  t.teardown(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']);
  for (const tls of [{}, { dangerously_skip_verification: true }, { ca: AUTHORITY }])
    t.match(await ask(t, issuer, { proxy: proxy.url, proxy_authorization: basic, tls }), {
      code: /UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT/,
    });
  t.strictSame(proxy.asked, []);
});

t.test('what a proxy says is its own fault, or an illness that passes', async (t) => {
  const answers: [string, boolean, string][] = [
    ['HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', false, 'the proxy answered 407'],
    ['HTTP/1.1 302 Found\r\nLocation: http://evil.example/\r\n\r\n', false, 'the proxy answered 302'],
    ['HTTP/1.1 502 Bad Gateway\r\n\r\n', true, 'the proxy answered 502'],
    ['HTTP/1.1 503 No\r\nRetry-After: 5\r\n\r\n', true, 'the proxy answered 503'],
    ['HTTP/1.1 200 OK\r\n\r\n{"active":true}', false, 'the proxy answered 200'],
  ];
  for (const [bytes, ill, message] of answers) {
    const proxy = await startForwardProxy(t, {
      answer(socket) {
        socket.write(bytes);
        return true;
      },
    });
    const failure = await ask(t, 'https://as.invalid', { proxy: proxy.url });
    t.equal(failure.constructor, ill ? IllServerError : EndpointError);
    t.match(failure, { message });
    t.equal(isIll(failure), ill, message);
  }
});

t.test('a proxy that is not there, hangs up, or hangs is an illness', async (t) => {
  const gone = await ask(t, 'https://as.invalid', { proxy: 'http://127.0.0.1:1' });
  t.match(gone, { message: 'no answer: ECONNREFUSED' });
  t.ok(isIll(gone));
  const cutting = await startForwardProxy(t, { answer: (socket) => Boolean(socket.destroy()) });
  t.match(await ask(t, 'https://as.invalid', { proxy: cutting.url }), { code: 'ECONNRESET' });
  const hanging = await startForwardProxy(t, { answer: () => true });
  const introspection = { timeout: '50ms' };
  const late = await ask(t, 'https://as.invalid', { proxy: hanging.url, introspection });
  t.match(late, { name: 'TimeoutError' });
  t.ok(isIll(late));
});

t.test('a way that was opened is used again', async (t) => {
  const proxy = await startForwardProxy(t);
  const issuer = await startTlsServer(t, (_request, response) => response.end('reached'));
  const { fetch, close } = oauthFetch(serverConfig(issuer, { proxy: proxy.url, tls: { ca: CERTIFICATE } }));
  t.teardown(close);
  for (let call = 0; call < 5; call++) t.equal(await (await fetch(`${issuer}/`, {})).text(), 'reached');
  t.ok(proxy.asked.length <= 2, `${proxy.asked.length} ways for five calls`);
});
