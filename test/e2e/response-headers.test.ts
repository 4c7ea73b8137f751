// `server.response_headers`: what the operator says of every answer, whoever gives it.
import t from 'tap';
import { callRaw, call, startUpstream } from '../support/http.ts';
import { startGateway } from '../support/gateway.ts';

t.test('security headers are on every answer, and what should not show is on none', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => {
    response
      .writeHead(200, ['Server', 'leaky/1.0', 'x-frame-options', 'ALLOWALL', 'X_Frame_Options', 'x'])
      .end('{}');
  });
  const gateway = await startGateway(t, {
    issuer: 'http://127.0.0.1:1',
    upstream: upstream.url,
    server: '',
    listener: 'response_headers: { X-Frame-Options: DENY, Server: false, Via: false }',
    routes: '  - { name: all, match: { path: "/a" }, service: api, token: none, policy: none }',
  });
  for (const [path, status] of [
    ['/a', 200],
    ['/nowhere', 404],
    ['/a//b', 400],
  ] as const) {
    const { headers, rawHeaders, status: got } = await call(gateway.url, { path });
    t.equal(got, status);
    t.equal(headers['x-frame-options'], 'DENY', path);
    t.notMatch(rawHeaders.join(), /leaky|X_Frame_Options|Via/);
  }
  const unparsed = await callRaw(gateway.url, 'GET / HTTP/1.1\r\nBad Header: x\r\n\r\n');
  t.match(unparsed, /^HTTP\/1\.1 400 [^]*\r\nX-Frame-Options: DENY\r\n/, 'what no parser takes, too');
});
