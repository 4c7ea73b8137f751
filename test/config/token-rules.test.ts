import t from 'tap';
import { changed, faults, faultsAt, RIGHT, withRoute } from '../support/config.ts';

const [A] = RIGHT.routes;
const CONSUMERS = [{ username: 'guest', custom_id: 'app' }];
/** Faults of the route with these settings, in a configuration with a consumer. */
const told = (route: Record<string, unknown>): string[] =>
  faults(changed({ consumers: CONSUMERS, routes: [{ ...A, ...route }] }));

t.test('a route without tokens judges nothing of one', async (t) => {
  const asked = {
    scopes: ['a'],
    audience: ['b'],
    required_claims: { sub: 'x' },
    step_up: { max_age: '5m' },
    consumer: {},
  };
  const none = (setting: string) => `routes[0].${setting}: token: none has no ${setting} to judge`;
  for (const [setting, value] of Object.entries(asked)) {
    t.strictSame(told({ token: 'none', [setting]: value }), [none(setting)]);
    for (const token of ['required', 'optional'])
      t.strictSame(told({ token, policy: 'a/b', [setting]: value }), [], `${token} ${setting}`);
  }
  t.strictSame(told({ token: 'none', ...asked }), Object.keys(asked).map(none), 'all at once');
  const nothing = { scopes: [], audience: [], required_claims: {}, step_up: {}, consumer: false };
  t.strictSame(told({ token: 'none', ...nothing }), []);
  t.strictSame(
    told({ token: 'none', identity_headers: { consumer: true, credential: true } }),
    [],
    'as inherited',
  );
});

t.test('a JWT that is verified here must be for an audience (RFC 9068 section 4)', async (t) => {
  const message =
    'routes[0].jwt_tokens: verify needs an audience: without one a JWT for any other API would pass (RFC 9068 section 4)';
  t.strictSame(told({ jwt_tokens: 'verify' }), [message]);
  t.strictSame(told({ jwt_tokens: 'verify', token: 'optional', policy: 'a/b' }), [message]);
  t.strictSame(told({ jwt_tokens: 'verify', audience: ['api'] }), []);
  t.strictSame(told({ jwt_tokens: 'verify', token: 'none' }), []);
  for (const jwt_tokens of ['introspect', 'refuse']) t.strictSame(told({ jwt_tokens }), []);
});

t.test('max_age is whole seconds, as a challenge says it', async (t) => {
  const message =
    'routes[0].step_up.max_age: expected whole seconds, at most 24 days: a challenge can say nothing finer (RFC 9470 section 3)';
  for (const max_age of ['250ms', '1500ms', '600h'])
    t.strictSame(told({ step_up: { max_age } }), [message], max_age);
  for (const max_age of ['1s', '2000ms', '5m', '24h', '576h'])
    t.strictSame(told({ step_up: { max_age } }), [], max_age);
});

t.test('a claim that is named in vain is told of, wherever it stands', async (t) => {
  const pointer = 'expected a JSON Pointer (RFC 6901), where ~0 stands for ~ and ~1 for / within a name';
  for (const [claim, message] of [
    ['/', 'names no claim'],
    ['/a~2', pointer],
    ['/a/b~', pointer],
  ] as const)
    for (const [settings, place] of [
      [{ required_claims: { sub: 'a', [claim]: 'x' } }, `required_claims.${claim}`],
      [{ identity_headers: { claims: { sub: 'X-A', [claim]: 'X-B' } } }, `identity_headers.claims.${claim}`],
      [{ consumer: { claim } }, 'consumer.claim'],
    ] as const)
      t.strictSame(told(settings), [`routes[0].${place}: ${message}`]);
  for (const claim of ['a~2', '/a~0/~1', 'urn:a/b', 'https://x/y'])
    t.strictSame(told({ required_claims: { [claim]: 'x' }, consumer: { claim } }), [], claim);
});

