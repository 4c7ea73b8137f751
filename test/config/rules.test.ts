import t from 'tap';
import { changed, faults, RIGHT, withServer, withService } from '../support/config.ts';

const [A] = RIGHT.routes;
const PHANTOM = { issuer: 'https://gateway.example', keys: '{"keys":[]}' };
const words = (text: string): string[] => text.split(' ');
const CLEAR =
  'http:// sends the client secret and tokens in the clear: use https://, or say allow_insecure_requests: true';

t.test('no client is the audience of JWTs that could be its ID tokens', async (t) => {
  const route = { jwt_tokens: 'verify', audience: ['api', 'gateway'] };
  const of = (server: object, changes: object = {}) =>
    faults(
      changed({
        authorization_servers: { main: server },
        routes: [{ ...RIGHT.routes[0], ...route, ...changes }],
      }),
    );
  const wrong = [
    'routes[0].audience: has a client_id: with jwt_types JWT an ID token for that client would pass',
  ];
  t.strictSame(of({ jwt_types: ['at+jwt', 'JWT'] }), wrong);
  t.strictSame(of({ jwt_types: ['at+jwt'] }), []);
  t.strictSame(of({ jwt_types: ['JWT'] }, { audience: ['api'] }), []);
  t.strictSame(of({ jwt_types: ['JWT'] }, { jwt_tokens: 'introspect' }), []);
});

t.test('the token of the admin front is long enough to be guessed by nobody', async (t) => {
  const of = (length: number) => faults(changed({ admin: { token: 'x'.repeat(length) } }));
  t.strictSame(of(16), []);
  const wrong = [
    'admin.token: expected at least 16 characters of ASCII, without blanks, that nobody can guess',
  ];
  t.strictSame(of(15), wrong);
  for (const token of [
    'two words of a token',
    ' begins-with-a-blank',
    'p\u{e4}ssw\u{f6}rd-long-enough',
    'a-line-break-in-it\n',
  ])
    t.strictSame(faults(changed({ admin: { token } })), wrong, 'it could never match');
});

t.test('the admin front listens on loopback only: it shows its details to anybody', async (t) => {
  for (const host of ['127.0.0.1', '::1', 'localhost'])
    t.strictSame(faults(changed({ admin: { host } })), [], host);
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'example.com', 'LOCALHOST.evil', '127.0.0.1.nip.io'])
    t.strictSame(
      faults(changed({ admin: { host } })),
      ['admin.host: the admin front shows its details to anybody: it can listen on loopback only'],
      host,
    );
  t.strictSame(
    faults(changed({ server: { host: '0.0.0.0' }, health: { host: '::' } })),
    [],
    'the others may',
  );
});

t.test('trusted proxies are addresses or CIDR blocks', async (t) => {
  const right = ['10.0.0.1', '10.0.0.0/8', '0.0.0.0/0', '::1', 'fd00::/8', '10.0.0.1/32'];
  t.strictSame(faults(changed({ server: { trusted_proxies: right } })), []);
  const wrong = ['', ...words('proxy 10.0.0 10.0.0.0/33 10.0.0.0/ 10.0.0.0/-1 10.0.0.0/8/8 ::/129 *')];
  t.strictSame(
    faults(changed({ server: { trusted_proxies: ['10.0.0.1', ...wrong] } })),
    wrong.map((_, index) => `server.trusted_proxies[${index + 1}]: expected an address or a CIDR block`),
  );
});

t.test('http:// towards an authorization server is refused without allow_insecure_requests', async (t) => {
  const insecure = {
    issuer: 'http://as.example',
    base_url: 'http://127.0.0.1:9000',
    endpoint_origins: ['https://ok.example', 'http://localhost'],
    introspection: { endpoint: 'http://as.example/introspect' },
  };
  const at = 'authorization_servers.main';
  const keys = ['issuer', 'base_url', 'introspection.endpoint', 'endpoint_origins[1]'];
  t.strictSame(
    faults(withServer(insecure)).toSorted(),
    keys.map((key) => `${at}.${key}: ${CLEAR}`).toSorted(),
  );
  t.strictSame(faults(withServer({ ...insecure, allow_insecure_requests: true })), []);
  const named = { issuer: 'http://as.example', base_url: 'https://as.internal' };
  t.strictSame(faults(withServer(named)), [], 'an issuer is only a name when base_url says where to connect');
});

t.test('an issuer is a URL without query, fragment and credentials (RFC 8414 section 2)', async (t) => {
  const expected = 'expected a URL without query, fragment and credentials (RFC 8414 section 2)';
  for (const issuer of words('https://as https://as/ https://as:8443/realms/x https://[::1]:1 https://as/@x'))
    t.strictSame(faults(withServer({ issuer })), [], issuer);
  const wrong = words(
    'https:// https:///x https://as?x https://as/# https://u:p@as https://as:x https://as\\x',
  );
  for (const issuer of [...wrong, 'https://a s', 'https://as/ ']) {
    t.strictSame(faults(withServer({ issuer })), [`authorization_servers.main.issuer: ${expected}`], issuer);
    t.strictSame(
      faults(changed({ phantom: { ...PHANTOM, issuer } })),
      [`phantom.issuer: ${expected}`],
      issuer,
    );
  }
  t.strictSame(
    faults(changed({ phantom: { ...PHANTOM, issuer: 'http://gateway' } })),
    [],
    'phantom’s is only a name',
  );
});

