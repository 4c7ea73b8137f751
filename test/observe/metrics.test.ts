// What Prometheus is given: real requests through real gateways, then a scrape.
import t from 'tap';
import { watchBreakers } from '../../src/observe/metrics.ts';
import { call, callRaw } from '../support/http.ts';
import { startTraced } from '../support/traced.ts';

const ACCOUNT = { path: '/accounts/1001', token: 'opaque' };

/** How much each series of a metric has grown by what is done: by the values of these labels, in their order. */
async function growth(
  health: string,
  metric: string,
  labels: readonly string[],
  act: () => Promise<unknown>,
) {
  const series = async (): Promise<Map<string, number>> => {
    const { text } = await call(health, { path: '/metrics' });
    const sums = new Map<string, number>();
    for (const [, pairs = '', value] of text.matchAll(new RegExp(`^${metric}\\{(.*)\\} (\\S+)$`, 'gm'))) {
      const key = labels
        .map((label) => new RegExp(`\\b${label}="([^"]*)"`).exec(pairs)?.[1] ?? '-')
        .join(' ');
      sums.set(key, (sums.get(key) ?? 0) + Number(value));
    }
    return sums;
  };
  const before = await series();
  await act();
  const grown = [...(await series())].map(([key, value]) => [key, value - (before.get(key) ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, more]) => more !== 0));
}

t.test('a request is counted by method, status, route and the reason it was refused', async (t) => {
  const { gateway } = await startTraced(t);
  const labels = [
    'http_request_method',
    'http_response_status_code',
    'portcullis_route',
    'portcullis_denial_reason',
  ];
  const counted = await growth(gateway.health, 'http_server_request_duration_count', labels, async () => {
    await call(gateway.url, ACCOUNT);
    await call(gateway.url, ACCOUNT);
    await call(gateway.url, { path: '/accounts/1001' });
    await call(gateway.url, { path: '/accounts/1002', token: 'opaque', method: 'PUT' });
    await call(gateway.url, { path: '/nothing' });
    await callRaw(gateway.url, 'NONSENSE\r\n\r\n');
  });
  t.strictSame(counted, {
    'GET 200 account -': 2,
    'GET 401 account credential_missing': 1,
    'PUT 403 account policy_denied': 1,
    'GET 404 - no_route': 1,
    '_OTHER 400 - malformed_request': 1,
  });
});

t.test('durations are seconds, from arrival to the end of the answer', async (t) => {
  let now = 1_790_000_000_000;
  const { gateway } = await startTraced(t, {
    now: () => now,
    upstream: (_, response) => {
      now += 1_500;
      response.end();
    },
  });
  const grown = await growth(gateway.health, 'http_server_request_duration_sum', ['portcullis_route'], () =>
    call(gateway.url, ACCOUNT),
  );
  t.equal(Math.round(Number(grown['account']) * 1_000), 1_500);
});

t.test('introspections are counted by how the answer was come by, and what it was', async (t) => {
  const { gateway } = await startTraced(t, {
    answer: ({ body }) => {
      if (body.includes('broken')) throw new Error('out of order');
      return { active: !body.includes('revoked'), sub: 'alice', scope: 'accounts:read' };
    },
  });
  const labels = ['portcullis_cache', 'result', 'portcullis_authorization_server'];
  const counted = await growth(gateway.health, 'portcullis_introspections_total', labels, async () => {
    for (const token of ['good', 'good', 'revoked', 'broken']) await call(gateway.url, { ...ACCOUNT, token });
  });
  t.strictSame(counted, {
    'miss active main': 1,
    'hit active main': 1,
    'miss refused main': 1,
    'miss unavailable main': 1,
  });
});

