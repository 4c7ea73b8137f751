import t from 'tap';
import type { Answer } from '../../src/chain/ports.ts';
import { answerCache } from '../../src/oauth/answer-cache.ts';
import { type Facts, type FactsFault, INACTIVE } from '../../src/oauth/facts.ts';
import type { Introspected } from '../../src/oauth/introspection-response.ts';
import { facts, received, target } from '../support/exchange.ts';
import { question, serverConfig } from '../support/introspection.ts';

const START = 1_700_000_000_000;
const ACTIVE: Partial<Facts> = { expires_at: null };

/** What a call came to. */
const said = (answer: Partial<Facts> | FactsFault, more: Partial<Introspected> = {}): Introspected => ({
  answer: 'fault' in answer ? answer : facts(answer),
  max_age: null,
  size: 10,
  ...more,
});

/** A cache whose clock is the test's. */
function start(cache: object = {}, introspection: object = {}, name = 'main') {
  const clock = { time: START };
  const config = serverConfig('https://as.example', { introspection: { ...introspection, cache } });
  const answers = answerCache(name, config, () => clock.time);
  const keyOf = (token: string): string => answers.keyOf(question(token));
  return {
    clock,
    answers,
    keyOf,
    keep: (token: string, introspected: Introspected): void =>
      answers.keeping(keyOf(token), token)(introspected),
    get: (token: string): Answer | undefined => answers.get(keyOf(token)),
    late: (token: string) => answers.late(keyOf(token)),
  };
}

t.test('facts are given out whole, the same to all, until their time is over', async (t) => {
  const { keep, get, late, clock } = start();
  keep('a', said(ACTIVE));
  const hit = get('a');
  t.strictSame(hit, {
    facts: facts(ACTIVE),
    authorization_server: 'main',
    cache: 'hit',
    joined: null,
  });
  t.equal(get('a'), hit);
  clock.time += 29_999;
  t.equal(get('a'), hit);
  t.equal(late('a'), undefined);
  clock.time += 1;
  t.equal(get('a'), undefined);
  t.match(late('a'), { facts: facts(ACTIVE), by: 0 });
});

t.test('an inactive answer takes the place of facts, late ones too, and facts take its place', async (t) => {
  const { keep, get, late, clock } = start({ inactive_ttl: '1h' });
  keep('a', said(ACTIVE));
  keep('a', said(INACTIVE));
  t.match(get('a'), { refused: INACTIVE, cache: 'hit' });
  keep('a', said(ACTIVE));
  t.match(get('a'), { facts: {} });
  clock.time += 40_000;
  t.ok(late('a'));
  keep('a', said(INACTIVE));
  t.equal(late('a'), undefined);
  t.match(get('a'), { refused: INACTIVE });
});

t.test('an inactive answer is kept for its own time, and max-age shortens that too', async (t) => {
  const { keep, get, clock } = start();
  keep('a', said(INACTIVE));
  keep('short', said(INACTIVE, { max_age: 1 }));
  keep('never', said(INACTIVE, { max_age: 0 }));
  t.equal(get('never'), undefined);
  clock.time += 999;
  t.ok(get('short'));
  clock.time += 1;
  t.equal(get('short'), undefined);
  clock.time += 3_999;
  t.ok(get('a'));
  clock.time += 1;
  t.equal(get('a'), undefined);
});

t.test('what has expired is neither kept nor held, and older facts go with it', async (t) => {
  const { keep, get, late, clock } = start();
  keep('a', said({ expires_at: START / 1_000 + 3_600 }));
  clock.time += 60_000;
  keep('a', said({ expires_at: clock.time / 1_000 }));
  t.equal(get('a'), undefined);
  t.equal(late('a'), undefined);
  keep('b', said({ expires_at: clock.time / 1_000 - 1 }));
  t.equal(late('b'), undefined);
});

t.test('facts whose token has expired meanwhile are not late, they are over', async (t) => {
  const { keep, late, clock } = start({ dangerously_serve_stale: '1h' });
  keep('a', said({ expires_at: START / 1_000 + 60 }));
  clock.time += 59_999;
  t.match(late('a'), { by: 29_999 });
  clock.time += 1;
  t.equal(late('a'), undefined);
});

t.test('with no time to be used, facts are late at once: a sign that the token was active', async (t) => {
  for (const { keep, get, late } of [start({ max_ttl: '0s' }), start()]) {
    keep('a', said(ACTIVE, { max_age: 0 }));
    t.equal(get('a'), undefined);
    t.match(late('a'), { by: 0 });
  }
});

