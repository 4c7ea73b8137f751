import t from 'tap';
import { AUTHORITY, CLIENT, SERVER } from '../support/certificates.ts';
import { changed, faults, withServer } from '../support/config.ts';

const at = 'authorization_servers.main';

t.test('no server vouches for minted JWTs, by any of its issuers', async (t) => {
  const phantom = { issuer: 'https://gateway.example', keys: '{"keys":[]}' };
  const told = (main: object): string[] => faults(changed({ phantom, authorization_servers: { main } }));
  const fault = 'is phantom.issuer too: minted JWTs would pass for this server’s';
  t.strictSame(told({ issuers: ['https://gateway.example/', 'gateway.example'] }), []);
  t.strictSame(told({ issuer: phantom.issuer }), [`${at}.issuer: ${fault}`]);
  t.strictSame(told({ issuers: ['https://a.example', phantom.issuer] }), [`${at}.issuers[1]: ${fault}`]);
});

t.test('tls is judged like a service’s', async (t) => {
  const right = { ca: AUTHORITY, certificate: CLIENT.cert, key: CLIENT.key, server_name: 'as.internal' };
  t.strictSame(faults(withServer({ tls: right })), []);
  t.strictSame(
    faults(withServer({ tls: { ca: 'x', certificate: CLIENT.cert, key: SERVER.key, server_name: '::1' } })),
    [
      `${at}.tls.ca: expected certificates in PEM`,
      `${at}.tls.key: is not the certificate’s key`,
      `${at}.tls.server_name: expected a host name, without a port (RFC 6066 section 3)`,
    ],
  );
});

t.test('tls is for https://: of http:// it would promise what is not there', async (t) => {
  const allow_insecure_requests = true;
  const http = { issuer: 'http://as.example', allow_insecure_requests };
  for (const tls of [{ ca: AUTHORITY }, { dangerously_skip_verification: true }]) {
    const plain = [`${at}.tls: is for an authorization server of https://`];
    t.strictSame(faults(withServer({ ...http, tls })), plain);
    t.strictSame(
      faults(withServer({ base_url: 'http://as.internal', allow_insecure_requests, tls })),
      plain,
      'an issuer is only a name when base_url says where to connect',
    );
    for (const elsewhere of [
      { base_url: 'https://as.internal' },
      { introspection: { endpoint: 'https://as.example/introspect' } },
      { jwks_uri: 'https://keys.example/keys' },
      { endpoint_origins: ['https://keys.example'] },
    ])
      t.strictSame(faults(withServer({ ...http, tls, ...elsewhere })), [], JSON.stringify(elsewhere));
  }
});

t.test('whom one does not verify, one does not verify by a CA or a name', async (t) => {
  const tls = { dangerously_skip_verification: true, ca: AUTHORITY, server_name: 'as.internal' };
  const fault = 'is verified by nobody: dangerously_skip_verification is on';
  t.strictSame(faults(withServer({ tls })), [`${at}.tls.ca: ${fault}`, `${at}.tls.server_name: ${fault}`]);
  const shown = { dangerously_skip_verification: true, certificate: CLIENT.cert, key: CLIENT.key };
  t.strictSame(faults(withServer({ tls: shown })), [], 'but may say who one is');
});

t.test('a proxy is an origin, and has its credentials apart', async (t) => {
  const proxy = 'http://proxy.internal:3128';
  for (const right of [{ proxy }, { proxy: 'https://proxy/', proxy_authorization: 'Basic YTpi' }])
    t.strictSame(faults(withServer(right)), [], JSON.stringify(right));
  const expected = 'expected an origin such as https://accounts:4000, without a path';
  for (const wrong of ['http://us:hunter2@proxy:3128', 'http://proxy/path', 'http://proxy?x'])
    t.strictSame(faults(withServer({ proxy: wrong })), [`${at}.proxy: ${expected}`], wrong);
  t.strictSame(faults(withServer({ proxy: 'socks5://proxy' })), [
    `${at}.proxy: expected an http:// or https:// URL`,
  ]);
  t.strictSame(faults(withServer({ proxy_authorization: 'Basic YTpi' })), [
    `${at}.proxy_authorization: needs a proxy`,
  ]);
  t.strictSame(faults(withServer({ proxy, proxy_authorization: 'hunter2\r\nX: y' })), [
    `${at}.proxy_authorization: expected a header value, on one line`,
  ]);
});

t.test('keys are not read over http://, where anybody may write them', async (t) => {
  const jwks_uri = 'http://as.example/keys';
  t.match(faults(withServer({ jwks_uri })), [/^authorization_servers\.main\.jwks_uri: http:\/\/ sends/]);
  t.strictSame(faults(withServer({ jwks_uri, allow_insecure_requests: true })), []);
  t.strictSame(faults(withServer({ jwks_uri: 'https://keys.example/keys?tenant=a' })), []);
  t.strictSame(faults(withServer({ jwks_uri: 'https://u:hunter2@keys.example/' })), [
    `${at}.jwks_uri: expected a URL without fragment and credentials`,
  ]);
});

t.test('every server is judged, and its faults are found at its name', async (t) => {
  const other = { issuer: 'http://other.example', client_id: 'a', client_secret: 'b' };
  const routes = [
    { name: 'a', match: { path: '/a' }, service: 'api', policy: 'none', authorization_server: 'other' },
  ];
  t.strictSame(faults(changed({ authorization_servers: { main: { client_auth: 'none' }, other }, routes })), [
    `${at}.client_secret: client_auth: none does not use it`,
    'authorization_servers.other.issuer: http:// sends the client secret and tokens in the clear: use https://, or say allow_insecure_requests: true',
  ]);
});
