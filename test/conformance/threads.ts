/** Cases in threads, each case with a deadline: one that hangs is a failed case, and ends with its thread. */
import { Worker } from 'node:worker_threads';
import type { Case, CompiledCase } from './cases.ts';
import type { Verdict } from './judge.ts';

export type Judged = { readonly case: Case } & Verdict;

const THREADS = 2;
const DEADLINE_MS = 20_000;

/** Judges them by the engine of this name. The answers have no order. Rejects when the cases end with an error. */
export async function judgeAll(cases: AsyncIterable<CompiledCase>, engine: string): Promise<Judged[]> {
  const judged: Judged[] = [];
  const source = cases[Symbol.asyncIterator]();
  const start = (): Worker => new Worker(new URL('./worker.ts', import.meta.url), { workerData: engine });
  const work = async (): Promise<void> => {
    let thread = start();
    try {
      for (;;) {
        const { done, value } = await source.next();
        if (done) break;
        const answer = await ask(thread, value);
        if (typeof answer === 'string') {
          await thread.terminate();
          thread = start();
          judged.push({ case: value.case, verdict: 'failed', wanted: 'an answer', got: answer });
        } else judged.push({ case: value.case, ...answer });
      }
    } finally {
      await thread.terminate();
    }
  };
  await Promise.all(Array.from({ length: THREADS }, work));
  return judged;
}

/** The verdict; or why there is none, and then the thread is of no more use. */
function ask(thread: Worker, compiled: CompiledCase): Promise<Verdict | string> {
  return new Promise((resolve) => {
    const late = setTimeout(() => settle(`none within ${DEADLINE_MS / 1_000} s`), DEADLINE_MS);
    const failed = (error: unknown): void => settle(`its thread failed: ${String(error)}`);
    const exited = (code: number): void => settle(`its thread ended with ${code}`);
    const settle = (answer: Verdict | string): void => {
      clearTimeout(late);
      thread.off('message', settle).off('error', failed).off('exit', exited);
      resolve(answer);
    };
    thread.on('message', settle).on('error', failed).on('exit', exited);
    thread.postMessage(compiled, [compiled.wasm.buffer]);
  });
}
