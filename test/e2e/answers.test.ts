/** What an upstream answers is what its client gets: the status, the fields, every byte, and how they are framed. */
import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { startBytes } from '../support/bytes.ts';
import { call, callRaw, startServer } from '../support/http.ts';
import { startOpenGateway } from '../support/open-gateway.ts';
import { openWire } from '../support/wire.ts';

const FILE = randomBytes(10_000);
const ETAG = '"v1"';
const PARTS = Buffer.concat([
  Buffer.from('\r\n--THIS\r\nContent-Range: bytes 0-99/10000\r\n\r\n'),
  FILE.subarray(0, 100),
  Buffer.from('\r\n--THIS\r\nContent-Range: bytes 9900-9999/10000\r\n\r\n'),
  FILE.subarray(9_900),
  Buffer.from('\r\n--THIS--\r\n'),
]);

/** Serves a file as RFC 9110 section 14 has it, and encoded for those who take that. */
const serveFile: RequestListener = ({ method, headers }, response) => {
  const { range, 'if-range': unchanged = ETAG, 'if-none-match': known } = headers;
  const send = (status: number, body: Buffer, more = {}): void => {
    const bodyless = method === 'HEAD' || status === 304;
    const common = { etag: ETAG, 'accept-ranges': 'bytes', vary: 'accept-encoding', date: 'today' };
    response.writeHead(status, { ...common, 'content-length': body.length, ...more });
    response.end(bodyless ? undefined : body);
  };
  if (known === ETAG) send(304, FILE);
  else if (headers['accept-encoding'] === 'gzip') send(200, gzipSync(FILE), { 'content-encoding': 'gzip' });
  else if (range === undefined || unchanged !== ETAG) send(200, FILE);
  else if (range === 'bytes=100-199')
    send(206, FILE.subarray(100, 200), { 'content-range': 'bytes 100-199/10000' });
  else if (range === 'bytes=0-99,-100')
    send(206, PARTS, { 'content-type': 'multipart/byteranges; boundary=THIS' });
  else send(416, Buffer.from('beyond'), { 'content-range': 'bytes */10000' });
};

