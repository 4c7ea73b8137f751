import t from 'tap';
import type { Consumer } from '../../src/config/consumer.ts';
import type { Permitted } from '../../src/exchange.ts';
import { isReserved } from '../../src/http/headers.ts';
import {
  CONSUMER_FIELDS,
  consumerFields,
  CREDENTIAL_FIELDS,
  identityFields,
  isAuthorization,
  keepsAuthorization,
} from '../../src/http/identity-fields.ts';
import { readFacts } from '../../src/oauth/facts.ts';
import { fields, identity, permitted, route } from '../support/exchange.ts';

const ISSUER = 'https://login.example.com';
const asking = (asked: Partial<Permitted['route']['identity_headers']>) =>
  route({ identity_headers: { claims: [], jwt: false, credential: false, consumer: false, ...asked } });

/** What `credential: true` sends of claims, read as those of an answer are. */
function credential(claims: Record<string, unknown>) {
  const facts = readFacts(claims, { issuers: [ISSUER], issRequired: false, jwt: null });
  if ('fault' in facts) throw new Error(facts.detail);
  return identityFields({
    route: asking({ credential: true }),
    identity: { ...identity(), facts },
    consumer: null,
  });
}

const acme: Consumer = {
  id: 'c-1',
  username: 'acme',
  custom_id: 'acme-app',
  groups: ['gold', 'eu,west'],
};

t.test('all that Kong says of a token is said under Kong’s names', async (t) => {
  const claims = {
    scope: 'accounts:read accounts:write',
    client_id: 'app',
    username: 'alice@example.com',
    token_type: 'Bearer',
    exp: 1_790_000_060,
    iat: 1_789_999_000,
    nbf: 1_789_999_001,
    sub: 'alice',
    aud: ['accounts-api', 'b'],
    iss: ISSUER,
    jti: 'j-1',
    active: true,
    email: 'unasked@example.com',
  };
  t.strictSame(credential(claims), [
    'X-Credential-Scope',
    'accounts:read accounts:write',
    'X-Credential-Client-ID',
    'app',
    'X-Credential-Identifier',
    'alice@example.com',
    'X-Credential-Token-Type',
    'Bearer',
    'X-Credential-Exp',
    '1790000060',
    'X-Credential-Iat',
    '1789999000',
    'X-Credential-Nbf',
    '1789999001',
    'X-Credential-Sub',
    'alice',
    'X-Credential-Aud',
    'accounts-api,b',
    'X-Credential-Iss',
    ISSUER,
    'X-Credential-Jti',
    'j-1',
  ]);
});

t.test('what the answer does not say is not said', async (t) => {
  t.strictSame(credential({}), []);
  const nothing = { scope: '', client_id: null, aud: [], exp: null, sub: null, iss: null, jti: null };
  t.strictSame(credential({ ...nothing, username: null, token_type: null, iat: null, nbf: null }), []);
});

t.test('scopes and audiences go as they were understood, however they were written', async (t) => {
  t.strictSame(credential({ scp: ['a', 'b'] }), ['X-Credential-Scope', 'a b']);
  t.strictSame(credential({ scope: ' a  b ' }), ['X-Credential-Scope', 'a b']);
  t.strictSame(credential({ aud: 'a' }), ['X-Credential-Aud', 'a']);
  t.strictSame(credential({ aud: 'a,b' }), ['X-Credential-Aud', 'a%2Cb'], 'one audience, not two');
});

t.test('what no header can carry refuses the request', async (t) => {
  t.strictSame(credential({ sub: 'alice\r\nX-Consumer-ID: root' }), {
    unrepresentable: 'what X-Credential-Sub says has control characters',
  });
  t.strictSame(credential({ username: 'x'.repeat(8_193) }), {
    unrepresentable: 'what X-Credential-Identifier says is longer than 8192 bytes',
  });
  t.strictSame(credential({ sub: 'José' }), ['X-Credential-Sub', 'Jos%C3%A9']);
  const bad = { ...acme, groups: ['a\nb'] };
  t.strictSame(consumerFields(bad, false), {
    unrepresentable: 'the consumer’s X-Consumer-Groups has control characters',
  });
  const route = asking({ claims: [{ claim: 'a', path: ['a'], name: 'X-A' }], consumer: true });
  t.match(identityFields({ route, identity: identity({ claims: { a: '\0' } }), consumer: acme }), {
    unrepresentable: 'the claim a has control characters',
  });
  t.match(identityFields({ route, identity: identity(), consumer: bad }), { unrepresentable: /Groups/ });
});

