import t from 'tap';
import { faults, withServer } from '../support/config.ts';
import { keyPairFor } from '../support/keys.ts';

const at = 'authorization_servers.main.introspection';
const told = (introspection: object): string[] => faults(withServer({ introspection }));

t.test('parameters never replace the request’s own', async (t) => {
  t.strictSame(told({ parameters: { resource: 'https://api', 'a b': '&token=x', Token: 'x' } }), []);
  for (const name of ['token', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type'])
    t.strictSame(told({ parameters: { [name]: 'x' } }), [`${at}.parameters.${name}: is the request’s own`]);
  t.strictSame(told({ parameters: { token_type_hint: 'x' } }), [
    `${at}.parameters.token_type_hint: is a setting of its own`,
  ]);
});

t.test('headers never replace the request’s own, in any spelling', async (t) => {
  const right = ['X-Tenant', 'User-Agent', 'X-Forwarded-Proto', 'X-Request-Path', 'Cookie', 'DPoP'];
  for (const name of right) t.strictSame(told({ headers: { [name]: 'x' } }), [], name);
  const own = [
    'Accept',
    'accept',
    'Accept-Encoding',
    'Content-Type',
    'Content_Type',
    'Content-Length',
    'Content-Encoding',
    'Host',
    'Connection',
    'Transfer-Encoding',
    'Expect',
    'Upgrade',
    'TE',
    'Proxy-Authorization',
    'traceparent',
    'tracestate',
    'baggage',
    'X-HTTP-Method-Override',
  ];
  for (const name of own)
    t.strictSame(told({ headers: { [name]: 'x' } }), [`${at}.headers.${name}: is the request’s own`]);
  t.strictSame(told({ headers: { Authorization: 'x' } }), [
    `${at}.headers.Authorization: is how the client authenticates: see client_auth: authorization`,
  ]);
  t.strictSame(told({ headers: { 'X-A': 'a', x_a: 'b' } }), [`${at}.headers.x_a: stands twice`]);
});

t.test('a header’s value is on one line, and not shown', async (t) => {
  for (const value of ['a\r\nX: y', 'hunter2\n', ' hunter2', 'hunter2 ', '\0', '☃'])
    t.strictSame(
      told({ headers: { 'X-A': value } }),
      [`${at}.headers.X-A: expected a header value, on one line`],
      JSON.stringify(value),
    );
});

t.test('callers do not say who asks, from where, or how it is read', async (t) => {
  for (const name of ['X-Tenant', 'User-Agent', 'DPoP', 'X-Request-Path'])
    t.strictSame(told({ client_headers: [name] }), [], name);
  const refused = [
    'Authorization',
    'Cookie',
    'cookie',
    'Accept',
    'Content-Type',
    'Host',
    'Connection',
    'Forwarded',
    'X-Forwarded-For',
    'X_Forwarded_For',
    'X-Real-IP',
    'X-Credential-Scope',
    'X-Consumer-Username',
    'X-HTTP-Method-Override',
    'X-HTTP-Method',
    'traceparent',
    'baggage',
  ];
  for (const name of refused)
    t.strictSame(told({ client_headers: [name] }), [`${at}.client_headers[0]: cannot be a caller’s to say`]);
});

t.test('one header has one source', async (t) => {
  const twice = 'stands twice, here or in headers';
  t.strictSame(told({ client_headers: ['X-A', 'X-B', 'x_a'] }), [`${at}.client_headers[2]: ${twice}`]);
  t.strictSame(told({ headers: { 'X-A': 'a' }, client_headers: ['X-A'] }), [
    `${at}.client_headers[0]: ${twice}`,
  ]);
  const introspect_request = true;
  for (const name of ['X-Request-Path', 'X-Request-Http-Method', 'x_request_path']) {
    t.strictSame(told({ introspect_request, client_headers: [name] }), [
      `${at}.client_headers[0]: cannot be a caller’s to say`,
    ]);
    t.strictSame(told({ introspect_request, headers: { [name]: 'x' } }), [
      `${at}.headers.${name}: is the request’s own`,
    ]);
  }
});

t.test('keys to decrypt with are for answers that are encrypted', async (t) => {
  const decryption_keys = JSON.stringify({ keys: [keyPairFor('RSA-OAEP-256').privateJwk] });
  for (const accept of ['auto', 'application/token-introspection+jwt'])
    t.strictSame(told({ accept, decryption_keys }), [], accept);
  for (const accept of ['application/jwt', 'application/json'])
    t.strictSame(told({ accept, decryption_keys }), [
      `${at}.decryption_keys: are for RFC 9701: they need accept: auto, or application/token-introspection+jwt`,
    ]);
  t.strictSame(told({ decryption_keys: 'hunter2' }), [
    `${at}.decryption_keys: expected a JWKS, in JSON, with a key at least`,
  ]);
});

t.test('a cache that could hold nothing is not one that keeps nothing', async (t) => {
  t.strictSame(told({ cache: { max_size: '0B' } }), [
    `${at}.cache.max_size: expected a size above zero; to keep nothing, say max_ttl: 0s`,
  ]);
  t.strictSame(told({ cache: { max_size: '1B' } }), []);
});

t.test('the member with the JWT is none that says something else', async (t) => {
  for (const jwt_claim of ['active', 'iss', 'sub', 'exp', 'cnf', 'scope', 'client_id'])
    t.strictSame(told({ jwt_claim }), [`${at}.jwt_claim: is a member that says something else`]);
  for (const jwt_claim of ['jwt', 'phantom_token', 'access_token']) t.strictSame(told({ jwt_claim }), []);
});

t.test('no caller says from where it calls, or as whom', async (t) => {
  for (const name of [
    'CF-Connecting-IP',
    'True-Client-IP',
    'Client-Cert',
    'SSL_Client_Cert',
    'Via',
    'Max-Forwards',
    'Remote-User',
    'X-Client-IP',
  ])
    t.strictSame(
      told({ client_headers: [name] }),
      [`${at}.client_headers[0]: cannot be a caller’s to say`],
      name,
    );
  t.strictSame(told({ client_headers: ['X-Tenant', 'X-Client', 'Accept-Version'].slice(0, 2) }), []);
});
