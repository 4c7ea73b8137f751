// What of an upstream's answer reaches the client, and what of it is no answer.
import t from 'tap';
import { startBytes } from '../support/bytes.ts';
import { sending } from '../support/sending.ts';
import { recording } from '../support/sink.ts';

t.test("an answer's fields go on, without those of this hop", async (t) => {
  const upstream = await startBytes(t, (socket) =>
    socket.end(
      'HTTP/1.1 201 Made\r\nSet-Cookie: a=1\r\nX-Name: caf\xe9\r\nKeep-Alive: timeout=5\r\nSet-Cookie: b=2\r\n' +
        'Connection: close, X-Hop\r\nX-Hop: 1\r\nProxy-Authenticate: Basic\r\nTrailer: X-Sum\r\nUpgrade: h2c\r\n' +
        'Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\nKeep-Alive: x\r\n\r\n',
      'latin1',
    ),
  );
  const { sink, result } = sending(t, upstream)({ responseFields: ['X-Policy', 'p', 'Set-Cookie', 'c=3'] });
  t.strictSame(await result, { status: 201, aborted: false });
  t.equal(
    sink.fields.join(),
    'Set-Cookie,a=1,X-Name,caf\xe9,Set-Cookie,b=2,X-Policy,p,Set-Cookie,c=3',
    'duplicates and order are kept',
  );
  t.equal(sink.body, 'ok');
  t.strictSame(sink.trailers, ['X-Sum', '7']);
});

