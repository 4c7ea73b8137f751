import t from 'tap';
import { verifyAccessToken } from '../../src/oauth/access-token.ts';
import { EndpointError } from '../../src/oauth/fetch.ts';
import { keySet } from '../../src/oauth/key-set.ts';
import { jws, keyPair, serverConfig } from '../support/introspection.ts';

const ISSUER = 'https://as.example';
const { privateKey, jwk } = keyPair('one');
const HEADER = { alg: 'ES256', kid: 'one', typ: 'at+jwt' };
const CLAIMS = { iss: ISSUER, sub: 'alice', aud: 'api', exp: 2_000, iat: 1, client_id: 'app', scope: 'read' };

const known = (metadata: object = {}) =>
  Promise.resolve({
    server: { issuer: ISSUER, ...metadata },
    keys: keySet(
      () => Promise.resolve({ keys: [jwk as { kty: string }] }),
      () => 0,
    ),
  });
const token = (claims: object = {}, header: object = {}): string =>
  jws({ ...HEADER, ...header }, { ...CLAIMS, ...claims }, privateKey);
const verify = (jwt: string, more: object = {}, metadata: object = {}) =>
  verifyAccessToken(serverConfig(ISSUER, more), () => known(metadata), jwt);
const refused = async (jwt: string, more: object = {}) => (await verify(jwt, more)).answer;

t.test('an access token is known by itself, and is in no fact, which are cached', async (t) => {
  const jwt = token({ cnf: null });
  t.match(await verify(jwt), {
    max_age: null,
    size: jwt.length,
    answer: {
      jwt: null,
      issuer: ISSUER,
      scopes: ['read'],
      audience: ['api'],
      client_id: 'app',
      expires_at: 2_000,
      claims: { sub: 'alice' },
    },
  });
  t.match(await refused(token({}, { typ: 'application/at+jwt' })), { scopes: Array });
  t.match(await refused(token({ aud: ['api', 'other'] })), { audience: ['api', 'other'] });
});

t.test('other issuers of the server’s are taken where they are configured, and to the letter', async (t) => {
  const iss = 'https://as.example/tenant';
  t.match(await refused(token({ iss }), { issuers: [iss] }), { issuer: iss });
  for (const other of [iss, `${ISSUER}/`, 'https://AS.example'])
    t.match(await refused(token({ iss: other })), { fault: 'wrong_issuer' }, other);
});

t.test('RFC 9068 section 4: it is of its type, from somebody, for somebody, and not for ever', async (t) => {
  const cases: [string, string, string][] = [
    ['a JWT of no type', token({}, { typ: undefined }), 'its typ is not one of jwt_types'],
    ['a JWT of an empty type', token({}, { typ: '' }), 'its typ is not one of jwt_types'],
    ['a JWT of any type', token({}, { typ: 'JWT' }), 'its typ is not one of jwt_types'],
    ['an RFC 9701 answer', token({}, { typ: 'token-introspection+jwt' }), 'its typ is not one of jwt_types'],
    ['no iss', token({ iss: undefined }), 'the JWT has no iss'],
    ['no exp', token({ exp: undefined }), 'it has no exp'],
    ['exp null', token({ exp: null }), 'it has no exp'],
    ['exp as text', token({ exp: '2000' }), 'exp is not a sane number of seconds'],
    ['no aud', token({ aud: undefined }), 'it has no aud'],
    ['an empty aud', token({ aud: [] }), 'it has no aud'],
    ['an aud that is none', token({ aud: { api: true } }), 'aud is neither a string nor a list of them'],
    ['crit', token({}, { crit: ['b64'], b64: true }), 'its JWT has crit'],
    ['no JSON', jws(HEADER, 'alice', privateKey), 'its answer is not JSON'],
    ['claims twice', jws(HEADER, '{"sub":"alice","sub":"admin"}', privateKey), 'two members of one name'],
    ['nonsense', 'a.b.c', 'its JWT cannot be verified: ERR_JWS_INVALID'],
  ];
  for (const [title, jwt, detail] of cases) {
    const { answer, max_age } = await verify(jwt);
    t.match(answer, { fault: 'unverifiable', detail }, title);
    t.equal(max_age, null, 'it stays so');
  }
});

t.test(
  'jwt_types: [JWT] takes what Keycloak writes, and tells its other tokens by their claims',
  async (t) => {
    const keycloak = { jwt_types: ['JWT'] };
    const jwt = token({ typ: 'Bearer', azp: 'app', client_id: undefined }, { typ: 'JWT' });
    t.match(await refused(jwt, keycloak), { client_id: 'app' });
    t.match(await refused(token(), keycloak), { fault: 'unverifiable' });
    t.match(
      await refused(token({}, { typ: undefined }), keycloak),
      { scopes: Array },
      'as Okta and Cognito do it',
    );
    t.match(await refused(token(), { jwt_types: ['JWT', 'at+jwt'] }), { scopes: Array });
    // What a server signs for whoever asks, such as an authorization response (JARM), has neither.
    for (const name of ['sub', 'iat'])
      t.match(await refused(token({ [name]: undefined }, { typ: 'JWT' }), keycloak), {
        fault: 'unverifiable',
        detail: `it has no ${name}, as an access token has`,
      });
    for (const claims of [
      { typ: 'ID', aud: 'api' },
      { typ: 'Refresh' },
      { typ: 'Offline' },
      { typ: 'Logout', events: {} },
      { at_hash: 'x' },
      { token_use: 'id' },
      { token_introspection: { active: true } },
    ])
      t.match(
        await refused(token(claims, { typ: 'JWT' }), keycloak),
        { fault: 'not_an_access_token' },
        JSON.stringify(claims),
      );
  },
);

t.test('no key that is known verifies it: that may change, and is not to be remembered', async (t) => {
  for (const jwt of [
    token({}, { kid: 'two' }),
    jws(HEADER, CLAIMS, keyPair('one').privateKey),
    `${token().slice(0, -4)}AAAA`,
  ])
    t.match(await verify(jwt), { answer: { fault: 'unverifiable' }, max_age: 0 });
});

t.test(
  'algorithms are the configuration’s, else all that are asymmetric, whatever is said of answers',
  async (t) => {
    const rsa = { introspection_signing_alg_values_supported: ['RS256'] };
    t.match((await verify(token(), {}, rsa)).answer, { scopes: Array });
    t.match((await verify(token(), { algorithms: ['ES256'] }, rsa)).answer, { scopes: Array });
    t.match(await refused(token(), { algorithms: ['RS256'] }), {
      fault: 'unverifiable',
      detail: 'its JWT cannot be verified: ERR_JOSE_ALG_NOT_ALLOWED',
    });
  },
);

t.test('where the keys cannot be had nothing is said of the token', async (t) => {
  const config = serverConfig(ISSUER);
  const down = new EndpointError('its jwks_uri answered 404');
  const keys = keySet(
    () => Promise.reject(down),
    () => 0,
  );
  const failing = () => Promise.resolve({ server: { issuer: ISSUER }, keys });
  await t.rejects(verifyAccessToken(config, failing, token()), down);
  await t.rejects(
    verifyAccessToken(config, () => Promise.reject(down), token()),
    down,
  );
  const none = () => Promise.resolve({ server: { issuer: ISSUER }, keys: null });
  await t.rejects(
    verifyAccessToken(config, none, token()),
    new EndpointError('its metadata names no jwks_uri'),
  );
});
