// What the authorization server is spared, and what holds while it is ill. Its calls end when the test says so.
import t from 'tap';
import { type Held, heldIntrospection, settled } from '../support/held-introspection.ts';

const ALICE = { active: true, sub: 'alice', client_id: 'app' };
const STALE = { cache: { max_ttl: '10s', dangerously_serve_stale: '60s' }, breaker: { failures: 2 } };

/** Asks, and has the server end the call that comes of it. */
async function asked(held: Held, token: string, members: object | number | 'broken', headers = {}) {
  const answer = held.ask(token);
  await settled();
  const call = held.calls.at(-1);
  if (members === 'broken') call?.fail();
  else call?.answer(members, headers);
  return answer;
}

t.test('Kong cache_introspection: false: with a max_ttl of 0s every request asks', async (t) => {
  const held = heldIntrospection({ cache: { max_ttl: '0s' }, limits: { burst: 1 } });
  for (let request = 0; request < 10; request++)
    t.match(await asked(held, 'a', ALICE), { cache: 'miss', facts: {} }, 'and the limits are for new tokens');
  t.equal(held.calls.length, 10);
});

t.test(
  'so many failures in a row and it is left alone: no call, and the seconds until the next',
  async (t) => {
    const held = heldIntrospection({ breaker: { failures: 3, open_for: '5s' } });
    t.match(await asked(held, 'a', 'broken'), { unavailable: /ECONNREFUSED/, retry_after: 1 });
    t.match(await asked(held, 'b', 503), { unavailable: 'main: it answered 503', retry_after: 1 });
    t.match(await asked(held, 'c', 429), { unavailable: 'main: it answered 429', retry_after: 5 });
    t.strictSame(held.changes, ['open']);
    t.match(held.introspector.status(), { breaker: 'open', failure: 'main: it answered 429' });
    held.clock.time += 2_000;
    t.match(await held.ask('d'), {
      unavailable: 'main: it failed and is left alone',
      retry_after: 3,
      cache: 'miss',
      joined: null,
      authorization_server: 'main',
    });
    t.equal(held.calls.length, 3);
  },
);

t.test('what it knows is not the server’s to give: hits go on while it is left alone', async (t) => {
  const held = heldIntrospection({ breaker: { failures: 1 } });
  await asked(held, 'good', ALICE);
  await asked(held, 'a', 'broken');
  t.match(await held.ask('good'), { facts: {}, cache: 'hit' });
});

t.test('one call then tries, the others do not wait for it, and it is back', async (t) => {
  const held = heldIntrospection({ breaker: { failures: 1, open_for: '5s' } });
  await asked(held, 'a', 'broken');
  held.clock.time += 5_000;
  t.match(held.introspector.status(), { breaker: 'half_open' });
  const trial = held.ask('a');
  t.match(await held.ask('b'), { unavailable: /left alone/, retry_after: 1 });
  const joins = held.ask('a');
  await settled();
  t.equal(held.calls.length, 2);
  held.calls[1]?.answer(ALICE);
  t.match(await trial, { facts: {}, cache: 'miss' });
  t.match(await joins, { facts: {}, cache: 'coalesced' });
  t.match(await asked(held, 'b', ALICE), { facts: {} });
  t.strictSame(held.changes, ['open', 'closed']);
  t.match(held.introspector.status(), { breaker: 'closed', failure: null });
});

t.test('inactive, refused and faulty answers are answers: the server is not ill', async (t) => {
  const held = heldIntrospection({ breaker: { failures: 1 } });
  await asked(held, 'a', { active: false });
  await asked(held, 'b', 400);
  await asked(held, 'c', 401);
  await asked(held, 'd', { active: 'true' });
  await asked(held, 'e', { active: true, iss: 'https://other.example' });
  t.equal(held.introspector.status().breaker, 'closed');
  t.equal(held.calls.length, 5);
});

t.test('any of them ends a row of failures', async (t) => {
  const held = heldIntrospection({ breaker: { failures: 2 } });
  for (const answer of [{ active: false }, 400, { active: 'true' }]) {
    await asked(held, 'a', 'broken');
    await asked(held, `b${JSON.stringify(answer)}`, answer);
  }
  await asked(held, 'a', 'broken');
  t.equal(held.introspector.status().breaker, 'closed');
  await asked(held, 'a', 'broken');
  t.equal(held.introspector.status().breaker, 'open');
});

