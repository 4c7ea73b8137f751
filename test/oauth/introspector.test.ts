import * as memory from '../../src/cache/memory.ts';
import { generateKeyPair, SignJWT } from 'jose';
import t from 'tap';
import { oauthFetch } from '../../src/oauth/fetch.ts';
import { type Scripted, startRealServer, startScriptedServer } from '../support/authorization-server.ts';
import { startServer } from '../support/http.ts';
import { judged, jws, keyPair, question, serverConfig, startIntrospector } from '../support/introspection.ts';

const START = 1_700_000_000_000;
const json = (members: object, headers: Record<string, string> = {}): Scripted => ({
  body: JSON.stringify(members),
  headers,
});
const good = json({ active: true, sub: 'alice' });
const together = <A>(count: number, ask: () => A | Promise<A>): Promise<A[]> =>
  Promise.all(Array.from({ length: count }, async () => ask()));

t.test('a token is asked about once, and its facts are kept', async (t) => {
  const { issuer, asked } = await startScriptedServer(t, () => good);
  const { introspect, status } = startIntrospector(t, issuer);
  const first = await introspect(question('token'));
  t.match(first, {
    facts: { claims: { sub: 'alice' } },
    cache: 'miss',
    authorization_server: 'main',
    joined: null,
  });
  const second = introspect(question('token'));
  t.notOk(second instanceof Promise, 'a hit is there at once');
  t.match(second, { facts: (first as { facts: object }).facts, cache: 'hit', joined: null });
  t.equal(asked.length, 1);
  t.strictSame(status(), {
    cached: 1,
    cached_bytes: Buffer.byteLength(good.body ?? ''),
    breaker: 'closed',
    failure: null,
  });
});

t.test('N concurrent misses make one call, and the others know whose', async (t) => {
  const { issuer, asked } = await startScriptedServer(t, () => good);
  let marks = 0;
  const { introspect } = startIntrospector(t, issuer, { mark: () => `span ${++marks}` });
  const answers = await together(35, () => introspect(question('token')));
  t.equal(asked.length, 1);
  t.match(answers[0], { cache: 'miss', joined: null, facts: {} });
  for (const answer of answers.slice(1)) t.match(answer, { cache: 'coalesced', joined: 'span 1', facts: {} });
});

t.test('a failure is shared by those who wait for it, and never kept', async (t) => {
  const answers = [{ status: 503 }, good];
  const { issuer, asked } = await startScriptedServer(t, () => answers[asked.length - 1]!);
  const { introspect, status } = startIntrospector(t, issuer);
  for (const answer of await together(2, () => introspect(question('token'))))
    t.match(answer, { unavailable: 'main: it answered 503' });
  t.match(status(), { cached: 0, failure: 'main: it answered 503' });
  t.match(await introspect(question('token')), { facts: {}, cache: 'miss' });
  t.equal(asked.length, 2);
  t.equal(status().failure, null, 'and it is over');
});

t.test('facts are kept for the least of max_ttl, what is left until exp, and max-age', async (t) => {
  const expiring = (seconds: number) => json({ active: true, exp: START / 1_000 + seconds });
  const aged = (header: string) => json({ active: true }, { 'cache-control': header });
  const cases: [string, Scripted, number][] = [
    ['no exp', good, 30_000],
    ['exp far away', expiring(3_600), 30_000],
    ['exp near', expiring(10), 10_000],
    ['exp past', expiring(-1), 0],
    ['exp now', expiring(0), 0],
    ['max-age', aged('max-age=7'), 7_000],
    ['long max-age', aged('max-age=99999999999999999999'), 30_000],
    ['max-age=0', aged('max-age=0'), 0],
    ['the habit', aged('no-store, max-age=0'), 30_000],
  ];
  const scripts = new Map(cases.map(([title, answer]) => [title.replaceAll(' ', '-'), answer]));
  const { issuer } = await startScriptedServer(t, (token) => scripts.get(token)!);
  for (const [title, , ttl] of cases) {
    const clock = { time: START };
    const { introspect } = startIntrospector(t, issuer, { now: () => clock.time });
    const how = async () => (await introspect(question(title.replaceAll(' ', '-')))).cache;
    t.equal(await how(), 'miss', title);
    clock.time = START + ttl - 1;
    if (ttl > 0) t.equal(await how(), 'hit', title);
    clock.time = START + ttl;
    t.equal(await how(), 'miss', title);
  }
});

