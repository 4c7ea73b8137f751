/** Threads for what may take long: evaluations that have a time limit, and data that is large. */
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { EvaluationError, type Row } from './engine.ts';
import type { Compiled, DataImage } from './instance.ts';

/** What a thread is started for: to evaluate with this data, or to read data from JSON. */
export type Task = { readonly compiled: Compiled } & (
  | { readonly image: DataImage }
  | { readonly json: Uint8Array }
);

/** What a thread is asked. Structured cloning carries the input across. */
export type Question = { readonly entrypoint: string; readonly input: object };

/** What it says: that it is ready, with the data that it read; then, of each question, the answer. */
export type Said =
  | { readonly ready: DataImage | null }
  | { readonly rows: Row[] }
  | { readonly failed: string };

/** An evaluation that took longer than it may; the message names it. */
export class EvaluationStopped extends Error {}

export type Confinement = {
  /**
   * The entrypoint's result set. After `timeout` milliseconds, of which waiting for a thread is a part, the evaluation is stopped:
   * rejects with EvaluationStopped then, and with EvaluationError where it fails.
   */
  readonly evaluate: (timeout: number, entrypoint: string, input: object) => Promise<Row[]>;
  /** Ends the threads; whoever waits is refused with EvaluationError. */
  readonly close: () => Promise<void>;
};

/** Between attempts to start a thread in the place of one that was stopped. */
const START_AGAIN_MS = 1_000;

/** Reads data aside: parsing 10 MB takes from 150 to 900 ms. Rejects with EvaluationError. */
export async function readAside(compiled: Compiled, json: Uint8Array): Promise<DataImage> {
  const { worker, image } = await start({ compiled, json });
  await worker.terminate();
  return image as DataImage;
}

type Waiting = Question & {
  readonly answer: (said: Said) => void;
  /** Ends the evaluation, once a thread has it. */
  stop: (() => void) | null;
};

/** Starts `threads` threads, each with the data that `image` gives. Rejects with EvaluationError. */
export async function confine(
  compiled: Compiled,
  threads: number,
  image: () => DataImage,
): Promise<Confinement> {
  const queue: Waiting[] = [];
  const idle: ((next: Waiting | null) => void)[] = [];
  let closed = false;

  const begin = async (): Promise<Worker> => (await start({ compiled, image: image() })).worker;
  const next = async (): Promise<Waiting | null> =>
    closed
      ? null
      : (queue.shift() ??
        new Promise((resolve) => {
          idle.push(resolve);
        }));
  /** Answers one after the other, until it is closed. */
  const serve = async (first: Worker): Promise<void> => {
    let worker: Worker | null = first;
    for (;;) {
      const waiting = await next();
      if (!waiting) break;
      const said = await ask(worker, waiting);
      if (said) waiting.answer(said);
      else {
        await worker.terminate();
        worker = await begunAgain(begin, () => closed);
        if (!worker) return;
      }
    }
    await worker.terminate();
  };

  const begun = await Promise.allSettled(Array.from({ length: threads }, begin));
  const workers = begun.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = begun.find((one) => one.status === 'rejected');
  if (failed) {
    await Promise.all(workers.map(async (worker) => worker.terminate()));
    throw failed.reason;
  }
  const served = Promise.all(workers.map(serve));

  return {
    evaluate: (timeout, entrypoint, input) =>
      new Promise((resolve, reject) => {
        const stopped = (): void => {
          const at = queue.indexOf(waiting);
          if (at !== -1) queue.splice(at, 1);
          waiting.stop?.();
          const what = at === -1 ? 'was stopped after' : 'found no thread free within';
          reject(new EvaluationStopped(`${entrypoint} ${what} ${timeout} ms`));
        };
        const timer = setTimeout(stopped, timeout);
        const waiting: Waiting = {
          entrypoint,
          input,
          stop: null,
          answer(said) {
            clearTimeout(timer);
            if ('rows' in said) resolve(said.rows);
            else reject(new EvaluationError('failed' in said ? said.failed : 'its thread began again'));
          },
        };
        if (closed) waiting.answer({ failed: 'the policies are closed' });
        else {
          const free = idle.shift();
          if (free) free(waiting);
          else queue.push(waiting);
        }
      }),
    async close() {
      closed = true;
      for (const { answer } of queue.splice(0)) answer({ failed: 'the policies are closed' });
      for (const free of idle.splice(0)) free(null);
      await served;
    },
  };
}

/** What the thread says to a question; null when it was stopped, or ended by itself. */
const ask = (worker: Worker, waiting: Waiting): Promise<Said | null> =>
  new Promise((resolve) => {
    const done = (said: Said | null): void => {
      worker.off('message', done);
      worker.off('exit', ended);
      resolve(said);
    };
    const ended = (): void => {
      waiting.answer({ failed: 'its thread ended' });
      done(null);
    };
    // One that ended while it had nothing to do will not say so again.
    if (worker.threadId === -1) {
      ended();
      return;
    }
    waiting.stop = () => done(null);
    worker.once('message', done);
    worker.once('exit', ended);
    const { entrypoint, input } = waiting;
    try {
      worker.postMessage({ entrypoint, input } satisfies Question);
    } catch (error) {
      done({ failed: `the input cannot be handed to a thread: ${(error as Error).message}` });
    }
  });

/** A thread in the place of another, as soon as one can be had; null when none is wanted any more. */
async function begunAgain(begin: () => Promise<Worker>, closed: () => boolean): Promise<Worker | null> {
  while (!closed()) {
    try {
      return await begin();
    } catch {
      await pause(START_AGAIN_MS, undefined, { ref: false });
    }
  }
  return null;
}

/** A thread that is ready. It does not keep the process. Rejects with EvaluationError. */
async function start(task: Task): Promise<{ readonly worker: Worker; readonly image: DataImage | null }> {
  const worker = new Worker(new URL('confined.ts', import.meta.url), {
    workerData: task,
    env: {},
    execArgv: [],
  });
  const said = await new Promise<Said>((resolve) => {
    const fail = (error: Error | number): void =>
      resolve({ failed: error instanceof Error ? error.message : 'its thread ended' });
    worker.once('message', resolve).once('error', fail).once('exit', fail);
  });
  if ('ready' in said) {
    worker.unref();
    // What is thrown there afterwards ends it, and is seen as its end.
    worker.on('error', () => {});
    return { worker, image: said.ready };
  }
  await worker.terminate();
  throw new EvaluationError('failed' in said ? said.failed : 'its thread did not begin');
}
