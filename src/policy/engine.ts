/** Rego policies compiled to WASM, evaluated in process. */
import { type LoadedPolicy, loadPolicy } from '@open-policy-agent/opa-wasm';
import type { Bundle } from './bundle.ts';
import { DecisionError } from './decision.ts';

/** The policies in force: one bundle, whole. */
export type Policies = {
  /** Names the bundle in traces and logs. */
  readonly revision: string;
  readonly entrypoints: ReadonlySet<string>;
  /** The entrypoint's result for this input; undefined is Rego's undefined. Throws DecisionError when evaluation fails. */
  readonly evaluate: (entrypoint: string, input: object) => unknown;
};

/** A bundle that cannot be put in force; the message says why. */
export class PolicyLoadError extends Error {}

/** What opa-wasm 1.10 brings beside the builtins that OPA compiles into the module. */
const HOST_BUILTINS = new Set([
  'json.is_valid',
  'regex.split',
  'sprintf',
  'yaml.is_valid',
  'yaml.marshal',
  'yaml.unmarshal',
]);
/** 64 KiB each: a runaway policy is stopped at 256 MiB instead of taking the process with it. */
const MOST_PAGES = 4_096;

/**
 * Loads a bundle: instantiates the module, refuses it by name when it calls a builtin that is not there, sets its data and
 * evaluates every entrypoint once. Throws PolicyLoadError.
 */
export async function loadPolicies(bundle: Bundle): Promise<Policies> {
  let policy: LoadedPolicy;
  try {
    policy = await loadPolicy(bundle.wasm, { initial: 5, maximum: MOST_PAGES });
  } catch (error) {
    throw new PolicyLoadError(`the policy module does not load: ${words(error)}`);
  }
  const missing = requiredBuiltins(policy).filter((name) => !HOST_BUILTINS.has(name));
  if (missing.length > 0)
    throw new PolicyLoadError(
      `the policies call builtins that are not available here: ${missing.join(', ')}`,
    );
  const entrypoints = new Set(Object.keys(policy.entrypoints as object));
  const evaluate = (entrypoint: string, input: object): unknown => {
    try {
      const [first] = policy.evaluate(input, entrypoint) as readonly { readonly result: unknown }[];
      return first?.result;
    } catch (error) {
      throw new DecisionError(`the evaluation failed: ${words(error)}`);
    }
  };
  try {
    policy.setData(bundle.data);
    for (const entrypoint of entrypoints) evaluate(entrypoint, {});
  } catch (error) {
    throw new PolicyLoadError(`the policies do not run: ${words(error)}`);
  }
  return { revision: bundle.revision, entrypoints, evaluate };
}

/** The builtins that the module leaves to its host: the ABI's `builtins()`, a JSON object of name to number. */
function requiredBuiltins(policy: LoadedPolicy): string[] {
  const { builtins, opa_json_dump } = (policy.wasmInstance as WebAssembly.Instance).exports as {
    builtins: () => number;
    opa_json_dump: (address: number) => number;
  };
  const from = opa_json_dump(builtins());
  const bytes = new Uint8Array(policy.mem.buffer);
  const text = new TextDecoder().decode(bytes.subarray(from, bytes.indexOf(0, from)));
  return Object.keys(JSON.parse(text) as object);
}

/** opa-wasm throws strings, objects and errors. */
function words(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown;
  const message = (thrown as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : 'unknown error';
}
