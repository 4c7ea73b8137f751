import t from 'tap';
import { INPUT_VERSION, policyInput } from '../../src/policy/input.ts';
import { facts, fields, identity, route, scoped, target } from '../support/exchange.ts';

type Input = {
  readonly request: {
    readonly headers: Readonly<Record<string, string>>;
    readonly query: object;
    readonly segments: readonly string[];
    readonly path: string;
  };
  readonly route: object;
  readonly consumer: object | null;
};
const inputOf = (changes: Parameters<typeof scoped>[0] = {}, hidden: string[] = []): Input =>
  policyInput(new Set(hidden))(scoped(changes)) as Input;

t.test('a policy sees the request, whose token it is, and the route', async (t) => {
  t.strictSame(JSON.parse(JSON.stringify(inputOf())), {
    request: {
      id: '0b4c3e1e-6f0a-4f57-9d2e-2b1f6d1f0c01',
      method: 'GET',
      scheme: 'http',
      host: 'api.example.com',
      path: '/accounts/1001',
      segments: ['accounts', '1001'],
      query: { view: ['full'] },
      headers: { host: 'api.example.com', accept: 'application/json' },
      client_ip: '192.0.2.1',
      body: null,
      truncated_body: false,
    },
    authenticated: true,
    issuer: 'https://login.example.com',
    authorization_server: 'main',
    claims: { sub: 'alice', roles: ['approver'] },
    scopes: ['accounts:read'],
    client_id: 'app',
    token: {
      type: 'Bearer',
      audience: ['accounts-api'],
      expires_at: 1_790_000_060,
      authorization_details: null,
    },
    consumer: null,
    route: { name: 'account', params: { id: '1001' }, service: 'accounts', tags: {} },
    version: 1,
  });
  t.equal(INPUT_VERSION, 1);
});

t.test('an identity that is absent is null, never missing', async (t) => {
  const { request: _, route: __, ...caller } = inputOf({ identity: null, token: null });
  t.strictSame(caller, {
    authenticated: false,
    issuer: null,
    authorization_server: null,
    claims: null,
    scopes: null,
    client_id: null,
    token: null,
    consumer: null,
    version: 1,
  });
});

t.test('what an authorization server left unsaid is null too', async (t) => {
  const said = inputOf({
    identity: identity({ issuer: null, client_id: null, expires_at: null, audience: [] }),
  });
  t.match(said, { issuer: null, client_id: null, token: { audience: [], expires_at: null } });
});

t.test('a policy sees which consumer calls, what it does not have as null', async (t) => {
  const acme = { id: 'c-1', username: 'acme', custom_id: 'acme-app', groups: ['gold'] };
  t.match(inputOf({ consumer: { ...acme, authorization_server: 'main' } }), { consumer: acme });
  t.strictSame(inputOf({ consumer: { username: 'guest', groups: [] } }).consumer, {
    id: null,
    username: 'guest',
    custom_id: null,
    groups: [],
  });
  t.strictSame(Object.keys(inputOf({ consumer: { ...acme, authorization_server: 'main' } }).consumer ?? {}), [
    'id',
    'username',
    'custom_id',
    'groups',
  ]);
});

t.test('a caller without a token stays unauthenticated, whoever stands for it', async (t) => {
  const guest = inputOf({ identity: null, token: null, consumer: { username: 'guest', groups: [] } });
  t.match(guest, { authenticated: false, claims: null, token: null, consumer: { username: 'guest' } });
});

t.test('RFC 9396: a policy sees what the user consented to in detail', async (t) => {
  const authorization_details = [{ type: 'payment', amount: { currency: 'EUR', value: '10.00' } }];
  t.match(inputOf({ identity: identity({ authorization_details }) }), { token: { authorization_details } });
});

t.test('neither token nor cookies are in it, nor what proves anything', async (t) => {
  const secret = 'c0ffee';
  const proofs = ['Authorization', `Bearer ${secret}`, 'COOKIE', secret, 'Proxy-Authorization', secret];
  const input = inputOf({
    token: secret,
    identity: identity({ jwt: secret }),
    fields: fields(...proofs, 'proxy_authorization', secret),
  });
  t.notMatch(JSON.stringify(input), secret);
});

t.test('names that only Portcullis may set are not in it, in any spelling', async (t) => {
  const sent = [
    'X-User',
    'x_user',
    'X-ROLE',
    'X-Consumer-Id',
    'x_credential_sub',
    'X-Forwarded-For',
    'Forwarded',
  ];
  const { headers } = inputOf({ fields: fields(...sent.flatMap((name) => [name, 'mallory'])) }, [
    'x-user',
    'x-role',
  ]).request;
  t.strictSame({ ...headers }, { host: 'api.example.com' });
});

// CVE-2021-32777: Envoy's ext_authz saw the last of two fields only.
t.test('CVE-2021-32777: of duplicate headers a policy sees all, in their order', async (t) => {
  const { headers } = inputOf({ fields: fields('X-Tag', 'a', 'x-tag', 'b, c', 'X-TAG', '') }).request;
  t.equal(headers['x-tag'], 'a, b, c, ');
});

t.test(
  'headers and parameters named as what JavaScript inherits are as absent as any, unless they are sent',
  async (t) => {
    const { headers, query } = inputOf().request;
    for (const name of ['constructor', '__proto__', 'toString']) {
      t.notOk(name in headers, name);
      t.notOk(name in query, name);
    }
    const sent = inputOf({ fields: fields('__proto__', 'a'), target: target('/a?__proto__=b') });
    t.match(JSON.stringify(sent), /"headers":\{"host":"api\.example\.com","__proto__":"a"\}/);
    t.match(JSON.stringify(sent), /"query":\{"__proto__":\["b"\]\}/);
  },
);

// CVE-2026-26205: opa-envoy-plugin took `//admin/x` for the authority `admin`, and dropped a segment.
t.test(
  'CVE-2026-26205: the path is the canonical string that was matched, its segments decoded one by one',
  async (t) => {
    const { path, segments, query } = inputOf({ target: target('/%61/b%20c/?q=50%&q=%C3%A9&r') }).request;
    t.equal(path, '/a/b%20c/');
    t.strictSame(segments, ['a', 'b c', '']);
    t.strictSame({ ...query }, { q: ['50%', 'é'], r: [''] });
    t.strictSame(inputOf({ target: target('//admin/x') }).request.segments, ['', 'admin', 'x']);
  },
);

t.test('of the facts about a token only those that the contract names are in it', async (t) => {
  const seen = JSON.stringify(inputOf({ identity: identity({ not_before: 1_234_567 }) }));
  t.notMatch(seen, 'not_before');
  t.notMatch(seen, '1234567');
  t.notMatch(seen, facts().jwt!);
  t.match(inputOf({ route: route({ name: 'other', policy: null }) }), { route: { name: 'other' } });
});
