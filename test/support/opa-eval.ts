/** What OPA's own interpreter says, to hold the engine against. */
import { writeFile } from 'node:fs/promises';
import type { Test } from 'tap';
import { runOpa } from '../../src/policy/opa.ts';
import { opa } from './opa.ts';

/**
 * The document of a module's package, named by its path, for each of many inputs, as JSON text: one run of `opa eval`, in which each input stands in for
 * `input` by `with`. Undefined is null.
 */
export async function interpreted(
  t: Test,
  module: string,
  path: readonly string[],
  inputs: readonly string[],
): Promise<unknown[]> {
  const folder = t.testdir({ 'module.rego': module });
  await writeFile(`${folder}/inputs.json`, `{"inputs": [${inputs.join(',')}]}`);
  const query = `[result | some one in data.inputs; result := object.get(data, ${JSON.stringify(path)}, null) with input as one]`;
  const args = ['eval', '--format', 'json', '-d', 'module.rego', '-d', 'inputs.json', query];
  const said = JSON.parse(await runOpa(await opa(), args, folder)) as {
    result: [{ expressions: [{ value: unknown[] }] }];
  };
  return said.result[0].expressions[0].value;
}