t.test('late facts are held for ten minutes, or for as long as stale ones may be served', async (t) => {
  const usual = start();
  usual.keep('a', said(ACTIVE));
  usual.clock.time += 30_000 + 599_999;
  t.ok(usual.late('a'));
  usual.clock.time += 1;
  t.equal(usual.late('a'), undefined);
  const daring = start({ dangerously_serve_stale: '1h' });
  daring.keep('a', said(ACTIVE));
  daring.clock.time += 30_000 + 3_599_999;
  t.match(daring.late('a'), { by: 3_599_999 });
});

t.test('an answer that was asked for before a purge is not kept', async (t) => {
  const { answers, keyOf, get } = start();
  const keep = answers.keeping(keyOf('a'), 'a');
  answers.purge({ token: 'another' });
  keep(said(ACTIVE));
  t.equal(get('a'), undefined);
  const again = answers.keeping(keyOf('a'), 'a');
  again(said(ACTIVE));
  t.ok(get('a'));
});

t.test('nor is an inactive one, but that the token is no longer active holds', async (t) => {
  const { answers, keyOf, keep, get, late } = start();
  keep('a', said(ACTIVE));
  const before = answers.keeping(keyOf('a'), 'a');
  answers.purge({ subject: 'nobody' });
  before(said(INACTIVE));
  t.equal(get('a'), undefined);
  t.equal(late('a'), undefined);
});

t.test('a token is purged however it was asked about, and only that', async (t) => {
  const { answers, clock } = start({ inactive_ttl: '1h' }, { introspect_request: true });
  const asked = (token: string) => [
    { ...question(token), received: received({ target: target('/one') }) },
    { ...question(token), received: received({ target: target('/two') }) },
    question(token, 'verify'),
  ];
  const keys = (token: string) => asked(token).map(answers.keyOf);
  t.equal(new Set(keys('a')).size, 3);
  for (const token of ['a', 'b']) {
    const [one = '', two = '', verified = ''] = keys(token);
    answers.keeping(two, token)(said(INACTIVE));
    for (const key of [one, verified]) answers.keeping(key, token)(said(ACTIVE));
  }
  t.equal(answers.purge({ token: 'a' }), 3);
  for (const key of keys('a')) t.equal(answers.get(key), undefined);
  for (const key of keys('b')) t.ok(answers.get(key));
  clock.time += 40_000;
  t.equal(answers.purge({ token: 'b' }), 3, 'late facts too');
  t.equal(answers.late(keys('b')[0] ?? ''), undefined);
  t.equal(answers.size(), 0);
});

t.test('a token that is found inactive is so for all requests, and its late facts are gone', async (t) => {
  for (const along of [{ introspect_request: true }, { client_headers: ['X-Tenant'] }]) {
    const { answers, clock } = start({ dangerously_serve_stale: '1h' }, along);
    const key = (token: string, tenant: string): string =>
      answers.keyOf({
        ...question(token),
        received: received({ target: target(`/${tenant}`), fields: ['X-Tenant', tenant] }),
      });
    for (const token of ['a', 'b'])
      for (const tenant of ['one', 'two']) answers.keeping(key(token, tenant), token)(said(ACTIVE));
    clock.time += 30_000;
    answers.keeping(key('a', 'three'), 'a')(said(ACTIVE));
    answers.keeping(key('a', 'one'), 'a')(said(INACTIVE));
    for (const tenant of ['one', 'two', 'three']) t.equal(answers.late(key('a', tenant)), undefined, tenant);
    t.equal(answers.get(key('a', 'three')), undefined);
    t.ok(answers.late(key('b', 'two')), 'another token’s are not');
    t.equal(answers.size(), 2);
  }
});

t.test('a subject’s and a client’s answers are purged, and nobody else’s', async (t) => {
  const { answers, keep, get } = start();
  const fill = (): void => {
    keep('a', said({ ...ACTIVE, claims: { sub: 'alice' }, client_id: 'app' }));
    keep('b', said({ ...ACTIVE, claims: { sub: 'bob' }, client_id: 'app' }));
    keep('c', said({ ...ACTIVE, claims: { sub: 'alice' }, client_id: 'other' }));
    keep('d', said({ ...ACTIVE, claims: {}, client_id: null }));
  };
  const left = () => ['a', 'b', 'c', 'd'].filter((token) => get(token));
  fill();
  t.equal(answers.purge({ subject: 'alice' }), 2);
  t.strictSame(left(), ['b', 'd']);
  fill();
  t.equal(answers.purge({ client: 'app' }), 2);
  t.strictSame(left(), ['c', 'd']);
  t.equal(answers.purge({ client: 'alice' }), 0);
  t.equal(answers.purge({ subject: 'app' }), 0);
});

