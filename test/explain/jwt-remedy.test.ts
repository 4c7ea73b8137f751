import t from 'tap';
import { inWords, jwtRemedy } from '../../src/explain/jwt-remedy.ts';

const HEADER = { alg: 'HS256', kid: 'k1', typ: 'JWT' };
const failed = (code: string): string => `its JWT cannot be verified: ${code}`;

t.test('a typ is told beside those that are taken, and what to set for Keycloak', async (t) => {
  const told = jwtRemedy('its typ is not one of jwt_types', HEADER, { jwt_types: ['at+jwt'] });
  t.equal(told[0], 'typ JWT; taken: at+jwt');
  t.match(told[1], /Keycloak.*jwt_types: \[at\+jwt, JWT\]/);
  t.match(
    jwtRemedy('its typ is not one of jwt_types', {}, { jwt_types: ['at+jwt', 'JWT'] })[0],
    'typ absent; taken: at+jwt or JWT',
  );
  t.match(jwtRemedy('its typ is not one of jwt_types', { typ: 1 }, undefined)[0], 'typ 1; taken: at+jwt');
});

t.test(
  'what jose says is told in words, with the key and algorithm that came, and those taken',
  async (t) => {
    for (const [code, said] of [
      ['ERR_JWKS_NO_MATCHING_KEY', 'kid k1, alg HS256, typ JWT: no key at its jwks_uri has that kid'],
      ['ERR_JWS_SIGNATURE_VERIFICATION_FAILED', 'typ JWT: the signature is by no key at its jwks_uri'],
      ['ERR_JOSE_ALG_NOT_ALLOWED', 'alg HS256, typ JWT: that alg is none of those that are taken'],
      ['ERR_JOSE_NOT_SUPPORTED', 'an extension in crit, is not known here'],
      ['ERR_JWS_INVALID', 'it is not written as a JWS is'],
    ] as const) {
      const [first, second] = jwtRemedy(failed(code), HEADER, {
        jwt_types: [],
        algorithms: ['RS256', 'ES256'],
      });
      t.match(first, said);
      t.match(second, 'taken are RS256, ES256 (algorithms), by keys of the server’s jwks_uri');
      t.notMatch(`${first}${second}`, code);
      t.ok(inWords(`main: ${failed(code)}`));
    }
    t.match(jwtRemedy(failed('ERR_JOSE_ALG_NOT_ALLOWED'), {}, undefined), [
      /^kid absent, alg absent/,
      /RS256, RS384, .*EdDSA/,
    ]);
  },
);

t.test('what is in words already is not told twice', async (t) => {
  t.strictSame(jwtRemedy('it has no exp', HEADER, undefined), [
    'have the authorization server make it as RFC 9068 section 2.2 says',
  ]);
  t.equal(inWords('the call failed: ERR_JWKS_TIMEOUT'), null);
  t.equal(inWords('it answered 500'), null);
});
