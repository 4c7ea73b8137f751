/**
 * Request smuggling by what a head is made of: ends of lines, blanks, controls, versions, methods, targets and hosts. Regressions of
 * llhttp (CVE-2022-32214, CVE-2022-35256, CVE-2023-30589, CVE-2024-27982) and of others (HTTP Garden) are among them.
 */
import t from 'tap';
import { type Case, each, get, holds, post, REFUSED, requestOf } from '../support/smuggling.ts';

const ALICE = 'Host: a\r\nAuthorization: Bearer alice\r\n';
/** A request line as it is written, its end and all. */
const line = (text: string): string => `${text}${ALICE}\r\n`;
const named = (bytes: readonly string[], ...becomes: (number | string)[]): Case[] =>
  bytes.map((text) => [JSON.stringify(text.replace(ALICE, '…')), text, ...becomes]);
const LINE = 'GET /a HTTP/1.1\r\n';

t.test('lines end in CR LF, and in nothing else', async (t) => {
  const bad = [
    ...each('GET /a HTTP/1.1\n|GET /a HTTP/1.1\r|GET /a HTTP/1.1\r\r\n|GET /a HTTP/1.1\n\r\n').map(line),
    ...each('X: y\n|X: y\r|X: y\r\r\n|X: y\n\r\n|X:\n y\r\n|X: \ry\r\n|X: y\rz\r\n|X: y\nz\r\n').map((text) =>
      line(LINE + text),
    ),
    ...each('\n|\r|\r\r\n|\n\r\n|\rX').map((end) => `${LINE}${ALICE}${end}`),
    'GET /a HTTP/1.1\nHost: a\nAuthorization: Bearer alice\n\n',
    'GET /a HTTP/1.1\r\nHost: a\nAuthorization: Bearer alice\r\n\r\n',
    'GET /a HTTP/1.1\r\nHost: a\rAuthorization: Bearer alice\r\n\r\n',
  ];
  await holds(t, named(bad, REFUSED));
});

t.test('empty lines before a request are no request (RFC 9112 section 2.2)', async (t) => {
  const before = each('\r\n|\r\n\r\n\r\n|\n|\r').map((text) => line(text + LINE));
  const bad = each(' |\t|\x00|\r\n |\x0b|\xef\xbb\xbf|\xa0|0\r\n\r\n|x').map((text) => line(text + LINE));
  await holds(t, [...named(before, 'GET /a'), ...named(bad, REFUSED)]);
});

t.test('a request line has a method, a target and a version', async (t) => {
  const bad = each(
    'GET\t/a\tHTTP/1.1|GET /a\nHTTP/1.1|GET /a\rHTTP/1.1|GET\r\n /a HTTP/1.1|GET /a HTTP/1.1 HTTP/1.1',
    'GET /a b HTTP/1.1|GET /a\x00 HTTP/1.1|GET /a\x7f HTTP/1.1|GET /a\xe4 HTTP/1.1|GET /a\x0b HTTP/1.1',
    'GET /a\x0cHTTP/1.1|GET /a\x85HTTP/1.1|GET\xa0/a HTTP/1.1|GET /a?b\tc HTTP/1.1|GET /a?b c HTTP/1.1',
    'GET ? HTTP/1.1|GET a HTTP/1.1|GET  HTTP/1.1|GET HTTP/1.1|GET|/a HTTP/1.1|GET /a',
  ).map((text) => line(`${text}\r\n`));
  const refused = each('GET /a%0d%0aX:%20y HTTP/1.1|GET /a%0AX HTTP/1.1|GET /a%00 HTTP/1.1').map((text) =>
    line(`${text}\r\n`),
  );
  await holds(t, [
    ...named(bad, REFUSED),
    ...named(refused, 400),
    ['two blanks', line('GET  /a  HTTP/1.1\r\n'), 'GET /a'],
    [
      'escapes in a query are the upstream’s matter',
      line('GET /a?b%0d%0aX:%20y HTTP/1.1\r\n'),
      'GET /a?b%0d%0aX:%20y',
    ],
  ]);
});

t.test('the version is 1.1 or 1.0', async (t) => {
  const bad = each(
    'HTTP/1.2|HTTP/0.9|HTTP/2.0|HTTP/3.0|HTTP/9.9|HTTP/1.10|HTTP/11|HTTP/1.|HTTP/1|HTTP/01.1|HTTP/1.01',
    'HTTP/1.1x|HTTP/1.1 |HTTP/1.1\t|HTTP/1,1|HTTP/-1.1|HTTP/ 1.1|HTTP /1.1|HTTP\x00/1.1|HTTP/\r1.1|http/1.1|Http/1.1',
    'HTTQ/1.1|HTTPS/1.1|ICE/1.0|XHTTP/1.1|/1.1|1.1',
  ).map((text) => line(`GET /a ${text}\r\n`));
  await holds(t, [
    ...named(bad, REFUSED),
    ['HTTP/0.9', 'GET /a\r\n', REFUSED],
    ['HTTP/0.9 with a body', 'POST /a\r\nContent-Length: 5\r\n\r\nhello', REFUSED],
    [
      'the preface of HTTP/2',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00',
      REFUSED,
    ],
    ['its method', line('PRI /a HTTP/1.1\r\n'), REFUSED],
    ['HTTP/1.0', line('GET /a HTTP/1.0\r\n'), 'GET /a'],
    ['HTTP/1.0, kept alive', requestOf('alice', 'GET /a HTTP/1.0', ['Connection: keep-alive']), 'GET /a'],
    [
      'HTTP/1.0 with a length',
      requestOf('alice', 'POST /a HTTP/1.0', ['Connection: keep-alive', 'Content-Length: 5'], 'hello'),
      'POST /a hello',
    ],
    ['HTTP/1.0 without a host', 'GET /a HTTP/1.0\r\nAuthorization: Bearer alice\r\n\r\n', 400],
  ]);
});

