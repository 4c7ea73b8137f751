import * as fc from 'fast-check';
import t from 'tap';
import { takeCookie, takeParameter } from '../../src/http/credentials.ts';
import { hasTooManyFields, likeCookie, likeParameter } from '../../src/http/likeness.ts';

const NAME = 'access_token';
const like = (text: string): string | null => likeParameter(text, [NAME]);
const cookies = (...values: string[]): string[] => values.flatMap((value) => ['Cookie', value]);
/** As a form's bytes come. */
const raw = (text: string): string => Buffer.from(text).toString('latin1');

t.test('what a laxer reader would take for the parameter is told', async (t) => {
  for (const text of [
    'Access_Token=a', // ASP.NET
    'b=1;access_token=a', // Java and Python, once
    'access_token[]=a', // PHP, Rack, qs
    'access_token[0]=a',
    '[access_token]=a', // qs
    'access.token=a', // PHP
    'access+token=a',
    'access[token=a',
    '+access_token=a',
    'access_token+=a',
    'access_token%00x=a',
    '%EF%BB%BFaccess_token=a', // whoever drops a byte order mark
    'acc%2565ss_token=a', // whoever decodes twice
    'acc%252565ss_token=a',
    'acc%u0065ss_token=a', // IIS
    'b&ACCESS_TOKEN',
    '?access_token=a', // new URLSearchParams('?…')
    '%3faccess_token=a',
    '?+[access_token=a',
  ]) {
    t.equal(like(text), NAME, text);
    t.strictSame(takeParameter(text, NAME).found, [], 'and not taken for it here');
  }
  for (const text of [
    '',
    'token=a',
    'access=token',
    'access_tokens=a',
    'my_access_token=a',
    'access%zz_token',
    'a?access_token=b',
  ])
    t.equal(like(text), null, text);
  t.equal(likeParameter('ACCESS_token=a', ['Access.Token']), 'Access.Token', 'whatever its own spelling');
});

t.test('so are characters that some reader takes for those of the name, or does not see', async (t) => {
  for (const text of [
    'acces%c1%b3_token', // overlong: s in two bytes, which UTF-8 forbids
    'acces%e0%81%b3_token',
    'acces%f0%80%81%b3_token',
    'acces%f8%80%80%81%b3_token',
    'acces%fc%80%80%80%81%b3_token',
    '%c0%a5%361ccess_token', // an overlong %
    'acces\xc1\xb3_token',
    'acces%C1\xb3_token',
    '%uff41ccess_token', // fullwidth
    '%ef%bd%81ccess_token',
    raw('ａccess_token'),
    raw('𝐚𝐜𝐜𝐞𝐬𝐬_𝐭𝐨𝐤𝐞𝐧'),
    '%ud835%udc1access_token',
    'acceſs_token'.replace('ſ', '%C5%BF'),
    'access_to%E2%84%AAen',
    'acce%C5%BFs%255ftoken', // and in a second reading
    raw('acceß_token'),
    'acce%E2%80%8Bss_token', // zero width
    'access%C2%AD_token',
    'acce%ffss_token', // no UTF-8, and dropped
    `${'%E2%80%8B'.repeat(500)}access_token`,
    `access_token${'%E2%80%8B'.repeat(500)}`,
    `access_token${'+'.repeat(500)}`,
    `access_token%00${'x'.repeat(500)}`,
    `access_token[${'%C3%A9'.repeat(500)}`,
  ])
    t.equal(like(`a=1&${text}=x`), NAME, text);
  t.equal(likeParameter('sess%C4%B0on', ['session']), 'session');
  for (const text of [
    raw('ａccess_tokens'),
    raw('ﬀ_token'),
    '%c1%b3',
    'access%u00e9_token',
    '%u0107ccess_token',
    '%ud835=a', // half a character
    raw('é'.repeat(99)),
  ])
    t.equal(like(text), null, text);
  const marks = `a${'\u0301\u0323'.repeat(500_000)}`;
  t.equal(like(raw(marks)), null, 'which would take minutes to normalise');
});

t.test('a name that is still encoded after all readings may be any', async (t) => {
  const times = (count: number): string => `%${'25'.repeat(count - 1)}61ccess_token=x`;
  for (const count of [2, 3, 4, 5, 6, 7, 20]) t.equal(like(times(count)), NAME, times(count));
  t.equal(like(times(6).replace('61', 'u0061')), NAME, 'by a UTF-16 number, too');
  t.equal(like(times(6).replace('ccess', 'nother')), NAME, 'nobody reads on');
  t.equal(like(times(5).replace('ccess', 'nother')), null);
  for (const text of ['%', '100%=a', '%zz%25', '%25zz=a', '%u12=a', 'a+%2b+=x', '%2525252525'])
    t.equal(like(text), null, text);
});

