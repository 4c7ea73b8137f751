import * as fc from 'fast-check';
import { STATUS_CODES } from 'node:http';
import t from 'tap';
import {
  type Challenge,
  type Denial,
  explanation,
  isDenial,
  type PolicyDenied,
  type Reason,
  refusal,
} from '../src/denial.ts';
import { permitted } from './support/exchange.ts';

const challenge: Challenge = { scopes: ['a', 'b'], resource_metadata: null };
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

/** Every reason: a denial of it, and the status, fields and explanation that it has. A missing one does not compile. */
const every: { [R in Reason]: [Extract<Denial, { denial: R }>, number, readonly string[], string] } = {
  malformed_request: [{ denial: 'malformed_request', detail }, 400, [], detail],
  ambiguous_path: [{ denial: 'ambiguous_path', detail }, 400, [], detail],
  uri_too_long: [{ denial: 'uri_too_long' }, 414, [], 'uri_too_long'],
  content_too_large: [{ denial: 'content_too_large' }, 413, [], 'content_too_large'],
  header_fields_too_large: [{ denial: 'header_fields_too_large' }, 431, [], 'header_fields_too_large'],
  request_timeout: [{ denial: 'request_timeout' }, 408, [], 'request_timeout'],
  expectation_failed: [{ denial: 'expectation_failed' }, 417, [], 'expectation_failed'],
  method_not_allowed: [
    { denial: 'method_not_allowed', allow: ['GET', 'HEAD'] },
    405,
    ['Allow', 'GET, HEAD'],
    'method_not_allowed',
  ],
  upgrade_not_served: [{ denial: 'upgrade_not_served' }, 501, [], 'upgrade_not_served'],
  too_many_connections: [
    { denial: 'too_many_connections' },
    503,
    ['Retry-After', '1'],
    'too_many_connections',
  ],
  too_many_connections_of_address: [
    { denial: 'too_many_connections_of_address' },
    429,
    ['Retry-After', '1'],
    'too_many_connections_of_address',
  ],
  cross_origin_refused: [{ denial: 'cross_origin_refused', detail }, 403, [], detail],
  no_route: [{ denial: 'no_route' }, 404, [], 'no_route'],
  credential_missing: [
    { denial: 'credential_missing', challenge },
    401,
    ['WWW-Authenticate', 'Bearer scope="a b"'],
    'credential_missing',
  ],
  credential_not_bearer: [
    { denial: 'credential_not_bearer', challenge },
    401,
    ['WWW-Authenticate', 'Bearer scope="a b"'],
    'credential_not_bearer',
  ],
  credential_ambiguous: [
    { denial: 'credential_ambiguous', detail },
    400,
    ['WWW-Authenticate', 'Bearer error="invalid_request"'],
    detail,
  ],
  invalid_token: [
    { denial: 'invalid_token', fault: 'expired', detail, challenge },
    401,
    ['WWW-Authenticate', 'Bearer error="invalid_token", scope="a b"'],
    `expired: ${detail}`,
  ],
  insufficient_scope: [
    { denial: 'insufficient_scope', missing: [['b'], ['c', 'd']], challenge },
    403,
    ['WWW-Authenticate', 'Bearer error="insufficient_scope", scope="a b"'],
    'missing scopes: b, c or d',
  ],
  insufficient_claims: [
    { denial: 'insufficient_claims', missing: ['tenant', '/a/b'] },
    403,
    [],
    'claims absent or not as required: tenant, /a/b',
  ],
  insufficient_user_authentication: [
    {
      denial: 'insufficient_user_authentication',
      detail,
      acr: ['gold', 'silver'],
      max_age: 300_999,
      challenge,
    },
    401,
    [
      'WWW-Authenticate',
      'Bearer error="insufficient_user_authentication", scope="a b", acr_values="gold silver", max_age="300"',
    ],
    detail,
  ],
  consumer_unknown: [{ denial: 'consumer_unknown', detail }, 403, [], detail],
  too_many_new_tokens: [
    { denial: 'too_many_new_tokens', detail, retry_after: 10 },
    429,
    ['Retry-After', '10'],
    detail,
  ],
  authorization_server_unavailable: [
    { denial: 'authorization_server_unavailable', detail, retry_after: 5 },
    503,
    ['Retry-After', '5'],
    detail,
  ],
  phantom_unavailable: [{ denial: 'phantom_unavailable', detail }, 503, ['Retry-After', '1'], detail],
  policy_denied: [denied, 403, [], 'the policy said no'],
  policy_unavailable: [{ denial: 'policy_unavailable', detail }, 503, ['Retry-After', '1'], detail],
  policy_timeout: [
    { denial: 'policy_timeout', entrypoint: 'a/b', revision: 'r', detail },
    503,
    ['Retry-After', '1'],
    detail,
  ],
  policy_error: [{ denial: 'policy_error', entrypoint: 'a/b', revision: 'r', detail }, 500, [], detail],
  unrepresentable_claim: [{ denial: 'unrepresentable_claim', detail }, 503, ['Retry-After', '1'], detail],
  loop_detected: [{ denial: 'loop_detected' }, 508, [], 'loop_detected'],
  upstream_busy: [{ denial: 'upstream_busy', detail }, 503, ['Retry-After', '1'], detail],
  upstream_unreachable: [{ denial: 'upstream_unreachable', detail }, 502, [], detail],
  upstream_malformed: [{ denial: 'upstream_malformed', detail }, 502, [], detail],
  upstream_timeout: [{ denial: 'upstream_timeout', detail }, 504, [], detail],
  client_gone: [{ denial: 'client_gone' }, 499, [], 'client_gone'],
  internal_error: [{ denial: 'internal_error', detail }, 500, [], detail],
};

