import * as fc from 'fast-check';
import t from 'tap';
import { divided, takeCookie, takeHeader, takeParameter } from '../../src/http/credentials.ts';

const cookies = (...values: string[]): string[] => values.flatMap((value) => ['Cookie', value]);

t.test('a header is taken in any spelling, every field of it', async (t) => {
  const fields = [
    'Accept',
    'a',
    'X-Api-Token',
    'one',
    'x_api_token',
    'two',
    'X.API.Token',
    'three',
    'B',
    'b',
  ];
  t.strictSame(takeHeader(fields, 'x-api-token'), {
    found: ['one', 'two', 'three'],
    left: ['Accept', 'a', 'B', 'b'],
  });
  t.strictSame(takeHeader(['X-Api-Tokens', 'a', 'X-Api', 'x-api-token'], 'x-api-token').found, []);
});

t.test('a parameter is taken, and the others stay byte for byte', async (t) => {
  for (const [text, found, left] of [
    ['access_token=a', ['a'], ''],
    ['access_token=a&b=1', ['a'], 'b=1'],
    ['b=1&access_token=a', ['a'], 'b=1'],
    ['b=1&access_token=a&c=%41+%zz', ['a'], 'b=1&c=%41+%zz'],
    ['b=1&&access_token=a&', ['a'], 'b=1&&'],
    ['access_token=a&b&access_token=a', ['a', 'a'], 'b'],
    ['acc%65ss_token=a', ['a'], ''],
    ['%61%63%63%65%73%73%5Ftoken=a', ['a'], ''],
    ['%61%63%63%65%73%73%5ftoken=%61%2B+b', ['a+ b'], ''],
    ['access_token', [''], ''],
    ['access_token=', [''], ''],
    ['access_token=a=b', ['a=b'], ''],
    ['access_token=50%', ['50%'], ''],
    ['access_tokens=a&xaccess_token=a&access_toke=a', [], 'access_tokens=a&xaccess_token=a&access_toke=a'],
    ['q=access_token=a', [], 'q=access_token=a'],
    ['Access_Token=a', [], 'Access_Token=a'],
    ['?access_token=a', [], '?access_token=a'],
    ['access%5Ftoken%=a', [], 'access%5Ftoken%=a'],
    ['', [], ''],
  ] as [string, string[], string][])
    t.strictSame(takeParameter(text, 'access_token'), { found, left }, text);
});

t.test('a parameter is named by its text, whatever its bytes: UTF-8, raw or escaped', async (t) => {
  const raw = Buffer.from('schlüssel=a&ö=1').toString('latin1');
  t.strictSame(takeParameter(raw, 'schlüssel'), { found: ['a'], left: raw.slice(-4) });
  t.strictSame(takeParameter('schl%C3%BCssel=a', 'schlüssel').found, ['a']);
  t.strictSame(takeParameter('schl%FCssel=a', 'schlüssel').found, [], 'that is latin1');
  t.strictSame(takeParameter('a+b=1', 'a b').found, ['1']);
});

t.test('a cookie is taken, and the others stay as they are', async (t) => {
  for (const [value, found, left] of [
    ['s=a', ['a'], []],
    ['s=a; b=1', ['a'], ['b=1']],
    ['b=1; s=a', ['a'], ['b=1']],
    ['b="1;  s = a ;c=" 2', ['a'], ['b="1;c=" 2']],
    ['b=1;s=a;c=2', ['a'], ['b=1;c=2']],
    ['s="a"', ['a'], []],
    ['s="a', ['"a'], []],
    ['s="', ['"'], []],
    ['s=""', [''], []],
    ['s=', [''], []],
    ['s=a=b', ['a=b'], []],
    ['s=a; s=a', ['a', 'a'], []],
    ['\ts=a;\tb=1', ['a'], ['b=1']],
    ['; s=a;', ['a'], [';']],
    ['ss=a; S=a; b=s=a', [], ['ss=a; S=a; b=s=a']],
    ['  b=1', [], ['  b=1']],
    ['', [], ['']],
  ] as [string, string[], string[]][])
    t.strictSame(takeCookie(cookies(value), 's'), { found, left: cookies(...left) }, value);
  t.strictSame(takeCookie(['cookie', 'a=1; s=x', 'Via', 's=y', 'COOKIE', 's=z', 'Cookie', 'b=2'], 's'), {
    found: ['x', 'z'],
    left: ['cookie', 'a=1', 'Via', 's=y', 'Cookie', 'b=2'],
  });
});

t.test('name and value part at the first `=`', async (t) => {
  t.strictSame(divided('a=b=c'), ['a', 'b=c']);
  t.strictSame(divided('=a'), ['', 'a']);
  t.strictSame(divided('a'), ['a', '']);
});

const NAME = 'access_token';
/** Pieces in which the name, in some spelling, is likely. */
const piece = fc.oneof(
  { weight: 3, arbitrary: fc.stringMatching(/^[a-z%+=;[\]. "]{0,12}$/) },
  {
    weight: 1,
    arbitrary: fc.stringMatching(/^[ \t]?(access_token|acc%65ss_token|ACCESS_TOKEN)=?[ab"%=]{0,3}$/),
  },
  { weight: 1, arbitrary: fc.stringMatching(/^[\x21-\x25\x27-\x3a\x3c-\xff]{0,8}$/) },
);
const pieces = fc.array(piece, { maxLength: 6 });

t.test('of any query or form: no parameter of the name is left, nothing else is missing', async () => {
  fc.assert(
    fc.property(pieces, (all) => {
      const text = all.join('&');
      const { found, left } = takeParameter(text, NAME);
      const before = [...new URLSearchParams(`?${utf8(text)}`)];
      const after = [...new URLSearchParams(`?${utf8(left)}`)];
      const values = before.filter(([name]) => name === NAME).map(([, value]) => value);
      return (
        same(found, values) &&
        same(
          after,
          before.filter(([name]) => name !== NAME),
        ) &&
        isSubsequence(left.split('&'), text.split('&')) &&
        (found.length > 0 || left === text)
      );
    }),
  );
});

t.test('of any cookies: none of the name is left, nothing else is missing', async () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 3 }), (headers) => {
      const fields = cookies(...headers.map((all) => all.join('; ')));
      const { found, left } = takeCookie(fields, NAME);
      const before = fields.filter((_, index) => index % 2 === 1).flatMap((value) => value.split(';'));
      const after = left.filter((_, index) => index % 2 === 1).flatMap((value) => value.split(';'));
      const isIt = (cookie: string): boolean => /^[ \t]*access_token[ \t]*=/.test(cookie);
      const others = before.filter((cookie) => !isIt(cookie)).map((cookie) => cookie.trim());
      return (
        found.length === before.filter(isIt).length &&
        same(
          after.map((cookie) => cookie.trim()).filter((cookie) => cookie !== ''),
          others.filter((cookie) => cookie !== ''),
        ) &&
        (found.length > 0 || left === fields)
      );
    }),
  );
});

t.test('whatever was taken twice, in whatever way, is gone: nothing is found again', async () => {
  fc.assert(
    fc.property(pieces, (all) => {
      const { left } = takeParameter(all.join('&'), NAME);
      const rest = takeCookie(cookies(all.join(';')), NAME);
      return takeParameter(left, NAME).found.length === 0 && takeCookie(rest.left, NAME).found.length === 0;
    }),
  );
});

const utf8 = (latin1: string): string =>
  latin1.replace(/[\x80-\xff]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function isSubsequence(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0;
  for (const one of whole) if (one === part[at]) at++;
  return at >= part.length || same(part, ['']);
}