t.test('what the server asks for with Retry-After is passed on, within a minute', async (t) => {
  const held = heldIntrospection();
  const after = async (seconds: string) =>
    (await asked(held, 'a', 503, { 'retry-after': seconds })) as { retry_after?: number };
  t.match(await after('7'), { retry_after: 7 });
  t.match(await after('0'), { retry_after: 1 });
  t.match(await after('86400'), { retry_after: 60 });
  t.match(await after('Fri, 31 Dec 1999 23:59:59 GMT'), { retry_after: 1 });
});

t.test('which is passed on to all, when it is longer than the time that is left', async (t) => {
  const held = heldIntrospection({ breaker: { failures: 1, open_for: '5s' } });
  t.match(await asked(held, 'a', 503, { 'retry-after': '7' }), { retry_after: 7 });
  held.clock.time += 1_500;
  t.match(await held.ask('b'), { unavailable: /left alone/, retry_after: 6 });
  held.clock.time += 3_500;
  t.match(await asked(held, 'c', 503, { 'retry-after': '3' }), { retry_after: 5 });
  held.clock.time += 1_000;
  t.match(await held.ask('d'), { unavailable: /left alone/, retry_after: 4 });
  held.clock.time += 4_000;
  t.match(await asked(held, 'e', 503, { 'retry-after': '86400' }), { retry_after: 60 });
  t.match(await held.ask('f'), { unavailable: /left alone/, retry_after: 60 });
});

t.test('a token on which the server fails does not have it left alone with those it knows', async (t) => {
  const breaker = { failures: 2, open_for: '5s' };
  const held = heldIntrospection({ cache: { max_ttl: '1s' }, breaker });
  await asked(held, 'good', ALICE);
  for (let round = 0; round < 5; round++) {
    held.clock.time += 5_000;
    while (held.introspector.status().breaker !== 'open') await asked(held, `odd-${held.calls.length}`, 500);
    t.match(await held.ask('new'), { unavailable: /left alone/ });
    t.match(await asked(held, 'good', ALICE), { facts: {}, cache: 'miss' });
  }
});

t.test('an address that sends more new tokens than it may is throttled, and nobody else', async (t) => {
  const held = heldIntrospection({ limits: { burst: 2, misses_per_address: '1/s' } });
  void held.ask('a');
  void held.ask('b');
  t.match(await held.ask('c'), {
    throttled: 'main: too many new tokens from this address',
    retry_after: 1,
    cache: 'miss',
    authorization_server: 'main',
    joined: null,
  });
  void held.ask('c', '192.0.2.2');
  await settled();
  t.equal(held.calls.length, 3);
  held.clock.time += 1_000;
  void held.ask('d');
  await settled();
  t.equal(held.calls.length, 4);
});

t.test('who joins a call that is under way takes nothing', async (t) => {
  const held = heldIntrospection({ limits: { burst: 1, concurrency: 1 } });
  const answers = Array.from({ length: 1_000 }, () => held.ask('a'));
  await settled();
  t.equal(held.calls.length, 1);
  held.calls[0]?.answer(ALICE);
  const caches = (await Promise.all(answers)).map(({ cache }) => cache);
  t.equal(caches.filter((cache) => cache === 'coalesced').length, 999);
});

t.test('a token that was active until lately is renewed when new ones are not asked about', async (t) => {
  const held = heldIntrospection({ limits: { burst: 1, misses: '1/s', concurrency: 4 } });
  await asked(held, 'good', ALICE);
  for (let random = 0; random < 100; random++) void held.ask(`random-${random}`);
  held.clock.time += 30_000;
  t.match(await asked(held, 'good', ALICE), { cache: 'miss', facts: {} });
  held.clock.time += 30_000;
  await asked(held, 'good', { active: false });
  held.clock.time += 5_000;
  void held.ask('random');
  t.match(await held.ask('good'), { throttled: String }, 'until it is not');
});

