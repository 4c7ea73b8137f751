/**
 * What a decision costs: this engine, plain @open-policy-agent/opa-wasm, and OPA's own server, side by side in one run.
 * `npm run bench:decision` (add `-- --memory` to evaluate ten million times and print the memory on the way). Machines differ: compare
 * the columns, not the runs.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type * as opaWasm from '@open-policy-agent/opa-wasm';
import { Pool } from 'undici';
import { readBundle } from '../src/policy/bundle.ts';
import { compileFolder } from '../src/policy/compile.ts';
import { loadPolicy } from '../src/policy/engine.ts';
import { installOpa } from '../src/policy/opa.ts';

const { loadPolicySync } = createRequire(import.meta.url)('@open-policy-agent/opa-wasm') as typeof opaWasm;

const FOLDER = fileURLToPath(new URL('policies', import.meta.url));
/** How often each is evaluated in a round, and how many rounds: the best round counts, as the others were disturbed. */
const [EVALUATIONS, REQUESTS, ROUNDS] = [20_000, 500, 15];

/** As a route's input is, in 1 kB of JSON. */
const INPUT = {
  version: 1,
  request: {
    id: '6f1e5f0a9f7c4d1d8b5e3a2c1d0e9f8a',
    method: 'GET',
    scheme: 'https',
    host: 'api.example.com',
    path: '/accounts/1234',
    segments: ['accounts', '1234'],
    query: { fields: ['balance'] },
    headers: {
      accept: 'application/json',
      'accept-language': 'en-US,en;q=0.9',
      host: 'api.example.com',
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
    },
    client_ip: '192.0.2.7',
    body: null,
    truncated_body: false,
  },
  authenticated: true,
  issuer: 'https://login.example.com',
  authorization_server: 'main',
  claims: {
    iss: 'https://login.example.com',
    sub: 'alice',
    aud: ['accounts-api'],
    scope: 'accounts:read',
    client_id: 'webapp',
    iat: 1_790_000_000,
    exp: 1_790_000_300,
    jti: 'a81bc81b-dead-4e5d-abff-90865d1e13b1',
  },
  scopes: ['accounts:read'],
  client_id: 'webapp',
  token: { type: 'Bearer', audience: ['accounts-api'], expires_at: 1_790_000_300 },
  consumer: null,
  route: { name: 'accounts', params: { id: '1234' }, service: 'accounts', tags: {} },
};

const opa = await installOpa(process.env);
const { wasm, data } = await readBundle(await compileFolder(FOLDER, opa));
const ours = await loadPolicy(wasm);
ours.setData(data);
if (process.argv.includes('--memory')) await memory();
else await table();

async function table(): Promise<void> {
  const plain = loadPolicySync(wasm, { initial: 32 });
  plain.setData(JSON.parse(Buffer.from(data).toString()) as object);
  const server = await startServer();
  const pool = new Pool(server.url, { connections: 1 });
  process.stdout.write(
    `input: ${JSON.stringify(INPUT).length} bytes of JSON; microseconds for one decision\n\n`,
  );
  process.stdout.write(
    '| policy | this engine | opa-wasm | OPA server | opa-wasm / ours |\n|---|---|---|---|---|\n',
  );
  for (const entrypoint of ours.entrypoints) {
    const ask = async (): Promise<void> => {
      const { statusCode, body } = await pool.request({
        path: `/v1/data/${entrypoint}`,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ input: INPUT }),
      });
      const { result } = (await body.json()) as { result?: unknown };
      if (statusCode !== 200 || result !== true)
        throw new Error(`${entrypoint}: the server said ${statusCode}`);
    };
    for (const engine of [ours, plain])
      if (engine.evaluate(INPUT, entrypoint)[0]?.result !== true)
        throw new Error(`${entrypoint} is not true`);
    const [a, b] = alternately(
      () => ours.evaluate(INPUT, entrypoint),
      () => plain.evaluate(INPUT, entrypoint) as unknown,
    );
    const c = await best(ask);
    const cells = [entrypoint, a.toFixed(2), b.toFixed(2), c.toFixed(0), (b / a).toFixed(1)];
    process.stdout.write(`| ${cells.join(' | ')} |\n`);
  }
  await pool.close();
  await server.close();
}

/** Microseconds of each, measured in turns, so that what disturbs one disturbs the other. */
function alternately(one: () => unknown, other: () => unknown): [number, number] {
  const least: [number, number] = [Infinity, Infinity];
  for (let round = 0; round < ROUNDS; round++)
    for (const [at, run] of [one, other].entries()) {
      const started = process.hrtime.bigint();
      for (let i = 0; i < EVALUATIONS; i++) run();
      const taken = Number(process.hrtime.bigint() - started) / 1_000 / EVALUATIONS;
      least[at as 0 | 1] = Math.min(least[at as 0 | 1], taken);
    }
  return least;
}

/** Microseconds of one after the other. */
async function best(ask: () => Promise<void>): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const started = process.hrtime.bigint();
    for (let i = 0; i < REQUESTS; i++) await ask();
    least = Math.min(least, Number(process.hrtime.bigint() - started) / 1_000 / REQUESTS);
  }
  return least;
}

/** OPA's server with the same policies, on loopback. */
async function startServer(): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const port = await freePort();
  const home = await mkdtemp(join(tmpdir(), 'portcullis-bench-'));
  const args = [
    'run',
    '--server',
    '--addr',
    `127.0.0.1:${port}`,
    '--log-level',
    'error',
    '--disable-telemetry',
  ];
  const child: ChildProcess = spawn(opa, [...args, '-b', FOLDER], { env: { HOME: home }, stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  while (
    !(await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    ))
  )
    await pause(50);
  return {
    url,
    async close() {
      child.kill();
      await once(child, 'exit');
      await rm(home, { recursive: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

/** Ten million evaluations, by turns of all entrypoints. */
async function memory(): Promise<void> {
  process.stdout.write('| evaluations | resident MiB | of that the heap of JavaScript |\n|---|---|---|\n');
  for (let million = 0; million <= 10; million++) {
    const { rss, heapTotal } = process.memoryUsage();
    process.stdout.write(`| ${million} million | ${rss >> 20} | ${heapTotal >> 20} |\n`);
    if (million === 10) break;
    for (let i = 0; i < 1_000_000; i++)
      ours.evaluate({ ...INPUT, n: i }, ours.entrypoints[i % ours.entrypoints.length]);
    await pause(0);
  }
}