t.test('hits are judged like fresh answers: exp, nbf and cnf', async (t) => {
  const at = START / 1_000;
  const answers: Record<string, object> = {
    expiring: { active: true, exp: at + 10 },
    early: { active: true, nbf: at + 10 },
    bound: { active: true, cnf: { jkt: 'x' } },
  };
  const { issuer } = await startScriptedServer(t, (token) => json(answers[token]!));
  const clock = { time: START };
  const now = () => clock.time;
  const introspector = startIntrospector(t, issuer, { now });
  const ask = (token: string) => judged(introspector, token, now);
  const bound = { denial: 'invalid_token', fault: 'sender_constrained' };
  t.match(await ask('expiring'), { cache: 'miss' });
  t.match(await ask('early'), { denial: 'invalid_token', fault: 'not_yet_valid' });
  t.match(await ask('bound'), bound);
  clock.time += 5_000;
  t.match(await ask('expiring'), { cache: 'hit' });
  t.match(await ask('early'), { cache: 'hit' });
  t.match(await ask('bound'), bound);
  t.equal(introspector.status().cached, 3);
  clock.time += 5_000;
  t.match(await ask('expiring'), { denial: 'invalid_token', fault: 'expired' });
});

t.test(
  'Kong oauth2-introspection 3.13: inactive is remembered for a short time, and revocation is seen after max_ttl',
  async (t) => {
    const { issuer, take } = await startRealServer(t);
    const clock = { time: Date.now() };
    const introspector = startIntrospector(t, issuer, { now: () => clock.time });
    const ask = async (token: string) => {
      const { denial, cache } = (await judged(introspector, token, () => clock.time)) as Record<
        string,
        unknown
      >;
      return denial ?? cache;
    };
    const token = await take('alice', 'accounts:read');
    t.equal(await ask(token), 'miss');
    const headers = { authorization: `Basic ${btoa('alice:alice-secret')}` };
    await fetch(`${issuer}/token/revocation`, {
      method: 'POST',
      headers,
      body: new URLSearchParams({ token }),
    });
    clock.time += 29_999;
    t.equal(await ask(token), 'hit');
    clock.time += 1;
    t.equal(await ask(token), 'invalid_token');
    t.match(introspector.introspect(question(token)), { refused: { fault: 'inactive' }, cache: 'hit' });
    clock.time += 5_000;
    t.match(await introspector.introspect(question(token)), {
      refused: { fault: 'inactive' },
      cache: 'miss',
    });
  },
);

t.test('a flood of random tokens evicts no good one, and takes a tenth of the room', async (t) => {
  const { issuer, asked } = await startScriptedServer(t, (token) =>
    json({ active: token === 'good', iss: token === 'good' ? undefined : 'https://other.example' }),
  );
  const { introspect, status } = startIntrospector(t, issuer, {
    introspection: { cache: { max_entries: 20 } },
  });
  await introspect(question('good'));
  for (let random = 0; random < 30; random++) await introspect(question(`random-${random}`));
  t.equal(introspect(question('good')) instanceof Promise, false);
  t.equal(introspect(question('random-29')) instanceof Promise, false);
  t.equal(introspect(question('random-28')) instanceof Promise, false);
  t.match(await introspect(question('random-27')), { cache: 'miss' }, 'only two of them are kept');
  t.equal(status().cached, 1);
  t.equal(asked.length, 32);
});

t.test(
  'GHSA-4mq7-pvjg-xp2r, GHSA-rp9m-7r4c-75qg: servers, clients, accept modes and tokens do not share answers',
  async (t) => {
    const one = await startScriptedServer(t, (token) => json({ active: true, sub: `${token} of one` }));
    const two = await startScriptedServer(t, (token) => json({ active: true, sub: `${token} of two` }));
    const json_only = { introspection: { accept: 'application/json' } };
    const introspectors = [
      startIntrospector(t, one.issuer),
      startIntrospector(t, two.issuer),
      startIntrospector(t, one.issuer, { client_id: 'other' }),
      startIntrospector(t, one.issuer, json_only),
    ];
    for (const { introspect } of introspectors)
      for (const token of ['token', 'token2']) t.match(await introspect(question(token)), { cache: 'miss' });
    t.match(introspectors[0]!.introspect(question('token')), {
      facts: { claims: { sub: 'token of one' } },
      cache: 'hit',
    });
    t.match(introspectors[0]!.introspect(question('token2')), {
      facts: { claims: { sub: 'token2 of one' } },
      cache: 'hit',
    });
    t.match(introspectors[1]!.introspect(question('token')), {
      facts: { claims: { sub: 'token of two' } },
      cache: 'hit',
    });
    t.equal(one.asked.length, 6);
  },
);