t.test('stale answers and throttled tokens are counted as such', async (t) => {
  const clock = { now: Date.now() };
  let down = false;
  const { gateway } = await startTraced(t, {
    now: () => clock.now,
    answer: () =>
      down ? Promise.reject(new Error('out of order')) : { active: true, scope: 'accounts:read' },
    introspection: 'limits: { burst: 2 }, cache: { max_ttl: 1s, dangerously_serve_stale: 1m }',
  });
  const labels = ['portcullis_cache', 'result', 'portcullis_authorization_server'];
  const counted = await growth(gateway.health, 'portcullis_introspections_total', labels, async () => {
    await call(gateway.url, { ...ACCOUNT, token: 'good' });
    down = true;
    clock.now += 1_000;
    await call(gateway.url, { ...ACCOUNT, token: 'good' });
    clock.now -= 1_000;
    for (const token of ['new', 'newer', 'newest']) await call(gateway.url, { ...ACCOUNT, token });
  });
  t.match(counted, { 'miss active main': 1, 'stale active main': 1, 'miss throttled main': 2 });
});

/** What the gauge of circuit breakers shows of a server; undefined where it shows nothing. */
async function breakerOf(health: string, server: string): Promise<string | undefined> {
  const { text } = await call(health, { path: '/metrics' });
  const line = text
    .split('\n')
    .find((one) => one.startsWith('portcullis_authorization_server_breaker{') && one.includes(`"${server}"`));
  return line?.split(' ').at(-1);
}

t.test('the state of a circuit breaker is a gauge', async (t) => {
  const clock = { now: Date.now() };
  let down = true;
  const { gateway } = await startTraced(t, {
    now: () => clock.now,
    answer: () => (down ? Promise.reject(new Error('out of order')) : { active: true }),
    introspection: 'breaker: { failures: 2, open_for: 5s }',
  });
  t.equal(await breakerOf(gateway.health, 'main'), '0');
  for (const token of ['a', 'b']) await call(gateway.url, { ...ACCOUNT, token });
  t.equal(await breakerOf(gateway.health, 'main'), '2', 'open');
  clock.now += 5_000;
  t.equal(await breakerOf(gateway.health, 'main'), '1', 'half open');
  down = false;
  await call(gateway.url, { ...ACCOUNT, token: 'c' });
  t.equal(await breakerOf(gateway.health, 'main'), '0', 'closed');
});

t.test('a breaker is asked for its state no longer than it is watched', async (t) => {
  const { gateway } = await startTraced(t);
  let asked = 0;
  const status = () => {
    asked++;
    return { breaker: 'open' } as const;
  };
  const unwatch = watchBreakers([{ name: 'other', status }]);
  t.equal(await breakerOf(gateway.health, 'other'), '2');
  unwatch();
  await breakerOf(gateway.health, 'other');
  t.equal(asked, 1);
});

t.test('no path, method, host or token makes a series of its own', async (t) => {
  const { gateway } = await startTraced(t, { answer: () => ({ active: false }) });
  const flood = async (round: number): Promise<void> => {
    await call(gateway.url, { path: `/${round}`, headers: { host: `h${round}.example` } });
    await call(gateway.url, { path: `/accounts/${round}`, token: `opaque${round}` });
    await call(gateway.url, { path: `/accounts/${round}?${round}=${round}` });
    await callRaw(gateway.url, `ROUND${round} / HTTP/1.1\r\nHost: a\r\n\r\n`);
  };
  await flood(0);
  const series = async (): Promise<number> =>
    (await call(gateway.health, { path: '/metrics' })).text.split('\n').length;
  const before = await series();
  for (let round = 1; round <= 10; round++) await flood(round);
  t.equal(await series(), before);
});

t.test('a scrape tells nothing of the machine and the process', async (t) => {
  const { gateway } = await startTraced(t);
  await call(gateway.url, ACCOUNT);
  const { status, headers, text } = await call(gateway.health, { path: '/metrics' });
  t.equal(status, 200);
  t.match(headers['content-type'], /^text\/plain/);
  t.notMatch(text, /target_info|process|host_name/);
});
