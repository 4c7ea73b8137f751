// Header and trailer fields on their way through the gateway, byte by byte over real connections.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import t, { type Test } from 'tap';
import { startBytes } from '../support/bytes.ts';
import { call, callRaw, startServer, startUpstream } from '../support/http.ts';
import { reasons, startOpenGateway } from '../support/open-gateway.ts';

const get = (...lines: readonly string[]): string =>
  ['GET / HTTP/1.1', 'Host: a', 'Connection: close', ...lines, '', ''].join('\r\n');

/** What the client gets when the upstream answers with these bytes. */
async function answered(t: Test, bytes: string): Promise<string> {
  const upstream = await startBytes(t, (socket) => socket.end(bytes, 'latin1'));
  const gateway = await startOpenGateway(t, { upstream });
  return callRaw(gateway.url, get());
}

t.test(
  'CVE-2019-9900: a field with NUL or another control is refused, and reaches no upstream',
  async (t) => {
    const upstream = await startUpstream(t);
    const gateway = await startOpenGateway(t, { upstream: upstream.url });
    for (const control of ['\0', '\u0001', '\u0008', '\u000b', '\u001f', '\u007f', '\r', '\r\n\0'])
      t.match(
        await callRaw(gateway.url, get(`X-A: a${control}b`)),
        /^HTTP\/1\.1 400 /,
        JSON.stringify(control),
      );
    t.strictSame(upstream.requests, []);
  },
);

t.test(
  'RFC 9112 section 5.1: a name that is no name is refused, a blank before the colon above all',
  async (t) => {
    const upstream = await startUpstream(t);
    const gateway = await startOpenGateway(t, { upstream: upstream.url });
    const lines = [
      ': a',
      ' : a',
      'Content-Length : 5',
      'X-A\t: a',
      ' X-A: a',
      'X-A',
      'X(A: a',
      'X-\u00e9: a',
      'X\0: a',
    ];
    for (const line of lines)
      t.match(await callRaw(gateway.url, get('X-B: b', line)), /^HTTP\/1\.1 400 /, JSON.stringify(line));
    t.strictSame(upstream.requests, []);
  },
);

t.test('RFC 9110 section 5.5: other bytes than ASCII’s pass as they are, both ways', async (t) => {
  const bytes = Array.from({ length: 128 }, (_, i) => String.fromCharCode(i + 128)).join('');
  let got: readonly string[] = [];
  const upstream = await startServer(t, (request, response) => {
    got = request.rawHeaders;
    response.writeHead(200, ['X-B', bytes, 'Content-Length', '0']).end();
  });
  const gateway = await startOpenGateway(t, { upstream });
  const answer = await callRaw(gateway.url, get(`X-A: a\t${bytes}`));
  t.equal(got[got.indexOf('X-A') + 1], `a\t${bytes}`);
  t.match(answer, `\r\nX-B: ${bytes}\r\n`);
});

t.test('CVE-2026-39858: framing that only some readers would see never goes upstream', async (t) => {
  const upstream = await startUpstream(t);
  const gateway = await startOpenGateway(t, { upstream: upstream.url });
  for (const line of [
    'Content_Length: 5',
    'content.length: 5',
    'Transfer_Encoding: chunked',
    'CONNECTION_: keep',
    'Te_: x',
  ]) {
    upstream.requests.length = 0;
    await callRaw(gateway.url, get(line));
    const names = (upstream.requests[0]?.rawHeaders ?? []).map((name) => name.toLowerCase());
    t.not(names.length, 0, line);
    for (const name of ['content-length', 'transfer-encoding'])
      t.notOk(
        names.some((sent) => sent.replaceAll(/[^a-z]/g, '-') === name),
        `${line} is no ${name}`,
      );
  }
  for (const lines of [
    ['Content_Length: 5', 'Content-Length: 0'],
    ['Transfer_Encoding: gzip'],
    ['X-A: 1', 'X_A: 2'],
  ])
    t.match(await callRaw(gateway.url, get(...lines)), /^HTTP\/1\.1 400 /, lines.join());
});

