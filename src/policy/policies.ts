/** The policies in force: one bundle, whole, ready to decide. */
import type { Bundle } from './bundle.ts';
import { confine, readAside } from './confinement.ts';
import { ofPackage } from './decision.ts';
import { compile, EvaluationError, loadPolicy, PolicyLoadError, type Row } from './engine.ts';

/** Results are plain values; undefined is Rego's undefined. Of a whole package, only the decision's own keys. */
export type Policies = {
  /** Names the bundle in traces and logs. */
  readonly revision: string;
  readonly entrypoints: ReadonlySet<string>;
  /** The entrypoint's result for this input. Throws EvaluationError. */
  readonly evaluate: (entrypoint: string, input: object) => unknown;
  /**
   * The same in a thread of its own, where it is stopped after `timeout` milliseconds, waiting for its turn included. Rejects with
   * EvaluationError, or EvaluationStopped.
   */
  readonly evaluateWithin: (timeout: number, entrypoint: string, input: object) => Promise<unknown>;
  readonly close: () => Promise<void>;
};

/** Data of this size takes 15 to 90 ms to read: more is read in a thread of its own. */
const READ_HERE_BYTES = 1_048_576;

/**
 * Loads a bundle: starts its module, refuses it by name when it calls a builtin that is not there, and sets its data. `threads` is how
 * many evaluations with a time limit may run at once; 0 where no route has one. Rejects with PolicyLoadError.
 */
export async function loadPolicies(bundle: Bundle, threads = 0): Promise<Policies> {
  const compiled = await compile(bundle.wasm);
  const policy = await loadPolicy(compiled);
  const entrypoints = new Set(policy.entrypoints);
  try {
    if (bundle.data.length <= READ_HERE_BYTES) policy.setData(bundle.data);
    else policy.setDataImage(await readAside(compiled, bundle.data));
  } catch (error) {
    throw new PolicyLoadError(`the policies do not start: ${(error as Error).message}`);
  }
  const resultOf = (entrypoint: string, [first]: readonly Row[]): unknown =>
    bundle.packages.has(entrypoint) ? ofPackage(first?.result) : first?.result;
  const confinement = threads > 0 ? await confine(compiled, threads, () => policy.dataImage()) : null;
  return {
    revision: bundle.revision,
    entrypoints,
    evaluate: (entrypoint, input) => resultOf(entrypoint, policy.evaluate(input, entrypoint)),
    async evaluateWithin(timeout, entrypoint, input) {
      if (!confinement) throw new EvaluationError('no thread was started for evaluations with a time limit');
      return resultOf(entrypoint, await confinement.evaluate(timeout, entrypoint, input));
    },
    close: async () => confinement?.close(),
  };
}
