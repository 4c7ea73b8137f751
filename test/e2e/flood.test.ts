/**
 * A flood of tokens that nobody has: the authorization server hears of them at the rate that is configured, and those who have good
 * ones notice nothing, though they call from the same address. The clock is the test's: what counts is what was heard by when.
 */
import t, { type Test } from 'tap';
import { startScriptedServer } from '../support/authorization-server.ts';
import { openFlood, randomTokens } from '../support/flood.ts';
import { startGateway } from '../support/gateway.ts';
import { call, startUpstream } from '../support/http.ts';
import { reasons } from '../support/open-gateway.ts';
import { until } from '../support/traced.ts';

const GOOD = Array.from({ length: 50 }, (_, index) => `good-${index}`);
const BURST = 100;
const PER_SECOND = 20;

/** A gateway at a server that knows the good tokens alone; `heard` counts the others. */
async function start(t: Test, introspection = '', listener = '') {
  const clock = { now: Date.now() };
  const server = await startScriptedServer(t, (token) => ({
    body: JSON.stringify({ active: token.startsWith('good-') }),
  }));
  const upstream = await startUpstream(t);
  const gateway = await startGateway(t, {
    issuer: server.issuer,
    upstream: upstream.url,
    now: () => clock.now,
    listener,
    // All of it runs in one process, whose server may be late.
    server: `    introspection: { timeout: 60s, ${introspection} }`,
    routes:
      '  - { name: all, match: { path: "/**" }, service: api, policy: none, identity_headers: { jwt: false } }',
  });
  const heard = (): number =>
    server.asked.filter(({ form }) => !(form.get('token') ?? '').startsWith('good-')).length;
  return { gateway, clock, heard, renewed: () => server.asked.length - heard() };
}

t.test(
  '10,000 random tokens in a second: the server hears the configured rate, good tokens 200',
  async (t) => {
    const { gateway, clock, heard, renewed } = await start(t);
    const holders = await openFlood(t, gateway.url, 5);
    // Fewer at once than one network may have under way, so that what is counted is the rate.
    const flood = await openFlood(t, gateway.url, 10);
    t.strictSame(await holders(GOOD), { 200: 50 });
    clock.now += 5_000;

    const random = randomTokens(10_000);
    const flooding = flood(random);
    for (let round = 0; round < 10; round++) t.strictSame(await holders(GOOD), { 200: 50 });
    const refused = await flooding;
    t.equal(renewed(), 50, 'good tokens were not asked about again');
    t.equal(heard(), BURST, 'no time has passed');
    t.equal(refused[200], undefined);
    t.equal((refused[401] ?? 0) + (refused[429] ?? 0) + (refused[503] ?? 0), 10_000);
    t.equal(refused[401], BURST);

    // Until every good token has had to be asked about again, in the midst of it.
    for (let second = 1; second <= 35; second++) {
      clock.now += 1_000;
      const [others, answers] = await Promise.all([flood(randomTokens(100)), holders(GOOD)]);
      t.strictSame(answers, { 200: 50 }, `after ${second} s`);
      t.equal(others[200], undefined);
      t.ok(heard() <= BURST + PER_SECOND * second, `${heard()} heard after ${second} s`);
    }
    t.equal(heard(), BURST + PER_SECOND * 35, 'nor less than the rate');
    t.equal(renewed(), 100);
  },
);

t.test('a server that is slow has room for good tokens, while all for new ones is taken', async (t) => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const clock = { now: Date.now() };
  let slow = false;
  const server = await startScriptedServer(t, async (token) => {
    const good = token.startsWith('good-');
    if (slow && !good) await held;
    return { body: JSON.stringify({ active: good }) };
  });
  const upstream = await startUpstream(t);
  const gateway = await startGateway(t, {
    issuer: server.issuer,
    upstream: upstream.url,
    now: () => clock.now,
    listener: 'trusted_proxies: [127.0.0.1]',
    server: '    introspection: { timeout: 60s, limits: { concurrency: 32 } }',
    routes:
      '  - { name: all, match: { path: "/**" }, service: api, policy: none, identity_headers: { jwt: false } }',
  });
  const from = async (host: number, token: string) =>
    (await call(gateway.url, { token, headers: { 'x-forwarded-for': `192.0.2.${host}` } })).status;
  const all = async (host: number, tokens: readonly string[]): Promise<number[]> =>
    (await Promise.all(tokens.map((token) => from(host, token)))).toSorted((one, other) => one - other);
  const six = GOOD.slice(0, 6);
  t.strictSame(await all(1, six), Array(6).fill(200));
  clock.now += 30_000;
  slow = true;
  const [few, many] = [all(1, randomTokens(6)), all(2, randomTokens(24))];
  await until(() => server.asked.length === 18 && reasons(gateway).length === 18);
  t.equal(await from(3, 'good-6'), 200, 'one network that floods leaves room for who is new elsewhere');
  t.equal(await from(2, 'good-7'), 429, 'not for itself');
  const more = [3, 4].map((host) => all(host, randomTokens(6)));
  await until(() => server.asked.length === 31);
  t.strictSame(await all(2, six), Array(6).fill(200), 'renewed by the calls that are left, from there too');
  t.equal(await from(5, 'good-8'), 503, 'who is new has to come back when four networks flood');
  release();
  t.strictSame(await few, Array(6).fill(401));
  t.strictSame(await many, [...Array<number>(6).fill(401), ...Array<number>(18).fill(429)]);
  t.strictSame(await Promise.all(more), Array(2).fill(Array(6).fill(401)));
});

t.test('each address has its own rate, and all together have one', async (t) => {
  const limits = 'limits: { misses_per_address: 12/m, burst: 10, misses: 25/s }';
  const { gateway, heard } = await start(t, limits, 'trusted_proxies: [127.0.0.1]');
  const from = async (address: string, count: number): Promise<number[]> => {
    const statuses: number[] = [];
    for (const token of randomTokens(count)) {
      const headers = { 'x-forwarded-for': address };
      statuses.push((await call(gateway.url, { token, headers })).status);
    }
    return statuses;
  };
  t.strictSame((await from('192.0.2.1', 12)).slice(9), [401, 429, 429]);
  const throttled = await call(gateway.url, { token: 'odd', headers: { 'x-forwarded-for': '192.0.2.1' } });
  t.match(throttled, { status: 429, headers: { 'retry-after': '5' } }, 'and it is said when there is room');
  t.strictSame(await from('2001:db8::1', 10), Array<number>(10).fill(401));
  t.strictSame(await from('2001:db8::2', 1), [429], 'of IPv6, a network');
  t.strictSame(await from('192.0.2.2', 8), [401, 401, 401, 401, 401, 503, 503, 503]);
  t.equal(heard(), 25);
});

t.test('what a client says of its address does not give it another rate', async (t) => {
  const { gateway, heard } = await start(t, 'limits: { burst: 1 }');
  for (const [address, status] of [
    ['192.0.2.1', 401],
    ['192.0.2.2', 429],
  ] as const) {
    const [token = ''] = randomTokens(1);
    t.equal((await call(gateway.url, { token, headers: { 'x-forwarded-for': address } })).status, status);
  }
  t.equal(heard(), 1);
});

t.test('1,000 requests with one new token at once are one introspection, whatever the limits', async (t) => {
  const { gateway, renewed } = await start(t, 'limits: { burst: 1, misses: 1/m, concurrency: 1 }');
  const together = await openFlood(t, gateway.url, 500);
  t.strictSame(await together(Array<string>(1_000).fill('good-0')), { 200: 1_000 });
  t.equal(renewed(), 1);
});
