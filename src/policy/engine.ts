/** Rego compiled to WASM, evaluated in process as OPA evaluates it: the engine, for this gateway and for other programs. */
import { randomBytes } from 'node:crypto';
import type { Builtin, Evaluation, Family } from './builtins/builtin.ts';
import { loadBuiltin } from './builtins/index.ts';
import { canonicalText, checkedJson, DocumentError, writtenJson } from './document.ts';
import { AbortError, type Compiled, type DataImage, type Host, type Input, Instance } from './instance.ts';
import { lackingExports } from './abi.ts';
import { mended } from './pattern-cache.ts';
import type { Value } from './value.ts';
import { parseValue, toPlain } from './value-text.ts';

/** A module of `opa build -t wasm`, ready to decide. */
export type Policy = {
  /** In the order of the module's numbers. */
  readonly entrypoints: readonly string[];
  /**
   * Sets the base document, `data` in Rego: a plain value, or the bytes of its JSON, whose numbers then keep their exact text. It takes
   * about ten times the size of its JSON in memory, and many small numbers a hundred times; a module has 2 GiB. Throws
   * EvaluationError, and keeps what was set before.
   */
  readonly setData: (data: object | Uint8Array) => void;
  /**
   * The entrypoint's result set; without its name, that of the module's first. Empty when the result is undefined. `input` is what
   * JSON.stringify takes; undefined is none. Throws EvaluationError.
   */
  readonly evaluate: (input?: unknown, entrypoint?: string) => Row[];
  /** The same with the input as text: JSON with exact numbers, or a value as Rego writes it, with sets. Throws EvaluationError. */
  readonly evaluateText: (input: string, entrypoint?: string) => Row[];
  /** The same with an exact result: a set or an array of objects, by OPA's types. Throws EvaluationError. */
  readonly evaluateValue: (input?: string, entrypoint?: string) => Value;
  /** The data as other instances of the same module can hold it at once, in another thread too. */
  readonly dataImage: () => DataImage;
  readonly setDataImage: (image: DataImage) => void;
};

/** One result: `result` of an entrypoint, or the variables of a query that was compiled. Sets are arrays in OPA's order. */
export type Row = { result: unknown };

export { type Builtin, BuiltinError, type Evaluation } from './builtins/builtin.ts';
export { RegoNumber } from './number.ts';
export { RegoObject, RegoSet, type Value } from './value.ts';

export type PolicyOptions = {
  /** Nanoseconds since the epoch; the system's clock without. */
  readonly now?: () => bigint;
  readonly randomBytes?: (size: number) => Uint8Array;
  /** Further builtins, for policies that were compiled with capabilities of their own; none takes the place of OPA's. */
  readonly builtins?: Family;
  /** Gets the lines that policies print and trace; without, nobody does. */
  readonly print?: (line: string) => void;
};

/** Failures after which an instance is left for a new one, which takes 0.4 ms and the time to copy its data. */
const MOST_FAILURES = 32;

/** A module that cannot be loaded; the message says why. */
export class PolicyLoadError extends Error {}

/** An evaluation that gives no result; the message says why. No later evaluation is the worse for it. */
export class EvaluationError extends Error {}

/**
 * Loads a module. It is refused by name when it calls a builtin that is not there: those that would reach the network
 * (`http.send`, `net.lookup_ip_addr`) are not. Rejects with PolicyLoadError.
 */
export async function loadPolicy(
  wasm: Uint8Array<ArrayBuffer> | Compiled,
  options: PolicyOptions = {},
): Promise<Policy> {
  let compiled = wasm instanceof Uint8Array ? await compile(wasm) : wasm;
  let described: ReturnType<Instance['describe']>;
  let empty: DataImage;
  try {
    const first = new Instance(compiled, { builtins: [], begin }, null);
    described = first.describe();
    compiled = { ...compiled, direct: first.agrees() };
    empty = first.read(EMPTY);
  } catch (error) {
    throw new PolicyLoadError(`the policies do not start: ${words(error)}`);
  }
  const builtins = await loadBuiltins(described.builtins, options.builtins ?? {});
  return policyOf(compiled, { builtins, begin: () => begin(options) }, described.entrypoints, empty);
}

const EMPTY = Buffer.from('{}');

const begin = (options: PolicyOptions = {}): Evaluation => ({
  now: options.now?.() ?? BigInt(Date.now()) * 1_000_000n,
  randomBytes: options.randomBytes ?? randomBytes,
  kept: new Map(),
  print: options.print ?? (() => {}),
});

/** Compiles a module; what it gives can be handed to other threads. Rejects with PolicyLoadError when it is no policy. */
export async function compile(wasm: Uint8Array<ArrayBuffer>): Promise<Compiled> {
  let module: WebAssembly.Module;
  const { wasm: bytes, safe } = mended(wasm);
  try {
    module = await WebAssembly.compile(bytes);
  } catch (error) {
    throw new PolicyLoadError(`policy.wasm is no WASM: ${words(error)}`);
  }
  const lacking = lackingExports(module);
  if (lacking.length > 0)
    throw new PolicyLoadError(`policy.wasm is no policy of OPA's ABI 1.2: it has no ${lacking.join(', ')}`);
  return { module, bytes: wasm.length, safe, direct: false };
}

