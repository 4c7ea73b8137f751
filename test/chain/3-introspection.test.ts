import t from 'tap';
import { introspection } from '../../src/chain/3-introspection.ts';
import type { Answer, Question } from '../../src/chain/ports.ts';
import type { Facts } from '../../src/oauth/facts.ts';
import { bearing, facts, identity, NOW, route } from '../support/exchange.ts';

const KNOWN = { authorization_server: 'main', cache: 'hit', joined: null } as const;
const seconds = NOW / 1_000;

/** The stage over an introspection that gives this answer, and what it was asked. */
function stage(answer: Answer | Promise<Answer>): {
  run: ReturnType<typeof introspection>['run'];
  asked: Question[];
} {
  const asked: Question[] = [];
  const { run } = introspection(
    (question) => {
      asked.push(question);
      return answer;
    },
    () => NOW,
  );
  return { run, asked };
}

const judged = (changes: Partial<Facts>) => stage({ ...KNOWN, facts: facts(changes) }).run(bearing());
const invalid = (fault: string, detail: string) => ({
  denial: 'invalid_token',
  fault,
  detail,
  challenge: { scopes: ['accounts:read'], resource_metadata: null },
});

t.test('the authorization server of the route is asked, and its facts are who calls', async (t) => {
  const { run, asked } = stage(Promise.resolve(identity()));
  const staff = { name: 'staff', issuers: ['https://staff.example'], token_prefix: null };
  const exchange = bearing({ route: route({ authorization_servers: [staff] }) });
  t.strictSame(await run(exchange), { ...exchange, identity: identity() });
  t.strictSame(asked, [{ server: 'staff', token: 'opaque', how: 'introspect', received: exchange }]);
});

t.test('a JWT that is verified here is what the upstream may get, by this request alone', async (t) => {
  const token = 'e30.e30.c2ln';
  for (const [jwt_tokens, verified_jwt] of [
    ['verify', token],
    ['introspect', undefined],
  ] as const) {
    const { run, asked } = stage({ ...KNOWN, facts: facts() });
    const result = await run(bearing({ token, route: route({ jwt_tokens }) }));
    t.equal('identity' in result && result.identity?.verified_jwt, verified_jwt);
    t.strictSame(asked[0]?.how, jwt_tokens);
  }
});

t.test('an answer that is there is used at once, without a promise', async (t) => {
  const result = stage({ ...KNOWN, facts: facts() }).run(bearing());
  t.notOk(result instanceof Promise);
  t.match(result, { identity: { ...KNOWN, facts: facts() } });
});

t.test('a token that is optional and was sent is asked about like any other', async (t) => {
  const exchange = bearing({ route: route({ token: 'optional' }) });
  t.strictSame(await stage(identity()).run(exchange), { ...exchange, identity: identity() });
});

t.test('without a token nobody is asked and nobody is identified', async (t) => {
  const { run, asked } = stage(identity());
  for (const changes of [{ token: 'optional' }, { token: 'none', authorization_server: null }] as const) {
    const exchange = bearing({ token: null, route: route(changes) });
    t.strictSame(await run(exchange), { ...exchange, identity: null });
  }
  t.strictSame(asked, []);
});

t.test('a token that nobody can be asked about is a bug, and not nobody', async (t) => {
  const { run } = stage(identity());
  t.throws(() => run(bearing({ route: route({ authorization_servers: [] }) })), {
    message: 'nobody to ask for the route account',
  });
});

t.test("a token's refusal is invalid_token, with all the scopes that the route requires", async (t) => {
  const refused = { fault: 'inactive', detail: 'it is not active' } as const;
  for (const answer of [{ ...KNOWN, refused }, Promise.resolve({ ...KNOWN, refused })])
    t.strictSame(await stage(answer).run(bearing()), invalid('inactive', 'it is not active'));
});