t.test('CVE-2016-5385, httpoxy: Proxy never goes upstream', async (t) => {
  const upstream = await startUpstream(t);
  const gateway = await startOpenGateway(t, { upstream: upstream.url });
  await callRaw(gateway.url, get('Proxy: http://evil.example', 'PROXY: http://evil.example'));
  t.equal(upstream.requests[0]?.headers['proxy'], undefined);
});

t.test('RFC 9110 section 7.6.3: Via names the gateway both ways, by the name it is given', async (t) => {
  const upstream = await startUpstream(t, (_request, response) =>
    response.writeHead(200, { Via: '1.0 b' }).end(),
  );
  const gateway = await startOpenGateway(t, { upstream: upstream.url, listener: 'via: edge.example' });
  const answer = await call(gateway.url, { headers: { Via: '1.0 a' } });
  t.equal(upstream.requests[0]?.headers['via'], '1.0 a, 1.1 edge.example');
  t.equal(answer.headers['via'], '1.0 b, 1.1 edge.example');
});

t.test('a gateway whose upstream leads back to it ends the circle with 508', async (t) => {
  let back = '';
  const relay = createServer((socket) => {
    const on = connect(Number(new URL(back).port), '127.0.0.1');
    socket.pipe(on).pipe(socket);
    for (const end of [socket, on]) end.on('error', () => {});
    t.teardown(() => [socket, on].forEach((end) => end.destroy()));
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  t.teardown(() => void relay.close());
  const upstream = `http://127.0.0.1:${(relay.address() as AddressInfo).port}`;
  const gateway = await startOpenGateway(t, { upstream });
  back = gateway.url;
  const answer = await call(gateway.url);
  t.equal(answer.status, 508);
  t.match(answer.json(), { title: 'Loop Detected', status: 508 });
  t.equal(answer.headers['via']?.split(', ').length, 10, 'it was here ten times, and once to be refused');
  t.strictSame(reasons(gateway), ['loop_detected']);
});

t.test(
  'RFC 9110 section 8.6: a 204 has no Content-Length, and what follows it is another answer',
  async (t) => {
    const none = await answered(t, 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\nX-A: 1\r\n\r\n');
    t.match(none, /^HTTP\/1\.1 204 No Content\r\nX-A: 1\r\n/);
    t.notMatch(none, /content-length|transfer-encoding/i);
    t.match(
      await answered(t, 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n'),
      /\r\nContent-Length: 5\r\n/,
    );
  },
);

t.test('an answer that two readers would cut at two places is no answer', async (t) => {
  for (const head of [
    'Content-Length: 2\r\nContent-Length: 2',
    'Content-Length: 2\r\nContent-Length: 3',
    'Content-Length: 2, 2',
    'Content-Length: 2\r\nTransfer-Encoding: chunked',
    'Content-Length : 2',
    'Content-Length: 2\r\nX-A: a\0b',
    'Content-Length: 2\r\nX-A: a\r\n b',
  ])
    t.match(
      await answered(t, `HTTP/1.1 200 OK\r\n${head}\r\n\r\nok`),
      /^HTTP\/1\.1 502 /,
      JSON.stringify(head),
    );
});

const chunked = (trailers: string, more = ''): string =>
  `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n${more}\r\n2\r\nok\r\n0\r\n${trailers}\r\n`;

t.test('RFC 9110 section 6.5.1: trailers bring nothing that belongs in a head', async (t) => {
  const forged =
    'Set-Cookie: a=b\r\nAccess-Control-Allow-Origin: *\r\nTransfer-Encoding: chunked\r\nLocation: //x\r\n';
  const trailers = `X-Checksum: \u00e9\r\n${forged}Content-Digest: sha-256=:a:\r\n`;
  const answer = await answered(t, chunked(trailers, 'Trailer: X-Checksum, Set-Cookie\r\n'));
  t.match(answer, '\r\n2\r\nok\r\n0\r\nX-Checksum: \u00e9\r\nContent-Digest: sha-256=:a:\r\n\r\n');
  t.notMatch(answer, /set-cookie|access-control|location|^trailer/im);
});

t.test('an answer whose trailers say another length is cut short', async (t) => {
  const answer = await answered(t, chunked('Content-Length: 7\r\n'));
  t.match(answer, /\r\n2\r\nok\r\n$/, 'without the end that would say it is whole');
});
