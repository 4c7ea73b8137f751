/**
 * Request smuggling by what is said of the connection: Connection, Expect, Upgrade, and pipelines in which each request has a token of
 * its own. No answer goes to another request, and nothing is done for a request that will have no answer.
 */
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { each, get, holds, post, REFUSED, requestOf, startScene, told } from '../support/smuggling.ts';
import { openWire } from '../support/wire.ts';

const CHUNKS = '5\r\nhello\r\n0\r\n\r\n';
const CODING = 'Transfer-Encoding: chunked';
const LENGTH = 'Content-Length: 5';
const HELLO = 'POST /a hello';

t.test('what Connection lists never takes the framing, the host or the caller away', async (t) => {
  const lists = each(
    'close, content-length|content-length|Content-Length, X-User|transfer-encoding|close, transfer-encoding|host|x-user',
    'authorization|host, x-user, authorization, content-length, transfer-encoding, via, connection|content_length',
    'TE, Trailer, Upgrade|,|, ,content-length,|"content-length"|content-length;q=1|*',
  );
  await holds(t, [
    ...lists.map(
      (list) => [`${list}, and a length`, post([`Connection: ${list}`, LENGTH], 'hello'), HELLO] as const,
    ),
    ...lists.map(
      (list) => [`${list}, and chunks`, post([CODING, `Connection: ${list}`], CHUNKS), HELLO] as const,
    ),
    ['in two fields', post(['Connection: content-length', LENGTH, 'connection: x-user'], 'hello'), HELLO],
  ]);
});

t.test('a connection ends where it is said to, and nothing after that is done', async (t) => {
  await holds(t, [
    ['close', get('Connection: close'), 'GET /a'],
    ['in a list', get('Connection: x, Close'), 'GET /a'],
    ['in another field', get('Connection: keep-alive', 'Connection: close'), 'GET /a'],
    ['with a body', post(['Connection: close', LENGTH], 'hello'), HELLO],
    ['by a refusal', requestOf('mallory', 'GET /a HTTP/1.1', ['Connection: close']), 401],
    ['by HTTP/1.0', requestOf('alice', 'GET /a HTTP/1.0'), 'GET /a'],
    ['not by a parameter', get('Connection: close;x'), 'GET /a'],
    ['not by another spelling', get('Connection_: close', 'Keep-Alive: timeout=0'), 'GET /a'],
  ]);
});

t.test('Expect asks for 100 Continue, and does nothing else', async (t) => {
  const hidden = 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n';
  const others = each(
    '200-ok||100_continue|100-continue;q=1|y 100-continue|100-continue, x|100|"100-continue"',
  );
  const expecting = (value: string, ...lines: string[]): string =>
    post([`Expect: ${value}`, ...lines], 'hello');
  await holds(t, [
    ['with a length', expecting('100-continue', LENGTH), 100, HELLO],
    ['in another case', expecting('100-Continue', LENGTH), 100, HELLO],
    ['with chunks', post(['Expect: 100-continue', CODING], CHUNKS), 100, HELLO],
    [
      'with a request as its body (0.CL)',
      post(['Expect: 100-continue', `Content-Length: ${hidden.length}`], hidden),
      100,
      `POST /a ${hidden.trimEnd()}`,
    ],
    ['without a body', get('Expect: 100-continue'), 'GET /a'],
    ['with a length of nothing', post(['Expect: 100-continue', 'Content-Length: 0'], ''), 'POST /a'],
    [
      'from HTTP/1.0',
      requestOf('alice', 'POST /a HTTP/1.0', ['Expect: 100-continue', LENGTH], 'hello'),
      HELLO,
    ],
    ['with a length and chunks', post(['Expect: 100-continue', LENGTH, CODING], CHUNKS), REFUSED],
    ['a blank before its colon', post(['Expect : 100-continue', LENGTH], 'hello'), REFUSED],
    ['folded', post(['Expect:', ' 100-continue', LENGTH], 'hello'), REFUSED],
    [
      'from who is refused',
      requestOf('mallory', 'POST /a HTTP/1.1', ['Expect: 100-continue', LENGTH], 'hello'),
      401,
    ],
    ...others.map((value) => [JSON.stringify(value), expecting(value, LENGTH), 417] as const),
    ['two of them, the first another', post(['Expect: x', 'Expect: 100-continue', LENGTH], 'hello'), 417],
    ['two of them, the last another', post(['Expect: 100-continue', 'Expect: x', LENGTH], 'hello'), 417],
  ]);
});

