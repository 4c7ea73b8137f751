import t from 'tap';
import {
  changed,
  faults,
  faultsAt,
  load,
  RIGHT,
  withRoute,
  withServer,
  withService,
} from '../support/config.ts';

const [A] = RIGHT.routes;
const PHANTOM = { issuer: 'https://gateway.example', keys: '{"keys":[]}' };
const words = (text: string): string[] => text.split(' ');
const CLEAR =
  'http:// sends the client secret and tokens in the clear: use https://, or say allow_insecure_requests: true';

t.test('the admin front listens on loopback only: it has no authentication', async (t) => {
  for (const host of ['127.0.0.1', '::1', 'localhost'])
    t.strictSame(faults(changed({ admin: { host } })), [], host);
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'example.com', 'LOCALHOST.evil', '127.0.0.1.nip.io'])
    t.strictSame(
      faults(changed({ admin: { host } })),
      ['admin.host: the admin front has no authentication: it can listen on loopback only'],
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

t.test('a route without tokens has no scopes and no audience, its own or inherited', async (t) => {
  const scopes = 'routes[0].scopes: token: none has no scopes to judge';
  const audience = 'routes[0].audience: token: none has no audience to judge';
  t.strictSame(faults(withRoute({ token: 'none', scopes: ['a'], audience: ['b'] })), [scopes, audience]);
  t.strictSame(faults(changed({ defaults: { token: 'none', scopes: ['a'] } })), [scopes]);
  t.strictSame(faults(withRoute({ token: 'none', scopes: [], audience: [] })), []);
  for (const token of ['required', 'optional'])
    t.strictSame(faults(withRoute({ token, policy: 'a/b', scopes: ['a'], audience: ['b'] })), [], token);
});

t.test('an optional token needs a policy', async (t) => {
  t.strictSame(faults(withRoute({ token: 'optional' })), [
    'routes[0].policy: token: optional needs a policy: without one it would admit everybody',
  ]);
  t.strictSame(faults(withRoute({ token: 'optional', policy: 'a/b' })), []);
  for (const token of ['required', 'none'])
    t.strictSame(faults(withRoute({ token, policy: 'none' })), [], token);
});

t.test('path patterns are read as the route table reads them', async (t) => {
  const segment = 'a segment is neither a literal segment, {name} nor a final **';
  const right = ['/', '/a', '/a/', '/a/{id}/b/**', '/**', '/{a}/{b}', '/a:b@c', '/A'];
  t.strictSame(faults(withRoute({ match: { path: right } })), []);
  const segments = words('/a/../b /. /a%20b /a"b\\ /a{b} /{1} /a* /a?b /a;b /a#b');
  for (const [path, expected] of [
    ['', 'a path pattern starts with /'],
    ['a', 'a path pattern starts with /'],
    ['/**/a', '** can only stand at the end'],
    ['/{a}/{a}', 'a segment stands twice'],
    ['/a//b', 'a path pattern has no empty segments'],
    ['/a b', segment],
    ...segments.map((path) => [path, segment] as const),
  ] as const) {
    t.strictSame(faults(withRoute({ match: { path } })), [`routes[0].match.path: ${expected}`], path);
    t.strictSame(faults(withRoute({ match: { path: ['/ok', path] } })), [
      `routes[0].match.path[1]: ${expected}`,
    ]);
  }
});

t.test('hosts are names or wildcards, without ports', async (t) => {
  const expected = 'expected a host name, or *. and one, without a port';
  const right = ['a', 'api.example.com', 'API.example.com.', '*.example.com', '10.0.0.1', '[::1]', 'a_b-c.d'];
  t.strictSame(faults(withRoute({ match: { hosts: right } })), []);
  const wrong = ['', 'a b', ...words('* *. *.*.com a.*.com a* a:80 https://a a/b ä.example -a')];
  t.strictSame(
    faults(withRoute({ match: { hosts: ['a', ...wrong] } })),
    wrong.map((_, index) => `routes[0].match.hosts[${index + 1}]: ${expected}`),
  );
});

t.test('a route sets no header that is another’s to set, in any spelling', async (t) => {
  const refused = 'this header is not a route’s to set';
  const never = words(
    'Host Content-Length transfer_encoding Connection Expect X-Forwarded-For x_real_ip X-Portcullis-Id X-Original-URL',
  );
  const identity = ['X-Credential-Id', 'x-consumer-username'];
  const claims = (names: readonly string[]) => ({
    identity_headers: { claims: Object.fromEntries(names.entries()) },
  });
  const told = (place: string, count: number) =>
    Array.from({ length: count }, (_, i) => `routes[0].${place.replace('#', String(i))}: ${refused}`);

  const policy_headers = [...never, 'Authorization', ...identity];
  t.strictSame(faults(withRoute({ policy_headers })), told('policy_headers[#]', policy_headers.length));
  t.strictSame(
    faults(withRoute(claims([...never, 'Authorization']))),
    told('identity_headers.claims.#', never.length + 1),
  );
  for (const jwt of [...never, ...identity])
    t.strictSame(faults(withRoute({ identity_headers: { jwt } })), told('identity_headers.jwt', 1), jwt);

  t.strictSame(faults(withRoute({ policy_headers: ['X-Role', 'Cookie'] })), []);
  t.strictSame(
    faults(withRoute(claims([...identity, 'X-User']))),
    [],
    'what is reserved for identity is for claims',
  );
  for (const jwt of ['Authorization', 'AUTHORIZATION', 'X-Jwt', false])
    t.strictSame(faults(withRoute({ identity_headers: { jwt } })), [], String(jwt));
});

t.test('no header towards the upstream has two sources', async (t) => {
  const twice = 'another setting of this route sets this header too';
  const claims = { sub: 'X-User', login: 'x_user', mail: 'X-Mail' };
  t.strictSame(
    faults(withRoute({ policy_headers: ['X-Mail'], identity_headers: { claims, jwt: 'X-Jwt' } })),
    [`routes[0].identity_headers.claims.login: ${twice}`, `routes[0].identity_headers.claims.mail: ${twice}`],
  );
});

t.test('a header fault of inherited settings is told once, where it is written', async (t) => {
  const text = `defaults:
  policy: none
  policy_headers: [X-Ok, Host]
services:
  api: { upstream: "http://api", defaults: { identity_headers: { jwt: Host } } }
authorization_servers: { main: { issuer: "https://as", client_id: c, client_secret: s } }
routes:
  - { name: a, match: { path: /a }, service: api }
  - { name: b, match: { path: /b }, service: api }
  - { name: c, match: { path: /c }, service: api, policy_headers: [Host] }
`;
  const refused = 'this header is not a route’s to set';
  t.strictSame(faultsAt(text), [
    `3:26 defaults.policy_headers[1]: ${refused}`,
    `5:66 services.api.defaults.identity_headers.jwt: ${refused}`,
    `10:68 routes[2].policy_headers[0]: ${refused}`,
  ]);
});

t.test('routes have names of their own', async (t) => {
  const at = (name: string, path: string) => ({ ...A, name, match: { path } });
  t.strictSame(faults(changed({ routes: [at('a', '/1'), at('b', '/2'), at('a', '/3'), at('a', '/4')] })), [
    'routes[2].name: there is another route of this name',
    'routes[3].name: there is another route of this name',
  ]);
  t.strictSame(faults(changed({ routes: [at('a', '/1'), at('A', '/2')] })), []);
});

t.test('two routes never match the same requests equally well', async (t) => {
  /** `GET,PUT x,y /a`: methods, hosts and a path; `*` is any. */
  const route = (name: string, written: string) => {
    const [methods, hosts, path] = words(written).map((list) => (list === '*' ? undefined : list.split(',')));
    return { ...A, name, match: { path, methods, hosts } };
  };
  const both = (one: string, other: string) =>
    faults(changed({ routes: [route('a', one), route('b', other)] }));
  for (const [one, other] of [
    ['* * /a', '* * /a'],
    ['* * /a/{x}', '* * /a/{y}'],
    ['* * /b,/a/**', '* * /c,/a/**'],
    ['GET,PUT * /a', 'POST,PUT * /a'],
    ['GET,PUT * /a,/b', 'GET,PUT * /a,/b'],
    ['* x,y /a', '* Y. /a'],
  ] as const)
    t.strictSame(
      both(one, other),
      ['routes[1].match: matches the same requests as routes[0]'],
      `${one}; ${other}`,
    );
  for (const [one, other] of [
    ['* * /a', '* * /A'],
    ['* * /a', '* * /a/'],
    ['* * /a/{x}', '* * /a/x'],
    ['* * /a/{x}', '* * /a/**'],
    ['GET * /a', 'POST * /a'],
    ['GET * /a', '* * /a'],
    ['GET * /a', 'HEAD * /a'],
    ['* x /a', '* * /a'],
    ['* x.y /a', '* *.y /a'],
  ] as const)
    t.strictSame(both(one, other), [], `${one}; ${other}`);
  t.equal(
    load(withRoute({ match: { path: ['/a', '/a'] } })).routes.length,
    1,
    'a route does not tie with itself',
  );
});

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
