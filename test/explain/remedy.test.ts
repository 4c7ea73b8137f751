import t from 'tap';
import type { Challenge, Denial, PolicyDenied, Reason } from '../../src/denial.ts';
import { publishedSchema } from '../../src/config/publish.ts';
import { remedy } from '../../src/explain/remedy.ts';
import type { Routed } from '../../src/exchange.ts';
import { identified, identity, route, routed } from '../support/exchange.ts';
import { known } from '../support/remedies.ts';

const challenge: Challenge = { scopes: ['accounts:read'], resource_metadata: null };
const detail = 'for operators';
const denied: PolicyDenied = {
  denial: 'policy_denied',
  entrypoint: 'accounts/allow',
  revision: 'r1',
  undefined: false,
  reason: null,
  status: null,
  message: null,
  body: null,
  fields: [],
  anonymous: false,
  challenge,
};

/** Every reason: a denial of it, and what its remedy says first. A missing one does not compile. */
const every: { [R in Reason]: [Extract<Denial, { denial: R }>, RegExp] } = {
  malformed_request: [{ denial: 'malformed_request', detail }, /mend the request/],
  ambiguous_path: [{ denial: 'ambiguous_path', detail }, /write the path plainly/],
  uri_too_long: [{ denial: 'uri_too_long' }, /server\.limits\.url_length/],
  content_too_large: [{ denial: 'content_too_large' }, /body\.max_size.*body\.credential_max_size/],
  header_fields_too_large: [
    { denial: 'header_fields_too_large' },
    /server\.limits\.header_size or header_count/,
  ],
  request_timeout: [{ denial: 'request_timeout' }, /server\.limits\.header_timeout or body_timeout/],
  expectation_failed: [{ denial: 'expectation_failed' }, /100-continue/],
  method_not_allowed: [{ denial: 'method_not_allowed', allow: [] }, /TRACE/],
  upgrade_not_served: [{ denial: 'upgrade_not_served' }, /Upgrade/],
  too_many_connections: [{ denial: 'too_many_connections' }, /server\.limits\.connections,/],
  too_many_connections_of_address: [
    { denial: 'too_many_connections_of_address' },
    /server\.limits\.connections_per_address.*server\.trusted_proxies/,
  ],
  no_route: [{ denial: 'no_route' }, /portcullis routes/],
  cross_origin_refused: [{ denial: 'cross_origin_refused', detail }, /cors\.origins/],
  credential_missing: [
    { denial: 'credential_missing', challenge },
    /Authorization: Bearer \(here: --token -\)/,
  ],
  credential_not_bearer: [{ denial: 'credential_not_bearer', challenge }, /Authorization: Bearer/],
  credential_ambiguous: [{ denial: 'credential_ambiguous', detail }, /one token, once/],
  invalid_token: [
    { denial: 'invalid_token', fault: 'inactive', detail, challenge },
    /it expired, was revoked/,
  ],
  insufficient_scope: [{ denial: 'insufficient_scope', missing: [['a']], challenge }, /the token has/],
  insufficient_claims: [{ denial: 'insufficient_claims', missing: ['tenant'] }, /required_claims/],
  insufficient_user_authentication: [
    { denial: 'insufficient_user_authentication', detail, acr: ['gold'], max_age: 60_000, challenge },
    /acr is absent, its auth_time absent/,
  ],
  consumer_unknown: [{ denial: 'consumer_unknown', detail }, /add it to consumers/],
  too_many_new_tokens: [
    { denial: 'too_many_new_tokens', detail, retry_after: 1 },
    /introspection\.limits\.misses_per_address or burst/,
  ],
  authorization_server_unavailable: [
    {
      denial: 'authorization_server_unavailable',
      detail: 'main: it answered 401 invalid_client',
      retry_after: 1,
    },
    /see client_id and client_auth/,
  ],
  phantom_unavailable: [
    {
      denial: 'phantom_unavailable',
      detail: 'the answer of main carries no JWT: set phantom_jwt: mint on the service api',
    },
    /introspection\.accept: application\/jwt/,
  ],
  policy_denied: [denied, /^data\.accounts\.allow of revision r1 says no, and not why/],
  policy_unavailable: [{ denial: 'policy_unavailable', detail }, /policies\.source/],
  policy_timeout: [
    { denial: 'policy_timeout', entrypoint: 'a/b', revision: 'r', detail },
    /policies\.threads/,
  ],
  policy_error: [{ denial: 'policy_error', entrypoint: 'a/b', revision: 'r', detail }, /policy_headers/],
  unrepresentable_claim: [{ denial: 'unrepresentable_claim', detail }, /identity_headers/],
  loop_detected: [{ denial: 'loop_detected' }, /server\.via/],
  upstream_busy: [{ denial: 'upstream_busy', detail }, /connections or queue/],
  upstream_unreachable: [{ denial: 'upstream_unreachable', detail }, /upstream and tls/],
  upstream_malformed: [{ denial: 'upstream_malformed', detail }, /not HTTP/],
  upstream_timeout: [{ denial: 'upstream_timeout', detail }, /timeouts/],
  client_gone: [{ denial: 'client_gone' }, /nothing is to be mended/],
  internal_error: [{ denial: 'internal_error', detail }, /a bug/],
};

