import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import * as fc from 'fast-check';
import t from 'tap';
import { caller, type Caller, forwardingFields, trustedProxies } from '../../src/http/forwarded.ts';
import { head } from '../support/head.ts';

fc.configureGlobal({ seed: 7239, numRuns: 1_000 });

const nobody = trustedProxies([]);
const proxies = trustedProxies(['10.0.0.0/8', '2001:db8:1::/48']);

t.test('GHSA-7x63-xv5r-3p2x: nobody is trusted unless named', async (t) => {
  for (const address of ['127.0.0.1', '::1', '10.0.0.1', '0.0.0.0', ''])
    t.equal(nobody(address), false, address);
});

t.test('a trusted proxy is an address or in a block of them', async (t) => {
  const trust = trustedProxies(['192.0.2.7', '10.1.0.0/16', '::1', '2001:db8::/32', '198.51.100.0/32']);
  for (const address of ['192.0.2.7', '10.1.255.1', '::1', '2001:db8:ffff::1', '198.51.100.0'])
    t.equal(trust(address), true, address);
  for (const address of ['192.0.2.8', '10.2.0.1', '::2', '2001:db9::1', '198.51.100.1', 'localhost', ''])
    t.equal(trust(address), false, address);
  t.equal(trustedProxies(['0.0.0.0/0'])('203.0.113.1'), true);
});

t.test('an IPv4 peer of a dual-stack socket is judged as IPv4', async (t) => {
  t.equal(proxies('::ffff:10.0.0.1'), true);
  t.equal(proxies('::ffff:192.0.2.1'), false);
});

t.test('what is neither an address nor a block is named in the error', async (t) => {
  const addresses = ['', 'localhost', '10.0.0', '[::1]', '10.0.0.1:80', '*'];
  const prefixes = ['33', '', '8/8', '-1', '1.5', '0x8', '1e1', ' 8', 'x'].map((bits) => `10.0.0.0/${bits}`);
  for (const entry of [...addresses, ...prefixes, '::1/129']) {
    const message = `${JSON.stringify(entry)} is neither an address nor a CIDR block`;
    t.throws(() => trustedProxies(['10.0.0.1', entry]), new RangeError(message));
  }
});

t.test('GHSA-vhr5-ggp3-qq85, CVE-2022-24112: of an untrusted peer nothing is believed', async (t) => {
  const said = head('X-Forwarded-For: 127.0.0.1', 'X-Forwarded-Proto: https', 'X-Real-IP: 127.0.0.1');
  const from = { client_ip: '203.0.113.9', via: [], scheme: 'http', trusted: false, ...unsaid };
  for (const trust of [nobody, proxies])
    t.strictSame(caller('::ffff:203.0.113.9', said, trust, 'http'), from);
});

t.test(
  'CVE-2026-35051, CVE-2026-54764, CVE-2024-52003: of an untrusted peer no host, port or prefix is believed',
  async (t) => {
    const said = head('X-Forwarded-Host: evil.example', 'X-Forwarded-Port: 1', 'X-Forwarded-Prefix: /evil');
    for (const trust of [nobody, proxies])
      t.match(caller('203.0.113.9', said, trust, 'http'), { host: null, port: null, prefix: '' });
  },
);

/** What is known of a caller when nothing but addresses and scheme is said. */
const unsaid = { host: null, port: null, prefix: '' };

/** Whom a trusted proxy that says this speaks for. */
const callerBy = (...lines: string[]): Caller => caller('10.1.1.1', head(...lines), proxies, 'http');

t.test('the client is the nearest address that no trusted proxy has', async (t) => {
  for (const [why, said, ...via] of [
    ['one proxy', '203.0.113.9', '203.0.113.9'],
    ['two proxies', '203.0.113.9, 10.2.2.2', '203.0.113.9', '10.2.2.2'],
    ['a client who invents hops', '127.0.0.1, 203.0.113.9,10.2.2.2', '203.0.113.9', '10.2.2.2'],
    ['proxies all the way', '10.3.3.3, 10.2.2.2', '10.3.3.3', '10.2.2.2'],
    ['IPv6', '2001:db8::9, 2001:db8:1::2', '2001:db8::9', '2001:db8:1::2'],
    ['IPv4 in IPv6', '::ffff:203.0.113.9', '203.0.113.9'],
    ['a name that is no address', '203.0.113.9, unknown, 10.2.2.2', '10.2.2.2'],
  ] as const)
    t.strictSame(
      callerBy(`X-Forwarded-For: ${said}`),
      { client_ip: via[0], via, scheme: 'http', trusted: true, ...unsaid },
      why,
    );
});