async function loadBuiltins(
  numbers: ReadonlyMap<string, number>,
  more: Family,
): Promise<readonly (Builtin | undefined)[]> {
  const builtins: (Builtin | undefined)[] = [];
  const missing: string[] = [];
  for (const [name, number] of numbers) {
    const builtin = (await loadBuiltin(name)) ?? (Object.hasOwn(more, name) ? more[name] : null);
    if (builtin) builtins[number] = builtin;
    else missing.push(name);
  }
  if (missing.length > 0)
    throw new PolicyLoadError(
      `the policies call builtins that are not available here: ${missing.toSorted().join(', ')}`,
    );
  return builtins;
}

function policyOf(
  compiled: Compiled,
  host: Host,
  entrypoints: ReadonlyMap<string, number>,
  empty: DataImage,
): Policy {
  let image = empty;
  /** Null where the next evaluation has to start one. */
  let instance: Instance | null = new Instance(compiled, host, image);
  let failures = 0;
  let busy = false;

  const run = (input: Input | null, entrypoint: string | undefined): string => {
    const id = entrypoint === undefined ? 0 : entrypoints.get(entrypoint);
    if (id === undefined) throw new EvaluationError(`there is no entrypoint ${entrypoint}`);
    // A second evaluation would overwrite the input of the first.
    if (busy)
      throw new EvaluationError('the policy is being evaluated: what it calls cannot evaluate it too');
    busy = true;
    try {
      instance ??= new Instance(compiled, host, image);
      const result = instance.evaluate(input, id);
      if (instance.outgrown) instance = null;
      return result;
    } catch (error) {
      if (error instanceof DocumentError) throw new EvaluationError(error.message);
      // WASM does not unwind its stack: what stopped leaves its frames there, and some hundreds fill it.
      const usable = error instanceof AbortError && ++failures % MOST_FAILURES !== 0;
      if (usable && instance && !instance.outgrown) instance.reset();
      else instance = null;
      throw new EvaluationError(`the evaluation failed: ${words(error)}`);
    } finally {
      busy = false;
    }
  };
  const hold = (next: DataImage): void => {
    if (busy) throw new EvaluationError('the policy is being evaluated: its data cannot be set');
    try {
      instance = new Instance(compiled, host, next);
      image = next;
    } catch (error) {
      throw new EvaluationError(words(error));
    }
  };
  return {
    entrypoints: [...entrypoints].toSorted(([, a], [, b]) => a - b).map(([name]) => name),
    setData: (data) => hold(read(compiled, host, data)),
    evaluate: (input, entrypoint) =>
      rows(
        run(
          input === undefined ? null : { plain: input, text: () => writtenJson('the input', input) },
          entrypoint,
        ),
      ),
    evaluateText: (input, entrypoint) => rows(run(textual(input), entrypoint)),
    evaluateValue: (input, entrypoint) =>
      resultOf(run(input === undefined ? null : textual(input), entrypoint), (value) => value),
    dataImage: () => image,
    setDataImage: hold,
  };
}

const textual = (text: string): Input => ({ plain: undefined, text: () => canonicalText('the input', text) });

/** Reads data in an instance of its own. Throws EvaluationError. */
function read(compiled: Compiled, host: Host, data: object): DataImage {
  let json: Uint8Array | null = null;
  try {
    json = data instanceof Uint8Array ? checkedJson('data', data) : Buffer.from(writtenJson('data', data));
    return new Instance(compiled, host, null).read(json);
  } catch (error) {
    throw new EvaluationError(
      json ? `data of ${json.length} bytes does not fit into the module: ${words(error)}` : words(error),
    );
  }
}

/** A result set is a set of objects. */
function rows(text: string): Row[] {
  if (text === '{{"result": true}}') return [{ result: true }];
  if (text === 'set()') return [];
  try {
    // One object without sets in it is JSON.
    return [JSON.parse(text.slice(1, -1)) as Row];
  } catch {
    const plain = resultOf(text, toPlain);
    if (Array.isArray(plain)) return plain as Row[];
    throw new EvaluationError('the result is no set of results');
  }
}

/** A module may give what is no value: its `to_number("-")` is a number without digits. Throws EvaluationError. */
function resultOf<T>(text: string, as: (value: Value) => T): T {
  try {
    return as(parseValue(text));
  } catch (error) {
    throw new EvaluationError(`the result is no value: ${words(error)}`);
  }
}

/** A module says `opa_malloc: failed` where it gets no more memory. */
const words = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  return message === 'opa_malloc: failed'
    ? 'it wanted more memory than there is for it (docs/engine.md)'
    : message;
};
