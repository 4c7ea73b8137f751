/**
 * Mixed requests while the upstream is killed, frozen, mute, broken and well again: each gets an answer, none gets another's, and what
 * the gateway holds returns to where it began. CHAOS_REQUESTS says how many; CHAOS_SEED gives other ones.
 */
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { startScriptedServer } from '../support/authorization-server.ts';
import { changed } from '../support/config.ts';
import { call } from '../support/http.ts';
import { type Killable, startKillable, type State } from '../support/killable.ts';
import { type Ending, mixedClient } from '../support/mixed.ts';
import type { Held } from '../support/probe.ts';
import { type Probed, startProbed } from '../support/probed.ts';

const REQUESTS = Number(process.env['CHAOS_REQUESTS'] ?? 2_000);
const SEED = Number(process.env['CHAOS_SEED'] ?? 1);
/** Requests under way at once, and connections of the gateway to its upstream. */
const CLIENTS = 64;
const CONNECTIONS = 24;
const MIB = 1_048_576;
const FREE = { host: '127.0.0.1', port: 0 };

/** What becomes of the upstream, and how many requests end meanwhile. Again and again, until there were enough. */
const FAULTS: readonly (readonly [State, number])[] = [
  ['well', 200],
  ['killed', 60],
  ['well', 150],
  ['mute', 60],
  ['drop', 80],
  ['well', 150],
  ['cut', 60],
  ['stall', 60],
  ['killed', 30],
  ['early', 60],
  ['frozen', 60],
  ['reset', 60],
];

/** Sends so many requests, and counts how they ended. */
async function storm(
  upstream: Killable,
  client: { run: (number: number) => Promise<Ending[]> },
  requests: number,
): Promise<Map<Ending, number>> {
  const endings = new Map<Ending, number>();
  let begun = 0;
  let ended = 0;
  let next = 0;
  let faults = 0;
  let changing = Promise.resolve();
  const goOn = (): void => {
    const [state, during] = FAULTS[faults++ % FAULTS.length] as (typeof FAULTS)[number];
    next += during;
    changing = changing.then(() => upstream.become(state));
  };
  const work = async (): Promise<void> => {
    while (ended < requests) {
      if (ended >= next) goOn();
      await changing;
      for (const ending of await client.run(begun++)) {
        endings.set(ending, (endings.get(ending) ?? 0) + 1);
        ended++;
      }
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, work));
  await changing;
  await upstream.become('well');
  return endings;
}

/** Sends a good request over each connection to the upstream at once: how many are answered, at the best of five times. */
async function allAtOnce(url: string): Promise<number> {
  const path = `/?lines=1&together=${CONNECTIONS}`;
  for (let time = 1; ; time++) {
    const sent = Array.from({ length: CONNECTIONS }, () =>
      call(url, { path, token: 'alice', headers: { 'x-id': 'good' } }),
    );
    const good = (await Promise.all(sent)).filter(({ text }) => text === 'good alice\n').length;
    if (good === CONNECTIONS || time === 5) return good;
  }
}

/** Open descriptors, sockets and timers. */
const open = ({ descriptors, resources }: Held): readonly number[] =>
  [descriptors, resources['TCPSocketWrap'], resources['Timeout']].map((count) => count ?? 0);

const noMoreIsOpen = (now: Held, before: Held): boolean =>
  open(now).every((count, kind) => count <= (open(before)[kind] ?? 0));

/** What it holds once no more is open than before; after ten seconds, whatever it holds. */
async function settled(gateway: Probed, before: Held): Promise<Held> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const held = await gateway.held();
    if (noMoreIsOpen(held, before) || performance.now() > deadline) return held;
    await pause(100);
  }
}

t.test(
  `${REQUESTS} requests, whatever becomes of the upstream`,
  { timeout: 55 * Math.max(REQUESTS, 2_000) },
  async (t) => {
    const upstream = await startKillable(t);
    const server = await startScriptedServer(t, (token) => ({
      body: JSON.stringify({ active: !token.startsWith('stale'), sub: token }),
    }));
    const gateway = await startProbed(
      t,
      changed({
        server: FREE,
        health: FREE,
        admin: { port: 0 },
        authorization_servers: {
          main: {
            issuer: server.issuer,
            allow_insecure_requests: true,
            // All callers have one address here.
            introspection: { limits: { concurrency: 512 } },
          },
        },
        services: {
          api: {
            upstream: upstream.url,
            connections: CONNECTIONS,
            connections_per_address: CONNECTIONS,
            timeouts: { connect: '500ms', headers: '400ms', idle: '400ms' },
          },
        },
        routes: [
          {
            name: 'all',
            match: { path: '/**' },
            service: 'api',
            policy: 'none',
            identity_headers: { claims: { sub: 'X-User' }, jwt: false },
          },
        ],
      }),
    );
    const began = await gateway.held();
    const round = async (): Promise<Held> => {
      const client = mixedClient(t, gateway.url, SEED);
      const endings = await storm(upstream, client, REQUESTS / 2);
      t.comment(Object.fromEntries(endings));
      const wrong = [...endings.keys()].filter((ending) => ending.startsWith('wrong'));
      t.strictSame(wrong.slice(0, 10), [], 'every request got an answer, and its own');
      for (const ending of ['whole', 'refused', 'unavailable', 'cut', 'left'] as const)
        t.ok(endings.get(ending), `some were ${ending}`);
      t.equal(await allAtOnce(gateway.url), CONNECTIONS, 'each connection to the upstream is of use again');
      client.close();
      await upstream.become('killed');
      return settled(gateway, began);
    };
    const first = await round();
    const second = await round();
    t.ok(
      noMoreIsOpen(second, began),
      `open are ${open(second).join()} descriptors, sockets and timers, after ${open(began).join()}`,
    );
    t.ok(second.heap - first.heap < 4 * MIB, `the heap grew by ${(second.heap - first.heap) / MIB} MiB`);
    t.ok(
      second.buffers - first.buffers < 4 * MIB,
      `buffers by ${(second.buffers - first.buffers) / MIB} MiB`,
    );
    t.ok(
      second.resident - first.resident < 64 * MIB,
      `the process by ${(second.resident - first.resident) / MIB} MiB`,
    );
    t.match(await gateway.stop(), { code: 0, stderr: '' });
  },
);
