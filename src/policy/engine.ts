/** Rego policies compiled to WASM, evaluated in process. */
import { createRequire } from 'node:module';
import type * as opaWasm from '@open-policy-agent/opa-wasm';
import type { Bundle } from './bundle.ts';
import { DecisionError, ofPackage } from './decision.ts';

// opa-wasm's ESM entry has no loadPolicySync, whatever its types say.
const { loadPolicySync } = createRequire(import.meta.url)('@open-policy-agent/opa-wasm') as typeof opaWasm;

/** The policies in force: one bundle, whole. */
export type Policies = {
  /** Names the bundle in traces and logs. */
  readonly revision: string;
  readonly entrypoints: ReadonlySet<string>;
  /**
   * The entrypoint's result for this input; undefined is Rego's undefined. Of a whole package, only the decision's own keys.
   * Throws DecisionError when evaluation fails.
   */
  readonly evaluate: (entrypoint: string, input: object) => unknown;
};

/** A bundle that cannot be put in force; the message says why. */
export class PolicyLoadError extends Error {}

/**
 * What opa-wasm 1.10 brings beside the builtins that OPA compiles into the module. Its `regex.split` is left out: it hands the
 * pattern to JavaScript's RegExp, which backtracks without end and reads patterns otherwise than RE2.
 */
const HOST_BUILTINS = new Set([
  'json.is_valid',
  'sprintf',
  'yaml.is_valid',
  'yaml.marshal',
  'yaml.unmarshal',
]);
/** What modules of ABI 1.2 export beside the functions of ABI 1.0. */
const ABI_EXPORTS = ['opa_wasm_abi_version', 'opa_wasm_abi_minor_version', 'opa_eval'];
/**
 * Pages of 64 KiB. A module does not start in less than its constants take, and opa-wasm's own 5 pages are few. A runaway policy is
 * stopped at 256 MiB instead of taking the process with it.
 */
const MEMORY = { initial: 32, maximum: 4_096 };

/**
 * Loads a bundle: instantiates the module, refuses it by name when it calls a builtin that is not there, sets its data and
 * evaluates every entrypoint once. Throws PolicyLoadError.
 */
export async function loadPolicies(bundle: Bundle): Promise<Policies> {
  const module = await compile(bundle.wasm);
  const start = (): opaWasm.LoadedPolicy => {
    const started = loadPolicySync(module, MEMORY);
    started.setData(data);
    return started;
  };
  let data: ArrayBuffer;
  let policy: opaWasm.LoadedPolicy | null;
  try {
    data = written('data', bundle.data);
    policy = start();
  } catch (error) {
    throw new PolicyLoadError(`the policies do not start: ${words(error)}`);
  }
  const missing = requiredBuiltins(policy).filter((name) => !HOST_BUILTINS.has(name));
  if (missing.length > 0)
    throw new PolicyLoadError(
      `the policies call builtins that are not available here: ${missing.join(', ')}`,
    );

  const entrypoints = new Set(Object.keys(policy.entrypoints as object));
  const evaluate = (entrypoint: string, input: object): unknown => {
    const document = written('the input', input);
    try {
      policy ??= start();
      const [first] = policy.evaluate(document, entrypoint) as readonly { readonly result: unknown }[];
      return bundle.packages.has(entrypoint) ? ofPackage(first?.result) : first?.result;
    } catch (error) {
      // WASM does not unwind: each failure leaves its frames on the module's stack, and when some hundreds had filled it nothing
      // would be evaluated any more. The next evaluation starts anew (0.4 ms, and what it takes to set the data).
      policy = null;
      throw new DecisionError(`the evaluation failed: ${words(error)}`);
    }
  };
  for (const entrypoint of entrypoints) {
    try {
      evaluate(entrypoint, {});
    } catch (error) {
      throw new PolicyLoadError(`${entrypoint} does not run on an empty input: ${words(error)}`);
    }
  }
  return { revision: bundle.revision, entrypoints, evaluate };
}

async function compile(wasm: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  let module: WebAssembly.Module;
  try {
    module = await WebAssembly.compile(wasm);
  } catch (error) {
    throw new PolicyLoadError(`policy.wasm is no WASM: ${words(error)}`);
  }
  const exported = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
  const lacking = ABI_EXPORTS.filter((name) => !exported.has(name));
  if (lacking.length > 0)
    throw new PolicyLoadError(`policy.wasm is no policy of OPA's ABI 1.2: it has no ${lacking.join(', ')}`);
  return module;
}

const HALF_A_PAIR = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

/**
 * JSON as a module reads it. JSON.stringify writes pairs of surrogates as they are, so what it escapes is half of one. OPA's own
 * parser reads that as one character with whatever is escaped after it: two names could become the same. Throws DecisionError.
 */
function written(what: string, document: object): ArrayBuffer {
  let text: string;
  try {
    text = JSON.stringify(document);
  } catch (error) {
    throw new DecisionError(`${what} cannot be written as JSON: ${words(error)}`);
  }
  if (text.includes('\\ud') && HALF_A_PAIR.test(text))
    throw new DecisionError(`${what} has half a surrogate pair, which is no character`);
  return new TextEncoder().encode(text).buffer;
}

/** The builtins that the module leaves to its host: the ABI's `builtins()`, a JSON object of name to number. */
function requiredBuiltins(policy: opaWasm.LoadedPolicy): string[] {
  const { builtins, opa_json_dump } = (policy.wasmInstance as WebAssembly.Instance).exports as {
    builtins: () => number;
    opa_json_dump: (address: number) => number;
  };
  const from = opa_json_dump(builtins());
  const bytes = new Uint8Array(policy.mem.buffer);
  const text = new TextDecoder().decode(bytes.subarray(from, bytes.indexOf(0, from)));
  return Object.keys(JSON.parse(text) as object).toSorted();
}

/** opa-wasm throws strings, objects and errors. */
function words(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown;
  const message = (thrown as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : 'unknown error';
}