t.test('interim answers end here', async (t) => {
  const upstream = await startBytes(t, (socket) =>
    socket.end('HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
  );
  const { sink, result } = sending(t, upstream)();
  t.strictSame(await result, { status: 200, aborted: false });
  t.strictSame(sink.fields, ['Content-Length', '2']);
});

t.test('what is no answer is 502, and of another kind than no connection', async (t) => {
  const OK = 'HTTP/1.1 200 OK\r\n';
  const answers: [string, string, RegExp][] = [
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', /Expected HTTP/],
    ['half a head', `${OK}Content-Le`, /other side closed/],
    ['a bare LF', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok', /expected CR/],
    ['a line folded', `${OK}X: a\r\n b\r\nContent-Length: 0\r\n\r\n`, /whitespace/],
    ['a bare CR in a value', `${OK}X: a\rY: b\r\nContent-Length: 0\r\n\r\n`, /expected LF/],
    ['a NUL in a value', `${OK}X: a\0b\r\nContent-Length: 0\r\n\r\n`, /header value/],
    ['a control in a value', `${OK}X: a\x01b\r\nContent-Length: 0\r\n\r\n`, /header value/],
    ['a space in a name', `${OK}X y: a\r\nContent-Length: 0\r\n\r\n`, /header token/],
    ['a space after a name', `${OK}Content-Length : 2\r\n\r\nok`, /header field/],
    ['two lengths', `${OK}Content-Length: 2\r\ncontent-length: 3\r\n\r\nok`, /CONTENT_LENGTH/],
    ['one length twice', `${OK}Content-Length: 2\r\nContent-Length: 2\r\n\r\nok`, /CONTENT_LENGTH/],
    ['a list of lengths', `${OK}Content-Length: 2, 2\r\n\r\nok`, /CONTENT_LENGTH/],
    ['a length below zero', `${OK}Content-Length: -2\r\n\r\nok`, /Content-Length/],
    [
      'two framings',
      `${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      /CONTENT_LENGTH/,
    ],
    ['a coding nobody asked for', `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, /coding/],
    ['a coding nobody knows', `${OK}Transfer-Encoding: xchunked\r\n\r\nok`, /coding/],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n', /status/],
    ['a status below 100', 'HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n', /status/],
    ['a status of four digits', 'HTTP/1.1 1000 OK\r\nContent-Length: 0\r\n\r\n', /status/],
    ['a switch of protocols', 'HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n', /upgrade/],
    ['a switch to nothing', `HTTP/1.1 101 X\r\n\r\n${OK}Content-Length: 0\r\n\r\n`, /unasked/],
    ['100 Continue to nobody', `HTTP/1.1 100 Continue\r\n\r\n${OK}Content-Length: 0\r\n\r\n`, /bad response/],
    ['interim answers alone', 'HTTP/1.1 103 Early Hints\r\n\r\n', /other side closed/],
    [
      'a head of over 64 KiB',
      `${OK}X: ${'x'.repeat(65_536)}\r\nContent-Length: 0\r\n\r\n`,
      /HEADERS_OVERFLOW/,
    ],
  ];
  for (const [name, bytes, detail] of answers) {
    const upstream = await startBytes(t, (socket) => socket.end(bytes, 'latin1'));
    const { sink, result } = sending(t, upstream)();
    t.match(await result, { denial: 'upstream_malformed', detail }, name);
    t.equal(sink.status, 0);
  }
});

t.test('an answer that is odd and no harm goes on', async (t) => {
  const ok = ['Content-Length', '2'];
  const answers: [string, string, number, string[]][] = [
    ['a status nobody defined', 'HTTP/1.1 999 X\r\nContent-Length: 2\r\n\r\nok', 999, ok],
    ['no reason', 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok', 200, ok],
    ['empty lines before', '\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 200, ok],
    ['until the connection ends', 'HTTP/1.1 200 OK\r\n\r\nok', 200, []],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\nok', 200, []],
    [
      'chunks from HTTP/1.0',
      'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
      200,
      [],
    ],
    [
      'chunks with extensions',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2;a=b\r\nok\r\n0\r\n\r\n',
      200,
      [],
    ],
    ['more than it announced', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokay', 200, ok],
  ];
  const large = 'x'.repeat(60_000);
  answers.push(['a head of 60 KB', `HTTP/1.1 200 OK\r\nX: ${large}\r\n\r\nok`, 200, ['X', large]]);
  for (const [name, bytes, status, fields] of answers) {
    const upstream = await startBytes(t, (socket) => socket.end(bytes));
    const { sink, result } = sending(t, upstream)();
    t.strictSame(await result, { status, aborted: false }, name);
    t.match(sink, { status, fields, body: 'ok', trailers: [], cut: false }, name);
  }
});

t.test('answers without a body have none, whatever follows their head', async (t) => {
  for (const [method, status] of [
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ] as const)
    for (const framing of ['Content-Length: 5\r\n\r\nhello', 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n']) {
      const upstream = await startBytes(t, (socket) => socket.write(`HTTP/1.1 ${status} X\r\n${framing}`));
      const { sink, result } = sending(t, upstream)({ method });
      t.strictSame(await result, { status, aborted: false });
      t.match(sink, { body: '', trailers: [], cut: false });
    }
});

t.test('an answer that breaks off is cut for the client too', async (t) => {
  for (const head of [
    'Content-Length: 10\r\n\r\nhalf',
    'Connection: close\r\nContent-Length: 10\r\n\r\nhalf',
    'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n',
    'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nmore\r\n0\r\n\r\n',
    'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf of it\r\n0\r\n\r\n',
    'Transfer-Encoding: chunked\r\n\r\n4\nhalf\n0\n\n',
    `Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\nX: ${'x'.repeat(65_536)}\r\n\r\n`,
  ]) {
    const upstream = await startBytes(t, (socket) => socket.end(`HTTP/1.1 200 OK\r\n${head}`));
    const { sink, result } = sending(t, upstream)();
    t.strictSame(await result, { status: 200, aborted: true });
    t.match(sink, { status: 200, trailers: null, cut: true });
  }
});

t.test('an answer that lasts until the connection ends is cut when that is reset', async (t) => {
  let reset = (): void => {};
  const upstream = await startBytes(t, (socket) => {
    reset = () => void socket.resetAndDestroy();
    socket.write('HTTP/1.1 200 OK\r\n\r\nhalf');
  });
  const { sink, result } = sending(t, upstream)({}, Object.assign(recording(), { onWrite: () => reset() }));
  t.strictSame(await result, { status: 200, aborted: true });
  t.match(sink, { body: 'half', trailers: null, cut: true });
});
