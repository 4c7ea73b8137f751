import t from 'tap';
import { BuiltinError, LimitError } from '../../../../src/policy/builtins/builtin.ts';
import { readRequestUrl } from '../../../../src/policy/builtins/aws/request-url.ts';

/** Host, path and query, with a bar between them. */
function read(url: string): string {
  const { host, path, query } = readRequestUrl(url);
  return [host, path, query].join(' | ');
}

t.test('a URL has a host with its port, a path and a query', async (t) => {
  t.equal(read('https://user:word@example.com:8443/a/b?x=1&y=?#part?'), 'example.com:8443 | /a/b | x=1&y=?');
  t.equal(read('http://example.com'), 'example.com |  | ');
  t.equal(read('http://example.com:?'), 'example.com: |  | ');
});

t.test('a path stays as it is written where it is well-formed', async (t) => {
  for (const path of ['/a%20b', '/a%2fb%41', "/~!$&'()*+,;=:@", '/[a]', '/%5Ba%5D', '/%25', '/*', '//a'])
    t.equal(read(`http://h${path}`), `h | ${path} | `);
});

t.test('else it is escaped anew', async (t) => {
  t.equal(read('http://h/a b'), 'h | /a%20b | ');
  t.equal(read('http://h/a b%2fc'), 'h | /a%20b/c | ');
  t.equal(read('http://h/ä"^'), 'h | /%C3%A4%22%5E | ');
});

t.test('a query is left alone', async (t) => {
  t.equal(read('http://h/?b=ä&a=%zz "'), 'h | / | b=ä&a=%zz "');
});

t.test('hosts are unescaped', async (t) => {
  t.equal(read('http://h%C3%A4.com/'), 'hä.com | / | ');
  t.equal(read('http://[fe80::1%25e%6E0]:80/'), '[fe80::1%en0]:80 | / | ');
  t.equal(read('http://[::1]/'), '[::1] | / | ');
});

t.test('a URL may have no host', async (t) => {
  t.equal(read('mailto:a@b?x'), ' |  | x');
  t.equal(read('/path?x'), ' | /path | x');
  t.equal(read('http:///path'), ' | /path | ');
  t.equal(read('///path'), ' | ///path | ');
  t.equal(read('*'), ' | * | ');
  t.equal(read(''), ' |  | ');
  t.equal(read('//h/path'), 'h | /path | ');
});

t.test('what is no URL to Go is refused', async (t) => {
  const faults: Readonly<Record<string, string>> = {
    'http://h/%zz': 'invalid URL escape "%zz"',
    ':x': 'missing protocol scheme',
    'http://[::1': "missing ']' in host",
    'a b:c': 'first path segment in URL cannot contain colon',
  };
  for (const [url, fault] of Object.entries(faults))
    t.throws(() => read(url), new BuiltinError(`parse "${url}": ${fault}`));
});

t.test('a host that is no UTF-8 ends the evaluation', async (t) => {
  t.throws(
    () => read('http://%ff/'),
    new LimitError('the result is no text: it has bytes that are not UTF-8'),
  );
  t.equal(read('http://h/%ff'), 'h | /%ff | ');
});
