import t from 'tap';
import { phantomRemedy, serverRemedy } from '../../src/explain/server-remedy.ts';
import { route } from '../support/exchange.ts';

t.test('a server’s trouble has a remedy, by what is said of it', async (t) => {
  for (const [detail, said] of [
    [
      'it answered 401 invalid_client: it does not know us: see client_id and client_auth',
      /does not know us: see client_id and client_auth/,
    ],
    ['it answered 400 unauthorized_client', /client_auth/],
    ['it answered 403', /does not let it introspect/],
    ['it answered 503', /its own log/],
    ['no answer: UND_ERR_HEADERS_TIMEOUT', /introspection\.timeout/],
    ['the call failed: TimeoutError', /introspection\.timeout/],
    ['the call failed: ERR_JWKS_TIMEOUT', /introspection\.timeout/],
    ['the call failed: SELF_SIGNED_CERT_IN_CHAIN', /tls\.ca/],
    ['the call failed: DEPTH_ZERO_SELF_SIGNED_CERT', /tls\.ca/],
    ['the call failed: UNABLE_TO_VERIFY_LEAF_SIGNATURE', /tls\.ca/],
    ['no answer: ECONNREFUSED', /cannot be reached/],
    ['the call failed: ENOTFOUND', /cannot be reached/],
    ["http://x is neither the issuer's origin nor one of endpoint_origins", /in endpoint_origins/],
    ['http://x is not https, and allow_insecure_requests is off', /for tests alone/],
    ['it is encrypted, and not for one of introspection.decryption_keys', /decryption_keys, with its alg/],
    [
      'no metadata: RFC 8414: it answered 404; OpenID Connect Discovery: it answered 404',
      /letter by letter, and base_url/,
    ],
    ['its jwks_uri answered 404', /keys \(jwks_uri\) and algorithms/],
    ['it answered 404', /no such endpoint.*introspection\.endpoint/],
    ['its metadata names no introspection_endpoint', /introspection\.endpoint/],
    ['it answered with application/json, not application/token-introspection+jwt', /introspection\.accept/],
    [
      'it answered with text/html, not application/json',
      /for people: introspection\.endpoint is wrong, or a login page/,
    ],
    ['it answered with text/html', /login page/],
    ['it answered with application/json, and without a JWT in it', /Keycloak.*Support JWT claim/],
    ['its aud is not this client', /compare client_id/],
    ['its iss is not the issuer', /letter by letter as the server/],
    ['it failed and is left alone', /introspection\.breaker/],
    ['too many new tokens', /introspection\.limits/],
    ['its answer is not JSON', /RFC 7662/],
  ] as const)
    t.match(serverRemedy(`main: ${detail}`), [said], detail);
});

t.test('of a JWT in an answer it is told why it does not verify, in words', async (t) => {
  for (const [code, said] of [
    ['ERR_JWS_SIGNATURE_VERIFICATION_FAILED', /the signature is by no key at its jwks_uri$/],
    ['ERR_JOSE_ALG_NOT_ALLOWED', /that alg is none/],
  ] as const)
    t.match(serverRemedy(`main: its JWT cannot be verified: ${code}`), [
      said,
      /keys \(jwks_uri\) and algorithms/,
    ]);
});

t.test('a JWT for the upstream comes of the server, or is minted, or is not sent', async (t) => {
  t.match(phantomRemedy(route(), 'main'), [
    /^have main send one: with Keycloak, introspection\.accept: application\/jwt/,
    /phantom_jwt: mint and an audience on the service accounts, and the section phantom/,
    /identity_headers: \{ jwt: false \}$/,
  ]);
  t.match(phantomRemedy(undefined, null)[0], /^have the server send one/);
});
