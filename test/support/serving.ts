/** `portcullis serve` in a process of its own, as a user starts it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';

export type Serving = {
  /** Address of the proxy front. */
  readonly url: string;
  readonly health: string;
  /** Sends SIGTERM; resolves with the exit code, what went to standard error, and the milliseconds that it took. */
  readonly stop: () => Promise<{ code: number | null; stderr: string; ms: number }>;
};

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Starts it with a configuration, and with these variables added to its environment. */
export async function startServing(
  t: Test,
  config: string,
  variables: Readonly<Record<string, string>>,
): Promise<Serving> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-serving-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = join(folder, 'portcullis.yaml');
  await writeFile(file, config);
  const inherited = Object.entries(process.env).filter(([name]) => !/^(OTEL|PORTCULLIS)_/.test(name));
  const child = spawn(process.execPath, [MAIN, 'serve', file], {
    env: { ...Object.fromEntries(inherited), ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk));
  const exited = once(child, 'exit') as Promise<[number | null]>;

  const listening = Promise.withResolvers<{ proxy: string; health: string }>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = JSON.parse(line) as { message: string; proxy: string; health: string };
    if (said.message === 'portcullis is listening') listening.resolve(said);
  });
  void exited.then(() => listening.reject(new Error(`it ended: ${stderr}`)));
  const { proxy, health } = await listening.promise;
  return {
    url: proxy,
    health,
    async stop() {
      const began = performance.now();
      child.kill('SIGTERM');
      const [code] = await exited;
      return { code, stderr, ms: performance.now() - began };
    },
  };
}