t.test('an introspection endpoint may have a query, but neither fragment nor credentials', async (t) => {
  const path = 'authorization_servers.main.introspection.endpoint';
  for (const endpoint of ['https://as/introspect', 'https://as/i?a=b@c', 'https://as?x', 'https://as'])
    t.strictSame(faults(withServer({ introspection: { endpoint } })), [], endpoint);
  for (const endpoint of [
    ...words('https:// https://as/i#x https://u:p@as/i https://as/\\i'),
    'https://as/i\n',
  ])
    t.strictSame(
      faults(withServer({ introspection: { endpoint } })),
      [`${path}: expected a URL without fragment and credentials`],
      JSON.stringify(endpoint),
    );
});

t.test('base_url, endpoint_origins and upstreams are origins', async (t) => {
  const expected = 'expected an origin such as https://accounts:4000, without a path';
  const told = (url: string): string[] => [
    ...faults(withServer({ base_url: url, endpoint_origins: [url] })).toSorted(),
    ...faults(withService({ upstream: url })),
  ];
  for (const url of words('https://a https://a/ https://a.b:4000 https://[::1]:4000/ https://10.0.0.1'))
    t.strictSame(told(url), [], url);
  const wrong =
    'https:// https://a/b https://a// https://a?b https://a# https://u:p@a https://u@a https://a\\b';
  for (const url of [...words(wrong), 'https://a:99999', 'https://a b', 'https://a\n'])
    t.strictSame(
      told(url),
      [
        `authorization_servers.main.base_url: ${expected}`,
        `authorization_servers.main.endpoint_origins[0]: ${expected}`,
        `services.api.upstream: ${expected}`,
      ],
      JSON.stringify(url),
    );
  t.strictSame(faults(withService({ upstream: 'http://api:4000' })), [], 'an upstream may be plain');
});

t.test('no authorization server has the issuer of minted JWTs', async (t) => {
  const issuer = RIGHT.authorization_servers.main.issuer;
  t.strictSame(faults(changed({ phantom: { ...PHANTOM, issuer } })), [
    'authorization_servers.main.issuer: is phantom.issuer too: minted JWTs would pass for this server’s',
  ]);
  t.strictSame(
    faults(changed({ phantom: { ...PHANTOM, issuer: `${issuer}/` } })),
    [],
    'issuers compare as strings',
  );
});

t.test('minting needs the section phantom and an audience', async (t) => {
  const mint = { services: { api: { phantom_jwt: 'mint' } } };
  const section = 'services.api.phantom_jwt: mint needs the section phantom, with issuer and keys';
  const audience = 'services.api: phantom_jwt: mint needs an audience, the aud of its JWTs';
  t.strictSame(faults(changed(mint)).toSorted(), [section, audience].toSorted());
  t.strictSame(faults(changed({ ...mint, phantom: PHANTOM })), [audience]);
  const right = { services: { api: { phantom_jwt: 'mint', audience: 'api' } }, phantom: PHANTOM };
  t.strictSame(faults(changed(right)), []);
  t.strictSame(faults(withService({ phantom_jwt: 'pass' })), [], 'passing needs neither');
});

t.test(
  'the fields of every answer are neither framing nor a route’s own, and stay on one line',
  async (t) => {
    const told = (response_headers: Record<string, unknown>) =>
      faults(changed({ server: { response_headers } }));
    t.strictSame(
      told({
        'Strict-Transport-Security': 'max-age=31536000',
        Server: false,
        Via: false,
        x_y: 'ä'.normalize('NFC'),
      }),
      [],
    );
    const own = 'this header is each answer’s own';
    for (const name of words(
      'Content-Length Transfer_Encoding connection Content-Type X-Portcullis-A www-Authenticate',
    ))
      t.strictSame(told({ [name]: 'x' }), [`server.response_headers.${name}: ${own}`], name);
    t.match(told({ 'Access-Control-Allow-Origin': '*' }), [/is said by a route’s cors/]);
    t.match(told({ vary: false }), [/says how answers differ/]);
    t.strictSame(told({ Server: false, server: 'x' }), ['server.response_headers.server: stands twice']);
    t.strictSame(told({ 'A B': 'x' }), ['server.response_headers.A B: cannot be a header name']);
    t.strictSame(told({ A: 'x\r\nB: y' }), [
      'server.response_headers.A: expected a header value, on one line',
    ]);
    t.strictSame(told({ A: true }), [
      'server.response_headers.A: expected the field’s value, or false to remove it',
    ]);
  },
);

t.test('every broken rule is told at once', async (t) => {
  const text = changed({
    admin: { host: '0.0.0.0' },
    phantom: { ...PHANTOM, issuer: 'https://x?' },
    authorization_servers: { main: { issuer: 'http://as' } },
    services: { api: { upstream: 'http://a/b', phantom_jwt: 'mint' } },
    routes: [{ ...A, token: 'optional', service: 'nope' }, A],
  });
  t.equal(faults(text).length, 9);
});
