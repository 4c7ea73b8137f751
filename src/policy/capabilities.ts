/** What Rego may use here: OPA's capabilities, without what this engine does not have. */
import { tmpdir } from 'node:os';
import { NETWORK_BUILTINS } from './builtins/index.ts';
import { runOpa } from './opa.ts';

/** What a request is judged by is its input and data alone: not the network, and not the gateway's environment. */
const REFUSED = new Set([...NETWORK_BUILTINS, 'opa.runtime']);

/**
 * The capabilities of an `opa`, as its `--capabilities` takes them (https://www.openpolicyagent.org/docs/deployments/#capabilities):
 * without network, and without `opa.runtime`, which says nothing here. A policy that calls one of them is refused when it is compiled,
 * with file and line. Throws OpaError.
 */
export async function capabilitiesOf(opa: string): Promise<string> {
  const all = JSON.parse(await runOpa(opa, ['capabilities', '--current'], tmpdir())) as {
    builtins: { name: string }[];
  };
  const builtins = all.builtins.filter(({ name }) => !REFUSED.has(name));
  return `${JSON.stringify({ ...all, builtins, allow_net: [] }, null, 2)}\n`;
}