t.test(
  'a JWT is asked about, verified or refused as the route says; an opaque token is asked about',
  async (t) => {
    const jwt = 'eyJhbGciOiJFUzI1NiJ9.e30.c2ln';
    for (const [jwt_tokens, how] of [
      ['introspect', 'introspect'],
      ['verify', 'verify'],
      ['refuse', null],
    ] as const)
      for (const token of [jwt, `${jwt}=`, 'opaque']) {
        const { run, asked } = stage(identity());
        const result = await run(bearing({ token, route: route({ jwt_tokens }) }));
        const expected = token === 'opaque' ? 'introspect' : how;
        t.strictSame(
          asked.map((question) => question.how),
          expected === null ? [] : [expected],
          `${jwt_tokens} ${token}`,
        );
        if (expected === null)
          t.strictSame(result, invalid('jwt_refused', 'it is a JWT, and the route says jwt_tokens: refuse'));
        else t.match(result, { identity: {} });
      }
  },
);

t.test('of several authorization servers one is asked, and of a token of none of them nobody', async (t) => {
  const authorization_servers = [
    { name: 'a', issuers: ['https://a.example'], token_prefix: 'a_' },
    { name: 'b', issuers: ['https://b.example'], token_prefix: 'b_' },
  ];
  const jwt = (iss: string): string => `eyJhbGciOiJFUzI1NiJ9.${btoa(JSON.stringify({ iss }))}.c2ln`;
  const cases: [string, string | null][] = [
    ['a_1', 'a'],
    ['b_1', 'b'],
    [jwt('https://b.example'), 'b'],
    ['c_1', null],
    [jwt('https://c.example'), null],
  ];
  for (const [token, name] of cases) {
    const { run, asked } = stage(identity());
    const result = await run(bearing({ token, route: route({ authorization_servers }) }));
    t.strictSame(
      asked.map((question) => question.server),
      name === null ? [] : [name],
      token,
    );
    if (name === null)
      t.strictSame(result, invalid('wrong_issuer', 'it is from none of the route’s authorization servers'));
  }
});

t.test('too many new tokens are no fault of this one', async (t) => {
  for (const answer of [
    { ...KNOWN, throttled: 'too many', retry_after: 3 },
    Promise.resolve({ ...KNOWN, throttled: 'too many', retry_after: 3 }),
  ])
    t.strictSame(await stage(answer).run(bearing()), {
      denial: 'too_many_new_tokens',
      detail: 'too many',
      retry_after: 3,
    });
});

t.test('what is no access token was never one, on cache hits too', async (t) => {
  const refused = {
    fault: 'not_an_access_token',
    detail: 'its typ says that it is no access token',
  } as const;
  t.strictSame(
    await stage({ ...KNOWN, refused }).run(bearing()),
    invalid('not_an_access_token', 'its typ says that it is no access token'),
  );
});

t.test('the gateway fails closed when the authorization server cannot be asked', async (t) => {
  const unavailable = 'main: the call failed: ECONNREFUSED';
  for (const answer of [
    { ...KNOWN, unavailable, retry_after: 3 },
    Promise.resolve({ ...KNOWN, unavailable, retry_after: 3 }),
  ])
    t.strictSame(await stage(answer).run(bearing()), {
      denial: 'authorization_server_unavailable',
      detail: unavailable,
      retry_after: 3,
    });
});

t.test('facts from the cache are judged by the clock of this request', async (t) => {
  t.match(await judged({ expires_at: seconds + 1 }), { identity: {} }, 'not expired yet');
  t.strictSame(await judged({ expires_at: seconds }), invalid('expired', 'its exp is past'));
  t.match(await judged({ expires_at: null }), { identity: {} }, 'no expiry of its own');
  t.match(await judged({ not_before: seconds + 5 }), { identity: {} }, 'within the leeway');
  t.strictSame(
    await judged({ not_before: seconds + 6 }),
    invalid('not_yet_valid', 'its nbf or iat is to come'),
  );
});

t.test('a token bound to a key is no bearer token, on cache hits too (RFC 7800, 8705, 9449)', async (t) => {
  for (const cnf of [{ jkt: 'x' }, { 'x5t#S256': 'x' }, {}])
    t.strictSame(
      await judged({ claims: { sub: 'alice', cnf } }),
      invalid('sender_constrained', 'it is bound to a key whose proof this route does not verify'),
    );
});

t.test('an introspection that breaks is an exception, and no exchange', async (t) => {
  await t.rejects(async () => stage(Promise.reject(new Error('a bug'))).run(bearing()), { message: 'a bug' });
});
