import * as fc from 'fast-check';
import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { escapedPath, parseUrl, splitHost, urlText } from '../../../../src/policy/builtins/go/url.ts';

t.test('a URL has the parts of Go', async (t) => {
  t.strictSame(parseUrl('HTTPS://u:p%40w@H.example:80/a%2Fb/c%20d?q=%20#f%2Ag'), {
    scheme: 'https',
    opaque: '',
    user: { name: 'u', password: 'p@w' },
    host: 'H.example:80',
    omitHost: false,
    path: '/a/b/c d',
    rawPath: '/a%2Fb/c%20d',
    forceQuery: false,
    rawQuery: 'q=%20',
    fragment: 'f*g',
    rawFragment: 'f%2Ag',
  });
  t.equal(parseUrl('/c%20d').rawPath, '', 'it is what Go would write');
  t.equal(parseUrl('x://h?').forceQuery, true);
  t.equal(parseUrl('x://h??').rawQuery, '?');
  t.equal(parseUrl('*').path, '*');
});

t.test('what has a scheme and no slash is opaque', async (t) => {
  const { scheme, opaque, path, rawQuery } = parseUrl('mailto:a@b?c');
  t.strictSame([scheme, opaque, path, rawQuery], ['mailto', 'a@b', '', 'c']);
});

t.test('a path may stand without a host', async (t) => {
  t.equal(parseUrl('x:/y').omitHost, true);
  t.equal(parseUrl('file:///y').omitHost, false);
  t.equal(parseUrl('//h/y').host, 'h');
  t.equal(parseUrl('///y').host, '');
});

t.test('an address of IPv6 is in brackets, perhaps with a zone', async (t) => {
  t.equal(parseUrl('http://[::ffff:192.0.2.1]/').host, '[::ffff:192.0.2.1]');
  t.equal(parseUrl('http://[::1]:80/').host, '[::1]:80');
  t.equal(parseUrl('http://[fe80::1%25a%20b]/').host, '[fe80::1%a b]');
});

t.test('the text is as Go writes it', async (t) => {
  for (const [text, expected] of Object.entries({
    'HTTP://h': 'http://h',
    'http://h/%7e?#': 'http://h/%7e?',
    'http://h/a%2fb#%2a': 'http://h/a%2fb#%2a',
    'http://h/a|b': 'http://h/a%7Cb',
    'http://@h': 'http://@h',
    'http://u:@h': 'http://u:@h',
    'http://u%3Av:p%2Fw@h': 'http://u%3Av:p%2Fw@h',
    'http://h%25%C3%A9': 'http://h%25%C3%A9',
    'x:y?z': 'x:y?z',
    'x:/y': 'x:/y',
    'x:': 'x:',
    'file:///y': 'file:///y',
    'x:///': 'x:///',
    '//h': '//h',
    '*': '*',
    "/!'()*": "/!'()*",
    '': '',
  }))
    t.equal(urlText(parseUrl(text)), expected, text);
  t.equal(urlText({ ...parseUrl('x'), path: 'a:b' }), './a:b', 'what reads as a scheme is none');
});

t.test('what has been written is read as the same', async () => {
  const part = fc.string({
    unit: fc.constantFrom('a', 'Z', '0', '/', ':', '?', '#', '@', '%2F', '%', '[', ']', '.', ' ', '*'),
    maxLength: 12,
  });
  fc.assert(
    fc.property(part, fc.constantFrom('', 'x:', 'http://', 'http://h/'), (text, start) => {
      let url;
      try {
        url = parseUrl(start + text);
      } catch (error) {
        return error instanceof BuiltinError;
      }
      const again = parseUrl(urlText(url));
      return again.path === url.path && again.host === url.host && urlText(again) === urlText(url);
    }),
  );
});

t.test('a path is escaped as it was written, if that is well-formed', async (t) => {
  t.equal(escapedPath(parseUrl('/%7e!')), '/%7e!');
  t.equal(escapedPath(parseUrl('/%7e|')), '/~%7C');
  t.equal(escapedPath(parseUrl('/é')), '/%C3%A9');
  t.equal(escapedPath(parseUrl('*')), '*');
});

t.test('a host is split at its last colon, where digits or nothing follow', async (t) => {
  const split = (text: string): string[] => Object.values(splitHost(parseUrl(text)));
  t.strictSame(split('x://a:1,b:2'), ['a:1,b', '2']);
  t.strictSame(split('x://[::1]:80'), ['::1', '80']);
  t.strictSame(split('x://[::1]'), ['::1', '']);
  t.strictSame(split('x://h:'), ['h', '']);
  t.strictSame(split('x://h'), ['h', '']);
});

t.test('what Go does not parse is an error that says why', async (t) => {
  const fails = (text: string, reason: string, quoted = text): void => {
    t.throws(() => parseUrl(text), new BuiltinError(`parse "${quoted}": ${reason}`), text);
  };
  fails('x://h/\u007f', 'net/url: invalid control character in URL', String.raw`x://h/\x7f`);
  fails(':x', 'missing protocol scheme');
  fails('1a:x', 'first path segment in URL cannot contain colon');
  fails('x://u"@h', 'net/url: invalid userinfo', String.raw`x://u\"@h`);
  fails('x://a[::1]', 'invalid IP-literal');
  fails('x://[::1', "missing ']' in host");
  fails('x://[1.2.3.4]', 'invalid IP-literal');
  fails('x://[::1%25]', 'invalid host: ParseAddr("::1%"): unable to parse IP');
  fails('x://[%C3::1]', String.raw`invalid host: ParseAddr("\xc3::1"): unable to parse IP`);
  fails('x://h:a', 'invalid port ":a" after host');
  fails('http://h:1:2', 'invalid port ":1:2" after host');
  t.equal(parseUrl('x://h:1:2').host, 'h:1:2', 'but only of HTTP');
  fails('x://h/%zz', 'invalid URL escape "%zz"');
  fails('x://h/#%', 'invalid URL escape "%"');
  fails('x://h/%zz#a', 'invalid URL escape "%zz"', 'x://h/%zz');
});
