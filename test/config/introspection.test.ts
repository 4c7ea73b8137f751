import t from 'tap';
import { faults, load, withServer } from '../support/config.ts';

const at = (key: string): string => `authorization_servers.main.introspection.${key}`;
const told = (introspection: object): string[] => faults(withServer({ introspection }));
const loaded = (introspection: object) =>
  load(withServer({ introspection })).authorization_servers['main']!.introspection;

t.test('everything has a default, and each is bounded', async (t) => {
  t.strictSame(loaded({}), {
    accept: 'auto',
    headers: {},
    parameters: {},
    client_headers: [],
    introspect_request: false,
    timeout: 2_000,
    retries: 1,
    limits: { misses_per_address: 20, burst: 100, misses: 1_000, concurrency: 64 },
    breaker: { failures: 5, open_for: 5_000 },
    cache: {
      max_ttl: 30_000,
      inactive_ttl: 5_000,
      max_entries: 100_000,
      max_size: 134_217_728,
      dangerously_serve_stale: 0,
    },
  });
});

t.test('part of a section leaves the defaults of the rest', async (t) => {
  t.match(loaded({ cache: { max_ttl: '0s' }, limits: { burst: 1 }, breaker: { open_for: '1m' } }), {
    accept: 'auto',
    cache: { max_ttl: 0, inactive_ttl: 5_000 },
    limits: { burst: 1, concurrency: 64 },
    breaker: { failures: 5, open_for: 60_000 },
  });
});

t.test('each form of answer is taken, and no other', async (t) => {
  const forms = ['auto', 'application/jwt', 'application/token-introspection+jwt', 'application/json'];
  for (const accept of forms) t.strictSame(told({ accept }), [], accept);
  t.strictSame(told({ accept: 'text/plain' }), [`${at('accept')}: expected one of ${forms.join(', ')}`]);
});

t.test('what would bound nothing, or everything, is refused', async (t) => {
  const cases: [object, string][] = [
    [{ timeout: '0s' }, 'timeout: expected a duration above zero such as 250ms, 30s, 5m or 1h'],
    [{ retries: -1 }, 'retries: expected a number >= 0'],
    [{ retries: 6 }, 'retries: expected a number <= 5'],
    [{ retries: 1.5 }, 'retries: expected an integer'],
    [
      { limits: { misses_per_address: '0/s' } },
      'limits.misses_per_address: expected a rate such as 20/s or 600/m',
    ],
    [{ limits: { misses: 20 } }, 'limits.misses: expected a rate such as 20/s or 600/m'],
    [{ limits: { burst: 0 } }, 'limits.burst: expected a number >= 1'],
    [{ limits: { concurrency: 0 } }, 'limits.concurrency: expected a number >= 1'],
    [{ breaker: { failures: 0 } }, 'breaker.failures: expected a number >= 1'],
    [
      { breaker: { open_for: '0s' } },
      'breaker.open_for: expected a duration above zero such as 250ms, 30s, 5m or 1h',
    ],
    [{ cache: { max_entries: 0 } }, 'cache.max_entries: expected a number >= 1'],
    [{ cache: { max_entries: 10_000_001 } }, 'cache.max_entries: expected a number <= 10000000'],
    [{ cache: { shared: {} } }, 'cache.shared: unknown key'],
    [{ token_type_hint: '' }, 'token_type_hint: must not be empty'],
    [{ jwt_claim: '' }, 'jwt_claim: must not be empty'],
  ];
  for (const [introspection, fault] of cases)
    t.strictSame(told(introspection), [at(fault)], JSON.stringify(introspection));
});

t.test('names of headers are such, and values are secrets', async (t) => {
  for (const name of ['X A', 'X:', '', 'X\n', '__proto__'])
    t.match(
      told({ headers: Object.fromEntries([[name, 'a']]) }),
      [/headers.*cannot be a header name/],
      JSON.stringify(name),
    );
  for (const name of ['X A', 'X:', '', 'X\n'])
    t.strictSame(told({ client_headers: [name] }), [`${at('client_headers')}[0]: expected a header name`]);
  const { headers, parameters } = loaded({ headers: { 'X-Key': 'hunter2' }, parameters: { a: 'hunter2' } });
  t.equal(JSON.stringify([headers, parameters]), '[{"X-Key":"[secret]"},{"a":"[secret]"}]');
  t.strictSame(told({ headers: { 'X-Key': 7 }, parameters: { a: '' } }), [
    `${at('headers.X-Key')}: expected a string`,
    `${at('parameters.a')}: must not be empty`,
  ]);
});
