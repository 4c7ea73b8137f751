/** `opa.runtime`, of which a module's host has nothing to tell. */
import { RegoObject } from '../value.ts';
import type { Family } from './builtin.ts';

export const runtime: Family = {
  /** OPA's own WASM host gives an empty object too. A gateway's environment holds secrets, and its configuration is no policy's matter. */
  'opa.runtime': () => new RegoObject([]),
};
