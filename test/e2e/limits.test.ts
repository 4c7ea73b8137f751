/** What a client may cost: each limit is a refusal like any other, with its status, its problem, its line in the log and its metric. */
import t from 'tap';
import { startScriptedServer } from '../support/authorization-server.ts';
import { startGateway } from '../support/gateway.ts';
import { call, startUpstream } from '../support/http.ts';
import { reasons, startOpenGateway } from '../support/open-gateway.ts';
import { openWire, problemOf } from '../support/wire.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n';

t.test('each limit is refused, told, logged and counted', async (t) => {
  const upstream = await startUpstream(t);
  const gateway = await startOpenGateway(t, {
    upstream: upstream.url,
    listener:
      'limits: { header_size: 4KiB, header_count: 20, url_length: 1KiB, header_timeout: 500ms, body_timeout: 500ms }',
    more: 'defaults: { body: { max_size: 1KiB } }',
  });
  const cases: [string, string, number, string, 'close' | 'keep-alive'][] = [
    ['header_size', `${GET}X: ${'x'.repeat(4_096)}\r\n\r\n`, 431, 'header_fields_too_large', 'close'],
    ['header_count', `${GET}${'X: y\r\n'.repeat(40)}\r\n`, 431, 'header_fields_too_large', 'close'],
    [
      'url_length',
      `GET /${'x'.repeat(1_024)} HTTP/1.1\r\nHost: a\r\n\r\n`,
      414,
      'uri_too_long',
      'keep-alive',
    ],
    ['header_timeout', GET, 408, 'request_timeout', 'close'],
    [
      'body_timeout',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n',
      408,
      'request_timeout',
      'close',
    ],
    [
      'body.max_size, announced',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1025\r\n\r\n',
      413,
      'content_too_large',
      'keep-alive',
    ],
    [
      'body.max_size, reached',
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n401\r\n${'x'.repeat(1_025)}\r\n`,
      413,
      'content_too_large',
      'close',
    ],
  ];
  for (const [name, bytes, status, reason, connection] of cases) {
    const before = reasons(gateway).length;
    const wire = await openWire(t, gateway.url);
    wire.send(bytes);
    const reply = await wire.reply();
    t.match(problemOf(reply), { type: 'about:blank', status, trace_id: /^[0-9a-f]{32}$/ }, name);
    t.equal(reply.headers['connection'], connection, name);
    t.strictSame(reasons(gateway).slice(before), [reason], name);
    const { text } = await call(gateway.health, { path: '/metrics' });
    t.match(
      text,
      new RegExp(`http_response_status_code="${status}"[^\\n]*portcullis_denial_reason="${reason}"`),
    );
  }
  t.strictSame(upstream.requests, [], 'none of them is for the upstream');
});

t.test('a token is taken up to 64 KiB, where header_size lets it in', async (t) => {
  const upstream = await startUpstream(t);
  const { issuer, asked } = await startScriptedServer(t, () => ({ body: '{"active":true}' }));
  const options = {
    issuer,
    upstream: upstream.url,
    routes: '  - { name: all, match: { path: /** }, service: api, policy: none }',
    service: '    defaults: { identity_headers: { jwt: false } }',
  };
  const usual = await startGateway(t, options);
  const large = await startGateway(t, { ...options, listener: 'limits: { header_size: 80KiB }' });
  /** Of the shape of a JWT: no opaque token is as long. */
  const token = (bytes: number): string => `a.${'b'.repeat(bytes - 4)}.c`;
  const statuses: [number, number, number][] = [];
  for (const size of [1_024, 8_192, 31_744, 65_536, 65_537]) {
    const statusOf = async (url: string): Promise<number> => (await call(url, { token: token(size) })).status;
    statuses.push([size, await statusOf(usual.url), await statusOf(large.url)]);
  }
  t.strictSame(statuses, [
    [1_024, 200, 200],
    [8_192, 200, 200],
    [31_744, 200, 200],
    [65_536, 431, 200],
    [65_537, 431, 401],
  ]);
  t.equal(asked.at(-1)?.form.get('token')?.length, 65_536, 'not a byte of it is lost');
  t.strictSame(reasons(usual), Array(2).fill('header_fields_too_large'));
});
