import * as fc from 'fast-check';
import t from 'tap';
import { AnswerError, type Facts, factsFault, readFacts } from '../../src/oauth/facts.ts';
import { foreignClaim } from '../../src/oauth/token-kind.ts';

fc.configureGlobal({ seed: 7519 });

const ISSUER = 'https://as.example';
const read = (claims: Record<string, unknown>, issRequired = false): Facts => {
  const facts = readFacts(claims, { issuers: [ISSUER], issRequired, jwt: null });
  if ('fault' in facts) throw new Error(`refused: ${facts.fault}`);
  return facts;
};
const refused = (claims: Record<string, unknown>): string => {
  const facts = readFacts(claims, { issuers: [ISSUER], issRequired: false, jwt: null });
  return 'fault' in facts ? facts.fault : 'not refused';
};

t.test('claims become facts', async (t) => {
  const claims = {
    iss: ISSUER,
    sub: 'alice',
    client_id: 'app',
    scope: 'accounts:read transactions:read',
    aud: ['api', 'other'],
    token_type: 'Bearer',
    exp: 2_000,
    nbf: 900,
    iat: 1_000,
  };
  t.strictSame(readFacts(claims, { issuers: [ISSUER], issRequired: true, jwt: 'a.b.c' }), {
    claims,
    scopes: ['accounts:read', 'transactions:read'],
    audience: ['api', 'other'],
    issuer: ISSUER,
    client_id: 'app',
    token_type: 'Bearer',
    expires_at: 2_000,
    not_before: 1_000,
    authorization_details: null,
    jwt: 'a.b.c',
  });
});

t.test('what an answer does not say is null, nothing, or Bearer', async (t) => {
  const { claims: _, ...facts } = read({ sub: null, exp: null, aud: null, scope: null });
  t.strictSame(facts, {
    scopes: [],
    audience: [],
    issuer: null,
    client_id: null,
    token_type: 'Bearer',
    expires_at: null,
    not_before: null,
    authorization_details: null,
    jwt: null,
  });
});

t.test('scopes come from scope or scp, string or list, as whole tokens', async (t) => {
  const cases: [Record<string, unknown>, string[]][] = [
    [{ scope: 'a b' }, ['a', 'b']],
    [{ scope: '  a   b ' }, ['a', 'b']],
    [{ scope: '' }, []],
    [{ scope: ['a', 'b c'] }, ['a', 'b', 'c']],
    [{ scp: 'a b' }, ['a', 'b']],
    [{ scp: ['a', 'b'] }, ['a', 'b']],
    [{ scope: '', scp: ['admin'] }, []],
    [{ scope: 'a', scp: ['admin'] }, ['a']],
  ];
  for (const [claims, scopes] of cases) t.strictSame(read(claims).scopes, scopes, JSON.stringify(claims));
});

t.test('the client is client_id, else the authorized party, as in Keycloak’s tokens', async (t) => {
  t.equal(read({ client_id: 'app', azp: 'other' }).client_id, 'app');
  t.equal(read({ azp: 'app' }).client_id, 'app');
  t.throws(() => read({ azp: ['app'] }), new AnswerError('azp is not a string'));
});

t.test('authorization details are objects, each with its type (RFC 9396 section 2)', async (t) => {
  const details = [{ type: 'payment', actions: ['initiate'] }, { type: 'account' }];
  t.equal(read({ authorization_details: details }).authorization_details, details);
  t.strictSame(read({ authorization_details: [] }).authorization_details, []);
  for (const authorization_details of [
    { type: 'payment' },
    'payment',
    [null],
    ['payment'],
    [{ type: 1 }],
    [{}],
    [[]],
  ])
    t.throws(
      () => read({ authorization_details }),
      new AnswerError('authorization_details is not a list of objects with a type'),
      JSON.stringify(authorization_details),
    );
});

t.test('what is active and no access token is refused, before its issuer is looked at', async (t) => {
  const iss = 'https://elsewhere.example';
  for (const claims of [{ token_type: 'refresh_token' }, { typ: 'Offline', iss }, { at_hash: 'x' }])
    t.equal(refused(claims), 'not_an_access_token', JSON.stringify(claims));
  t.equal(refused({ active: false, typ: 'Refresh' }), 'inactive');
});

t.test('what was said of a token that is refused goes with the fault, for who explains it', async (t) => {
  for (const claims of [
    { iss: 'https://elsewhere.example', sub: 'alice' },
    { typ: 'Refresh', sub: 'alice' },
  ])
    t.match(readFacts(claims, { issuers: [ISSUER], issRequired: false, jwt: null }), {
      fault: String,
      claims,
    });
});

t.test('one audience is a list of one', async (t) => {
  t.strictSame(read({ aud: 'api' }).audience, ['api']);
});

t.test('a registered claim that is not what its RFC says breaks the answer', async (t) => {
  const cases: [Record<string, unknown>, string][] = [
    [{ iss: 1 }, 'iss is not a string'],
    [{ sub: 1 }, 'sub is not a string'],
    [{ client_id: ['app'] }, 'client_id is not a string'],
    [{ token_type: {} }, 'token_type is not a string'],
    [{ active: 'true' }, 'active is not a boolean'],
    [{ scope: 7 }, 'scope is neither a string nor a list of them'],
    [{ scp: ['a', 1] }, 'scp is neither a string nor a list of them'],
    [{ aud: { api: true } }, 'aud is neither a string nor a list of them'],
    ...[-1, '2000', 253_402_300_800, Number.POSITIVE_INFINITY, Number.NaN, true, [2_000]].map(
      (exp): [Record<string, unknown>, string] => [{ exp }, 'exp is not a sane number of seconds'],
    ),
    [{ nbf: 'now' }, 'nbf is not a sane number of seconds'],
    [{ iat: -1 }, 'iat is not a sane number of seconds'],
  ];
  for (const [claims, message] of cases)
    t.throws(() => read(claims), new AnswerError(message), `${JSON.stringify(claims)}: ${message}`);
});