t.test('a consumer is said with all that it has', async (t) => {
  t.strictSame(consumerFields(acme, false), [
    'X-Consumer-ID',
    'c-1',
    'X-Consumer-Custom-ID',
    'acme-app',
    'X-Consumer-Username',
    'acme',
    'X-Consumer-Groups',
    'gold,eu%2Cwest',
  ]);
  t.strictSame(consumerFields({ username: 'guest', groups: [] }, true), [
    'X-Consumer-Username',
    'guest',
    'X-Anonymous-Consumer',
    'true',
  ]);
});

t.test('each part goes where the route asks for it, and of nobody nothing is said', async (t) => {
  const claims = [{ claim: 'sub', path: ['sub'], name: 'X-User' }];
  const known = { identity: identity({ claims: { sub: 'alice' } }), consumer: acme };
  const names = (exchange: Pick<Permitted, 'identity' | 'consumer'>, asked: object) =>
    (identityFields({ ...exchange, route: asking(asked) }) as string[]).filter((_, i) => i % 2 === 0);
  t.strictSame(names(known, {}), []);
  t.strictSame(names(known, { claims }), ['X-User']);
  t.strictSame(
    names(known, { consumer: true }),
    CONSUMER_FIELDS.slice(0, 4),
    'who has a token is not anonymous',
  );
  const all = { claims, credential: true, consumer: true };
  t.ok(names(known, all).includes('X-Credential-Sub'));
  t.notOk(names({ ...known, consumer: null }, all).some((name) => CONSUMER_FIELDS.includes(name)));
  t.strictSame(names({ identity: null, consumer: null }, all), []);
  t.strictSame(names({ identity: null, consumer: { username: 'guest', groups: [] } }, all), [
    'X-Consumer-Username',
    'X-Anonymous-Consumer',
  ]);
});

t.test('every name that is set here is reserved: no client’s own ever goes on', async (t) => {
  for (const name of [...CREDENTIAL_FIELDS, ...CONSUMER_FIELDS]) t.ok(isReserved(name), name);
  t.equal(CREDENTIAL_FIELDS.length, 11);
});

t.test('Authorization is told in any case', async (t) => {
  for (const name of ['authorization', 'Authorization', 'AUTHORIZATION']) t.ok(isAuthorization(name));
  for (const name of ['x-authorization', 'authorization2', false] as const) t.notOk(isAuthorization(name));
});

t.test('Authorization that was verified goes on only where the route hides no credentials', async (t) => {
  const kept = (changes: object, sent = 'Bearer opaque', jwt: string | false = false) =>
    keepsAuthorization(
      permitted({
        fields: fields('Authorization', sent),
        route: { ...asking({ jwt }), ...changes },
      }),
    );
  t.notOk(kept({}), 'by default');
  t.notOk(kept({ forward_unverified_authorization: true }), 'it was verified');
  t.ok(kept({ hide_credentials: false }));
  t.ok(kept({ hide_credentials: false }, 'bearer   opaque'), 'as it came');
  t.notOk(kept({ hide_credentials: false }, 'Bearer opaque', 'AUTHORIZATION'), 'where ours goes');
  t.ok(kept({ hide_credentials: false }, 'Bearer opaque', 'X-JWT'));
});

t.test('a token that came elsewhere vouches for no Authorization beside it', async (t) => {
  for (const sent of [
    'Basic b3BhcXVl',
    'Bearer other',
    'Bearer opaque2',
    'Bearer',
    'Basic opaque',
    'opaque',
    '',
  ])
    t.notOk(
      keepsAuthorization(
        permitted({
          fields: fields('Authorization', sent),
          route: { ...asking({}), hide_credentials: false, forward_unverified_authorization: true },
        }),
      ),
      sent,
    );
  t.notOk(
    keepsAuthorization(permitted({ fields: fields(), route: { ...asking({}), hide_credentials: false } })),
  );
});

t.test('Authorization that nobody verified goes on only where the route says so', async (t) => {
  const nobody = { identity: null, token: null, fields: fields('Authorization', 'Basic YTpi') };
  t.notOk(keepsAuthorization(permitted({ ...nobody, route: route({ hide_credentials: false }) })));
  t.ok(
    keepsAuthorization(permitted({ ...nobody, route: route({ forward_unverified_authorization: true }) })),
  );
});
