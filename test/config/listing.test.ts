import t from 'tap';
import { jsonOf, listRoutes, tableOf } from '../../src/config/listing.ts';
import { changed, load, RIGHT } from '../support/config.ts';

type Settings = Readonly<Record<string, unknown>>;

const at = (name: string, match: Settings, settings: Settings = {}): Settings => ({
  ...RIGHT.routes[0],
  name,
  match,
  ...settings,
});
const routesOf = (...routes: readonly Settings[]) => load(changed({ routes })).routes;

t.test('of two routes that could take a request, the one that does is listed first', async (t) => {
  const routes = routesOf(
    at('all', { path: '/**' }),
    at('any', { path: ['/{x}', '/a'] }),
    at('put', { path: '/a', methods: ['PUT'] }),
    at('beta', { path: '/a', headers: { 'X-Beta': '1' } }),
    at('hosts', { path: '/', hosts: ['*.example.com', 'b.example.com', '*.a.example.com', 'a.example.com'] }),
  );
  t.strictSame(
    listRoutes(routes).map(({ route, host, path }) => `${route} ${host ?? '*'}${path}`),
    [
      'hosts a.example.com/',
      'hosts b.example.com/',
      'hosts *.a.example.com/',
      'hosts *.example.com/',
      'beta */a',
      'put */a',
      'any */a',
      'any */{x}',
      'all */**',
    ],
  );
});

t.test('a route is listed with who may call it, and where it leads', async (t) => {
  const [listed] = listRoutes(
    routesOf(
      at(
        'users',
        { path: '/users/{id}', methods: ['GET', 'PUT'], headers: { 'X-Version': ['2', '3'] } },
        { scopes: ['a', ['b', 'c']], audience: ['d'], policy: 'e/f', rewrite: '/people/{id}' },
      ),
    ),
  );
  t.strictSame(listed, {
    route: 'users',
    methods: ['GET', 'PUT'],
    host: null,
    path: '/users/{id}',
    headers: { 'x-version': ['2', '3'] },
    token: 'required',
    authorization_servers: ['main'],
    credential: [{ in: 'header', name: 'authorization' }],
    jwt_tokens: 'introspect',
    scopes: [['a'], ['b', 'c']],
    audience: ['d'],
    required_claims: {},
    step_up: null,
    consumer: null,
    anonymous: null,
    policy: 'e/f',
    service: 'api',
    upstream_path: '/people/{id}',
  });
});

t.test('what a prefix is stripped of, and what is not rewritten', async (t) => {
  const settings = { strip_prefix: '/api' };
  const paths = ['/api', '/api/', '/api/**', '/api/v1/{x}'];
  const list = listRoutes(routesOf(at('a', { path: paths }, settings), at('b', { path: '/b/**' })));
  t.strictSame(Object.fromEntries(list.map(({ path, upstream_path }) => [path, upstream_path])), {
    '/api': '/',
    '/api/': '/',
    '/api/**': '/**',
    '/api/v1/{x}': '/v1/{x}',
    '/b/**': '/b/**',
  });
});

t.test('the table has a line for each, in columns', async (t) => {
  const routes = routesOf(
    at('open', { path: '/**' }, { token: 'none' }),
    at(
      'users',
      {
        path: '/users/{id}',
        methods: ['GET'],
        hosts: ['api.example.com'],
        headers: { 'X-Version': ['2', '3'] },
      },
      { scopes: ['a', ['b', 'c']], audience: ['d', 'e'], rewrite: '/people/{id}' },
    ),
    at('some', { path: '/some' }, { token: 'optional', policy: 'e/f', scopes: [['a', 'b']] }),
    at('token', { path: '/token' }, { audience: ['d'] }),
  );
  t.equal(
    tableOf(listRoutes(routes)),
    `\
ROUTE  METHODS  PATH                                            CALLER                            POLICY  SERVICE
users  GET      api.example.com/users/{id} [x-version: 2 or 3]  token a and (b or c), for d or e  none    → api as /people/{id}
some   *        /some                                           optional token a or b             e/f     → api
token  *        /token                                          token for d                       none    → api
open   *        /**                                             anyone                            none    → api
`,
  );
});

