import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import t, { type Test } from 'tap';
import { readBundle } from '../../src/policy/bundle.ts';
import type { Task } from '../../src/policy/confinement.ts';
import { compile, loadPolicy } from '../../src/policy/engine.ts';
import { bundleOf, ENTRYPOINT } from '../support/rego.ts';

const rules = ['found := data.x', 'conflict := value if some value in input.values'];
const module = `package a\n${rules.map((rule) => `\n${ENTRYPOINT}${rule}\n`).join('')}`;
const compiled = await compile((await readBundle(await bundleOf(t, module))).wasm);
const policy = await loadPolicy(compiled);
policy.setData({ x: 1 });

function start(t: Test, task: Task): Worker {
  const worker = new Worker(new URL('../../src/policy/confined.ts', import.meta.url), {
    workerData: task,
    env: {},
    execArgv: [],
  });
  t.teardown(() => worker.terminate());
  return worker;
}
const said = async (worker: Worker): Promise<unknown> => (await once(worker, 'message'))[0] as unknown;

t.test('a thread with data says that it is ready, and answers each question', async (t) => {
  const worker = start(t, { compiled, image: policy.dataImage() });
  t.strictSame(await said(worker), { ready: null });
  worker.postMessage({ entrypoint: 'a/found', input: {} });
  t.strictSame(await said(worker), { rows: [{ result: 1 }] });
  worker.postMessage({ entrypoint: 'a/conflict', input: { values: [1, 2] } });
  t.match(await said(worker), { failed: /^the evaluation failed: / });
  worker.postMessage({ entrypoint: 'a/nowhere', input: {} });
  t.match(await said(worker), { failed: 'there is no entrypoint a/nowhere' });
});

t.test('a thread that reads data says what it read, or why it could not', async (t) => {
  const read = await said(start(t, { compiled, json: Buffer.from('{"x": 1}') }));
  t.match(read, { ready: { from: policy.dataImage().from, document: policy.dataImage().document } });
  t.match(await said(start(t, { compiled, json: Buffer.from('[') })), { failed: /^data cannot be read: / });
});
