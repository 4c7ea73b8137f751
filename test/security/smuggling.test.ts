/**
 * Request smuggling by codings: CL.TE, TE.CL and TE.TE, after the classes that J. Kettle named ("HTTP Desync
 * Attacks", 2019). Whatever can be read in two ways is 400, and nothing of it reaches the upstream.
 */
import t from 'tap';
import { type Case, each, get, holds, post, REFUSED } from '../support/smuggling.ts';

const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n';
const CHUNKS = '5\r\nhello\r\n0\r\n\r\n';
const NO_CHUNK = '0\r\n\r\n';
const chunked = (line: string): string => post([line], NO_CHUNK);
const five = (...lines: string[]): string => post(lines, 'hello');

t.test('one length and one coding are the plain cases', async (t) => {
  await holds(t, [
    ['a length', five('Content-Length: 5'), 'POST /a hello'],
    ['chunks', post(['Transfer-Encoding: chunked'], CHUNKS), 'POST /a hello'],
    ['a length of nothing', post(['Content-Length: 0'], ''), 'POST /a'],
    ['a POST without either', post([], ''), 'POST /a'],
  ]);
});

t.test('CL.TE and TE.CL: both at once are refused, whatever they say', async (t) => {
  await holds(t, [
    ['CL.TE', post(['Content-Length: 6', 'Transfer-Encoding: chunked'], '0\r\n\r\nG'), REFUSED],
    [
      'TE.CL',
      post(['Transfer-Encoding: chunked', 'Content-Length: 4'], `22\r\n${HIDDEN}\r\n0\r\n\r\n`),
      REFUSED,
    ],
    ['both agree', post(['Content-Length: 5', 'Transfer-Encoding: chunked'], NO_CHUNK), REFUSED],
    ['a length of nothing', get('Content-Length: 0', 'Transfer-Encoding: chunked') + NO_CHUNK, REFUSED],
    [
      'two of each',
      post([...Array(2).fill('Content-Length: 5'), 'Transfer-Encoding: chunked'], CHUNKS),
      REFUSED,
    ],
    ['a coding in an underscore', five('Content-Length: 5', 'Transfer_Encoding: chunked'), 'POST /a hello'],
    [
      'a length in an underscore',
      post(['Transfer-Encoding: chunked', 'Content_Length: 4'], CHUNKS),
      'POST /a hello',
    ],
    [
      'and Connection lists the coding',
      post(['Connection: transfer-encoding', 'Content-Length: 5', 'Transfer-Encoding: chunked'], CHUNKS),
      REFUSED,
    ],
    [
      'and Connection lists the length',
      post(['Connection: content-length', 'Content-Length: 5', 'Transfer-Encoding: chunked'], CHUNKS),
      REFUSED,
    ],
  ]);
});

t.test('TE.TE: a coding is chunked, or it is refused', async (t) => {
  const same = ['chunked', ' chunked', '\tchunked', '  chunked  ', ' Chunked', ' CHUNKED'];
  const other = each(
    `| | xchunked| chunke| x| identity| gzip| chunked, identity| identity, chunked| gzip, chunked`,
    ` chunked, gzip| chunked, chunked| chunked,| ,chunked| chunked;q=1| chunked;| chunked chunked`,
    ` chun ked| chun\tked| "chunked"| 'chunked'| [chunked]|\x0bchunked| \x0bchunked| \x0cchunked`,
    ` chunked\x0b| \x00chunked| chunked\x00| \x01chunked| \x85chunked| \xa0chunked| chunked\xa0`,
    ` chun\xadked| \xefchunked| chunked\x7f|\r\n chunked| \r\n\tchunked| x\r\n chunked`,
    ` chunked\r\n | chunked\r\n , identity| chunked\r| chunked\n|\rchunked|\nchunked| x\nchunked`,
    ` chunked\rX: y| chunked\nX: y`,
  );
  await holds(t, [
    ...same.map((value): Case => [JSON.stringify(value), chunked(`Transfer-Encoding:${value}`), 'POST /a']),
    ...other.map((value): Case => [JSON.stringify(value), chunked(`Transfer-Encoding:${value}`), REFUSED]),
  ]);
});

t.test('TE.TE: two codings, one of which somebody might not see', async (t) => {
  const coding = 'Transfer-Encoding: chunked';
  const pairs: string[][] = [
    [coding, coding],
    [coding, 'Transfer-Encoding: identity'],
    ['Transfer-Encoding: identity', coding],
    ['Transfer-Encoding: x', coding],
    ['Transfer-Encoding:', coding],
    [coding, 'Transfer-Encoding:'],
    [coding, 'transfer-encoding: chunked'],
    [coding, 'Transfer-Encoding : x'],
    [coding, ' Transfer-Encoding: x'],
    [coding, 'X: y\r\n Transfer-Encoding: x'],
  ];
  await holds(t, [
    ...pairs.map((lines): Case => [JSON.stringify(lines), post(lines, NO_CHUNK), REFUSED]),
    ['and one with an underscore', post([coding, 'Transfer_Encoding: x'], NO_CHUNK), 400],
    ['beside a content coding', post(['Content-Encoding: gzip', coding], CHUNKS), 'POST /a hello'],
  ]);
});

t.test('a coding that is none: what follows is the next request, and a bad one', async (t) => {
  const none = each(
    'Transfer_Encoding: chunked|Transfer.Encoding: chunked|Transfer-Encoding_: chunked|TE: chunked',
    'X: Transfer-Encoding: chunked|Content-Encoding: chunked|Trailer: Transfer-Encoding',
  );
  await holds(
    t,
    none.map((line): Case => [line, chunked(line), 'POST /a', REFUSED]),
  );
});
