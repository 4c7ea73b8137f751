import t from 'tap';
import { learnt, learntOfRefused } from '../../src/explain/learnt.ts';
import {
  bearing,
  decision,
  identified,
  identity,
  NOW,
  permitted,
  route,
  routed,
  scoped,
} from '../support/exchange.ts';

t.test('a route is told with where the request goes, and from whom it comes', async (t) => {
  t.strictSame(learnt('route', routed(), NOW), {
    route: 'account',
    pattern: '/accounts/{id}',
    params: { id: '1001' },
    client_ip: '192.0.2.1',
    service: 'accounts',
    upstream_path: '/accounts/1001',
    token: 'required',
  });
  t.notOk('params' in learnt('route', routed({ params: {} }), NOW));
});

t.test('a token is told by what it is, never by itself', async (t) => {
  t.strictSame(learnt('credential', bearing({ token: 'opaque' }), NOW), { token: 'opaque, 6 characters' });
  t.strictSame(learnt('credential', bearing({ token: null }), NOW), { token: 'none, and none is needed' });
  const none = bearing({ token: null, route: route({ token: 'none' }) });
  t.strictSame(learnt('credential', none, NOW), { token: 'none is looked for' });
});

t.test('an answer is told with its claims, and with how long it holds', async (t) => {
  const told = learnt('introspection', identified(), NOW);
  t.match(told, {
    authorization_server: 'main',
    answer: 'fresh',
    expires: /Z, in 60 s$/,
    jwt: 'the answer carries one',
    claims: { sub: 'alice' },
  });
  t.notMatch(JSON.stringify(told), 'phantom.jwt');
  const bare = { ...identity({ jwt: null, expires_at: null }), cache: 'stale' as const };
  t.match(learnt('introspection', identified({ identity: bare }), NOW), {
    answer: 'stale',
    jwt: 'the answer carries none',
    expires: 'it does not say',
  });
  t.strictSame(learnt('introspection', identified({ identity: null }), NOW), { identity: 'nobody' });
});

t.test('what was required, and who calls', async (t) => {
  t.strictSame(learnt('scope', scoped(), NOW), {
    scopes: [['accounts:read']],
    audience: ['accounts-api'],
    claims: [],
    consumer: null,
  });
  const consumer = { username: 'alice', custom_id: '7', groups: [] };
  t.match(learnt('scope', scoped({ consumer }), NOW), { consumer: 'alice' });
  t.match(learnt('scope', scoped({ consumer: { custom_id: '7', groups: [] } }), NOW), { consumer: '7' });
  t.match(learnt('scope', scoped({ consumer: { id: 'u', groups: [] } }), NOW), { consumer: 'u' });
  t.strictSame(learnt('scope', scoped({ identity: null }), NOW), {
    required: 'nothing of a caller without a token',
    consumer: null,
  });
});

t.test('what decided', async (t) => {
  t.strictSame(learnt('policy', permitted(), NOW), { policy: 'none' });
  const made = { entrypoint: 'accounts/allow', revision: 'r1', allow: true };
  t.strictSame(learnt('policy', permitted({ decision: decision() }), NOW), made);
  t.match(learnt('policy', permitted({ decision: decision({ reason: 'own account' }) }), NOW), {
    ...made,
    reason: 'own account',
  });
  t.strictSame(learnt('forward', permitted(), NOW), {});
});

t.test('of a token that is refused it is told what was said of it, and when', async (t) => {
  const said = { authorization_server: 'main', cache: 'miss', joined: null } as const;
  const second = NOW / 1_000;
  const claims = { iss: 'https://other', exp: second - 100, nbf: second + 60, iat: second, sub: 'alice' };
  const refused = { fault: 'wrong_issuer', detail: 'for operators', claims } as const;
  const told = learntOfRefused('introspection', { ...said, refused }, NOW);
  t.match(told, {
    authorization_server: 'main',
    issuer: 'https://other',
    expires: /Z, 100 s ago$/,
    not_before: /Z, in 60 s$/,
    issued: /Z, in 0 s$/,
    claims,
  });
  const facts = identity({ claims: { cnf: {}, exp: 'never' } });
  t.strictSame(learntOfRefused('introspection', facts, NOW), {
    authorization_server: 'main',
    claims: { cnf: {}, exp: 'never' },
  });
  const unavailable = { ...said, unavailable: 'main: it answered 500', retry_after: 1 };
  t.strictSame(learntOfRefused('introspection', unavailable, NOW), { authorization_server: 'main' });
  t.strictSame(learntOfRefused('introspection', null, NOW), {}, 'nobody was asked');
  t.strictSame(learntOfRefused('scope', facts, NOW), {}, 'it was told where it was learnt');
});
