/** An upstream that can be killed, frozen, and started again at the same address. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import type { Mode } from './chaotic-upstream.ts';

const SCRIPT = fileURLToPath(new URL('chaotic-upstream.ts', import.meta.url));

/** What can be done to it: `killed` it is gone, `frozen` the kernel takes connections for it; in any mode, it runs. */
export type State = Mode | 'killed' | 'frozen';

export type Killable = { readonly url: string; readonly become: (state: State) => Promise<void> };

/** Starts it. */
export async function startKillable(t: Test): Promise<Killable> {
  // Below those that systems give to outgoing connections: none of these may have it while the upstream is away.
  let port = 20_000 + (process.pid % 10_000);
  let child = await start(port);
  for (; !child; child = await start(port)) port++;
  let running: ChildProcess | null = child;
  t.teardown(() => running?.kill('SIGKILL'));
  return {
    url: `http://127.0.0.1:${port}`,
    async become(state) {
      if (state === 'killed') {
        const exited = running && once(running, 'exit');
        running?.kill('SIGKILL');
        await exited;
        running = null;
        return;
      }
      if (state === 'frozen') {
        running?.kill('SIGSTOP');
        return;
      }
      running?.kill('SIGCONT');
      running ??= await start(port);
      if (!running) throw new Error('somebody took its port');
      const heard = once(running, 'message');
      running.send(state);
      await heard;
    },
  };
}

/** Starts one there; null where the port is not free. */
async function start(port: number): Promise<ChildProcess | null> {
  const child = fork(SCRIPT, [String(port)]);
  const listening = await Promise.race([
    once(child, 'message').then(() => true),
    once(child, 'exit').then(() => false),
  ]);
  return listening ? child : null;
}
