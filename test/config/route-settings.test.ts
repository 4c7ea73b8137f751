import t from 'tap';
import { faults, load, withRoute } from '../support/config.ts';

const route = (settings: Record<string, unknown>) => load(withRoute(settings)).routes[0]!;

t.test('every setting has its default, and the strict one where that matters', async (t) => {
  t.match(route({}), {
    token: 'required',
    authorization_servers: [{ name: 'main', issuers: ['https://as.example'], token_prefix: null }],
    credential: [{ in: 'header', name: 'authorization' }],
    hide_credentials: true,
    jwt_tokens: 'introspect',
    required_claims: [],
    step_up: null,
    consumer: null,
    anonymous: null,
    scopes: [],
    audience: [],
    policy_headers: [],
    identity_headers: { claims: [], jwt: 'authorization', credential: false, consumer: false },
    forward_unverified_authorization: false,
    preserve_host: false,
    strip_prefix: false,
    rewrite: false,
    body: { max_size: 10 * 1_024 * 1_024, credential_max_size: 64 * 1_024 },
    cors: null,
    dangerously_forward_method_override: false,
    ambiguous_paths: { allow: [] },
  });
  t.match(
    route({ cors: { origins: ['*'] } }).cors,
    {
      headers: ['Authorization', 'Content-Type'],
      expose_headers: ['WWW-Authenticate'],
      credentials: false,
      max_age: 600_000,
    },
    'CORS that names an origin has defaults of its own',
  );
});

t.test('every value of a setting is taken', async (t) => {
  for (const settings of [
    { token: 'none' },
    { token: 'optional', policy: 'a/b' },
    { policy: 'accounts/v1/allow_2' },
    { policy: 'none/allow' },
    { policy: '_a/_b' },
    { authorization_server: 'main' },
    { authorization_server: ['main'] },
    { credential: ['header', 'query', 'body', 'cookie'] },
    {
      credential: [{ header: 'X-Token' }, { query: 't' }, { body: 't' }, { cookie: 't' }],
      hide_credentials: false,
    },
    ...['introspect', 'refuse'].map((jwt_tokens) => ({ jwt_tokens })),
    { jwt_tokens: 'verify', audience: ['api'] },
    {
      required_claims: {
        tenant: 'a',
        level: [1, 2],
        '/email/verified': true,
        'https://x.example/y': { present: true },
        act: { present: false },
      },
    },
    { step_up: { acr: ['urn:gold', 'silver'], max_age: '5m' } },
    { scopes: ['a', 'urn:x:y', '!#[~', ['b', 'c']] },
    { audience: ['accounts-api', 'https://api.example'] },
    { policy_headers: ['X-Role', "!#$%&'*+-.^_`|~09aZ"] },
    { identity_headers: { claims: { sub: 'X-User', 'https://example.com/role': 'X-Role' }, jwt: 'X-Jwt' } },
    { identity_headers: { jwt: false } },
    { forward_unverified_authorization: true, preserve_host: true },
    { ambiguous_paths: { allow: ['%2F', '%3F', '%23', '%25', ';', '//'] } },
    { body: { max_size: '2GiB' } },
    { body: { max_size: '0B' } },
    { cors: { origins: [] } },
    { cors: { origins: ['https://a.example'], headers: ['*'], expose_headers: [], max_age: '0s' } },
    { dangerously_forward_method_override: true },
  ])
    t.strictSame(faults(withRoute(settings)), [], JSON.stringify(settings));
});

