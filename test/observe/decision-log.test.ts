import * as fc from 'fast-check';
import t from 'tap';
import type { Denial } from '../../src/denial.ts';
import { decisionLog } from '../../src/observe/decision-log.ts';
import { openLog } from '../../src/observe/log.ts';
import { call, callRaw } from '../support/http.ts';
import { startTraced } from '../support/traced.ts';

type Line = Record<string, unknown>;

const NO_ROUTE: Denial = { denial: 'no_route' };
const MISSING: Denial = { denial: 'credential_missing', challenge: { scopes: [], resource_metadata: null } };

/** A decision log on a clock of the test's own, what it wrote, and what it has put off. */
function keep() {
  const written: string[] = [];
  const clock = { now: 0 };
  const later: { readonly ms: number; readonly run: () => void }[] = [];
  const log = decisionLog(
    openLog('info', { write: (line) => void written.push(line) }),
    () => clock.now,
    (ms, run) => void later.push({ ms, run }),
  );
  const lines = (): Line[] => written.map((line) => JSON.parse(line) as Line);
  return {
    clock,
    later,
    refuse: (denial: Denial, times = 1) => {
      for (let i = 0; i < times; i++)
        log.refused({
          traceId: 'trace',
          denial,
          explanation: 'why',
          status: 404,
          path: '/',
          stage: 'route',
          exchange: { id: 'id', method: 'GET' },
        });
    },
    refused: () => lines().filter(({ message }) => message === 'refused'),
    told: () => lines().flatMap(({ left_out, reason }) => (left_out ? [{ left_out, reason }] : [])),
  };
}

t.test("a refusal's line has the ids that its problem has, and what the client was not told", async (t) => {
  const { gateway } = await startTraced(t, {
    answer: () => ({ active: true, sub: 'alice', scope: 'accounts:read', client_id: 'batch' }),
  });
  const cases = [
    [
      { path: '/nothing' },
      { reason: 'no_route', stage: 'route', route: null, status: 404, path: '/nothing' },
    ],
    [
      { path: '/accounts/1' },
      { reason: 'credential_missing', stage: 'credential', route: 'account', status: 401 },
    ],
    [
      { path: '/accounts/1002', token: 'opaque', method: 'PUT' },
      {
        reason: 'policy_denied',
        entrypoint: 'accounts/allow',
        revision: String,
        stage: 'policy',
        route: 'account',
        status: 403,
        client_id: 'batch',
        method: 'PUT',
      },
    ],
    [{ path: '/a//b' }, { reason: 'ambiguous_path', stage: 'route', detail: /\/\// }],
    [{ path: '/%zz' }, { reason: 'malformed_request', stage: null }],
  ] as const;
  for (const [request, expected] of cases) {
    const problem = (await call(gateway.url, request)).json();
    t.match(gateway.logged().at(-1), {
      level: 'info',
      message: 'refused',
      decision_id: problem['decision_id'],
      trace_id: problem['trace_id'],
      ...expected,
    });
  }
  const count = gateway.logged().length;
  await call(gateway.url, { path: '/accounts/1001', token: 'opaque' });
  t.equal(gateway.logged().length, count, 'who is admitted has none');
  const unparsed = await callRaw(gateway.url, 'NONSENSE\r\n\r\n');
  const id = String(gateway.logged().at(-1)?.['decision_id']);
  t.ok(unparsed.includes(`"decision_id":"${id}"`), 'what no parser could read has one too');
});

t.test("the gateway's own fault is a warning", async (t) => {
  const { gateway } = await startTraced(t, { answer: () => Promise.reject(new Error('out of order')) });
  t.equal((await call(gateway.url, { path: '/accounts/1001', token: 'opaque' })).status, 503);
  const expected = { level: 'warn', reason: 'authorization_server_unavailable', stage: 'introspection' };
  t.match(gateway.logged().at(-1), expected);
});

t.test('a flood for one reason is cut at fifty lines a second, and the other reasons are not', async (t) => {
  const { refuse, refused, told, clock } = keep();
  refuse(NO_ROUTE, 60);
  refuse(MISSING, 2);
  t.equal(refused().length, 52);
  t.strictSame(told(), []);
  clock.now = 1_000;
  refuse(NO_ROUTE);
  t.strictSame(told(), [{ left_out: 10, reason: 'no_route' }]);
  t.equal(refused().length, 53, 'and the next second has its own fifty');
});

t.test('a flood that simply stops is told of too, once', async (t) => {
  const { refuse, told, later, clock } = keep();
  refuse(NO_ROUTE, 50);
  t.strictSame(later, [], 'nothing is put off without need');
  refuse(NO_ROUTE, 7);
  t.strictSame(
    later.map(({ ms }) => ms),
    [1_000],
  );
  clock.now = 1_000;
  later[0]?.run();
  t.strictSame(told(), [{ left_out: 7, reason: 'no_route' }]);
  refuse(NO_ROUTE);
  t.equal(told().length, 1, 'and not again by the next refusal');
});

t.test('by the real clock it is told within about a second', async (t) => {
  const lines: string[] = [];
  const rest = new Promise<Line>((resolve) => {
    const write = (line: string): void => {
      if (lines.push(line) === 51) resolve(JSON.parse(line) as Line);
    };
    const log = decisionLog(openLog('info', { write }), () => 0);
    const exchange = { id: 'id', method: 'GET' };
    for (let i = 0; i < 53; i++)
      log.refused({
        traceId: '',
        denial: NO_ROUTE,
        explanation: '',
        status: 404,
        path: '/',
        stage: null,
        exchange,
      });
  });
  t.match(await rest, { level: 'warn', reason: 'no_route', left_out: 3 });
});

t.test('in every flood each refusal is written or counted, and no second has over fifty', async () => {
  const burst = fc.record({
    denial: fc.constantFrom(NO_ROUTE, MISSING),
    times: fc.nat(130),
    pause: fc.nat(2_500),
    due: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(burst, { maxLength: 8 }), (bursts) => {
      const { refuse, refused, told, later, clock } = keep();
      const written = new Map<string, number>();
      for (const { denial, times, pause, due } of bursts) {
        const before = refused().length;
        refuse(denial, times);
        const second = `${denial.denial} ${Math.floor(clock.now / 1_000)}`;
        written.set(second, (written.get(second) ?? 0) + refused().length - before);
        clock.now += pause;
        if (due) for (const { run } of later.splice(0)) run();
      }
      for (const { run } of later) run();
      const sum = told().reduce((total, { left_out: left }) => total + Number(left), 0);
      const all = bursts.reduce((total, { times }) => total + times, 0);
      return refused().length + sum === all && [...written.values()].every((lines) => lines <= 50);
    }),
    { numRuns: 50 },
  );
});