t.test(
  'ranges, conditions and encodings are the upstream’s matter: no byte of them is touched',
  async (t) => {
    const upstream = await startServer(t, serveFile);
    const { url } = await startOpenGateway(t, { upstream });
    const cases: [number, string, Record<string, string>][] = [
      [200, 'GET', {}],
      [206, 'GET', { Range: 'bytes=100-199' }],
      [206, 'GET', { Range: 'bytes=100-199', 'If-Range': ETAG }],
      [200, 'GET', { Range: 'bytes=100-199', 'If-Range': '"v0"' }],
      [206, 'GET', { Range: 'bytes=0-99,-100' }],
      [416, 'GET', { Range: 'bytes=20000-' }],
      [304, 'GET', { 'If-None-Match': ETAG }],
      [200, 'GET', { 'Accept-Encoding': 'gzip' }],
      [200, 'HEAD', {}],
      [206, 'HEAD', { Range: 'bytes=0-99,-100' }],
      [200, 'HEAD', { 'Accept-Encoding': 'gzip' }],
    ];
    const through = async (to: string, method: string, fields: Record<string, string>): Promise<string> => {
      const lines = Object.entries({ Host: 'a', Connection: 'close', ...fields }).map((field) =>
        field.join(': '),
      );
      return callRaw(to, `${method} / HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    };
    for (const [status, method, fields] of cases) {
      const name = `${method} ${JSON.stringify(fields)}`;
      const [direct, answer] = await Promise.all([
        through(upstream, method, fields),
        through(url, method, fields),
      ]);
      t.match(direct, `HTTP/1.1 ${status} `, name);
      t.equal(answer.replace(/^Via: .*\r\n/m, ''), direct, name);
    }
  },
);

t.test('answers without a body stay so, and their connection goes on', async (t) => {
  const upstream = await startServer(t, ({ method }, response) => {
    if (method === 'PUT') response.writeHead(204, { etag: ETAG });
    else response.writeHead(method === 'HEAD' ? 200 : 304, { etag: ETAG, 'content-length': '1000' });
    response.end();
  });
  const { url } = await startOpenGateway(t, { upstream });
  const wire = await openWire(t, url);
  for (const [method, status, length] of [
    ['HEAD', 200, '1000'],
    ['PUT', 204, undefined],
    ['GET', 304, '1000'],
    ['HEAD', 200, '1000'],
  ] as const) {
    wire.send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
    const { status: got, headers } = await wire.reply('bodyless');
    t.match({ got, headers }, { got: status, headers: { etag: ETAG } }, method);
    t.equal(headers['content-length'], length, method);
    t.notOk('transfer-encoding' in headers, method);
  }
});

t.test('what follows an answer that has no body is the answer to nobody', async (t) => {
  for (const [method, head] of [
    ['HEAD', '200 OK\r\nContent-Length: 4\r\nConnection: keep-alive'],
    ['GET', '204 No Content'],
    ['GET', '304 Not Modified\r\nContent-Length: 4'],
    ['GET', '200 OK\r\nContent-Length: 0'],
  ] as const) {
    const upstream = await startBytes(t, (socket) => {
      socket.write(`HTTP/1.1 ${head}\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`);
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbad!'));
    });
    const { url } = await startOpenGateway(t, { upstream, service: '    connections: 1' });
    const answers = await Promise.all([1, 2, 3].map(() => call(url, { method })));
    for (const { status, text } of answers)
      t.strictSame([status, text], [Number(head.slice(0, 3)), ''], `${method} ${head}`);
  }
});

t.test(
  'counted answers stay counted, chunked ones chunked, and those that end with their connection become so',
  async (t) => {
    const cases: [string, RegExp][] = [
      ['Content-Length: 5\r\n\r\nhello', /\r\nContent-Length: 5\r\n(?![^]*chunked)[^]*\r\n\r\nhello$/],
      ['Content-Length: 0\r\n\r\n', /\r\nContent-Length: 0\r\n(?![^]*chunked)[^]*\r\n\r\n$/],
      [
        'Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n',
        /(?<!content-length[^]*)chunked\r\n\r\n([23]\r\n(he|llo)\r\n|5\r\nhello\r\n)+0\r\n\r\n$/i,
      ],
      ['\r\nhello', /(?<!content-length[^]*)chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/i],
    ];
    for (const [bytes, expected] of cases) {
      const upstream = await startBytes(t, (socket) => socket.end(`HTTP/1.1 200 OK\r\n${bytes}`));
      const { url } = await startOpenGateway(t, { upstream });
      t.match(await callRaw(url, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'), expected);
    }
  },
);

t.test("an answer's fields and trailers arrive as the upstream wrote them", async (t) => {
  const upstream = await startServer(t, (_request, response) => {
    response.writeHead(200, [
      'Set-Cookie',
      'a=1',
      'X-Name',
      'caf\xe9',
      'Set-Cookie',
      'b=2',
      'Keep-Alive',
      'timeout=9',
      'Trailer',
      'X-Sum',
    ]);
    response.addTrailers({ 'X-Sum': '7' });
    response.end('ok');
  });
  const { url } = await startOpenGateway(t, { upstream });
  const { headers, rawHeaders } = await call(url);
  t.strictSame(headers['set-cookie'], ['a=1', 'b=2']);
  t.equal(headers['x-name'], 'caf\xe9');
  t.notOk(rawHeaders.includes('timeout=9'), 'what is of one hop is not of the next');
  const answer = await callRaw(url, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  t.match(answer, /\r\n0\r\nX-Sum: 7\r\n\r\n$/);
});

t.test('interim answers of an upstream end at the gateway, whatever they are', async (t) => {
  const upstream = await startBytes(t, (socket) =>
    socket.end(
      'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n' +
        'HTTP/1.1 199 Whatever\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    ),
  );
  const { url } = await startOpenGateway(t, { upstream });
  for (const head of ['GET / HTTP/1.1\r\n', 'GET / HTTP/1.0\r\n']) {
    const answer = await callRaw(url, `${head}Host: a\r\nConnection: close\r\n\r\n`);
    t.match(answer, /^HTTP\/1.1 200 OK\r\n(?![^]*Link)[^]*\r\n\r\nok$/);
  }
});

t.test(
  'an upstream that switches protocols unasked, or continues what nobody expected, is faulty',
  async (t) => {
    for (const interim of ['101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x', '100 Continue']) {
      const upstream = await startBytes(t, (socket) =>
        socket.end(`HTTP/1.1 ${interim}\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`),
      );
      const { url } = await startOpenGateway(t, { upstream });
      t.equal((await call(url)).status, 502, interim);
    }
  },
);
