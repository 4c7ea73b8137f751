import t from 'tap';
import { canonicalHost, hostAndPort, sameAuthority } from '../../src/http/host.ts';

t.test('CVE-2026-42273: hosts compare without case, port and trailing dot', async (t) => {
  for (const host of [
    'admin.example.com',
    'Admin.Example.COM',
    'admin.example.com:8080',
    'admin.example.com.',
    'ADMIN.example.com.:443',
  ])
    t.equal(canonicalHost(host), 'admin.example.com', host);
});

t.test('names, labels with underscores, and addresses are hosts', async (t) => {
  for (const [host, name] of [
    ['a', 'a'],
    ['localhost:8080', 'localhost'],
    ['user_service.xn--bcher-kva.example', 'user_service.xn--bcher-kva.example'],
    ['192.0.2.1:80', '192.0.2.1'],
    ['[2001:DB8::1]:443', '[2001:db8::1]'],
    ['[::ffff:192.0.2.1]', '[::ffff:192.0.2.1]'],
  ] as const)
    t.equal(canonicalHost(host), name, host);
});

t.test('GHSA-4jgr-pg2m-m988: what would be more than a host to Forwarded is no host', async (t) => {
  for (const host of [
    'a;for=1.2.3.4',
    'x..example.com',
    'a,for=1.2.3.4',
    'a";for=1.2.3.4;x="',
    'a=b',
    'a b',
    'a\tb',
    'a\r\nx: y',
  ])
    t.equal(canonicalHost(host), null, JSON.stringify(host));
});

t.test('CVE-2026-55602: a host is all there is, with nothing before it or after it', async (t) => {
  for (const host of [
    '',
    '.',
    '.example.com',
    'example.com..',
    '-a.example',
    'user@example.com',
    'example.com/path',
    'example.com?q',
    'example.com#f',
    'example.com\\x',
    'example.com:',
    'example.com:http',
    'example.com:123456',
    'example.com:80:80',
    'ex%61mple.com',
    'bücher.example',
    '*.example.com',
    '[::1',
    '::1',
    '[::1%25eth0]',
    '[::1]x',
    '[:.]',
    '[1.2.3.4]',
    'a:0',
    'a:65536',
    'a:99999',
    'a\u0000',
    'a\n',
  ])
    t.equal(canonicalHost(host), null, JSON.stringify(host));
});

t.test('the port beside a host is read with it', async (t) => {
  t.strictSame(hostAndPort('A.example:8443'), { name: 'a.example', port: 8443 });
  t.strictSame(hostAndPort('a.example.'), { name: 'a.example', port: null });
  t.strictSame(hostAndPort('[::1]:65535'), { name: '[::1]', port: 65_535 });
  t.equal(hostAndPort('a b'), null);
});

t.test('RFC 9112 section 3.2.2: an authority is the Host header’s however the two are written', async (t) => {
  for (const [authority, host, scheme] of [
    ['api.example.com', 'api.example.com', 'http'],
    ['API.example.com', 'api.EXAMPLE.com.', 'http'],
    ['api.example.com:80', 'api.example.com', 'http'],
    ['api.example.com', 'api.example.com:443', 'https'],
    ['api.example.com.:8080', 'api.example.com:8080', 'http'],
    ['[::1]:80', '[::1]', 'http'],
  ] as const)
    t.equal(sameAuthority(authority, host, scheme), true, `${authority} and ${host}`);
});

t.test('an authority of another host, port or form is not the Host header’s', async (t) => {
  for (const [authority, host, scheme] of [
    ['b.example.com', 'api.example.com', 'http'],
    ['api.example.com:8080', 'api.example.com', 'http'],
    ['api.example.com:443', 'api.example.com', 'http'],
    ['api.example.com:80', 'api.example.com', 'https'],
    ['user@api.example.com', 'api.example.com', 'http'],
    ['user:pw@api.example.com', 'api.example.com', 'http'],
    ['user@api.example.com', 'user@api.example.com', 'http'],
    ['api.example.com@evil.example', 'evil.example', 'http'],
    ['', '', 'http'],
    ['', 'a', 'http'],
    ['api.example.com:', 'api.example.com', 'http'],
    ['api%2Eexample.com', 'api.example.com', 'http'],
  ] as const)
    t.equal(sameAuthority(authority, host, scheme), false, `${authority} and ${host}`);
});