t.test('a number that JSON readers round is no value to compare with', async (t) => {
  const message = 'expected whole numbers below 2^53: JSON rounds others, so that two of them are one';
  for (const value of [2 ** 53, -(2 ** 53), 1e300, ['a', 2 ** 60]])
    t.strictSame(
      told({ required_claims: { id: value } }),
      [`routes[0].required_claims.id: ${message}`],
      JSON.stringify(value),
    );
  for (const value of [2 ** 53 - 1, 0, -1, 1.5, '9007199254740993', [1, 'a']])
    t.strictSame(told({ required_claims: { id: value } }), [], JSON.stringify(value));
});

t.test('a credential stands once, where a token can be', async (t) => {
  const at = (...credential: unknown[]) => told({ credential });
  t.strictSame(at('header', 'query', 'body', 'cookie', { header: 'X-Token' }, { cookie: '__Host-sid' }), []);
  t.strictSame(at('query', { query: 'access_token' }, { query: 'Access_Token' }), [
    'routes[0].credential[1]: stands twice',
  ]);
  t.strictSame(at('header', { header: 'AUTHORIZATION' }, { header: 'X-Token' }, { header: 'x_token' }), [
    'routes[0].credential[1]: stands twice',
    'routes[0].credential[3]: stands twice',
  ]);
  for (const header of [
    'Connection',
    'Content-Length',
    'X-Forwarded-For',
    'X-Consumer-ID',
    'x_real_ip',
    'Expect',
  ])
    t.match(at({ header }), [/^routes\[0\]\.credential\[0\]: a token cannot be in this header/], header);
  t.strictSame(at({ header: 'X-Forwarded-For' }), [
    'routes[0].credential[0]: a token cannot be in this header',
  ]);
  for (const cookie of ['a b', 'a;b', 'a=b', 'a,b', '"a"', 'é'])
    t.strictSame(at({ cookie }), ['routes[0].credential[0]: cannot be a cookie’s name'], cookie);
});

t.test(
  'a token is in no header that the gateway reads itself, or that others write, join or drop',
  async (t) => {
    const headers: Record<string, string[]> = {
      'goes into traces and logs': [
        'Traceparent',
        'tracestate',
        'baggage',
        'B3',
        'X-B3-TraceId',
        'X-Request-Id',
      ],
      'is the browser’s to say': [
        'Origin',
        'Referer',
        'Sec-Fetch-Site',
        'Access-Control-Request-Headers',
        'User-Agent',
      ],
      'holds cookies: { cookie: name } looks for one': ['Cookie', 'Cookie2'],
      'is for routing': ['Host', 'Via', 'From'],
      'speaks of the body': ['Content-Type', 'Content-Foo', 'Digest', 'Repr-Digest'],
      'says which answer is wanted': ['Accept', 'accept_language', 'Range', 'If-Match', 'If-Range', 'Prefer'],
      'is for caches': ['Cache-Control', 'Pragma'],
      'says the method': ['X-HTTP-Method-Override', 'X-Method-Override', 'X-HTTP-Method'],
    };
    for (const [why, names] of Object.entries(headers))
      for (const header of names)
        t.strictSame(
          told({ credential: [{ header }] }),
          [`routes[0].credential[0]: a token cannot be in this header: it ${why}`],
          header,
        );
    for (const header of [
      'X-Token',
      'Authorization',
      'X-Access-Token',
      'Access-Token',
      'Token',
      'X-Accept',
      'Acceptance',
      'X-Methods',
      'Ifs',
    ])
      t.strictSame(told({ credential: [{ header }] }), [], header);
  },
);

t.test('a parameter’s name is visible ASCII, which is written in one way', async (t) => {
  for (const place of ['query', 'body']) {
    for (const name of ['é', 'a b', 'a\u0000', '\u200b'])
      t.strictSame(
        told({ credential: [{ [place]: name }] }),
        ['routes[0].credential[0]: expected a parameter’s name in visible ASCII characters'],
        name,
      );
    for (const name of ['a', 'access-token', 'a[b]', 'a.b'])
      t.strictSame(told({ credential: [{ [place]: name }] }), [], name);
  }
});

