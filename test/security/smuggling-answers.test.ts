/**
 * Smuggling the other way: an upstream whose answers can be divided in two ways, or come when nobody asked (response queue poisoning,
 * GHSA-35p6-xmwp-9g52). Alice gets such an answer, or a 502, or half of one and the end of her connection. What bob gets, over the one
 * connection there may be to that upstream, is his own.
 */
import t, { type Test } from 'tap';
import { ask, startLying } from '../support/lying.ts';
import { okay } from '../support/recording.ts';
import { each } from '../support/smuggling.ts';
import { openWire, problemOf, type Reply } from '../support/wire.ts';

/** What alice gets: a status (that of a refusal, or 200 with `{}`), the text of a 200, or CUT. */
type Row = readonly [name: string, bytes: string, becomes: number | string];
/** The head of an answer, and the end of the connection. */
const CUT = 'cut';

const OK = okay('{}');
const POISON = okay('poison');
const answer = (lines: string, body = '{}'): string => `HTTP/1.1 200 OK\r\n${lines}\r\n\r\n${body}`;
const chunked = (body: string): string => answer('Transfer-Encoding: chunked', body);
const CHUNKS = '2\r\n{}\r\n0\r\n\r\n';

/** Alice gets each of these answers; bob asks for his before she has hers, and after. */
async function holds(t: Test, rows: readonly Row[], method = 'GET'): Promise<void> {
  const gateway = await startLying(t, (socket, target) => {
    const [, bytes, becomes] = rows[Number(target.slice('/lie/'.length))] as Row;
    socket.write(bytes, 'latin1');
    // Where the end of the connection is the end of the answer, or comes before it.
    if (becomes === CUT || typeof becomes === 'string') socket.end();
  });
  for (const [index, [name, , becomes]] of rows.entries()) {
    await t.test(name, { timeout: 10_000 }, async (t) => {
      const alice = await openWire(t, gateway.url);
      const bob = await openWire(t, gateway.url);
      alice.send(ask('alice', `/lie/${index}`, method));
      bob.send(ask('bob', '/waits'));
      const bodyless = method === 'HEAD' || becomes === 304 ? 'bodyless' : undefined;
      const got = await alice.reply(bodyless).catch((): Reply | null => null);
      t.equal((await bob.reply()).text, 'bob GET /waits');
      bob.send(ask('bob', '/after'));
      t.equal((await bob.reply()).text, 'bob GET /after');

      if (becomes === CUT) {
        t.equal(got, null, 'nobody takes it for whole');
        return;
      }
      if (typeof becomes === 'number') t.equal(got?.status, becomes);
      if (becomes === 502) t.equal(problemOf(got as Reply)['status'], 502);
      else if (!bodyless && becomes !== 204) t.equal(got?.text, becomes === 200 ? '{}' : becomes);
      alice.send(ask('alice', '/next'));
      t.equal((await alice.reply()).text, 'alice GET /next', 'her next answer is the next one');
    });
  }
}

t.test('bytes behind an answer are nobody’s', async (t) => {
  await holds(t, [
    ['some', `${OK}poison`, 200],
    ['an answer', OK + POISON, 200],
    ['an answer after an empty line', `${OK}\r\n${POISON}`, 200],
    ['an answer after a bare LF', `${OK}\n${POISON}`, 200],
    ['many answers', OK + POISON.repeat(100), 200],
    ['an empty line', `${OK}\r\n`, 200],
    ['after chunks', chunked(CHUNKS + POISON), 200],
    ['after 204', `HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\npoison`, 204],
    [
      'after 204 with a coding',
      `HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n${POISON}`,
      204,
    ],
    ['after 304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\npoison', 304],
    [
      'after the last answer of a connection',
      answer('Connection: close\r\nContent-Length: 2', `{}${POISON}`),
      200,
    ],
    ['after an answer of HTTP/1.0', `HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}${POISON}`, 200],
  ]);
});

t.test('an answer to HEAD has no body', async (t) => {
  await holds(
    t,
    [
      ['with one', OK, 200],
      ['with an answer as its body', answer(`Content-Length: ${POISON.length}`, POISON), 200],
      ['with chunks', chunked(CHUNKS), 200],
    ],
    'HEAD',
  );
});

t.test('a length that can be read in two ways is 502', async (t) => {
  const values = each('+2|0x2|-2|2x||2 2|2, 2|2;|\x0b2|2\x0b|two|18446744073709551616|\r\n 2');
  await holds(t, [
    ...values.map((value): Row => [
      JSON.stringify(value),
      answer(`Content-Length: ${value}`, `{}${POISON}`),
      502,
    ]),
    ['two equal ones', answer('Content-Length: 2\r\nContent-Length: 2'), 502],
    ['two others', answer(`Content-Length: 2\r\nContent-Length: ${2 + POISON.length}`, `{}${POISON}`), 502],
    ['a blank before its colon', answer('Content-Length : 2', `{}${POISON}`), 502],
    ['an underscore beside it', answer('Content-Length: 2\r\nContent_Length: 40', `{}${POISON}`), 200],
    ['zeros before it', answer('Content-Length: 02'), 200],
  ]);
});

