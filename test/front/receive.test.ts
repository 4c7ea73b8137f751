import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import type { Denial } from '../../src/denial.ts';
import type { Received } from '../../src/exchange.ts';
import { type Arrived, receiver } from '../../src/front/receive.ts';
import { trustedProxies } from '../../src/http/forwarded.ts';
import { LIMITS } from '../support/limits.ts';
import { openWire, type Wire } from '../support/wire.ts';

const NOW = 1_790_000_000_000;

/** Sends bytes to a real server, and gives what the receiver made of them; the connection stays open. */
async function receive(
  t: Test,
  bytes: string,
  proxies: readonly string[] = [],
): Promise<{ arrived: Arrived; wire: Wire; port: number }> {
  const reading = receiver(trustedProxies(proxies), 'http', LIMITS, () => NOW);
  const server = createServer({ requireHostHeader: false });
  server.on('checkContinue', (...both) => server.emit('request', ...both));
  server.on('checkExpectation', (...both) => server.emit('request', ...both));
  const arriving = new Promise<Arrived>((resolve) => {
    server.once('request', (request, response) => resolve(reading(request, response, 'id-1')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const wire = await openWire(t, `http://127.0.0.1:${port}`);
  wire.send(bytes);
  return { arrived: await arriving, wire, port };
}

const received = ({ received }: Arrived): Received => {
  if ('denial' in received) throw new Error(JSON.stringify(received));
  return received;
};

t.test('a request becomes an exchange, with nothing of it changed', async (t) => {
  const { arrived, port } = await receive(
    t,
    'DELETE /a/%7Eb/?x=%20&y HTTP/1.1\r\nHOST: Api.Example.com:8443\r\nX-A: 1\r\nx-a: 2\r\n\r\n',
  );
  t.strictSame(received(arrived), {
    id: 'id-1',
    method: 'DELETE',
    target: {
      path: '/a/~b/',
      segments: ['a', '~b', ''],
      query: 'x=%20&y',
      ambiguities: [],
      authority: null,
    },
    host: 'api.example.com',
    port,
    caller: {
      client_ip: '127.0.0.1',
      via: [],
      scheme: 'http',
      host: null,
      port: null,
      prefix: '',
      trusted: false,
    },
    peer: '127.0.0.1',
    fields: ['HOST', 'Api.Example.com:8443', 'X-A', '1', 'x-a', '2'],
    body: null,
    received_at: NOW,
  });
  t.strictSame(
    { fields: arrived.fields, scheme: arrived.scheme, trusted: arrived.trusted },
    { fields: received(arrived).fields, scheme: 'http', trusted: false },
  );
});

t.test('a trusted proxy says who called', async (t) => {
  const head = 'GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n';
  const { arrived } = await receive(t, head, ['127.0.0.0/8']);
  t.match(received(arrived), { caller: { client_ip: '192.0.2.7', trusted: true }, peer: '127.0.0.1' });
  t.equal(arrived.trusted, true);
});

t.test('what cannot be an exchange is refused, and says why to operators', async (t) => {
  const malformed = (detail: RegExp): object => ({ denial: 'malformed_request', detail });
  const cases: [string, string, object][] = [
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', malformed(/host header is missing/)],
    ['a Host that is no host', 'GET / HTTP/1.1\r\nHost: a;for=1.2.3.4\r\n\r\n', malformed(/is no host/)],
    ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n', malformed(/is no host/)],
    ['OPTIONS *', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', malformed(/neither a path nor an absolute URL/)],
    [
      'an absolute-form target of another host',
      'GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n',
      malformed(/authority is not the host header's/),
    ],
    [
      'an absolute-form target of another port',
      'GET http://a:81/ HTTP/1.1\r\nHost: a\r\n\r\n',
      malformed(/authority is not/),
    ],
    [
      'an absolute-form target with credentials',
      'GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n',
      malformed(/authority is not/),
    ],
    [
      'an absolute-form target of another scheme',
      'GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n',
      malformed(/scheme is not http/),
    ],
    [
      'dot segments',
      'GET /a/%2e%2e/b HTTP/1.1\r\nHost: a\r\n\r\n',
      { denial: 'ambiguous_path', detail: /dot segment/ },
    ],
    ['HTTP/0.9', 'GET / HTTP/0.9\r\nHost: a\r\n\r\n', malformed(/not HTTP\/1.x/)],
    ['RTSP', 'DESCRIBE / RTSP/1.0\r\nHost: a\r\n\r\n', malformed(/not HTTP\/1.x/)],
    [
      'a transfer coding in HTTP/1.0 (RFC 9112 section 6.1)',
      'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      malformed(/no transfer codings/),
    ],
    [
      'a target that is too long',
      `GET /${'a'.repeat(8_192)} HTTP/1.1\r\nHost: a\r\n\r\n`,
      { denial: 'uri_too_long' },
    ],
    [
      'too many fields',
      `GET / HTTP/1.1\r\nHost: a\r\n${'a: b\r\n'.repeat(100)}\r\n`,
      { denial: 'header_fields_too_large' },
    ],
    ['HTTP/2.0 in a request line', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n', malformed(/not HTTP\/1.x/)],
    [
      'an expectation that nobody knows',
      'GET / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n',
      { denial: 'expectation_failed' },
    ],
  ];
  for (const [name, bytes, denial] of cases) {
    const { arrived } = await receive(t, bytes);
    t.match(arrived.received, denial, name);
  }
});

t.test('an absolute-form target of this very host is a path (RFC 9112 section 3.2.2)', async (t) => {
  const { arrived } = await receive(t, 'GET HTTP://A:8080/b?c HTTP/1.1\r\nHost: a:8080\r\n\r\n');
  t.match(received(arrived), { host: 'a', target: { path: '/b', query: 'c', authority: 'A:8080' } });
});

t.test('as much as may be is not too much', async (t) => {
  const target = await receive(t, `GET /${'a'.repeat(8_191)} HTTP/1.1\r\nHost: a\r\n\r\n`);
  t.equal(received(target.arrived).target.path.length, 8_192);
  const many = await receive(t, `GET / HTTP/1.1\r\nHost: a\r\n${'a: b\r\n'.repeat(99)}\r\n`);
  t.equal(received(many.arrived).fields.length, 200);
});

t.test('an upgrade is refused; an offer that may be ignored is (RFC 9110 section 7.8)', async (t) => {
  const cases: [string, string, 'refused' | 'ignored'][] = [
    ['1.1', 'Connection: Upgrade\r\nUpgrade: websocket', 'refused'],
    ['1.1', 'Upgrade: websocket\r\nconnection: keep-alive, UPGRADE', 'refused'],
    ['1.1', 'Connection: keep-alive\r\nConnection: upgrade\r\nUpgrade: websocket', 'refused'],
    ['1.1', 'Connection: upgrade\r\nUpgrade: h2c, websocket', 'refused'],
    ['1.1', 'Connection: upgrade\r\nUpgrade: h2c\r\nUpgrade: TLS/1.2', 'refused'],
    ['1.1', 'Connection: upgrade\r\nUpgrade: h2', 'refused'],
    ['1.1', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA', 'ignored'],
    ['1.1', 'Connection: upgrade\r\nUpgrade: H2C', 'ignored'],
    ['1.1', 'Connection: upgrade\r\nUpgrade:', 'ignored'],
    ['1.1', 'Upgrade: websocket', 'ignored'],
    ['1.0', 'Connection: upgrade\r\nUpgrade: websocket', 'ignored'],
  ];
  for (const [version, lines, expected] of cases) {
    const { arrived } = await receive(t, `GET / HTTP/${version}\r\nHost: a\r\n${lines}\r\n\r\n`);
    if (expected === 'refused') t.strictSame(arrived.received, { denial: 'upgrade_not_served' }, lines);
    else t.equal(received(arrived).target.path, '/', lines);
    t.equal(arrived.endsConnection(), true, 'what follows may be of another protocol');
  }
  const { arrived } = await receive(t, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n\r\n');
  t.equal(arrived.endsConnection(), false, 'nothing is offered');
});

t.test('a client who has left already is nobody', async (t) => {
  const reading = receiver(trustedProxies(['127.0.0.1']), 'http', LIMITS, () => NOW);
  const server = createServer();
  const arriving = new Promise<Denial | Received>((resolve) => {
    server.once('request', (request, response) => {
      request.socket.once('close', () => resolve(reading(request, response, 'id-1').received));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const wire = await openWire(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  wire.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  wire.socket.end();
  t.strictSame(await arriving, { denial: 'client_gone' });
});

t.test('a body is there when it is announced, and arrives when it is asked for', async (t) => {
  const head = 'POST / HTTP/1.1\r\nHost: a\r\n';
  const counted = await receive(t, `${head}Content-Length: 5\r\n\r\nhello`);
  t.equal(received(counted.arrived).body?.length, 5);
  t.equal(String(await buffer(received(counted.arrived).body!.stream(Infinity))), 'hello');
  const chunked = await receive(t, `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`);
  t.equal(received(chunked.arrived).body?.length, null);
  t.equal(String(await buffer(received(chunked.arrived).body!.stream(Infinity))), 'hello');
  const empty = await receive(t, `${head}Content-Length: 0\r\n\r\n`);
  t.equal(received(empty.arrived).body, null);
});

t.test(
  '100 Continue is sent when the body is asked for, and not before (RFC 9110 section 10.1.1)',
  async (t) => {
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 5\r\n\r\n';
    const { arrived, wire } = await receive(t, head);
    t.equal(wire.socket.bytesRead, 0);
    const body = buffer(received(arrived).body!.stream(Infinity));
    t.match(await wire.reply(), { status: 100 });
    wire.send('hello');
    t.equal(String(await body), 'hello');
  },
);

t.test('a body can be had whole, up to a size', async (t) => {
  const head = 'POST / HTTP/1.1\r\nHost: a\r\n';
  const counted = 'Content-Length: 5\r\n\r\nhello';
  const chunked = 'Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nX: y\r\n\r\n';
  for (const bytes of [counted, chunked]) {
    const whole = await receive(t, head + bytes);
    t.equal(String(await received(whole.arrived).body?.buffer(5)), 'hello');
    t.equal(whole.arrived.endsConnection(), false, 'nothing of it is in the way');
    const large = await receive(t, head + bytes);
    await t.rejects(received(large.arrived).body!.buffer(4), { code: 'PORTCULLIS_BODY_TOO_LARGE' });
  }
  const cut = await receive(t, `${head}Content-Length: 5\r\n\r\nhell`);
  const body = received(cut.arrived).body?.buffer(5);
  cut.wire.socket.destroy();
  await t.rejects(body!, { code: 'ECONNRESET' }, 'the client left');
});

t.test('whoever announces a body that is too large is not asked for it', async (t) => {
  const post = (length: number): string =>
    `POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;
  const large = await receive(t, post(6));
  await t.rejects(received(large.arrived).body!.buffer(5), { code: 'PORTCULLIS_BODY_TOO_LARGE' });
  t.equal(large.wire.socket.bytesRead, 0);
  t.equal(large.arrived.endsConnection(), true, 'it may come, or not');

  const { arrived, wire } = await receive(t, post(5));
  const body = received(arrived).body?.buffer(5);
  t.match(await wire.reply(), { status: 100 });
  t.equal(arrived.endsConnection(), true, 'it is asked for, and not here');
  wire.send('hello');
  t.equal(String(await body), 'hello');
  t.equal(arrived.endsConnection(), false, 'all of it is here');
});

t.test('a connection ends with the answer when the rest of a body is in its way', async (t) => {
  const post = (more: string): string => `POST / HTTP/1.1\r\nHost: a\r\n${more}`;
  const cases: [string, string, boolean][] = [
    ['no body', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', false],
    ['a small one that is not here yet', post('Content-Length: 65536\r\n\r\na'), false],
    ['a larger one', post('Content-Length: 65537\r\n\r\na'), true],
    ['one of unknown length', post('Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n'), true],
    [
      'one in a framing that its version does not have',
      'POST / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      true,
    ],
    [
      'one that the client may or may not send',
      post('Expect: 100-continue\r\nContent-Length: 1\r\n\r\n'),
      true,
    ],
  ];
  for (const [name, bytes, ends] of cases) {
    const { arrived } = await receive(t, bytes);
    t.equal(arrived.endsConnection(), ends, name);
    t.equal(arrived.hasBody, bytes.startsWith('POST'), name);
  }

  const { arrived, wire } = await receive(t, post('Content-Length: 2\r\n\r\na'));
  const body = buffer(received(arrived).body!.stream(Infinity));
  t.equal(arrived.endsConnection(), true, 'a small one that was asked for and is not whole');
  wire.send('b');
  await body;
  t.equal(arrived.endsConnection(), false, 'one that arrived to its end');
});