t.test('and its neighbours are refused', async (t) => {
  const scope = 'expected a scope (RFC 6749 section 3.3), or a list of which one suffices';
  const policy = 'expected a Rego entrypoint such as accounts/allow, or none';
  const jwt = 'expected the header that carries the phantom JWT (authorization: as Bearer), or false';
  const stripped = 'expected the beginning of a path such as /api, without a slash at its end, or false';
  const rewritten = 'expected a path pattern such as /v2/users/{id} or /files/**, or false';
  const credential =
    'expected header, query, body or cookie, or one of them with a name, such as { cookie: session }';
  const claim =
    'expected the value that the claim must have, a list of which one suffices, or { present: true } or false';
  const ambiguous = 'expected one of %2F, %3F, %23, %25, ;, //';
  for (const [settings, ...expected] of [
    [{ token: 'maybe' }, 'token: expected one of required, optional, none'],
    [{ token: false }, 'token: expected one of required, optional, none'],
    [
      { authorization_server: [] },
      'authorization_server: expected the name of an authorization server, or a list of names',
    ],
    [{ credential: 'header' }, 'credential: expected a list'],
    [{ credential: [] }, 'credential: must not be empty'],
    [
      { credential: ['path', { header: '' }, { header: 'a', query: 'b' }, {}] },
      ...[0, 1, 2, 3].map((index) => `credential[${index}]: ${credential}`),
    ],
    [{ hide_credentials: 'no' }, 'hide_credentials: expected a boolean'],
    [{ jwt_tokens: 'trust' }, 'jwt_tokens: expected one of introspect, verify, refuse'],
    [{ required_claims: { a: null } }, `required_claims.a: ${claim}`],
    [{ required_claims: { a: [] } }, `required_claims.a: ${claim}`],
    [{ required_claims: { a: { present: 'yes' } } }, `required_claims.a: ${claim}`],
    [
      { step_up: { acr: ['a b'] } },
      'step_up.acr[0]: expected an authentication context class, without blanks',
    ],
    [
      { step_up: { max_age: '0s' } },
      'step_up.max_age: expected a duration above zero such as 250ms, 30s, 5m or 1h',
    ],
    [{ consumer: true }, 'consumer: expected { claim, by, required }, or false'],
    [{ consumer: { by: 'name' } }, 'consumer: expected { claim, by, required }, or false'],
    [{ anonymous: true }, 'anonymous: expected the username of a consumer, or false'],
    [{ scopes: 'a' }, 'scopes: expected a list'],
    [{ scopes: ['a b'] }, `scopes[0]: ${scope}`],
    [{ scopes: ['a"'] }, `scopes[0]: ${scope}`],
    [{ scopes: ['a\\'] }, `scopes[0]: ${scope}`],
    [{ scopes: ['ä'] }, `scopes[0]: ${scope}`],
    [{ scopes: [[]] }, `scopes[0]: ${scope}`],
    [{ scopes: [[['a']]] }, `scopes[0]: ${scope}`],
    [{ audience: 'api' }, 'audience: expected a list'],
    [{ audience: [''] }, 'audience[0]: must not be empty'],
    [{ policy: '' }, `policy: ${policy}`],
    [{ policy: 'None' }, `policy: ${policy}`],
    [{ policy: 'allow' }, `policy: ${policy}`],
    [{ policy: 'data.accounts.allow' }, `policy: ${policy}`],
    [{ policy: '/accounts/allow' }, `policy: ${policy}`],
    [{ policy: 'accounts/allow/' }, `policy: ${policy}`],
    [{ policy: false }, `policy: ${policy}`],
    [
      { policy_headers: ['X-Ok', 'X:Y', ''] },
      'policy_headers[1]: expected a header name',
      'policy_headers[2]: expected a header name',
    ],
    [
      { identity_headers: { claims: { sub: 'X User' } } },
      'identity_headers.claims.sub: expected a header name',
    ],
    [{ identity_headers: { claims: { sub: false } } }, 'identity_headers.claims.sub: expected a header name'],
    [{ identity_headers: { jwt: 'X\r\nY' } }, `identity_headers.jwt: ${jwt}`],
    [{ identity_headers: { jwt: true } }, `identity_headers.jwt: ${jwt}`],
    [{ forward_unverified_authorization: 'true' }, 'forward_unverified_authorization: expected a boolean'],
    [{ preserve_host: 1 }, 'preserve_host: expected a boolean'],
    [
      { ambiguous_paths: { allow: ['%5C', '..', '%00', '%2f'] } },
      ...[0, 1, 2, 3].map((index) => `ambiguous_paths.allow[${index}]: ${ambiguous}`),
    ],
    [{ ambiguous_paths: ['//'] }, 'ambiguous_paths: expected a mapping'],
    ...['api', '/api/', '/', '', true].map(
      (strip_prefix) => [{ strip_prefix }, `strip_prefix: ${stripped}`] as const,
    ),
    [{ rewrite: 'v2/{id}' }, `rewrite: ${rewritten}`],
    [{ body: { max_size: '10' } }, 'body.max_size: expected a size such as 64KiB or 1MiB'],
    [{ cors: { origins: 'https://a.example' } }, 'cors.origins: expected a list'],
    [{ cors: { headers: ['a b'] } }, 'cors.headers[0]: expected a header name'],
    [{ cors: { methods: ['GET'] } }, 'cors.methods: unknown key'],
  ] as const)
    t.strictSame(
      faults(withRoute(settings)),
      expected.map((fault) => `routes[0].${fault}`),
      JSON.stringify(settings),
    );
});

t.test('what is designed but not there yet is refused, never ignored', async (t) => {
  for (const key of ['input_format', 'context', 'tags'])
    t.strictSame(faults(withRoute({ [key]: {} })), [`routes[0].${key}: unknown key`]);
});

t.test('a claim cannot have the name of a prototype’s member: it would silently not be sent', async (t) => {
  const claims = { ['__proto__']: 'X-A', constructor: 'X-B', prototype: 'X-C', toString: 'X-D' };
  t.strictSame(
    faults(withRoute({ identity_headers: { claims } })),
    ['__proto__', 'constructor', 'prototype'].map(
      (claim) => `routes[0].identity_headers.claims.${claim}: cannot be a name`,
    ),
  );
  t.strictSame(route({ identity_headers: { claims: { toString: 'X-D' } } }).identity_headers.claims, [
    { claim: 'toString', path: ['toString'], name: 'X-D' },
  ]);
});