t.test('a trusted proxy that names no address is the client itself', async (t) => {
  const itself = { client_ip: '10.1.1.1', via: [], scheme: 'http', trusted: true, ...unsaid };
  t.strictSame(callerBy(), itself);
  for (const said of ['', ',', '"203.0.113.9"', '203.0.113.9:80', 'for=203.0.113.9'])
    t.strictSame(callerBy(`X-Forwarded-For: ${said}`), itself, said);
});

t.test('HAProxy’s forwardfor: its X-Forwarded-For stands below the client’s, and counts', async (t) => {
  t.equal(callerBy('X-Forwarded-For: 127.0.0.1', 'x-forwarded-for: 203.0.113.9').client_ip, '203.0.113.9');
});

t.test('a trusted proxy says which scheme the client spoke, if it says one alone', async (t) => {
  for (const [said, scheme] of [
    ['https', 'https'],
    ['HTTPS', 'https'],
    ['http', 'http'],
    ['', 'http'],
    ['wss', 'http'],
    ['https, http', 'http'],
  ] as const)
    t.equal(callerBy(`X-Forwarded-Proto: ${said}`).scheme, scheme, said);
  t.equal(callerBy('X-Forwarded-Proto: https', 'X-Forwarded-Proto: http').scheme, 'http');
  t.equal(caller('10.1.1.1', head('X-Forwarded-Proto: http'), proxies, 'https').scheme, 'http');
});

t.test('a trusted proxy says which host the client asked for, if it says one that is a host', async (t) => {
  for (const [said, host] of [
    ['Api.Example.com', 'api.example.com'],
    ['api.example.com.:8443', 'api.example.com'],
    ['[2001:db8::1]:8443', '[2001:db8::1]'],
    ['', null],
    ['a, b', null],
    ['a;for=1.2.3.4', null],
    ['"a"', null],
    ['user@a', null],
    ['a/b', null],
    ['a:99999', null],
  ] as const)
    t.equal(callerBy(`X-Forwarded-Host: ${said}`).host, host, said);
  t.equal(callerBy('X-Forwarded-Host: a', 'x-forwarded-host: b').host, null, 'of two none');
});

t.test('a trusted proxy says at which port the client came, if it says one number', async (t) => {
  for (const [said, port] of [
    ['8443', 8443],
    ['1', 1],
    ['65535', 65_535],
    ...['0', '65536', '080', '+80', '80.0', '8e3', '443, 80', '', 'a', '-1', '99999'].map(
      (bad) => [bad, null] as const,
    ),
  ] as const)
    t.equal(callerBy(`X-Forwarded-Port: ${said}`).port, port, said);
});

t.test(
  'the port is the one said, that of the host said, or that of the scheme said; ours else',
  async (t) => {
    for (const [port, ...said] of [
      [1, 'X-Forwarded-Port: 1', 'X-Forwarded-Host: a:2', 'X-Forwarded-Proto: https'],
      [2, 'X-Forwarded-Port: x', 'X-Forwarded-Host: a:2', 'X-Forwarded-Proto: https'],
      [443, 'X-Forwarded-Host: a', 'X-Forwarded-Proto: https'],
      [80, 'X-Forwarded-Proto: http'],
      [null, 'X-Forwarded-Proto: https, http'],
      [null, 'X-Forwarded-Host: a'],
    ] as const)
      t.equal(callerBy(...said).port, port, said.join());
  },
);

t.test('an address with a zone is none: it means something on its own host alone', async (t) => {
  const trust = trustedProxies(['10.0.0.0/8', '::1']);
  const fields = ['X-Forwarded-For', '203.0.113.9, ::1%eth0'];
  t.equal(caller('10.0.0.1', fields, trust, 'http').client_ip, '10.0.0.1');
});

t.test('a trusted proxy says which prefix it stripped, if that is one plain path', async (t) => {
  for (const [said, prefix] of [
    [`/${'a'.repeat(1_023)}`, `/${'a'.repeat(1_023)}`],
    [`/${'a'.repeat(1_024)}`, ''],
    ['/gw', '/gw'],
    ['/gw/v1/', '/gw/v1'],
    ['/', ''],
    ['', ''],
    ...[
      'gw',
      '//evil.example',
      '/a//b',
      '/a/../b',
      '/%2e%2e',
      '/a%2Fb',
      '/%61',
      '/a;b',
      '/a b',
      '/a?b',
      '/a#b',
      '/a, /b',
      '/a,b',
      'https://evil.example',
      '/\\evil.example',
      '/<script>',
      '/caf\u00e9',
    ].map((bad) => [bad, ''] as const),
  ] as const)
    t.equal(callerBy(`X-Forwarded-Prefix: ${said}`).prefix, prefix, said);
  t.equal(callerBy('X-Forwarded-Prefix: /a', 'X-Forwarded-Prefix: /b').prefix, '', 'of two none');
});