t.test('what is not as usual is told of a token: where it is, from whom, and what it must say', async (t) => {
  const server = (issuer: string) => ({ issuer, client_id: 'g', client_secret: 'correct horse' });
  const { routes } = load(
    changed({
      authorization_servers: { partner: server('https://partner.example') },
      defaults: { authorization_server: 'main' },
      routes: [
        at(
          'a',
          { path: '/a' },
          {
            authorization_server: ['main', 'partner'],
            credential: ['header', { cookie: 'session' }],
            jwt_tokens: 'verify',
            audience: ['d'],
            required_claims: { tenant: ['x', 1], '/a/b': { present: true }, act: { present: false } },
            step_up: { acr: ['gold', 'silver'], max_age: '5m' },
          },
        ),
        at('b', { path: '/b' }, { jwt_tokens: 'refuse' }),
        at('c', { path: '/c' }, { token: 'none' }),
      ],
    }),
  );
  const [first, , open] = listRoutes(routes);
  t.match(first, {
    authorization_servers: ['main', 'partner'],
    credential: [
      { in: 'header', name: 'authorization' },
      { in: 'cookie', name: 'session' },
    ],
    required_claims: { tenant: ['x', 1], '/a/b': { present: true }, act: { present: false } },
    step_up: { acr: ['gold', 'silver'], max_age: 300_000 },
  });
  t.strictSame([open?.authorization_servers, open?.credential], [[], []]);
  const callers = tableOf(listRoutes(routes))
    .split('\n')
    .slice(1, -1)
    .map((line) => line.split(/ {2,}/)[3]);
  t.strictSame(callers, [
    'token for d, with tenant: x or 1, with /a/b, with act absent, acr gold or silver, logged in 300 s ago at most, ' +
      'from main or partner, in Authorization or cookie session, JWTs verified',
    'token from main, no JWTs',
    'anyone',
  ]);
});

t.test('consumers are told: who has to be one, how it is found, and who comes without a token', async (t) => {
  const { routes } = load(
    changed({
      consumers: [{ username: 'crm', custom_id: 'app' }, { username: 'guest' }],
      routes: [
        at('a', { path: '/a' }, { scopes: ['s'], consumer: { claim: 'client_id', by: 'custom_id' } }),
        at('b', { path: '/b' }, { consumer: { claim: '/azp', by: 'username', required: false } }),
        at('c', { path: '/c' }, { token: 'optional', policy: 'e/f', scopes: ['s'], anonymous: 'guest' }),
        at('d', { path: '/d' }, { token: 'optional', policy: 'e/f', anonymous: 'guest' }),
      ],
    }),
  );
  const list = listRoutes(routes);
  t.strictSame(
    list.map(({ consumer, anonymous }) => [consumer, anonymous]),
    [
      [{ claim: 'client_id', by: 'custom_id', required: true }, null],
      [{ claim: '/azp', by: 'username', required: false }, null],
      [null, 'guest'],
      [null, 'guest'],
    ],
  );
  t.strictSame(
    tableOf(list)
      .split('\n')
      .slice(1, -1)
      .map((line) => line.split(/ {2,}/)[3]),
    [
      'token s, of a consumer by client_id',
      'token perhaps of a consumer by /azp',
      'optional token s, else as guest',
      'optional token, else as guest',
    ],
  );
});

t.test('nothing in either form is what a terminal obeys', async (t) => {
  const audience = ['\u001b[2J', '\u009b2J', '\u202e', '\u{e0041}', 'a\nb', 'é'];
  const list = listRoutes(routesOf(at('a', { path: '/a' }, { audience })));
  t.match(tableOf(list), '\\u{1b}[2J or \\u{9b}2J or \\u{202e} or \\u{e0041} or a\\u{a}b or é');
  for (const printed of [tableOf(list), jsonOf(list)])
    t.notMatch(printed.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
  t.strictSame(JSON.parse(jsonOf(list)), list, 'and JSON means the same');
});

t.test('no secret is listed', async (t) => {
  const list = listRoutes(routesOf(at('a', { path: '/a' })));
  t.notMatch(jsonOf(list) + tableOf(list), /correct horse|http:/);
});
