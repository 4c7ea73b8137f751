/** What runs in a thread of `confinement.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Question, Said, Task } from './confinement.ts';
import { loadPolicy } from './engine.ts';

const port = parentPort;
if (!port) throw new Error('it is for a thread');
const say = (said: Said): void => {
  port.postMessage(said);
};
const attempt = (what: () => Said): Said => {
  try {
    return what();
  } catch (error) {
    return { failed: (error as Error).message };
  }
};

const task = workerData as Task;
const policy = await loadPolicy(task.compiled);
say(
  attempt(() => {
    if ('image' in task) policy.setDataImage(task.image);
    else policy.setData(task.json);
    return { ready: 'image' in task ? null : policy.dataImage() };
  }),
);
port.on('message', ({ entrypoint, input }: Question) => {
  say(attempt(() => ({ rows: policy.evaluate(input, entrypoint) })));
});
