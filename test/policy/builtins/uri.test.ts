import * as fc from 'fast-check';
import t, { type Test } from 'tap';
import { LimitError } from '../../../src/policy/builtins/builtin.ts';
import { quote } from '../../../src/policy/builtins/go/quote.ts';
import { uri } from '../../../src/policy/builtins/uri.ts';
import { caller } from '../../support/builtin.ts';

const call = caller(uri);
const parse = (text: string): unknown => JSON.parse(call('uri.parse', JSON.stringify(text)) as string);
const fails = (t: Test, text: string, reason: string): void => {
  t.throws(() => parse(text), { message: `parse ${quote(text)}: ${reason}` }, text);
  t.equal(call('uri.is_valid', JSON.stringify(text)), 'false', text);
};

t.test('a URL has the parts that it has', async (t) => {
  t.strictSame(parse('HTTPS://alice:s3cret@Example.com:8443/a/b?x=1&y#top'), {
    scheme: 'https',
    hostname: 'Example.com',
    port: '8443',
    path: '/a/b',
    raw_path: '/a/b',
    raw_query: 'x=1&y',
    fragment: 'top',
  });
  t.strictSame(parse('//host'), { hostname: 'host' });
  t.strictSame(parse('../a?'), { path: '../a', raw_path: '../a' });
  t.strictSame(parse('?a??'), { raw_query: 'a??' });
  t.strictSame(parse('*'), { path: '*', raw_path: '*' });
  t.strictSame(parse('http://host:'), { scheme: 'http', hostname: 'host' });
  t.strictSame(parse(''), {});
});

t.test('what has a scheme and no slash is opaque', async (t) => {
  t.strictSame(parse('mailto:a@b?subject=%zz'), { scheme: 'mailto', raw_query: 'subject=%zz' });
  t.strictSame(parse('http:80/a'), { scheme: 'http' });
});

t.test(
  'three slashes are a path where there is no scheme, and an empty host where there is one',
  async (t) => {
    t.strictSame(parse('///a'), { path: '///a', raw_path: '///a' });
    t.strictSame(parse('file:///a'), { scheme: 'file', path: '/a', raw_path: '/a' });
  },
);

t.test('a path is decoded, and kept as it was where it would not be written so', async (t) => {
  t.strictSame(parse('/a%2fb%20c'), { path: '/a/b c', raw_path: '/a%2fb%20c' });
  t.strictSame(parse('/a%20c'), { path: '/a c', raw_path: '/a c' }, 'Go would write it so');
  t.strictSame(parse('/a!'), { path: '/a!', raw_path: '/a!' });
  t.strictSame(parse('#a%20b'), { fragment: 'a b' });
});

t.test('an IPv6 address is in brackets, with a zone perhaps', async (t) => {
  t.strictSame(parse('http://[::1]:80'), { scheme: 'http', hostname: '::1', port: '80' });
  t.strictSame(parse('http://[fe80::1%25eth%30]/'), {
    scheme: 'http',
    hostname: 'fe80::1%eth0',
    path: '/',
    raw_path: '/',
  });
  t.strictSame(parse('http://[::ffff:192.0.2.1]'), { scheme: 'http', hostname: '::ffff:192.0.2.1' });
});

t.test(
  'a host outside of brackets may have the closing one, or other text in brackets after its escapes',
  async (t) => {
    t.strictSame(parse('http://a]'), { scheme: 'http', hostname: 'a]' });
    t.strictSame(
      parse('x://a:1,b:2'),
      { scheme: 'x', hostname: 'a:1,b', port: '2' },
      'several hosts, as databases have them',
    );
  },
);

t.test('what is no URL is none, for the reason that Go has', async (t) => {
  fails(t, 'a\u0001', 'net/url: invalid control character in URL');
  fails(t, ':a', 'missing protocol scheme');
  fails(t, '1a:b', 'first path segment in URL cannot contain colon');
  fails(t, 'http://a\\b', String.raw`invalid character "\\" in host name`);
  fails(t, 'http://a b@c', 'net/url: invalid userinfo');
  fails(t, 'http://%zz@c', 'invalid URL escape "%zz"');
  fails(t, 'http://a[::1]', 'invalid IP-literal');
  fails(t, 'http://[::1', "missing ']' in host");
  fails(t, 'http://[::1]a', 'invalid port "a" after host');
  fails(t, 'http://a:1:2', 'invalid port ":1:2" after host');
  fails(t, 'http://a:b', 'invalid port ":b" after host');
  fails(t, 'http://[192.0.2.1]', 'invalid IP-literal');
  fails(t, 'http://[::1%25]', 'invalid host: ParseAddr("::1%"): unable to parse IP');
  fails(t, '/%', 'invalid URL escape "%"');
  fails(t, '/#%1', 'invalid URL escape "%1"');
  t.throws(
    () => parse('/%#a'),
    { message: 'parse "/%": invalid URL escape "%"' },
    'without what is behind the #',
  );
});

t.test('what is decoded to bytes that are no UTF-8 is valid, but has no parts', async (t) => {
  t.equal(call('uri.is_valid', '"/%ff"'), 'true');
  for (const text of ['/%ff', '#%ff', 'http://%ff'])
    t.throws(
      () => parse(text),
      new LimitError('the result is no text: it has bytes that are not UTF-8'),
      text,
    );
  t.strictSame(parse('http://%ff@h?%ff'), { scheme: 'http', hostname: 'h', raw_query: '%ff' });
});

t.test('what is no text, and no text at all, is no valid URL', async (t) => {
  t.equal(call('uri.is_valid', '"/a"'), 'true');
  t.equal(call('uri.is_valid', '""'), 'false');
  t.equal(call('uri.is_valid', '1'), 'false');
  t.throws(() => call('uri.parse', '1'), { message: 'operand 1 must be string but got number' });
});

t.test('whatever is valid is parsed', async () => {
  const pieces = fc.constantFrom(
    'http:',
    '//',
    '/',
    '[',
    ']',
    ':',
    '@',
    '?',
    '#',
    '%',
    '%41',
    '::1',
    'é',
    ' ',
    '1',
    'a',
  );
  fc.assert(
    fc.property(fc.array(pieces, { minLength: 1 }), (parts) => {
      const text = JSON.stringify(parts.join(''));
      let parsed = true;
      try {
        call('uri.parse', text);
      } catch {
        parsed = false;
      }
      return call('uri.is_valid', text) === String(parsed);
    }),
  );
});