t.test('of the calls at once, a quarter is for tokens that were active until lately', async (t) => {
  const held = heldIntrospection({ limits: { concurrency: 4 } });
  await asked(held, 'good', ALICE);
  held.clock.time += 30_000;
  for (let random = 0; random < 3; random++) void held.ask(`random-${random}`, `198.51.100.${random}`);
  t.match(await held.ask('random-3'), {
    unavailable: 'main: 4 calls may be under way at once',
    retry_after: 1,
  });
  const renewed = held.ask('good');
  await settled();
  t.equal(held.calls.length, 5);
  held.calls[4]?.answer(ALICE);
  t.match(await renewed, { facts: {} });
});

t.test('more of them wait for their turn, and not for a server that turns out to be ill', async (t) => {
  const held = heldIntrospection({ limits: { concurrency: 1 }, breaker: { failures: 2 } });
  for (const token of ['a', 'b', 'c', 'd', 'e']) await asked(held, token, ALICE);
  held.clock.time += 30_000;
  const answers = ['a', 'b', 'c', 'd'].map((token) => held.ask(token));
  t.match(await held.ask('e'), {
    throttled: 'main: too many tokens from this address',
    retry_after: 1,
  });
  answers.push(held.ask('e', '192.0.2.2'));
  const joins = held.ask('e');
  for (const [index, end] of [() => held.calls[5]?.answer(ALICE), () => held.calls[6]?.fail()].entries()) {
    await settled();
    t.equal(held.calls.length, 6 + index, 'one at a time');
    end();
  }
  await settled();
  held.calls[7]?.fail();
  t.match(await Promise.all([...answers, joins]), [
    { facts: {} },
    { unavailable: /ECONNREFUSED/ },
    { unavailable: /ECONNREFUSED/ },
    { unavailable: /left alone/, retry_after: 5, cache: 'miss' },
    { unavailable: /left alone/ },
    { unavailable: /left alone/, cache: 'coalesced' },
  ]);
  t.equal(held.calls.length, 8);
});

t.test('a call that ends makes room, however it ends', async (t) => {
  const held = heldIntrospection({ limits: { concurrency: 1 }, breaker: { failures: 9 } });
  await asked(held, 'a', ALICE);
  await asked(held, 'b', { active: false });
  await asked(held, 'c', 'broken');
  await asked(held, 'd', 500);
  t.match(await asked(held, 'e', ALICE), { facts: {} });
});

t.test('more new tokens than the server may hear of are 503, with the time to wait', async (t) => {
  const held = heldIntrospection({ limits: { misses: '6/m' } });
  await asked(held, 'a', ALICE);
  t.match(await held.ask('b'), { unavailable: 'main: too many new tokens', retry_after: 10 });
});

t.test('older facts are served while the server is ill, when that is dared, and named stale', async (t) => {
  const held = heldIntrospection(STALE);
  await asked(held, 'a', ALICE);
  held.clock.time += 10_000;
  const stale = { facts: { claims: { sub: 'alice' } }, cache: 'stale', authorization_server: 'main' };
  t.match(await asked(held, 'a', 'broken'), { ...stale, joined: null });
  t.match(await asked(held, 'a', 503), stale);
  t.equal(held.introspector.status().breaker, 'open');
  t.match(await held.ask('a'), stale, 'without a call, now that it is left alone');
  t.equal(held.calls.length, 3);
  t.match(await held.ask('b'), { unavailable: /left alone/ }, 'of who is new nothing is known');
  held.clock.time += 59_999;
  t.match(await asked(held, 'a', 'broken'), stale);
  held.clock.time += 1;
  t.match(await held.ask('a'), { unavailable: /left alone/ }, 'and it is not for ever');
});

t.test('who joins a call that fails is served the same stale facts', async (t) => {
  const held = heldIntrospection(STALE);
  await asked(held, 'a', ALICE);
  held.clock.time += 10_000;
  const answers = [held.ask('a'), held.ask('a')];
  await settled();
  held.calls[1]?.fail();
  t.match(await Promise.all(answers), [
    { cache: 'stale', joined: null },
    { cache: 'stale', joined: 'the caller' },
  ]);
});

