/** `portcullis serve` in a process of its own, which can be asked what it holds. */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import type { Test } from 'tap';
import type { Held } from './probe.ts';
import { type Serving, startServing } from './serving.ts';

export type Probed = Serving & {
  /** What it holds after a garbage collection. */
  readonly held: () => Promise<Held>;
};

/** Starts it with a configuration. */
export async function startProbed(t: Test, config: string): Promise<Probed> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-probe-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'socket');
  const serving = await startServing(t, config, {
    PROBE_SOCKET: path,
    NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import=${import.meta.resolve('./probe.ts')}`,
  });
  return { ...serving, held: async () => (await json(connect(path))) as Held };
}