t.test('every reason has its status, its fields and its words for operators', async (t) => {
  for (const [reason, [denial, status, fields, words]] of Object.entries(every)) {
    const told = refusal(denial);
    t.strictSame([told.status, told.fields, explanation(denial)], [status, fields, words], reason);
  }
});

t.test("the title is the status's own phrase, as about:blank wants (RFC 9457 section 4.2.1)", async (t) => {
  for (const [denial, status] of Object.values(every))
    t.equal(refusal(denial).title, STATUS_CODES[status] ?? 'Refused');
  for (const status of [302, 401, 404, 429, 451, 500])
    t.equal(refusal({ ...denied, status }).title, STATUS_CODES[status]);
});

t.test('what operators read never reaches the client', async () => {
  const reasons = fc.constantFrom(...Object.values(every).map(([denial]) => denial));
  fc.assert(
    fc.property(reasons, fc.uuid(), (denial, secret) => {
      const told = refusal(Object.assign({}, denial, { detail: secret, reason: secret }));
      return !JSON.stringify(told).includes(secret);
    }),
  );
});

t.test('a challenge has an attribute at least (RFC 6750 section 3)', async (t) => {
  const challengeOf = (denial: Denial): string | undefined => refusal(denial).fields[1];
  t.equal(
    challengeOf({ denial: 'credential_missing', challenge: { scopes: [], resource_metadata: null } }),
    'Bearer realm="api"',
  );
  t.equal(
    challengeOf({
      denial: 'invalid_token',
      fault: 'inactive',
      detail,
      challenge: { scopes: [], resource_metadata: null },
    }),
    'Bearer error="invalid_token"',
  );
  t.equal(
    challengeOf({
      denial: 'credential_missing',
      challenge: { scopes: ['a', 'b'], resource_metadata: 'https://api.example/.well-known/x' },
    }),
    'Bearer scope="a b", resource_metadata="https://api.example/.well-known/x"',
    'and names the metadata of the API (RFC 9728 section 5.1)',
  );
});

t.test("the missing scopes are a member of the problem, in the notation of the route's own", async (t) => {
  const { members } = refusal({ denial: 'insufficient_scope', missing: [['b'], ['c', 'd']], challenge });
  t.strictSame(members, { missing_scopes: ['b', ['c', 'd']] });
});

t.test("a policy's own status, message, body and fields are the answer", async (t) => {
  const own = { status: 429, message: 'Slower, please.', fields: ['Retry-After', '30'], body: { wait: 30 } };
  t.strictSame(refusal({ ...denied, ...own }), {
    status: 429,
    fields: ['Retry-After', '30'],
    title: 'Too Many Requests',
    detail: 'Slower, please.',
    body: { wait: 30 },
  });
  t.notOk('body' in refusal(denied), 'without a body the problem is the answer');
  for (const body of [false, 0, '', []]) t.strictSame(refusal({ ...denied, body }).body, body);
});

t.test("a policy's 401 asks for a token of nobody, and for another one of somebody", async (t) => {
  const fields = ['WWW-Authenticate', 'Negotiate'];
  t.strictSame(refusal({ ...denied, status: 401, fields, anonymous: true }).fields, [
    ...fields,
    'WWW-Authenticate',
    'Bearer scope="a b"',
  ]);
  t.strictSame(refusal({ ...denied, status: 401 }).fields, [
    'WWW-Authenticate',
    'Bearer error="invalid_token", scope="a b"',
  ]);
});

t.test("operators read the policy's reason, or that it gave no decision", async (t) => {
  t.equal(explanation({ ...denied, reason: 'separation_of_duty', undefined: true }), 'separation_of_duty');
  t.equal(explanation({ ...denied, undefined: true }), 'the policy is undefined for this input');
});

t.test('a denial is told from an exchange and from an answer', async (t) => {
  for (const [denial] of Object.values(every)) t.ok(isDenial(denial));
  t.notOk(isDenial(permitted()));
  t.notOk(isDenial({ status: 200, aborted: false }));
});
