/**
 * Request smuggling by lengths: CL.0 and 0.CL, after the classes that J. Kettle named ("Browser-Powered Desync Attacks", 2022, and
 * "HTTP/1.1 must die", 2025), and by what programs take for a number (HTTP Garden, 2023).
 */
import t from 'tap';
import { type Case, each, holds, post, REFUSED, requestOf } from '../support/smuggling.ts';

const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n';
const NO_CHUNK = '0\r\n\r\n';
const five = (...lines: string[]): string => post(lines, 'hello');

t.test('CL.0 and 0.CL: a body is as long as its length says, whatever the method is', async (t) => {
  const methods = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'PUT', 'PATCH', 'QUERY', 'PROPFIND'];
  const length = `Content-Length: ${HIDDEN.length}`;
  const size = HIDDEN.length.toString(16);
  const withBody = (method: string, line: string, body: string): string =>
    requestOf('alice', `${method} /a HTTP/1.1`, [line], body);
  await holds(t, [
    ...methods.flatMap((method): Case[] => [
      [
        `${method} with a request as its body`,
        withBody(method, length, HIDDEN),
        `${method} /a ${HIDDEN.trimEnd()}`,
      ],
      [
        `${method}, chunked`,
        withBody(method, 'Transfer-Encoding: chunked', `${size}\r\n${HIDDEN}\r\n0\r\n\r\n`),
        `${method} /a ${HIDDEN.trimEnd()}`,
      ],
      [
        `${method} with a length of nothing, and a request`,
        withBody(method, 'Content-Length: 0', HIDDEN),
        `${method} /a`,
        401,
      ],
      [`${method} without a length, and a request`, withBody(method, 'X: y', HIDDEN), `${method} /a`, 401],
      [
        `${method} without a chunk, and a request`,
        withBody(method, 'Transfer-Encoding: chunked', NO_CHUNK + HIDDEN),
        `${method} /a`,
        401,
      ],
    ]),
    ['TRACE with a body', withBody('TRACE', length, HIDDEN), 405],
    ['a refused POST with a body', requestOf('mallory', 'POST /a HTTP/1.1', [length], HIDDEN), 401],
  ]);
});

t.test('a length is digits and nothing else', async (t) => {
  const same = [' 5', '5', '   5   ', '\t5\t', ' 05', ' 0000000000000000000000000000000000000005'];
  const other = each(
    `| | +5| -5| -0| 5 5| 5,5| 5, 5| 5,| ,5| 0x5| 5.0| 5e0| 1_0| 5a| five| "5"| 5;x| 5:| \xb2`,
    ` \xd9\xa5| \x0b5| 5\x0b| 5\x00| \x005| \xa05| \x855|\r\n 5| 5\r\n | 5\r\n 5| 5\r| 5\n`,
    ` 5\rX: y| 5\nX: y| 18446744073709551616| 18446744073709551621| ${'9'.repeat(40)}`,
  );
  await holds(t, [
    ...same.map((value): Case => [
      JSON.stringify(value),
      post([`Content-Length:${value}`], 'hello'),
      'POST /a hello',
    ]),
    ...other.map((value): Case => [
      JSON.stringify(value),
      post([`Content-Length:${value}`], 'hello'),
      REFUSED,
    ]),
    ['zeros', post(['Content-Length: 00'], ''), 'POST /a'],
    ['just below 2^64', five('Content-Length: 18446744073709551615'), 413],
  ]);
});

t.test('two lengths are refused, be they equal; one that is not seen is no length', async (t) => {
  await holds(t, [
    ['equal ones', five('Content-Length: 5', 'Content-Length: 5'), REFUSED],
    ['other ones', five('Content-Length: 5', 'Content-Length: 6'), REFUSED],
    ['the first of nothing', five('Content-Length: 0', 'Content-Length: 5'), REFUSED],
    ['in another case', five('Content-Length: 5', 'content-length: 5'), REFUSED],
    ['one with an underscore', five('Content-Length: 5', 'Content_Length: 6'), 400],
    ['one with a blank before its colon', five('Content-Length: 5', 'Content-Length : 6'), REFUSED],
    ['that one alone', five('Content-Length : 5'), REFUSED],
    ['a blank before its name', five(' Content-Length: 5'), REFUSED],
    ['NUL in its name', five('Content-Length\x00: 5'), REFUSED],
    ['folded into another', five('X: y', ' Content-Length: 5'), REFUSED],
    ['after a bare CR', five('X: y\rContent-Length: 5'), REFUSED],
    ['after a bare LF', five('X: y\nContent-Length: 5'), REFUSED],
    ['an underscore alone', five('Content_Length: 5'), 'POST /a', REFUSED],
  ]);
});
