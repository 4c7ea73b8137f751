/** The pinned `opa` for tests that compile, check or run Rego. */
import t from 'tap';
import { findOpa, installOpa, OPA_VERSION, opaVersion } from '../../src/policy/opa.ts';

/** Go builds opa once a machine; a slow one needs minutes for it, which tap has to grant to the file that waits. */
const INSTALL_DEADLINE_MS = 600_000;

/** The path of the pinned `opa`: the one that is here, else built into the cache folder. */
export async function opa(): Promise<string> {
  const found = await findOpa(process.env);
  if (found && (await opaVersion(found).catch(() => null)) === OPA_VERSION) return found;
  t.setTimeout(INSTALL_DEADLINE_MS);
  return installOpa(process.env);
}