t.test('what is kept names no token: keys are hashes, with a secret of the process', async (t) => {
  const kept: { key: string; value: unknown }[] = [];
  const memoryStore = <V extends object>(bounds: memory.Bounds, now: () => number): memory.Store<V> => {
    const store = memory.memoryStore<V>(bounds, now);
    const set: typeof store.set = (key, value, ttl, size) => {
      kept.push({ key, value });
      store.set(key, value, ttl, size);
    };
    return { ...store, set };
  };
  const { introspector } = await t.mockImport<typeof import('../../src/oauth/introspector.ts')>(
    '../../src/oauth/introspector.ts',
    { '../../src/cache/memory.ts': { memoryStore } },
  );
  const { issuer } = await startScriptedServer(t, (token) => json({ active: token === 'good-token' }));
  const config = serverConfig(issuer);
  const { fetch, close } = oauthFetch(config);
  t.teardown(close);
  for (let process = 0; process < 2; process++) {
    const { introspect } = introspector('main', config, fetch, { now: Date.now, mark: () => null });
    for (const token of ['good-token', 'bad-token']) await introspect(question(token));
  }
  t.equal(new Set(kept.map(({ key }) => key)).size, 4, 'each process and token has a key of its own');
  for (const { key, value } of kept) {
    t.match(key, /^[A-Za-z0-9+/]{43}=$/);
    t.notMatch(JSON.stringify(value), /(good|bad)-token/);
  }
});

t.test('no failure repeats a token or a secret, whatever the server throws back', async (t) => {
  const token = 'tOkEn-0123456789';
  const secret = 'sEcReT-0123456789';
  const { privateKey } = await generateKeyPair('ES256');
  const forged = await new SignJWT({ token })
    .setProtectedHeader({ alg: 'ES256', kid: token })
    .sign(privateKey);
  const echoes: Scripted[] = [
    { status: 400, body: JSON.stringify({ error: token, error_description: secret }) },
    { status: 500, body: `${token} ${secret}` },
    { type: token, body: token },
    { type: `text/${token}` },
    { body: `${token}{` },
    { body: JSON.stringify({ active: token }) },
    { body: JSON.stringify({ active: true, exp: token, sub: secret }) },
    { type: 'application/jwt', body: token },
    { type: 'application/jwt', body: `${btoa(token)}.${secret}.${token}` },
    { type: 'application/jwt', body: forged },
    { status: 302, headers: { location: `https://evil.example/?token=${token}` } },
  ];
  const { issuer, asked } = await startScriptedServer(t, () => echoes[asked.length - 1]!);
  const { introspect, status } = startIntrospector(t, issuer, { client_secret: secret });
  for (const [index, echo] of echoes.entries()) {
    const answer = JSON.stringify([await introspect(question(token)), status()]);
    t.match(answer, '"unavailable":"main: ', JSON.stringify(echo));
    for (const hidden of [token, token.toLowerCase(), secret, btoa(token)])
      t.notOk(answer.includes(hidden), `${index}: ${answer}`);
  }
});

t.test('one discovery that fails is one failure, whoever waited for it and whoever comes next', async (t) => {
  const seen = { metadata: 0, introspection: 0 };
  const server = await startServer(t, ({ url = '' }, response) => {
    if (url.startsWith('/.well-known/')) seen.metadata++;
    else seen.introspection++;
    response.writeHead(503).end();
  });
  const clock = { time: START };
  const breaker = { failures: 3, open_for: '5s' };
  const more = { introspection: { breaker }, now: () => clock.time };
  const { introspect, status } = startIntrospector(t, server, more);
  for (let discovery = 1; discovery <= 3; discovery++) {
    t.equal(status().breaker, 'closed');
    const tokens = Array.from({ length: 8 }, (_, index) => `${discovery}-${index}`);
    const answers = await Promise.all(tokens.map(async (token) => introspect(question(token))));
    for (const answer of answers) t.match(answer, { unavailable: /^main: no metadata/ });
    if (discovery < 3) t.match(await introspect(question('later')), { unavailable: /^main: no metadata/ });
    clock.time += 1_000;
  }
  t.equal(status().breaker, 'open');
  t.strictSame(seen, { metadata: 6, introspection: 0 }, 'RFC 8414 and OpenID, three times');
});

t.test('a discovery that failed for a JWT verified here is counted by who asks next', async (t) => {
  const server = await startServer(t, (_request, response) => {
    response.writeHead(503, { 'retry-after': '9' }).end();
  });
  const introspection = { breaker: { failures: 1, open_for: '5s' } };
  const { introspect, status } = startIntrospector(t, server, { introspection, now: () => START });
  t.match(await introspect(question('jwt', 'verify')), { unavailable: /no metadata/, retry_after: 9 });
  t.equal(status().breaker, 'closed');
  t.match(await introspect(question('opaque')), { unavailable: /no metadata/, retry_after: 9 });
  t.equal(status().breaker, 'open');
});