t.test('iss is judged to the letter, and may be absent only where the answer is not a JWT', async (t) => {
  t.equal(read({ iss: ISSUER }).issuer, ISSUER);
  for (const iss of [`${ISSUER}/`, 'https://AS.example', 'http://as.example', ''])
    t.equal(refused({ iss }), 'wrong_issuer', iss);
  t.equal(read({}).issuer, null);
  t.throws(() => read({}, true), new AnswerError('the JWT has no iss'));
});

t.test('a signed set of members that says active: false is inactive, whatever else it says', async (t) => {
  t.equal(refused({ active: false, iss: 'https://elsewhere.example', exp: 'never' }), 'inactive');
  t.equal(read({ active: true, sub: 'alice' }).claims['sub'], 'alice');
});

t.test('a token is good from nbf and iat, with leeway, to exp, without', async (t) => {
  const cases: [string, Record<string, unknown>, number, string | null][] = [
    ['just before exp', { exp: 1_000 }, 999_999, null],
    ['at exp', { exp: 1_000 }, 1_000_000, 'expired'],
    ['at a fractional exp', { exp: 1_000.5 }, 1_000_499, null],
    ['exp of 0', { exp: 0 }, 1_000_000, 'expired'],
    ['no exp', {}, 1_000_000, null],
    ['five seconds before nbf', { nbf: 1_000 }, 995_000, null],
    ['more than five seconds before nbf', { nbf: 1_000 }, 994_999, 'not_yet_valid'],
    ['more than five seconds before iat', { iat: 1_000 }, 994_999, 'not_yet_valid'],
    ['the later of nbf and iat counts', { nbf: 1_000, iat: 500 }, 994_999, 'not_yet_valid'],
    ['the later of nbf and iat counts', { nbf: 500, iat: 1_000 }, 994_999, 'not_yet_valid'],
  ];
  for (const [title, claims, now, fault] of cases)
    t.equal(factsFault(read(claims), now)?.fault ?? null, fault, title);
});

t.test('a sender-constrained token is no bearer token (RFC 7800, 8705, 9449)', async (t) => {
  for (const claims of [
    { cnf: { jkt: 'x' } },
    { cnf: {} },
    { cnf: false },
    { token_type: 'DPoP' },
    { token_type: 'dpop' },
  ])
    t.equal(factsFault(read(claims), 0)?.fault, 'sender_constrained', JSON.stringify(claims));
  for (const claims of [{ cnf: null }, { token_type: 'bearer' }])
    t.equal(factsFault(read(claims), 0), null, JSON.stringify(claims));
});

t.test('no times let a token through before or after its own', async (t) => {
  const time = fc.option(fc.integer({ min: 0, max: 2_000 }), { nil: undefined });
  fc.assert(
    fc.property(time, time, time, fc.integer({ min: 0, max: 2_000_000 }), (exp, nbf, iat, now) => {
      const fault = factsFault(read({ exp, nbf, iat }), now)?.fault;
      if (exp !== undefined && now >= exp * 1_000) return fault === 'expired';
      return (Math.max(nbf ?? 0, iat ?? 0) - 5) * 1_000 > now
        ? fault === 'not_yet_valid'
        : fault === undefined;
    }),
  );
  t.pass('held for all times');
});

t.test('whatever claims are given, they are refused, or the facts are what their types say', async (t) => {
  const names = [
    'iss',
    'sub',
    'aud',
    'exp',
    'nbf',
    'iat',
    'scope',
    'scp',
    'client_id',
    'token_type',
    'typ',
    'azp',
    'authorization_details',
    'active',
    'cnf',
  ];
  const claim = fc.oneof(fc.constantFrom<unknown>(ISSUER, true, 'a b', 5), fc.jsonValue());
  const claims = fc.dictionary(fc.constantFrom(...names, '__proto__', 'constructor'), claim);
  fc.assert(
    fc.property(claims, (given) => {
      try {
        const facts = readFacts(given, { issuers: [ISSUER], issRequired: false, jwt: null });
        if ('fault' in facts) {
          if (facts.fault === 'inactive') return given['active'] === false;
          if (facts.fault === 'wrong_issuer') return given['iss'] !== ISSUER;
          return facts.fault === 'not_an_access_token' && foreignClaim(given) !== undefined;
        }
        const { scopes, audience, issuer, expires_at } = facts;
        return (
          scopes.every((scope) => /^[^ ]+$/s.test(scope)) &&
          audience.every((name) => typeof name === 'string') &&
          (issuer === null || issuer === ISSUER) &&
          (expires_at === null || (expires_at >= 0 && expires_at < 253_402_300_800))
        );
      } catch (error) {
        return error instanceof AnswerError;
      }
    }),
    { numRuns: 500 },
  );
  t.pass('held for all claims');
});
