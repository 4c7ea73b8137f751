import t from 'tap';
import { changed, faults, faultsAt, load, RIGHT, withRoute } from '../support/config.ts';

const [A] = RIGHT.routes;
const words = (text: string): string[] => text.split(' ');

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

t.test('routes are told apart by headers that the upstream sees too, each once', async (t) => {
  const at = (headers: unknown) => faults(withRoute({ match: { path: '/a', headers } }));
  t.strictSame(at({ 'X-Api-Version': '2', Accept: ['a/b', 'c/d'] }), []);
  for (const name of words('Host Authorization Connection TE X-Forwarded-Host X_Consumer_ID Content-Length'))
    t.match(
      at({ [name]: 'x' }),
      [
        /^routes\[0\]\.match\.headers: routes cannot be told apart by [a-z-]+(?:: that is match\.hosts|, which the upstream does not get as it came)$/,
      ],
      name,
    );
  t.strictSame(at({ 'A B': 'x' }), ['routes[0].match.headers.A B: cannot be a header name']);
  t.strictSame(
    faults(
      withRoute(
        { match: { path: '/a', headers: { 'X-Role': 'admin' } } },
        { name: 'b', match: { path: '/b' }, policy_headers: ['X-Role'] },
      ),
    ),
    [
      'routes[0].match.headers: routes cannot be told apart by x-role, which the upstream does not get as it came',
    ],
    'what a policy says upstream, no client says',
  );
  t.strictSame(at({ 'X-A': '1', x_a: '2' }), ['routes[0].match.headers: x-a stands twice']);
  for (const value of ['', ' 1', '1\t', 'a\nb'])
    t.strictSame(
      at({ 'X-A': ['ok', value] }),
      ['routes[0].match.headers: expected a value of x-a on one line, without blanks around it'],
      JSON.stringify(value),
    );
});

t.test('CORS names origins, and lets no page of any origin act with credentials', async (t) => {
  const told = (cors: unknown) => faults(withRoute({ cors }));
  for (const origin of words(
    'https://a.example http://localhost:3000 https://*.example.com https://*.a.b:8443 http://[::1]:8080 *',
  ))
    t.strictSame(told({ origins: [origin] }), [], origin);
  for (const origin of words(
    'null a.example https://a.example/ https://A.example https://*example.com https://a.*.com ftp://a https://a:0 https://u@a https://a:443 http://*.a:80 **',
  ))
    t.strictSame(
      told({ origins: ['https://ok.example', origin] }),
      [
        'routes[0].cors.origins[1]: expected an origin such as https://app.example.com or https://*.example.com, without path and default port, or *',
      ],
      origin,
    );
  t.strictSame(told({ origins: ['https://a.example'], credentials: true }), []);
  t.strictSame(told({ origins: ['https://a.example', '*'], credentials: true }), [
    'routes[0].cors.credentials: any page could act as the user: name the origins',
  ]);
  t.strictSame(
    faults(changed({ defaults: { cors: { origins: ['null'] } } })),
    [
      'defaults.cors.origins[0]: expected an origin such as https://app.example.com or https://*.example.com, without path and default port, or *',
    ],
    'told where it is written',
  );
});

t.test('what the upstream gets of a path can be made of what the route matched', async (t) => {
  const told = (path: string | string[], change: Record<string, unknown>) =>
    faults(withRoute({ match: { path }, ...change }));
  t.strictSame(told(['/api/**', '/api/v1/{id}'], { strip_prefix: '/api' }), []);
  t.strictSame(told('/users/{id}/**', { rewrite: '/v2/{id}/**' }), []);
  t.strictSame(told(['/api/**', '/apis/**'], { strip_prefix: '/api' }), [
    'routes[0].strip_prefix: /apis/** does not begin with /api',
  ]);
  t.strictSame(told('/users/{id}', { rewrite: '/v2/{name}' }), [
    'routes[0].rewrite: /users/{id} has no {name}',
  ]);
  t.strictSame(told('/users/{id}', { rewrite: '/v2/**' }), [
    'routes[0].rewrite: /users/{id} has no /** to take it from',
  ]);
  t.match(told('/api/{id}', { strip_prefix: '/api', rewrite: '/{id}' }), [/exclude each other/]);
  t.strictSame(
    told('api', { strip_prefix: '/api' }),
    ['routes[0].match.path: a path pattern starts with /'],
    'a pattern that is none is told of as that',
  );
});