t.test('without that option nothing is served after its time', async (t) => {
  const held = heldIntrospection({ cache: { max_ttl: '10s' }, breaker: { failures: 1 } });
  await asked(held, 'a', ALICE);
  held.clock.time += 10_000;
  t.match(await asked(held, 'a', 'broken'), { unavailable: String });
  t.match(await held.ask('a'), { unavailable: String });
});

t.test('stale facts are for an ill server: one that lies or refuses us gets nobody in', async (t) => {
  const held = heldIntrospection(STALE);
  await asked(held, 'a', ALICE);
  held.clock.time += 10_000;
  for (const answer of [400, 401, { active: 'true' }, { active: true, exp: -1 }])
    t.match(await asked(held, 'a', answer), { unavailable: String }, JSON.stringify(answer));
});

t.test('nor are they for a server that is merely busy', async (t) => {
  const held = heldIntrospection({ ...STALE, limits: { concurrency: 1 } });
  await asked(held, 'a', ALICE);
  held.clock.time += 10_000;
  const other = held.ask('b');
  const waits = held.ask('a');
  await settled();
  t.equal(held.calls.length, 2);
  held.calls[1]?.answer(ALICE);
  await other;
  await settled();
  held.calls[2]?.answer({ active: false });
  t.match(await waits, { refused: {} });
});

t.test('a token that was said to be inactive, or whose exp is past, is never served stale', async (t) => {
  const held = heldIntrospection({ ...STALE, breaker: { failures: 99 } });
  const exp = held.clock.time / 1_000 + 30;
  await asked(held, 'revoked', ALICE);
  await asked(held, 'expiring', { ...ALICE, exp });
  held.clock.time += 10_000;
  await asked(held, 'revoked', { active: false });
  held.clock.time += 5_000;
  t.match(await asked(held, 'revoked', 'broken'), { unavailable: String });
  t.match(await asked(held, 'expiring', 'broken'), { cache: 'stale' });
  held.clock.time += 15_000;
  t.match(await asked(held, 'expiring', 'broken'), { unavailable: String });
});

t.test('nor is one that was purged', async (t) => {
  for (const whose of [{ token: 'a' }, { subject: 'alice' }, { client: 'app' }]) {
    const held = heldIntrospection(STALE);
    await asked(held, 'a', ALICE);
    held.clock.time += 10_000;
    t.equal(held.introspector.purge(whose), 1);
    t.match(await asked(held, 'a', 'broken'), { unavailable: String });
  }
});

t.test('a purge while a call that fails is under way leaves nothing to be served stale', async (t) => {
  const held = heldIntrospection(STALE);
  await asked(held, 'a', ALICE);
  held.clock.time += 10_000;
  const answer = held.ask('a');
  await settled();
  held.introspector.purge({ token: 'a' });
  held.calls[1]?.fail();
  t.match(await answer, { unavailable: String });
});

t.test('an answer under way when a purge comes is for those who wait, and for nobody after it', async (t) => {
  const held = heldIntrospection();
  const before = [held.ask('a'), held.ask('a')];
  await settled();
  t.equal(held.introspector.purge({ subject: 'alice' }), 0, 'there is nothing yet');
  const after = held.ask('a');
  await settled();
  t.equal(held.calls.length, 2, 'who comes later asks anew');
  held.calls[0]?.answer(ALICE);
  t.match(await Promise.all(before), [{ facts: {} }, { facts: {} }]);
  t.equal(held.introspector.status().cached, 0);
  const joins = held.ask('a');
  held.calls[1]?.answer({ active: false });
  t.match(await after, { refused: { fault: 'inactive' } });
  t.match(await joins, { refused: { fault: 'inactive' }, cache: 'coalesced' });
  t.match(await held.ask('a'), { refused: { fault: 'inactive' }, cache: 'hit' });
});

t.test('an old answer that comes last does not bring back what was found inactive since', async (t) => {
  const held = heldIntrospection();
  const before = held.ask('a');
  await settled();
  held.introspector.purge({ token: 'a' });
  t.match(await asked(held, 'a', { active: false }), { refused: {} });
  held.calls[0]?.answer(ALICE);
  await before;
  t.match(await held.ask('a'), { refused: { fault: 'inactive' }, cache: 'hit' });
});
