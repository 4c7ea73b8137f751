import t from 'tap';
import type { TokenFault } from '../../src/denial.ts';
import { type About, tokenRemedy } from '../../src/explain/token-remedy.ts';
import { NOW, route } from '../support/exchange.ts';
import { about } from '../support/remedies.ts';

const told = (fault: TokenFault, changes: Partial<About> = {}, detail = 'for operators'): string[] =>
  tokenRemedy(fault, detail, about(changes));
const SECOND = NOW / 1_000;
const jwt = (claims: object, header: object = {}) => ({ header: { ...header }, claims: { ...claims } });
const server = (name: string, token_prefix: string | null = null) => ({
  name,
  issuers: [`https://${name}`],
  token_prefix,
});

/** Every fault, and what is said first where nothing is known of the token. A missing one does not compile. */
const every: { [F in TokenFault]: RegExp } = {
  malformed: /whole and bare/,
  inactive: /expired, was revoked, or is of another server/,
  expired: /take a new token/,
  not_yet_valid: /compare the clocks/,
  wrong_issuer: /token_prefix tells/,
  wrong_audience: /aud is nothing; the route takes accounts-api$/,
  sender_constrained: /plain bearer token/,
  not_an_access_token: /send the access token/,
  unverifiable: /RFC 9068/,
  jwt_refused: /jwt_tokens: introspect or verify/,
};

for (const [fault, said] of Object.entries(every))
  t.test(`a token that is ${fault} has a remedy`, async (t) => {
    t.match(told(fault as TokenFault)[0], said);
    t.ok(told(fault as TokenFault, { route: undefined, asked: null }).length > 0, 'without a route, too');
  });

t.test('an inactive token may be one that is not for the client that asks, with Keycloak', async (t) => {
  t.match(told('inactive')[1], /Keycloak, portcullis \(main\) must be in the token’s aud/);
  const both = route({ authorization_servers: [server('main'), server('partner')] });
  t.match(
    told('inactive', { asked: 'partner', route: both })[1],
    'Keycloak, gateway (partner) must be',
    'of several, it is the one that was asked',
  );
  t.match(
    told('inactive', { asked: null, route: both })[1],
    /portcullis \(main\) or gateway \(partner\) must be in the token’s aud/,
  );
});

t.test('what a refused answer said is told: when, for which key, and of what kind it is', async (t) => {
  t.match(told('expired', { claims: { exp: SECOND - 100 } })[0], /^the token’s exp is \S+Z, 100 s ago$/);
  t.match(told('not_yet_valid', { claims: { nbf: SECOND + 60, iat: SECOND } }), [
    /^the token’s nbf is \S+Z, in 60 s$/,
    /^the token’s iat is \S+Z, in 0 s$/,
    /only 5 s/,
  ]);
  t.match(told('sender_constrained', { claims: { sub: 'a', cnf: { jkt: 'x' }, token_type: 'Bearer' } }), [
    'the token’s cnf is {"jkt":"x"}',
    /plain bearer token/,
  ]);
  t.match(told('sender_constrained', { claims: { token_type: 'DPoP' } })[0], 'token_type is "DPoP"');
  t.match(told('not_an_access_token', { claims: { sub: 'a', typ: 'Refresh' } }), [
    'the token’s typ is "Refresh"',
    /send the access token/,
  ]);
});

t.test('what the server said of the token goes before what the token says', async (t) => {
  const said = jwt({ iss: 'https://said', aud: ['said'] });
  const claims = { iss: 'https://known', aud: 'known' };
  t.match(told('wrong_audience', { said })[0], 'aud is ["said"]');
  t.match(told('wrong_audience', { said, claims })[0], 'aud is "known"');
  t.match(told('wrong_issuer', { said })[0], 'iss is "https://said"');
  t.match(
    told('wrong_issuer', { claims })[0],
    /iss is "https:\/\/known"; taken are https:\/\/login\.example\.com$/,
    'of an opaque token, too',
  );
});

t.test('of several servers, an opaque token that nobody was asked about is told by its prefix', async (t) => {
  const of = (...servers: ReturnType<typeof server>[]) => ({
    asked: null,
    route: route({ authorization_servers: servers }),
  });
  t.match(told('wrong_issuer', of(server('a'), server('b'), server('c', 'c_'))), [
    /begins with none: c_ \(c\)$/,
    /all but one of a, b a token_prefix/,
  ]);
  t.match(told('wrong_issuer', of(server('a', 'a_'), server('b', 'b_'))), [
    /begins with none: a_ \(a\) or b_ \(b\)$/,
    /compare that one’s token_prefix/,
  ]);
  const several = { ...of(server('a'), server('b')), said: jwt({ iss: 'https://x' }) };
  t.match(told('wrong_issuer', several), [/taken are https:\/\/a or https:\/\/b$/, String]);
  t.notMatch(told('wrong_issuer', several).join(), 'token_prefix', 'a JWT is told by its iss');
});

t.test('an audience is asked for by the identifier of the API’s metadata', async (t) => {
  const identifier = 'https://api.example.com/v1';
  const of = (audience: string[]) => {
    const { service } = route();
    return {
      claims: { aud: 'x' },
      route: route({ audience, service: { ...service, resource: { identifier } } }),
    };
  };
  t.match(told('wrong_audience', of([identifier]))[1], `ask for the token with resource=${identifier},`);
  t.match(
    told('wrong_audience', of(['other']))[1],
    /resource\.identifier: put it into the route’s audience$/,
  );
  t.notMatch(told('wrong_audience').join(), 'resource.identifier');
});

t.test(
  'a JWT that does not verify is told with its header, and what the server it is of takes',
  async (t) => {
    const said = jwt({}, { typ: 'JWT', alg: 'ES256', kid: 'k' });
    t.match(told('unverifiable', { said }, 'its typ is not one of jwt_types'), [
      'typ JWT; taken: at+jwt',
      /jwt_types: \[at\+jwt, JWT\]/,
      /jwt_tokens: introspect/,
    ]);
    t.match(
      told(
        'unverifiable',
        { said, asked: 'partner' },
        'its JWT cannot be verified: ERR_JOSE_ALG_NOT_ALLOWED',
      ),
      [/^kid k, alg ES256, typ JWT: /, /taken are RS256 \(algorithms\)/, String],
    );
  },
);
