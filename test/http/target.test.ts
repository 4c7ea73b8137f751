// The advisories that tests are named after are those of gateways that read a path otherwise than what stood behind them.
import t, { type Test } from 'tap';
import { canonicalise, parseTarget, queryParameters, type Target } from '../../src/http/target.ts';

/** The parsed target; throws when it was refused. */
function accepted(raw: string, scheme: 'http' | 'https' = 'http'): Target {
  const target = parseTarget(raw, scheme);
  if ('fault' in target) throw new Error(`${raw} was refused: ${target.why}`);
  return target;
}

/** A target is refused for this reason. */
function refused(t: Test, raw: string, fault: 'malformed' | 'ambiguous', why: RegExp): void {
  const target = parseTarget(raw, 'http');
  t.match('fault' in target && target, { fault, why }, JSON.stringify(raw));
}

/** What targets have that are nothing but a path. */
const plain = { query: null, ambiguities: [], authority: null };

t.test('RFC 9112 section 3.2.1: an origin-form target is a path and perhaps a query', async (t) => {
  t.strictSame(accepted('/accounts/1234?a=b?c'), {
    ...plain,
    path: '/accounts/1234',
    segments: ['accounts', '1234'],
    query: 'a=b?c',
  });
  t.equal(accepted('/a').query, null, 'without ? there is no query');
  t.equal(accepted('/a?').query, '', 'an empty query is one');
  t.strictSame(accepted('/').segments, []);
  t.strictSame(accepted('/a/').segments, ['a', ''], 'a trailing slash is seen');
});

t.test('RFC 9112 section 3.2.2: an absolute-form target has an authority and our scheme', async (t) => {
  const authority = 'api.example.com:80';
  t.strictSame(accepted(`http://${authority}/a?b`), {
    path: '/a',
    segments: ['a'],
    query: 'b',
    ambiguities: [],
    authority,
  });
  t.strictSame(accepted(`HTTP://${authority}`), { ...plain, path: '/', segments: [], authority });
  t.strictSame(accepted(`https://${authority}?b`, 'https'), {
    path: '/',
    segments: [],
    query: 'b',
    ambiguities: [],
    authority,
  });
  t.equal(accepted('http:///a').authority, '', 'which no Host header equals');
  refused(t, 'https://api.example.com/a', 'malformed', /scheme is not http$/);
  refused(t, 'ftp://api.example.com/a', 'malformed', /scheme is not http$/);
});

t.test('RFC 9112 sections 3.2.3 and 3.2.4: authority-form and asterisk-form are refused', async (t) => {
  for (const raw of ['*', 'api.example.com:443', 'http:/a', '?a', ''])
    refused(t, raw, 'malformed', /neither a path nor an absolute URL/);
});

t.test('CVE-2026-33186: without its leading slash a target is refused, a rewritten one too', async (t) => {
  refused(t, 'Service/Method', 'malformed', /neither a path nor an absolute URL/);
  t.match(canonicalise('Service/Method'), { fault: 'malformed', why: /does not start with a slash/ });
  t.match(canonicalise(''), { fault: 'malformed', why: /does not start with a slash/ });
});

t.test('unreserved characters are decoded, and other escapes written in upper case', async (t) => {
  for (const [raw, path] of [
    ['/%61%2D%7e%5F%30', '/a-~_0'],
    ['/caf%c3%a9', '/caf%C3%A9'],
    ['/a%20b%2c%24%40%3a', '/a%20b%2C%24%40%3A'],
    ['/%7euser/.well-known/a.b', '/~user/.well-known/a.b'],
    ['/a/...', '/a/...'],
    ['/100%25', '/100%25'],
    ["/!$&'()*+,=:@", "/!$&'()*+,=:@"],
  ] as const)
    t.equal(accepted(raw).path, path, raw);
});

t.test('what browsers send raw is escaped', async (t) => {
  t.equal(accepted('/a|[b]^{c}`').path, '/a%7C%5Bb%5D%5E%7Bc%7D%60');
  t.strictSame(accepted('/a|[b]^{c}`').segments, ['a|[b]^{c}`']);
});

