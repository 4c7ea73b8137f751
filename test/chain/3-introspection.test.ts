import t from 'tap';
import { introspection } from '../../src/chain/3-introspection.ts';
import type { Answer } from '../../src/chain/ports.ts';
import type { Facts } from '../../src/oauth/facts.ts';
import { bearing, facts, identity, NOW, route } from '../support/exchange.ts';

const KNOWN = { authorization_server: 'main', cache: 'hit', joined: null } as const;
const seconds = NOW / 1_000;

/** The stage over an introspection that gives this answer, and what it was asked. */
function stage(answer: Answer | Promise<Answer>): {
  run: ReturnType<typeof introspection>['run'];
  asked: string[][];
} {
  const asked: string[][] = [];
  const { run } = introspection(
    (server, token) => {
      asked.push([server, token]);
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
  required: ['accounts:read'],
});

t.test('the authorization server of the route is asked, and its facts are who calls', async (t) => {
  const { run, asked } = stage(Promise.resolve(identity()));
  const exchange = bearing({ route: route({ authorization_server: 'staff' }) });
  t.strictSame(await run(exchange), { ...exchange, identity: identity() });
  t.strictSame(asked, [['staff', 'opaque']]);
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
  t.throws(() => run(bearing({ route: route({ authorization_server: null }) })), {
    message: 'nobody to ask for the route account',
  });
});

t.test("a token's refusal is invalid_token, with all the scopes that the route requires", async (t) => {
  const refused = { fault: 'inactive', detail: 'it is not active' } as const;
  for (const answer of [{ ...KNOWN, refused }, Promise.resolve({ ...KNOWN, refused })])
    t.strictSame(await stage(answer).run(bearing()), invalid('inactive', 'it is not active'));
});

t.test('the gateway fails closed when the authorization server cannot be asked', async (t) => {
  const unavailable = 'main: the call failed: ECONNREFUSED';
  for (const answer of [{ ...KNOWN, unavailable }, Promise.resolve({ ...KNOWN, unavailable })])
    t.strictSame(await stage(answer).run(bearing()), {
      denial: 'authorization_server_unavailable',
      detail: unavailable,
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
