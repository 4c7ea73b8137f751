import t from 'tap';
import { call } from '../support/http.ts';
import { reasons, startOpenGateway } from '../support/open-gateway.ts';
import { startTlsServer, trustCertificate } from '../support/tls.ts';

t.test('an upstream whose certificate nobody vouches for is not believed (CVE-2026-31923)', async (t) => {
  let reached = 0;
  const upstream = await startTlsServer(t, (_request, response) => {
    reached++;
    response.end();
  });
  const gateway = await startOpenGateway(t, { upstream });
  t.equal((await call(gateway.url)).status, 502);
  t.equal(reached, 0);
  t.strictSame(reasons(gateway), ['upstream_unreachable']);
  t.match(JSON.stringify(gateway.logged()), /DEPTH_ZERO_SELF_SIGNED_CERT/, 'and operators are told');
});

t.test(
  'an upstream that offers HTTP/2 is spoken to in HTTP/1.1, with all of its header fields',
  async (t) => {
    trustCertificate(t);
    const upstream = await startTlsServer(t, ({ httpVersion }, response) => {
      response.writeHead(200, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Version', httpVersion]).end('ok');
    });
    const { url } = await startOpenGateway(t, { upstream });
    const { status, headers, text } = await call(url);
    t.match(
      { status, headers, text },
      {
        status: 200,
        headers: { 'x-version': '1.1', 'set-cookie': ['a=1', 'b=2'] },
        text: 'ok',
      },
    );
  },
);
