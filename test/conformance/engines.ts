/** The engines that the cases can be run by: the gateway's own, and OPA's package for npm to compare it with. */
import { createRequire } from 'node:module';
import type * as opaWasm from '@open-policy-agent/opa-wasm';
import { type Family, operand } from '../../src/policy/builtins/builtin.ts';
import { EvaluationError, loadPolicy, type Policy, PolicyLoadError } from '../../src/policy/engine.ts';
import { fromPlain } from '../../src/policy/value-text.ts';
import type { CompiledCase } from './cases.ts';
import type { Answer } from './judge.ts';

/** Throws what is a bug of the engine. */
export type Engine = (compiled: CompiledCase) => Promise<Answer>;

async function portcullis({ case: { data, input }, wasm }: CompiledCase): Promise<Answer> {
  let policy: Policy;
  try {
    policy = await loadPolicy(wasm, { builtins: OF_THE_TEST });
  } catch (error) {
    const missing = error instanceof PolicyLoadError ? UNAVAILABLE.exec(error.message)?.[1] : undefined;
    if (missing === undefined) throw error;
    return { kind: 'missing', builtins: missing.split(', ') };
  }
  try {
    if (data !== undefined) policy.setData(bytes(data));
    return { kind: 'result', value: policy.evaluateValue(input) };
  } catch (error) {
    if (error instanceof EvaluationError) return { kind: 'error', message: error.message };
    throw error;
  }
}

/** What OPA's own program for these cases has beside OPA's builtins. */
const OF_THE_TEST: Family = {
  'test.sleep'([duration]) {
    const milliseconds = Number(/^(\d+)ms$/.exec(operand(1, duration, 'string'))?.[1]);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
    return null;
  },
};

const UNAVAILABLE = /call builtins that are not available here: (.*)$/;

// Its ESM entry has no loadPolicySync, whatever its types say.
const { loadPolicySync } = createRequire(import.meta.url)('@open-policy-agent/opa-wasm') as typeof opaWasm;

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

async function opaWasmPackage({ case: { data, input }, wasm }: CompiledCase): Promise<Answer> {
  try {
    const policy = loadPolicySync(wasm.buffer, { initial: 32, maximum: 4_096 });
    policy.setData(bytes(data ?? '{}').buffer);
    const results: unknown = policy.evaluate(input === undefined ? undefined : bytes(input).buffer);
    return { kind: 'result', value: fromPlain(results) };
  } catch (error) {
    const message = words(error);
    const missing = /^not implemented: built-in function \d+: (.*)$/.exec(message)?.[1];
    return missing === undefined ? { kind: 'error', message } : { kind: 'missing', builtins: [missing] };
  }
}

/** opa-wasm throws strings, objects and errors. */
const words = (thrown: unknown): string =>
  typeof thrown === 'string' ? thrown : String((thrown as { message?: unknown } | null)?.message);

export const ENGINES: Readonly<Record<string, Engine>> = {
  portcullis,
  'opa-wasm': opaWasmPackage,
};
