/**
 * Request smuggling within a chunked body: sizes, extensions, ends of lines and trailers that programs are known to read in their own
 * ways (Kestrel's CVE-2025-55315, Go's CVE-2025-22871, llhttp's CVE-2021-22960, aiohttp's CVE-2023-47627, HTTP Garden). The upstream
 * gets chunks of the gateway's own making, without extensions and trailers, or no whole request.
 */
import t from 'tap';
import { type Case, each, holds, post, REFUSED, UNFINISHED } from '../support/smuggling.ts';

const chunks = (body: string, ...lines: string[]): string =>
  post(['Transfer-Encoding: chunked', ...lines], body);
const HELLO = 'POST /a hello';
/** One of each body. */
const all = (bodies: readonly string[], ...becomes: string[]): Case[] =>
  bodies.map((body) => [JSON.stringify(body).slice(0, 80), chunks(body), ...becomes]);
const size = (text: string): string => `${text}\r\nhello\r\n0\r\n\r\n`;
const last = (text: string): string => `5\r\nhello\r\n${text}`;

t.test('a size is hexadecimal digits and nothing else', async (t) => {
  const five = ['5', '05', `${'0'.repeat(40)}5`].map(size);
  const none = each(
    '| | 5|5 |\t5|5\t|+5|-5|0x5|0_5|5_0|5h|5,|5.|5.0|"5"|5\x00|\x005|5\x0b|\xb2|\xa05|5\x85|5:',
    '5 5|-0|g|5=|5\r\n',
  ).map(size);
  await holds(t, [...all(five, HELLO), ...all(none, REFUSED)]);
});

t.test('a size beyond 64 bits is refused, not cut', async (t) => {
  const sizes = each(
    `FFFFFFFFFFFFFFFF1|FFFFFFFFFFFFFFFFF|10000000000000000|10000000000000005|5${'0'.repeat(30)}5`,
  );
  await holds(t, [
    ...all(sizes.map(size), REFUSED),
    ['2^64 - 1', chunks(size('FFFFFFFFFFFFFFFF')), UNFINISHED],
    ['2^32 + 5', chunks(size('100000005')), UNFINISHED],
    ['2^31 + 5', chunks(size('80000005')), UNFINISHED],
  ]);
});

t.test('extensions end here', async (t) => {
  const good = each(
    `5;a|5;a=b|5;a=b;c=d|5;a="b;c"|5;a="b\\"c"|5;${'a'.repeat(1_000)}|5;a=5;b=0|5;;a|5;a=b"c"`,
  );
  const bad = each(
    `5;|5 ;a|5; a|5;a = b|5;a="b|5;\x00|5;a=\x00|5;a=\x7f|5;a=\xff|5;a\tb|;a`,
    `5;a="\\\x00"|5,a|5;${'a'.repeat(20_000)}`,
  );
  await holds(t, [
    ...all(good.map(size), HELLO),
    ...all(['5\r\nhello\r\n0;a=b\r\n\r\n'], HELLO),
    ...all(bad.map(size), REFUSED),
  ]);
});

t.test('no bare CR or LF is in an extension, quoted or not (TERM.EXT and EXT.TERM)', async (t) => {
  const hidden = 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n';
  const after = `2;\nxx\r\n${hidden.length.toString(16)}\r\n0\r\n\r\n${hidden}\r\n0\r\n\r\n`;
  const bad = each('5;\n|5;a\nb|5;a=b\n|5;a="\n"|5;\r|5;a\rb|5;\r\r\n|5;a="\r\n"|5;a="\r"|5;\n\r\n');
  await holds(t, [...all(bad.map(size), REFUSED), ['a request after it', chunks(after), REFUSED]]);
});

t.test('lines end in CR LF (CVE-2025-22871)', async (t) => {
  const sizes = each('5\n|5\r|5\r\r\n|5\n\r\n|5\r\n\n|5\r\n\r');
  const datas = each('\n|\r|\r\r\n|\n\r\n|\r\n\n|\r\n\r');
  const ends = each('0\n\r\n|0\r\n\n|0\n\n|0\r\r\n|0\r\n\r|0\r\n\rX|0\rX\n|0\r\n\r\r\n|\r\n0\r\n\r\n');
  await holds(t, [
    ...all(
      sizes.map((line) => `${line}hello\r\n0\r\n\r\n`),
      REFUSED,
    ),
    ...all(
      datas.map((end) => `5\r\nhello${end}0\r\n\r\n`),
      REFUSED,
    ),
    ...all(ends.map(last), REFUSED),
  ]);
});

t.test('a chunk is as long as it says (TERM.SPILL and SPILL.TERM)', async (t) => {
  const bodies = each(
    '5\r\nhello0\r\n\r\n|5\r\nhelloXX0\r\n\r\n|5\r\nhelloo\r\n0\r\n\r\n|5\r\nhell\r\n0\r\n\r\n',
    '5\r\nhello\r\n\r\n0\r\n\r\n|5\r\nhello\r\nX0\r\n\r\n|5\r\nhello\r\n0X\r\n\r\n',
    '0\r\nhello\r\n0\r\n\r\n|5\r\nhello\r\n0\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n',
  );
  await holds(t, all(bodies, REFUSED));
});

t.test('what comes after the last chunk is the next request', async (t) => {
  const hidden = 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n';
  await holds(t, [
    ['whole', chunks(last(`0\r\n\r\n${hidden}`)), HELLO, 401],
    ['after an empty line', chunks(last(`0\r\n\r\n\r\n${hidden}`)), HELLO, 401],
    ['no request', chunks(last('0\r\n\r\nhello\r\n\r\n')), HELLO, REFUSED],
    ['another chunk', chunks(last('0\r\n\r\n5\r\nhello\r\n0\r\n\r\n')), HELLO, REFUSED],
  ]);
});

t.test('trailers end here, whatever they are named (CVE-2026-88004)', async (t) => {
  const names = each(
    'X-User|X_User|x-user|X-Forwarded-For|X-Credential-Sub|Host|Authorization|Cookie|Expect',
    'Content-Type|Content_Length|Trailer|TE|X-HTTP-Method-Override|Digest',
  );
  await holds(t, [
    ...names.map((name): Case => [name, chunks(last(`0\r\n${name}: bob\r\n\r\n`)), HELLO]),
    ['announced', chunks(last('0\r\nX-User: bob\r\n\r\n'), 'Trailer: X-User', 'TE: trailers'), HELLO],
    [
      'and listed in Connection',
      chunks(last('0\r\nX-User: bob\r\n\r\n'), 'Connection: trailer, x-user'),
      HELLO,
    ],
    ['an upgrade', chunks(last('0\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n')), HELLO],
    ['a length', chunks(last('0\r\nContent-Length: 5\r\n\r\n')), REFUSED],
    ['a coding', chunks(last('0\r\nTransfer-Encoding: chunked\r\n\r\n')), REFUSED],
    ['the end of the connection', chunks(last('0\r\nConnection: close\r\n\r\n')), HELLO, REFUSED],
  ]);
});

t.test('trailers are field lines like others', async (t) => {
  const bad = each(
    'A : b| A: b|A: b\r\n c|A|: b|A: b\x00|A\x00: b|A: b\nC: d|A: b\rC: d|A: b\n|A: b\r|\nA: b',
    'A:\r\n b|(A): b',
  );
  await holds(
    t,
    all(
      bad.map((line) => last(`0\r\n${line}\r\n\r\n`)),
      REFUSED,
    ),
  );
});