/** How a request arrived, by a caller. */
const by = (from: Caller, peer = '10.1.1.1', host = 'api.example.com', port = 8080) => ({
  caller: from,
  peer,
  host,
  port,
});

t.test('what a trusted proxy said is told on, our prefix after its own', async (t) => {
  const from = callerBy(
    'X-Forwarded-For: 203.0.113.9',
    'X-Forwarded-Host: WWW.example.com',
    'X-Forwarded-Port: 8443',
    'X-Forwarded-Prefix: /gw',
  );
  t.strictSame(
    forwardingFields(by(from), { path: '/api/a', prefix: '/api' }),
    head(
      'X-Forwarded-For: 203.0.113.9, 10.1.1.1',
      'X-Forwarded-Host: www.example.com',
      'X-Forwarded-Port: 8443',
      'X-Forwarded-Proto: http',
      'X-Forwarded-Prefix: /gw/api',
      'X-Forwarded-Path: /api/a',
      'X-Real-IP: 203.0.113.9',
      'Forwarded: for=203.0.113.9;host=www.example.com;proto=http, for=10.1.1.1',
    ),
  );
  const told = forwardingFields(by(from), null);
  t.equal(told[told.indexOf('X-Forwarded-Prefix') + 1], '/gw', 'where we strip nothing');
});

t.test('a path that was sent elsewhere is told, and a prefix where one was stripped', async (t) => {
  const names = (...moved: [string, string] | []): string[] => {
    const [path, prefix] = moved;
    const told = forwardingFields(by(callerBy()), path === undefined ? null : { path, prefix: prefix ?? '' });
    return told.filter((_, i) => /^X-Forwarded-P(?:ath|refix)$/.test(told[i & ~1] as string));
  };
  t.strictSame(names(), []);
  t.strictSame(names('/a', ''), ['X-Forwarded-Path', '/a']);
  t.strictSame(names('/a/b', '/a'), ['X-Forwarded-Prefix', '/a', 'X-Forwarded-Path', '/a/b']);
});

t.test('the upstream is told the whole chain, rebuilt', async (t) => {
  const from = callerBy('X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.2.2.2', 'X-Forwarded-Proto: https');
  t.strictSame(
    forwardingFields(by(from), null),
    head(
      'X-Forwarded-For: 203.0.113.9, 10.2.2.2, 10.1.1.1',
      'X-Forwarded-Host: api.example.com',
      'X-Forwarded-Port: 443',
      'X-Forwarded-Proto: https',
      'X-Real-IP: 203.0.113.9',
      'Forwarded: for=203.0.113.9;host=api.example.com;proto=https, for=10.2.2.2, for=10.1.1.1',
    ),
  );
});

t.test('an untrusted peer is all there is to tell', async (t) => {
  const from = caller('::ffff:203.0.113.9', head('X-Forwarded-For: 127.0.0.1'), proxies, 'http');
  t.strictSame(
    forwardingFields(by(from, '::ffff:203.0.113.9', 'localhost', 80), null),
    head(
      'X-Forwarded-For: 203.0.113.9',
      'X-Forwarded-Host: localhost',
      'X-Forwarded-Port: 80',
      'X-Forwarded-Proto: http',
      'X-Real-IP: 203.0.113.9',
      'Forwarded: for=203.0.113.9;host=localhost;proto=http',
    ),
  );
});

t.test('RFC 7239 section 6: IPv6 is in brackets and quotes, as the client and as its host', async (t) => {
  const from = callerBy('X-Forwarded-For: 2001:db8::9, 2001:db8:1::2');
  const forwarded = forwardingFields(by(from, '10.1.1.1', '[::1]', 80), null).at(-1);
  t.equal(forwarded, 'for="[2001:db8::9]";host="[::1]";proto=http, for="[2001:db8:1::2]", for=10.1.1.1');
});

t.test('whatever is said in X-Forwarded-For, only addresses go on, the last of them ours', async () => {
  const hop = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.constantFrom('10.2.2.2', 'unknown', '_hidden', ';for=x', '"', '', 'a b'),
  );
  fc.assert(
    fc.property(fc.array(hop, { maxLength: 5 }), (hops) => {
      const from = callerBy(`X-Forwarded-For: ${hops.join()}`);
      const [, chain = ''] = forwardingFields(by(from), null);
      const told = chain.split(', ');
      assert.ok(told.every((address) => isIP(address) > 0));
      assert.equal(told.at(-1), '10.1.1.1');
      assert.equal(told[0], from.client_ip);
      assert.ok(told.slice(1).every(proxies), 'only the client may be a stranger');
    }),
  );
});