t.test('HTTP/1.0 knows no codings: such a request is faulty (RFC 9112 section 6.1)', async (t) => {
  const chunked = (...lines: string[]): string =>
    requestOf(
      'alice',
      'POST /a HTTP/1.0',
      ['Transfer-Encoding: chunked', ...lines],
      '5\r\nhello\r\n0\r\n\r\n',
    );
  await holds(t, [
    ['chunks', chunked(), REFUSED],
    ['chunks, kept alive', chunked('Connection: keep-alive'), REFUSED],
    ['with a length', chunked('Connection: keep-alive', 'Content-Length: 15'), REFUSED],
  ]);
});

t.test('methods are those of HTTP', async (t) => {
  const bad = each('get /a|Get /a|GETX /a|GET=":<>" /a|G\x00ET /a|GÉT /a|PLAY /a|GET\x0b /a|-GET /a').map(
    (text) => line(`${text} HTTP/1.1\r\n`),
  );
  const rtsp = each('DESCRIBE|SETUP|PLAY|GET_PARAMETER|FLUSH').map((method) =>
    line(`${method} /a RTSP/1.0\r\n`),
  );
  await holds(t, [
    ...named(bad, REFUSED),
    ...named(rtsp, 400),
    ['CONNECT', line('CONNECT a:80 HTTP/1.1\r\n'), REFUSED],
    [
      'CONNECT with a request behind it',
      `${line('CONNECT a:80 HTTP/1.1\r\n')}GET /b HTTP/1.1\r\n\r\n`,
      REFUSED,
    ],
    ['TRACE', line('TRACE /a HTTP/1.1\r\n'), 405],
  ]);
});

t.test('a field is a name, a colon and a value', async (t) => {
  const bad = each(
    ': y|x|X; y|X : y|X\t: y| X: y|\tX: y|X\r\n : y|X: y\r\n z|X: y\r\n\tz|X: y\r\n |X:\r\n y|X\x00: y|\x00X: y|\x00',
    'X: y\x00|X: \x00y|X: y\x01|X: y\x0b|X: y\x1f|X: y\x7f|X\xff: y|X@: y|(X): y|X[]: y|X/: y|X=: y|"X": y|X\xa0: y|X\x85: y',
    'X: y\rHost: b|X: y\nHost: b|X: y\r\n Host: b|Host : b| Host: b',
  );
  await holds(t, [
    ...named(
      bad.map((text) => get(text)),
      REFUSED,
    ),
    ...named(
      bad.map((text) => line(`${LINE}${text}\r\n`)),
      REFUSED,
    ),
    ...named(
      each("X:|X:y|X: y:z|X:   y   |X: \xff|X: |x-~!#$%&'*+.^`: y").map((text) => get(text)),
      'GET /a',
    ),
  ]);
});

t.test('there is one host, and the target has no other one', async (t) => {
  const bad = each('Host: b|Host: a|host: a|HOST:').map((text) => get(text));
  const none = each(
    '|Host:|Host: |Host: a, b|Host: a b|Host: x@a|Host: a/b|Host: a#|Host: a\\b|Host: a:b|Host: [a|Host: a:99999',
  ).map((text) => `${LINE}Authorization: Bearer alice\r\n${text && `${text}\r\n`}\r\n`);
  const targets = each(
    'http://b/a|http://a:81/a|http://x@a/a|http:///a|https://a/a|ftp://a/a|http://a.b/a|http://b@a/a|//b/a|*|http://a/../b',
  ).map((target) => line(`GET ${target} HTTP/1.1\r\n`));
  const unread = each('http:a|http://a\\b/a|a:80|http://a b/a').map((target) =>
    line(`GET ${target} HTTP/1.1\r\n`),
  );
  await holds(t, [
    ...named([...bad, ...none, ...targets], 400),
    ...named(unread, REFUSED),
    ['OPTIONS *', line('OPTIONS * HTTP/1.1\r\n'), 400],
    ['an absolute-form target of this host', line('GET http://A:80/a HTTP/1.1\r\n'), 'GET /a'],
    ['one without a path', line('GET http://a?b HTTP/1.1\r\n'), 'GET /?b'],
    ['a field that is like it', get('Host_: b', 'X-Host: b', 'Forwarded: host=b'), 'GET /a'],
  ]);
});

t.test('a refused body is not read as a request', async (t) => {
  const hidden = 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n';
  const length = `Content-Length: ${hidden.length}`;
  await holds(t, [
    ['two hosts', post(['Host: b', length], hidden), 400],
    ['dot segments', requestOf('alice', 'POST /../a HTTP/1.1', [length], hidden), 400],
    ['two types', post(['Content-Type: a/b', 'Content-Type: c/d', length], hidden), 400],
    ['a method override', post(['X-HTTP-Method-Override: GET', length], hidden), 400],
  ]);
});
