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
  const from = { client_ip: '203.0.113.9', via: [], scheme: 'http', trusted: false };
  for (const trust of [nobody, proxies])
    t.strictSame(caller('::ffff:203.0.113.9', said, trust, 'http'), from);
});

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
      { client_ip: via[0], via, scheme: 'http', trusted: true },
      why,
    );
});

t.test('a trusted proxy that names no address is the client itself', async (t) => {
  const itself = { client_ip: '10.1.1.1', via: [], scheme: 'http', trusted: true };
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

t.test('the upstream is told the whole chain, rebuilt', async (t) => {
  const from = callerBy('X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.2.2.2', 'X-Forwarded-Proto: https');
  t.strictSame(
    forwardingFields(from, '10.1.1.1', 'api.example.com', 8080),
    head(
      'X-Forwarded-For: 203.0.113.9, 10.2.2.2, 10.1.1.1',
      'X-Forwarded-Host: api.example.com',
      'X-Forwarded-Port: 8080',
      'X-Forwarded-Proto: https',
      'X-Real-IP: 203.0.113.9',
      'Forwarded: for=203.0.113.9;host=api.example.com;proto=https, for=10.2.2.2, for=10.1.1.1',
    ),
  );
});

t.test('an untrusted peer is all there is to tell', async (t) => {
  const from = caller('::ffff:203.0.113.9', head('X-Forwarded-For: 127.0.0.1'), proxies, 'http');
  t.strictSame(
    forwardingFields(from, '::ffff:203.0.113.9', 'localhost', 80),
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
  const forwarded = forwardingFields(from, '10.1.1.1', '[::1]', 80).at(-1);
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
      const [, chain = ''] = forwardingFields(from, '10.1.1.1', 'a', 80);
      const told = chain.split(', ');
      assert.ok(told.every((address) => isIP(address) > 0));
      assert.equal(told.at(-1), '10.1.1.1');
      assert.equal(told[0], from.client_ip);
      assert.ok(told.slice(1).every(proxies), 'only the client may be a stranger');
    }),
  );
});