t.test('segments are decoded one by one', async (t) => {
  t.strictSame(accepted('/caf%C3%A9/a%20b/%E2%82%AC/').segments, ['café', 'a b', '€', '']);
});

t.test('RFC 3986 section 3.3: characters that no path has are refused', async (t) => {
  for (const c of ' "<>\\\t\n\u0000\u007f\u00e9\ud83d'.split(''))
    refused(t, `/a${c}b`, 'malformed', /characters that a URL cannot have/);
});

t.test('RFC 3986 section 2.1: bad escapes are refused', async (t) => {
  for (const raw of ['/%', '/%2', '/%zz', '/%u002e', '/%u002f', '/%uff0f', '/a%%41'])
    refused(t, raw, 'malformed', /a bad escape$/);
});

t.test('RFC 3629 section 3: escapes that are not UTF-8, overlong ones too, are refused', async (t) => {
  const overlong = '/%c0%ae%c0%ae/ /%c0%af /%c1%9c /%e0%80%af /%e0%80%ae /%f0%80%80%af /%f8%80%80%80%af';
  const surrogates = '/%ed%a0%80 /%ed%bf%bf /%ed%a0%bd%ed%b8%80';
  const others = '/%ff /%fe%ff /%C3 /%C3/%A9 /%a9 /%f4%90%80%80';
  for (const raw of `${overlong} ${surrogates} ${others}`.split(' '))
    refused(t, raw, 'malformed', /not UTF-8/);
});

t.test('RFC 9112 section 3.2: a query is kept byte for byte', async (t) => {
  t.equal(accepted('/a?q=50%&x=%zz&<">|\\^`{}[]').query, 'q=50%&x=%zz&<">|\\^`{}[]');
  for (const raw of ['/?a b', '/?a\tb', '/?\u0000', '/?\u007f', '/?\u00e9'])
    refused(t, raw, 'malformed', /query has characters/);
});

t.test('CVE-2026-26205: //admin/people is an ambiguous path, not an authority and a path', async (t) => {
  t.strictSame(accepted('//admin/people'), {
    ...plain,
    path: '//admin/people',
    segments: ['', 'admin', 'people'],
    ambiguities: ['//'],
  });
  t.strictSame(accepted('http://api.example.com//admin/people').ambiguities, ['//']);
});

t.test('GHSA-p224-6x5r-fjpm, CVE-2019-9901: dot segments are refused', async (t) => {
  for (const raw of '/public/../admin/secrets /.. /. /a/./b /a/.. /a/../ /a/..?b http://a/..'.split(' '))
    refused(t, raw, 'ambiguous', /dot segment/);
});

t.test('CVE-2026-42274: dot segments are refused in any encoding and case', async (t) => {
  for (const dots of '%2e%2e %2E%2e .%2e %2E. %2e ..%2f %2e%2e%2f %2E%2E%2Fx x%2f.. ..%5c'.split(' '))
    refused(t, `/public/${dots}/admin`, 'ambiguous', /dot segment|backslash/);
});

t.test('CVE-2026-42272, CVE-2021-29492: %2f is ambiguous as %2F is', async (t) => {
  for (const raw of ['/a%2fb', '/a%2Fb'])
    t.strictSame(accepted(raw), { ...plain, path: '/a%2Fb', segments: ['a/b'], ambiguities: ['%2F'] });
});

t.test('CVE-2025-66490: each encoded / ; ? # is ambiguous, \\ and NUL are refused', async (t) => {
  for (const [escape, form] of [
    ['%2F', '%2F'],
    ['%3F', '%3F'],
    ['%23', '%23'],
    ['%3B', ';'],
  ] as const)
    for (const raw of [`/a${escape}b`, `/a${escape.toLowerCase()}b`])
      t.strictSame(accepted(raw).ambiguities, [form], raw);
  for (const raw of ['/a%5Cb', '/a%5cb', '/%5c..%5c']) refused(t, raw, 'ambiguous', /backslash/);
  for (const raw of ['/%00', '/a%00b', '/%0d%0aX:y', '/%1F', '/%7f', '/%C2%85'])
    refused(t, raw, 'malformed', /control character/);
});