t.test('keys that cannot be had are one failure, however many answers want them', async (t) => {
  const { privateKey } = keyPair('one');
  let fetched = 0;
  const server = await startServer(t, ({ url = '' }, response) => {
    if (url.startsWith('/.well-known/'))
      response.end(
        JSON.stringify({
          issuer: server,
          introspection_endpoint: `${server}/ask`,
          jwks_uri: `${server}/jwks`,
        }),
      );
    else if (url === '/ask')
      response
        .writeHead(200, { 'content-type': 'application/jwt' })
        .end(jws({ alg: 'ES256', kid: 'one' }, { iss: server, sub: 'alice' }, privateKey));
    else {
      fetched++;
      response.writeHead(503).end();
    }
  });
  const clock = { time: START };
  const introspection = { breaker: { failures: 2, open_for: '5s' } };
  const { introspect, status } = startIntrospector(t, server, { introspection, now: () => clock.time });
  for (let fetch = 1; fetch <= 2; fetch++) {
    t.equal(status().breaker, 'closed');
    const tokens = Array.from({ length: 5 }, (_, index) => `${fetch}-${index}`);
    await Promise.all(tokens.map(async (token) => introspect(question(token))));
    if (fetch < 2) t.match(await introspect(question('later')), { unavailable: /its jwks_uri answered 503/ });
    clock.time += 1_000;
  }
  t.equal(fetched, 2);
  t.equal(status().breaker, 'open');
});

t.test('no connection, no time, no metadata and no permission are failures in words', async (t) => {
  const server = await startServer(t, ({ url = '', socket }, response) => {
    if (url.startsWith('/gone')) socket.destroy();
    else if (url.startsWith('/lost')) response.writeHead(404).end();
  });
  const cases: [string, object, string][] = [
    ['gone', {}, 'main: the call failed: UND_ERR_SOCKET'],
    [
      'hung',
      { introspection: { endpoint: `${server}/hung`, timeout: '50ms' } },
      'main: the call failed: TimeoutError',
    ],
    ['lost', { introspection: { endpoint: `${server}/lost` } }, 'main: it answered 404'],
    [
      'insecure',
      { allow_insecure_requests: false },
      `main: ${server} is not https, and allow_insecure_requests is off`,
    ],
  ];
  for (const [title, more, unavailable] of cases) {
    const endpoint = { introspection: { endpoint: `${server}/${title}` } };
    const { introspect } = startIntrospector(t, server, { ...endpoint, ...more });
    t.match(await introspect(question('token')), { unavailable }, title);
  }
});

t.test(
  'what is verified here costs the address that sends it, and asks the server for its keys alone',
  async (t) => {
    const server = await startScriptedServer(t, () => ({ status: 500 }));
    const { issuer, asked, sign } = server;
    const clock = { time: START };
    const introspection = { limits: { burst: 3, misses_per_address: '1/s', misses: '1/s', concurrency: 1 } };
    const more = { introspection: { ...introspection, breaker: { failures: 1, open_for: '1h' } } };
    const introspector = startIntrospector(t, issuer, { now: () => clock.time, ...more });
    const ask = (token: string) => introspector.introspect(question(token, 'verify'));
    const token = (sub: string) =>
      sign({ iss: issuer, aud: 'api', sub, exp: START / 1_000 + 60, iat: START / 1_000 });
    const tokens = await Promise.all(['alice', 'bob', 'carol', 'dave'].map(token));
    const [alice = '', bob = '', carol = '', dave = ''] = tokens;
    t.match(await ask(alice), { facts: { claims: { sub: 'alice' } }, cache: 'miss' });
    t.match(ask(alice), { facts: { claims: { sub: 'alice' } }, cache: 'hit' });
    t.match(await introspector.introspect(question('opaque')), { unavailable: String });
    t.match(introspector.status(), { breaker: 'open' });
    t.match(await ask(bob), { facts: { claims: { sub: 'bob' } } }, 'whether or not it is left alone');
    t.match(ask(dave), { throttled: String });
    clock.time += 30_000;
    for (const sub of [carol, dave, alice, bob]) t.match(await ask(sub), { cache: 'miss', facts: {} });
    t.equal(asked.length, 1);
  },
);

t.test('an answer larger than the whole cache is given, and not kept', async (t) => {
  const { issuer, asked } = await startScriptedServer(t, () => json({ active: true, x: 'x'.repeat(2_000) }));
  const { introspect, status } = startIntrospector(t, issuer, {
    introspection: { cache: { max_size: '1KiB' } },
  });
  for (let time = 0; time < 2; time++)
    t.match(await introspect(question('token')), { facts: { claims: { x: String } }, cache: 'miss' });
  t.match(status(), { cached: 0, cached_bytes: 0 });
  t.equal(asked.length, 2);
});