t.test('an upgrade is refused, and h2c is not heard of: what follows is HTTP/1.1', async (t) => {
  const h2c = ['Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings', 'HTTP2-Settings: AAMAAABkAAQAAP__'];
  await holds(t, [
    ['h2c', get(...h2c), 'GET /a'],
    ['h2c with a body', post([...h2c, LENGTH], 'hello'), HELLO],
    ['h2c with chunks', post([...h2c, CODING], CHUNKS), HELLO],
    ['Upgrade that Connection does not list', get('Upgrade: websocket'), 'GET /a'],
    ['WebSocket', get('Upgrade: websocket', 'Connection: upgrade', 'Sec-WebSocket-Key: a'), 501],
    ['WebSocket with a body', post(['Upgrade: websocket', 'Connection: upgrade', LENGTH], 'hello'), 501],
    ['TLS', get('Upgrade: TLS/1.0', 'Connection: upgrade'), 501],
  ]);
});

t.test('a body that is broken is never a request upstream, and its answer is its own', async (t) => {
  const first = get();
  await holds(t, [
    ['behind a good request', first + post([CODING], '5\r\nhelloX'), 'GET /a', REFUSED],
    [
      'behind two',
      first + post([LENGTH], 'hello') + post([CODING], '5;\nhello\r\n'),
      'GET /a',
      HELLO,
      REFUSED,
    ],
    ['a head that is broken', `${first}GET /b HTTP/1.1\r\nHost : a\r\n\r\n`, 'GET /a', REFUSED],
    ['no request at all', `${first}hello`, 'GET /a', REFUSED],
  ]);
});

/** What each caller asks for in a pipeline, and what it is answered with. */
const exchanges = (caller: string, n: number): (readonly [bytes: string, answer: string | number])[] => {
  const ask = (line: string, lines: string[] = [], body = ''): string =>
    requestOf(caller, `${line} HTTP/1.1`, lines, body);
  return [
    [ask(`GET /${n}`), `${caller} GET /${n}`],
    [ask(`POST /${n}`, [LENGTH], 'hello'), `${caller} POST /${n} hello`],
    [ask(`PUT /${n}`, [CODING], CHUNKS), `${caller} PUT /${n} hello`],
    [ask(`GET /../${n}`), 400],
    [requestOf('mallory', `POST /${n} HTTP/1.1`, [LENGTH], 'hello'), 401],
  ];
};

t.test('every answer of a pipeline belongs to its own request, however it is cut', async (t) => {
  const { gateway, upstream } = await startScene(t);
  const pipeline = ['alice', 'bob', 'carol', 'alice', 'dave'].flatMap(exchanges);
  const bytes = pipeline.map(([asked]) => asked).join('');
  const answers = pipeline.map(([, answer]) => answer);
  for (const step of [1, 2, 3, 7, 64, bytes.length]) {
    const wire = await openWire(t, gateway.url);
    wire.socket.setNoDelay(true);
    const reading = (async () => {
      const got: (string | number)[] = [];
      while (got.length < answers.length) {
        const { status, text } = await wire.reply();
        got.push(status === 200 ? text : status);
      }
      return got;
    })();
    for (let at = 0; at < bytes.length; at += step) {
      wire.send(bytes.slice(at, at + step));
      await turn();
    }
    t.strictSame(await reading, answers, `${step} bytes at a time`);
    const { requests, faults } = upstream.take();
    t.strictSame(faults, []);
    t.strictSame(
      requests.map(told).toSorted(),
      answers.filter((answer) => typeof answer === 'string').toSorted(),
    );
    wire.socket.destroy();
  }
});
