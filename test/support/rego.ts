/** Policies that a test writes as Rego, compiled by the real opa and loaded as a gateway loads them. */
import type { Test } from 'tap';
import { readBundle } from '../../src/policy/bundle.ts';
import { compileFolder } from '../../src/policy/compile.ts';
import { loadPolicies, type Policies } from '../../src/policy/policies.ts';
import { opa } from './opa.ts';

/** What goes in front of a rule that a route may name. */
export const ENTRYPOINT = '# METADATA\n# entrypoint: true\n';

/** The bundle of one module, with `data` as its base document. */
export async function bundleOf(t: Test, module: string, data: object = {}): Promise<Uint8Array> {
  const folder = t.testdir({ 'module.rego': module, 'data.json': JSON.stringify(data) });
  return compileFolder(folder, await opa());
}

/** The policies of one module, with `data` as its base document. */
export async function policiesOf(t: Test, module: string, data: object = {}): Promise<Policies> {
  return loadPolicies(await readBundle(await bundleOf(t, module, data)));
}