t.test('CVE-2021-32779: a fragment is refused, wherever it stands', async (t) => {
  for (const raw of ['/a#x', '/a?b#x', '/#', 'http://api.example.com#/a'])
    refused(t, raw, 'malformed', /fragment/);
});

t.test('CVE-2026-41059: an encoded # cannot widen a path to the one before it', async (t) => {
  t.strictSame(accepted('/foo/secret%23/bar').segments, ['foo', 'secret#', 'bar']);
  t.strictSame(accepted('/foo/secret%23/bar').ambiguities, ['%23']);
});

t.test('CVE-2025-54576, CVE-2026-32811: the query is no part of the path', async (t) => {
  t.strictSame(accepted('/secret?x=/public'), {
    ...plain,
    path: '/secret',
    segments: ['secret'],
    query: 'x=/public',
  });
  t.strictSame(accepted('/public?/../x'), {
    ...plain,
    path: '/public',
    segments: ['public'],
    query: '/../x',
  });
});

t.test('CVE-2026-22037: an escaped letter is the letter', async (t) => {
  t.strictSame(accepted('/%61dmin'), { ...plain, path: '/admin', segments: ['admin'] });
});

t.test('CVE-2026-48020, CVE-2026-44373: what a stripped prefix leaves can be judged again', async (t) => {
  for (const rest of ['/..%2f', '/../admin', '/%2e%2e/admin', '/..;/admin'])
    t.match(canonicalise(rest), { fault: 'ambiguous', why: /dot segment/ }, rest);
});

t.test('Tomcat’s path parameters: a semicolon is ambiguous, and cannot hide a dot segment', async (t) => {
  t.strictSame(accepted('/a;v=1/b').ambiguities, [';']);
  for (const raw of ['/a/..;/b', '/a/.;x=y/b', '/a/..%3bx/b', '/%2e%2e%3B', '/a/..%3Fx', '/a/.%23x'])
    refused(t, raw, 'ambiguous', /dot segment/);
});

t.test('double encoding is ambiguous, and hides nothing however deep it goes', async (t) => {
  t.strictSame(accepted('/%2541'), { ...plain, path: '/%2541', segments: ['%41'], ambiguities: ['%25'] });
  t.strictSame(accepted('/%25%34%31').path, '/%2541');
  for (const raw of ['/%252e%252e', '/a/%252e%252e%252f', '/.%25252e', '/%252e%252e%253bx'])
    refused(t, raw, 'ambiguous', /dot segment/);
  refused(t, '/%255c', 'ambiguous', /backslash/);
  refused(t, '/%2500', 'malformed', /control character/);
  refused(t, '/%2525252525252541', 'ambiguous', /many times over/);
});

t.test('a bad escape within double encoding is refused: lax readers decode what is beside it', async (t) => {
  for (const raw of ['/%252e%252e%252f%25zz', '/%255c%25ff', '/%2500%25', '/%25c0%25ae'])
    refused(t, raw, 'malformed', /bad escape within an escape/);
});

const AS_DELIMITERS = /become delimiters when they are normalised$/;
const written = (...names: readonly string[]): readonly string[] =>
  names.map((name) => `/a/${encodeURIComponent(name)}/b`);

t.test('what is / \\ % ; ? # after NFKC is refused, as fullwidth forms are', async (t) => {
  for (const raw of written(
    ...'a／b a＼b a％2e a；b a？b a＃b a﹔b a﹖b a﹟b a﹨b a﹪b a\u037eb ℀ ℅ a；／b ︖'.split(' '),
  ))
    refused(t, raw, 'ambiguous', AS_DELIMITERS);
  for (const raw of written('／;', '／%', 'a／b/c')) refused(t, raw, 'ambiguous', AS_DELIMITERS);
});