t.test('a form with a token in it has a size that anybody may be given', async (t) => {
  const message =
    'routes[0].body.credential_max_size: expected at most 1MiB: a form with a token is read before anybody knows who sends it';
  for (const credential_max_size of ['1025KiB', '2MiB', '1GiB'])
    t.strictSame(told({ body: { credential_max_size } }), [message], credential_max_size);
  for (const credential_max_size of ['0B', '64KiB', '1MiB', '1024KiB'])
    t.strictSame(told({ credential: ['body'], body: { credential_max_size } }), [], credential_max_size);
});

t.test('servers of a list are told apart by issuer and prefix', async (t) => {
  const server = (issuer: string, more: object = {}) => ({
    issuer,
    client_id: 'c',
    client_secret: 's',
    ...more,
  });
  const among = (servers: Record<string, object>, ...list: string[]) =>
    faults(
      changed({
        authorization_servers: { main: { token_prefix: 'm_' }, ...servers },
        routes: [{ ...A, authorization_server: list }],
      }),
    );
  const b = server('https://b.example', { token_prefix: 'b_' });
  const place = 'routes[0].authorization_server[1]:';
  t.strictSame(among({ b }, 'main', 'b'), []);
  t.strictSame(among({ b }, 'main', 'main'), [`${place} stands twice`]);
  const shared = `${place} has an issuer of another server of this list: tokens could not be told apart`;
  t.strictSame(among({ b: server('https://as.example') }, 'main', 'b'), [shared]);
  t.strictSame(among({ b: { ...b, issuers: ['https://as.example'] } }, 'main', 'b'), [shared]);
  t.strictSame(among({ b: { ...b, token_prefix: 'm_' } }, 'main', 'b'), [
    `${place} has the token_prefix of another server of this list`,
  ]);
  const unprefixed = { b: server('https://b.example'), c: server('https://c.example') };
  t.strictSame(among(unprefixed, 'b', 'c'), [], 'which JWTs alone tell apart');
});

t.test('an anonymous consumer is for routes that admit callers without a token', async (t) => {
  const message = 'routes[0].anonymous: is for token: optional: nobody else comes without one';
  for (const token of ['required', 'none'])
    t.strictSame(told({ token, anonymous: 'guest' }), [message], token);
  t.strictSame(told({ token: 'optional', policy: 'a/b', anonymous: 'guest' }), []);
  t.match(told({ token: 'optional', policy: 'a/b', anonymous: 'app' }), [
    /^routes\[0\]\.anonymous: no consumer/,
  ]);
});

t.test('consumer headers need a consumer to speak of', async (t) => {
  const identity_headers = { consumer: true };
  t.strictSame(told({ identity_headers }), [
    'routes[0].identity_headers.consumer: needs `consumer`, which says how one is found',
  ]);
  t.strictSame(told({ identity_headers, consumer: {} }), []);
  t.strictSame(told({ identity_headers, token: 'optional', policy: 'a/b', anonymous: 'guest' }), []);
});

t.test('a claim does not go by a name under which something else is said', async (t) => {
  const twice = 'another setting of this route sets this header too';
  const claims = { login: 'x-credential-SUB', tenant: 'X-Consumer-Groups', mail: 'X-Credential-Mail' };
  t.strictSame(told({ consumer: {}, identity_headers: { claims } }), []);
  t.strictSame(told({ consumer: {}, identity_headers: { claims, credential: true, consumer: true } }), [
    `routes[0].identity_headers.claims.login: ${twice}`,
    `routes[0].identity_headers.claims.tenant: ${twice}`,
  ]);
});

t.test('what is inherited is told of once, where it is written', async (t) => {
  const text = withRoute({}, { name: 'b', match: { path: '/b' } });
  const written = {
    ...(JSON.parse(text) as object),
    defaults: { policy: 'none', required_claims: { '/a~': 1 } },
  };
  t.match(faultsAt(JSON.stringify(written)), [/ defaults\.required_claims\./]);
  t.equal(faultsAt(JSON.stringify(written)).length, 1);
});