t.test('so is a coding', async (t) => {
  const values = each(
    'xchunked|identity|gzip, chunked|chunked, gzip|chunked, chunked|chunked,|"chunked"|\x0bchunked|chunked;q=1|x\r\n chunked',
  );
  await holds(t, [
    ...values.map((value): Row => [
      JSON.stringify(value),
      answer(`Transfer-Encoding: ${value}`, CHUNKS + POISON),
      502,
    ]),
    ['with a length', answer('Content-Length: 2\r\nTransfer-Encoding: chunked', `0\r\n\r\n${POISON}`), 502],
    [
      'with a length after it',
      answer('Transfer-Encoding: chunked\r\nContent-Length: 2', CHUNKS + POISON),
      502,
    ],
    ['empty', answer('Transfer-Encoding:', CHUNKS + POISON), 502],
    ['twice', answer('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', CHUNKS), 502],
    ['a blank before its colon', answer('Transfer-Encoding : chunked', CHUNKS + POISON), 502],
    ['an underscore alone', answer('Transfer_Encoding: chunked\r\nContent-Length: 2', `{}${POISON}`), 200],
    [
      'listed in Connection',
      answer('Connection: transfer-encoding\r\nTransfer-Encoding: chunked', CHUNKS),
      200,
    ],
    ['a length that is listed', answer('Connection: content-length\r\nContent-Length: 2'), 200],
  ]);
});

t.test('chunks that can be read in two ways cut the answer off', async (t) => {
  const bodies = each(
    '2\n{}\r\n0\r\n\r\n|2;\n{}\r\n0\r\n\r\n|2\r\n{}X0\r\n\r\n|2\r\n{}\n0\r\n\r\n|FFFFFFFFFFFFFFFF2\r\n{}\r\n0\r\n\r\n|-2\r\n{}\r\n0\r\n\r\n',
    '2\r\n{}\r\n0\r\nContent-Length: 9\r\n\r\n|2\r\n{}\r\n0\r\nX : y\r\n\r\n|2\r\n{}\r\n0\r\n\n|2\r\n{}\r\n',
  );
  await holds(t, [
    ...bodies.map((body): Row => [JSON.stringify(body), chunked(body + POISON), CUT]),
    ['a length that is not reached', answer('Content-Length: 9'), CUT],
    ['an extension is no such thing', chunked('2;a=b\r\n{}\r\n0\r\n\r\n'), 200],
  ]);
});

t.test('an answer that ends with its connection is as long as that', async (t) => {
  await holds(t, [['without a length', answer('X: y', `{}${POISON}`), `{}${POISON}`]]);
});

t.test('interim answers that nobody asked for end here', async (t) => {
  const interim = (status: string, lines = ''): string => `HTTP/1.1 ${status}\r\n${lines}\r\n`;
  await holds(t, [
    ['103', interim('103 Early Hints', 'Link: </a>\r\n') + OK, 200],
    ['102, many times', interim('102 Processing').repeat(20) + OK, 200],
    ['103 with a length', interim('103 Early Hints', 'Content-Length: 45\r\n') + OK + POISON, 200],
    ['103 with a coding', interim('103 Early Hints', 'Transfer-Encoding: chunked\r\n') + OK, 200],
    ['100', interim('100 Continue') + OK, 502],
    ['101', interim('101 Switching Protocols', 'Upgrade: x\r\nConnection: upgrade\r\n') + POISON, 502],
    ['101 without a protocol', interim('101 Switching Protocols') + POISON, 502],
  ]);
});

t.test('heads that can be read in two ways are 502', async (t) => {
  const lines = each('X: y\r\n z|X: y\nZ: z|X: y\rZ: z|X: \x00|X: \x01|X : y|X|: y|X(y): z|X: y\r|X: y\n');
  const statuses = each(
    'HTTP/1.2 200 OK|HTTP/1.1 2000 OK|HTTP/1.1 99 X|HTTP/1.1 000 X|ICY 200 OK|HTTP/1.1  200 OK|http/1.1 200 OK||GET / HTTP/1.1',
  );
  await holds(t, [
    ...lines.map((line): Row => [
      JSON.stringify(line),
      answer(`${line}\r\nContent-Length: 2`, `{}${POISON}`),
      502,
    ]),
    ...statuses.map((status): Row => [status, OK.replace('HTTP/1.1 200 OK', status), 502]),
    ['bare LFs', OK.replaceAll('\r\n', '\n'), 502],
  ]);
});