t.test('what is a dot segment after NFKC is refused: ．． ․․ ‥ .．', async (t) => {
  for (const name of [
    '．．',
    '．',
    '.．',
    '․․',
    '․',
    '‥',
    '︰',
    '﹒﹒',
    '．．;x',
    '.\u200b.',
    '\u00ad..',
    '..\ufe0f',
  ])
    for (const raw of written(name)) refused(t, raw, 'ambiguous', AS_DELIMITERS);
});

t.test('Windows’ best fit: what it takes for a slash or backslash is refused', async (t) => {
  for (const raw of written(
    'a⁄b',
    'a∕b',
    'a⧸b',
    'a∖b',
    'a⧵b',
    'a⧹b',
    'a\u20e5b',
    '..¥admin',
    '..₩x',
    'x￥..',
    '￦..￦',
  ))
    refused(t, raw, 'ambiguous', AS_DELIMITERS);
});

t.test(
  'a byte order mark is refused: decoders drop it, so that one name is written in two ways',
  async (t) => {
    for (const raw of written('\ufeffadmin', '\ufeff', 'a\ufeff'))
      refused(t, raw, 'ambiguous', AS_DELIMITERS);
  },
);

t.test('look-alikes of digits and unseen characters complete no escape', async (t) => {
  for (const path of ['/%25%EF%BC%961dmin', '/%252%E2%80%8B5', '/%25%EF%BC%92%EF%BD%86'])
    t.match(parseTarget(path, 'http'), { fault: 'ambiguous' }, path);
  t.notMatch(parseTarget('/100%25%EF%BC%91', 'http'), { fault: 'ambiguous' }, 'a percentage is none');
});

t.test('a look-alike is found however often it is encoded', async (t) => {
  for (const raw of ['/a%25EF%25BC%258Fb', '/%25E2%2580%25A5', '/%2525EF%2525BC%25258E.'])
    refused(t, raw, 'ambiguous', AS_DELIMITERS);
});

t.test('names in any script stay what they are', async (t) => {
  const ordinary =
    '東京都 ファイル　名 ｶﾀｶﾅ １２３ ＡＢＣ！ naïve…file … ．config ａ．ｂ v1․2 ½ ℃ ﬁ ٥٠٪ ¥100 ₩5 ··· 。。 👩‍👩‍👧 ❤️ می‌خواهم क्‍ष Σ ß İ é e\u0301 “a” a→b 한국어';
  for (const name of ordinary.split(' '))
    t.match(accepted(`/${encodeURIComponent(name)}`), { segments: [name], ambiguities: [] }, name);
  t.match(
    accepted('/caf%C3%A9%2Fb;c').ambiguities.toSorted(),
    ['%2F', ';'],
    'what is there anyway is a route’s to allow',
  );
});

t.test('several ambiguous forms are all told', async (t) => {
  t.strictSame(accepted('/a%2fb;c//%3f%23%2541').ambiguities.toSorted(), '%23 %25 %2F %3F // ;'.split(' '));
});

t.test('a policy sees the query form-decoded: arrays, in order, bad escapes literal', async (t) => {
  const seen = (query: string | null): unknown => ({ ...queryParameters(query) });
  t.strictSame(seen(null), {});
  t.strictSame(seen(''), {});
  t.strictSame(seen('a=b&c=&a=d+e%20f&g'), { a: ['b', 'd e f'], c: [''], g: [''] });
  t.strictSame(seen('q=50%&r=%zz&s=%C3%A9&t=%ff'), { q: ['50%'], r: ['%zz'], s: ['é'], t: ['\ufffd'] });
  t.strictSame(seen('a=1;b=2'), { a: ['1;b=2'] }, '& alone separates');
  t.strictSame(seen('?a=1'), { '?a': ['1'] }, 'a second ? is part of the name');
});

t.test('no name in a query is anything but a parameter', async (t) => {
  const seen = queryParameters('__proto__=a&constructor=b&toString=c');
  t.strictSame(Object.keys(seen), ['__proto__', 'constructor', 'toString']);
  t.strictSame(seen['__proto__'], ['a']);
  t.equal(queryParameters('a=b')['hasOwnProperty'], undefined);
});
