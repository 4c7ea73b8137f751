/** A thread that judges cases by the engine that its data names. */
import { parentPort, workerData } from 'node:worker_threads';
import type { CompiledCase } from './cases.ts';
import { ENGINES } from './engines.ts';
import { judge, type Verdict } from './judge.ts';

const engine = ENGINES[workerData as string];
if (!engine || !parentPort) throw new Error(`there is no engine ${String(workerData)}`);
const [port, evaluate] = [parentPort, engine];

async function judged(compiled: CompiledCase): Promise<Verdict> {
  const { compile_error: fault } = compiled.case;
  if (fault !== undefined) return { verdict: 'failed', wanted: 'a module', got: fault };
  try {
    return judge(compiled.case, await evaluate(compiled));
  } catch (error) {
    const [what, where] = String((error as Error).stack).split('\n');
    return { verdict: 'failed', wanted: 'an answer', got: `${what} ${where?.trim() ?? ''}` };
  }
}

port.on('message', (compiled: CompiledCase) => {
  void judged(compiled).then((verdict) => port.postMessage(verdict));
});