t.test('the parameter that something is like is named, of several', async (t) => {
  const of = (text: string) => likeParameter(text, ['t', 'access_token']);
  t.equal(of('Access_token=a'), 'access_token');
  t.equal(of('access_token[]=a&T=b'), 'access_token', 'the first');
  t.equal(of('T'), 't');
  t.equal(of('token'), null);
  t.equal(likeParameter('a', []), null);
});

t.test('fields have a number that is looked at, however they are separated', async (t) => {
  for (const separator of ['&', ';', '&;', 'a&', 'a=b;']) {
    const count = separator.match(/[&;]/g)?.length ?? 0;
    t.equal(hasTooManyFields(separator.repeat(999 / count)), false, separator);
    t.equal(hasTooManyFields(separator.repeat(1_000 / count)), true, separator);
  }
  t.equal(hasTooManyFields('a'.repeat(65_536)), false);
  t.equal(hasTooManyFields(''), false);
});

t.test('CVE-2020-7070 (PHP): so is what it would take for the cookie', async (t) => {
  for (const value of [
    'Session=a',
    'b=1, session=a',
    'b=1, session',
    '%73ession=a',
    'session[a]=a',
    'session',
    '\u00a0session=a',
    ' [session]=a',
  ]) {
    t.equal(likeCookie(cookies('c=1', value), ['session']), 'session', value);
    t.strictSame(takeCookie(cookies(value), 'session').found, [], 'and not taken for it here');
  }
  for (const value of ['', 'sessions=a', 'b=session', 'b=1; my-session=a'])
    t.equal(likeCookie(['X', 'session=a', ...cookies(value)], ['session']), null, value);
  t.equal(likeCookie(cookies('session'), []), null);
});

t.test('CVE-2023-23934 (Werkzeug): so is a cookie that begins with =', async (t) => {
  for (const value of [
    '=session=a',
    '==session=a',
    '=session',
    ' = = session=a',
    '= session',
    'b=1; =session=a',
    '=Session',
  ])
    t.equal(likeCookie(cookies(value), ['session']), 'session', value);
  for (const value of ['=', '==', '=sessions', '=a=session', 'b=session=a', 'b==session=a'])
    t.equal(likeCookie(cookies(value), ['session']), null, value);
});

t.test('so is a name within a value, where some reader could start one', async (t) => {
  for (const before of [
    'a=b ', // Python's SimpleCookie
    'a=b\t',
    'a="x" ',
    'a="x"',
    'a=b\u00a0',
    'a=b\u0085',
    'a=b =',
    '"',
    "'",
    '(',
    '@',
    '{',
    '/',
    ':',
    '<',
    '\\',
    'a=(b)',
    'a=b/',
    'a={"b":"',
  ])
    for (const name of ['session', 'Session', '%73ession', 'session '])
      t.equal(likeCookie(cookies(`c=1; ${before}${name}=evil`), ['session']), 'session', before + name);
  for (const value of ['"session"=a', '(session) =a', 'a=b {session}=a', "'session'\t=a"])
    t.equal(likeCookie(cookies(value), ['session']), 'session', value);
  for (const value of [
    'a=b session',
    'a=b/session',
    'a=my-session=b',
    'a=b my-session=b',
    'a=b session-id=c',
    'a=b&session=c',
    'a=session =b',
    'a=b session:c=d',
  ])
    t.equal(likeCookie(cookies(value), ['session']), null, value);
});

t.test('more cookies than are looked at may be any', async (t) => {
  const of = (value: string, ...more: string[]) => likeCookie(cookies(value, ...more), ['session']);
  t.equal(of('a=b;'.repeat(499)), null);
  t.equal(of('a=b;'.repeat(501)), 'session');
  t.equal(of('a=b;'.repeat(300), 'a=b;'.repeat(300)), 'session', 'in all fields together');
  t.equal(of('a'.repeat(16_000)), null);
});

t.test('a reader of any taste finds no parameter where nothing is like it', async () => {
  const piece = fc.stringMatching(/^[?+[;]?(?:[aA]|%61|%41|%2561|%c1%a1|%ef%bd%81)[+%[\]=b.]{0,3}$/);
  const tastes: ((text: string) => string[])[] = [
    (text) => [...new URLSearchParams(text).keys()],
    (text) => [...new URLSearchParams(text.replaceAll(';', '&')).keys()].map((name) => name.toLowerCase()),
    (text) => [...new URLSearchParams(text).keys()].map((name) => name.trim().split('[')[0] as string),
    (text) => [...new URLSearchParams(text).keys()].map((name) => decode(decode(name))),
    (text) => [...new URLSearchParams(text).keys()].map((name) => name.normalize('NFKC')),
  ];
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 4 }), (all) => {
      const { left } = takeParameter(all.join('&'), 'a');
      return likeParameter(left, ['a']) === 'a' || tastes.every((read) => !read(left).includes('a'));
    }),
    { numRuns: 2_000 },
  );
});

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