t.test('facts are bounded by the bytes that they came in', async (t) => {
  const { answers, keep, get } = start({ max_size: '100B' });
  keep('a', said(ACTIVE, { size: 60 }));
  keep('b', said(ACTIVE, { size: 30 }));
  t.equal(answers.bytes(), 90);
  keep('c', said(ACTIVE, { size: 60 }));
  t.equal(get('a'), undefined);
  t.ok(get('b'));
  t.ok(get('c'));
  keep('large', said(ACTIVE, { size: 101 }));
  t.equal(get('large'), undefined);
  t.equal(answers.size(), 2);
  t.equal(answers.bytes(), 90);
});

t.test('of a refused answer the fault is kept, and not what it said: that has no bound', async (t) => {
  const { keep, get } = start();
  const fault = { fault: 'wrong_issuer', detail: 'the token is from another issuer' } as const;
  keep('a', said({ ...fault, claims: { sub: 'alice', much: 'x'.repeat(100_000) } }));
  t.strictSame(get('a'), { refused: fault, authorization_server: 'main', cache: 'hit', joined: null });
});

t.test('inactive answers have a tenth of the room for themselves', async (t) => {
  const { answers, keep, get } = start({ max_entries: 20, max_size: '1KiB' });
  keep('good', said(ACTIVE, { size: 1_000 }));
  for (let random = 0; random < 30; random++) keep(`random-${random}`, said(INACTIVE, { size: 1_000 }));
  t.ok(get('good'));
  t.ok(get('random-29'));
  t.ok(get('random-28'));
  t.equal(get('random-27'), undefined);
  t.equal(answers.size(), 1);
});

t.test(
  'GHSA-4mq7-pvjg-xp2r: a key tells servers, clients, accept modes, ways of asking, requests and tokens apart',
  async (t) => {
    const base = serverConfig('https://as.example');
    const along = { introspect_request: true, client_headers: ['X-Tenant', 'X-Other'] };
    const varied = answerCache(
      'main',
      serverConfig('https://as.example', { introspection: along }),
      Date.now,
    );
    const requests = [
      received({ target: target('/a') }),
      received({ target: target('/a'), method: 'POST' }),
      received({ target: target('/b') }),
      received({ target: target('/a'), fields: ['X-Tenant', 'one'] }),
      received({ target: target('/a'), fields: ['X-Tenant', 'two'] }),
      received({ target: target('/a'), fields: ['X-Other', 'one'] }),
      received({ target: target('/a'), fields: ['X-Tenant', ''] }),
    ];
    const keys = requests.map((one) => varied.keyOf({ token: 'a', how: 'introspect', received: one }));
    t.equal(new Set(keys).size, requests.length);
    t.strictSame(
      new Set(requests.map((one) => varied.keyOf({ token: 'a', how: 'verify', received: one }))).size,
      1,
      'what is verified here varies with nothing',
    );
    const plain = answerCache('main', base, Date.now);
    t.equal(
      new Set(requests.map((one) => plain.keyOf({ token: 'a', how: 'introspect', received: one }))).size,
      1,
      'nor does an answer for which nothing is sent along',
    );
    t.not(plain.keyOf(question('a')), plain.keyOf(question('a', 'verify')));
    for (const key of keys) t.match(key, /^[A-Za-z0-9+/]{43}=$/);
  },
);

t.test('GHSA-rp9m-7r4c-75qg: what is joined in a key cannot be divided in another way', async (t) => {
  const same = Buffer.alloc(32, 7);
  const { answerCache: cacheOf } = await t.mockImport<typeof import('../../src/oauth/answer-cache.ts')>(
    '../../src/oauth/answer-cache.ts',
    {
      // One secret for all: what differs must be in the parts.
      'node:crypto': { ...(await import('node:crypto')), randomBytes: () => same },
    },
  );
  const key = (name: string, client_id: string, token: string, accept = 'auto'): string =>
    cacheOf(
      name,
      serverConfig('https://as.example', { client_id, introspection: { accept } }),
      Date.now,
    ).keyOf(question(token));
  const keys = [
    key('main', 'ab', 'c'),
    key('main', 'a', 'bc'),
    key('maina', 'b', 'c'),
    key('main', 'ab', 'c', 'application/json'),
    key('main', 'abc', ''),
    key('main', 'ab1:c', ''),
    key('main', 'a', 'b1:c'),
    key('mai', 'nab', 'c'),
  ];
  t.equal(new Set(keys).size, keys.length);
  t.equal(key('main', 'ab', 'c'), keys[0], 'which are all that differs');
});
