/**
 * Loaded into a gateway's process ahead of its own code (`node --import`), for tests that ask what the process holds. It says so on a
 * socket of its own, at the path in PROBE_SOCKET: one answer for each connection, after a full garbage collection.
 */
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Sizes are in bytes. */
export type Held = {
  /** The most that was ever resident. */
  readonly peak: number;
  readonly resident: number;
  readonly heap: number;
  /** Buffers outside of the heap. */
  readonly buffers: number;
  /** How many there are of each kind of what keeps an event loop alive: sockets, timers and the like. */
  readonly resources: Readonly<Record<string, number>>;
  /** Open file descriptors; null where there is no /proc. */
  readonly descriptors: number | null;
};

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function held(): Held {
  const { rss, heapUsed, external } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  return {
    peak: process.resourceUsage().maxRSS * 1_024,
    resident: rss,
    heap: heapUsed,
    buffers: external,
    resources,
    descriptors: descriptors(),
  };
}

function descriptors(): number | null {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
}

createServer((socket) => {
  // What is freed may free more, once its callbacks have run.
  collect();
  setImmediate(() => {
    collect();
    socket.end(JSON.stringify(held()));
  });
})
  .listen(process.env['PROBE_SOCKET'])
  .unref();