for (const [reason, [denial, said]] of Object.entries(every))
  t.test(`${reason} has a remedy`, async (t) => {
    t.match(remedy(denial, known())[0], said);
    t.ok(remedy(denial, known({ exchange: {} })).length > 0, 'however little is known');
  });

t.test('remedies name no setting that is not there', async (t) => {
  const schema = publishedSchema();
  const advice = Object.values(every).flatMap(([denial]) => remedy(denial, known()));
  const named = advice.flatMap(
    (line) => line.match(/\b[a-z]+(?:_[a-z]+)+\b|\b[a-z_]+(?:\.[a-z_]+)+\b/g) ?? [],
  );
  const others = new Set(['policies.md', 'data.accounts.allow', 'acr_values', 'auth_time']);
  const settings = named.flatMap((name) => (others.has(name) ? [] : name.split('.')));
  t.ok(settings.length > 20);
  for (const setting of new Set(settings))
    if (setting !== 'max_age') t.ok(schema.includes(`"${setting}"`), setting);
});

t.test('a method override is told from other malformed requests', async (t) => {
  const override = 'x-http-method-override would change the method that was judged';
  t.match(remedy({ denial: 'malformed_request', detail: override }, known()), [
    /dangerously_forward_method_override/,
  ]);
});

t.test('without a route, those that come near are told', async (t) => {
  const near = ['account, at /accounts/{id}: it takes GET, not POST'];
  t.strictSame(remedy({ denial: 'no_route' }, known({ near })), ['these routes come near:', ...near]);
});

t.test('places for a token are the route’s', async (t) => {
  const credential = [
    { in: 'header', name: 'authorization' },
    { in: 'header', name: 'x-api-key' },
    { in: 'body', name: 'access_token' },
    { in: 'cookie', name: 'session' },
  ] as const;
  const exchange = routed({ route: route({ credential }) });
  const places = 'Authorization: Bearer, header x-api-key, form access_token, cookie session';
  t.match(remedy({ denial: 'credential_missing', challenge }, known({ exchange }))[0], places);
  t.match(remedy({ denial: 'credential_ambiguous', detail }, known({ exchange }))[0], places);
});

t.test('what the token has is held against what the route needs', async (t) => {
  const exchange = identified({
    identity: identity({ scopes: ['x', 'y'] }),
    route: route({ scopes: [['a', 'b'], ['c']] }),
  });
  t.equal(
    remedy({ denial: 'insufficient_scope', missing: [], challenge }, known({ exchange }))[0],
    'the token has x y; the route needs a or b, and c',
  );
});

t.test('of what makes a path ambiguous, only what can be admitted is told to be', async (t) => {
  const told = (why: string): string => remedy({ denial: 'ambiguous_path', detail: why }, known()).join();
  for (const form of ['%2F', '%3F', '%23', '%25', ';', '//'])
    for (const path of ['the path', 'the path for the upstream'])
      t.match(told(`${path} has ${form}`), `ambiguous_paths: { allow: ['${form}'] }`);
  for (const why of ['a dot segment', 'a backslash', 'characters that become delimiters when normalised'])
    t.notMatch(told(`the path has ${why}`), 'ambiguous_paths');
});

t.test('where a token stood in what is no form, the method or the type is to be another', async (t) => {
  const denial: Denial = {
    denial: 'credential_ambiguous',
    detail: 'there is one in a body that is not said to be a form, or has no meaning',
  };
  const body = { in: 'body', name: 'access_token' } as const;
  const told = (method: string, ...others: Routed['route']['credential'][number][]): string[] =>
    remedy(denial, known({ exchange: routed({ method, route: route({ credential: [body, ...others] }) }) }));
  for (const method of ['GET', 'HEAD', 'DELETE'])
    t.strictSame(told(method), [
      `a ${method} has no form for a token to be in (RFC 6750 section 2.2): use POST`,
    ]);
  t.match(told('POST', { in: 'cookie', name: 'session' }), [
    /Content-Type: application\/x-www-form-urlencoded/,
    'or send it in one of: cookie session',
  ]);
});

t.test('a policy that is undefined is told from one that says no', async (t) => {
  t.match(remedy({ ...denied, undefined: true }, known()), [
    /^no rule of data\.accounts\.allow holds/,
    /revision r1/,
  ]);
  t.notMatch(remedy({ ...denied, reason: 'it is late' }, known())[0], /not why/);
});

t.test('where policies are missing, what there is is told', async (t) => {
  const denial: Denial = { denial: 'policy_unavailable', detail };
  t.match(
    remedy(denial, known({ entrypoints: ['a/allow', 'b/allow'] }))[0],
    'the policies have a/allow, b/allow',
  );
  t.match(
    remedy(denial, known({ policyFailure: 'there are no policies at x' }))[0],
    'there are no policies at x',
  );
});
