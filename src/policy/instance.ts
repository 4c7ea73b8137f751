/** An instance of a policy's module: OPA's WASM ABI, its memory, and the calls from the module to its host. */
import type { Address, Exports } from './abi.ts';
import { type Builtin, BuiltinError, type Evaluation } from './builtins/builtin.ts';
import type { Value } from './value.ts';
import { parseValue, writeValue } from './value-text.ts';
import { SAMPLE } from './value-layout.ts';
import { NAMES_BYTES, VALUE_BYTES, ValueWriter, type Views } from './value-writer.ts';

const PAGE_BYTES = 65_536;
/** 2 GiB: wasm32 has twice as much, but its addresses are signed numbers to JavaScript. */
const MOST_PAGES = 32_768;
/** What an instance starts with beyond the module's size and its data, so that evaluations seldom have to grow it: 2 MiB. */
const ROOM_PAGES = 32;
/** An evaluation may take 256 MiB beyond the data, and is stopped there instead of taking the process with it. */
const EVALUATION_PAGES = 4_096;
/**
 * What evaluations leave behind before the heap is reset. A reset at each would clear the module's cache of compiled patterns, and
 * a pattern takes 30 µs to compile; without any, memory would fill, and looking for a free block would take ever longer.
 */
const GARBAGE_BYTES = 4_194_304;
/** The same where the cache of patterns must not fill up: it has room for 100, of 3 kB or more. */
const CAREFUL_GARBAGE_BYTES = 131_072;
/** The module's memory cannot shrink: an instance that has grown by so much is left for a new one. */
const GROWN_BYTES = 67_108_864;

/** How the module's calls are served. */
export type Host = {
  /** By the module's numbers. */
  readonly builtins: readonly (Builtin | undefined)[];
  /** What the builtins of an evaluation share; asked for at the first that it calls. */
  readonly begin: () => Evaluation;
};

/** A module, as it can be handed to threads. */
export type Compiled = {
  readonly module: WebAssembly.Module;
  /** What it has at most in constants: the size of its file. */
  readonly bytes: number;
  /** May its cache of patterns grow? */
  readonly safe: boolean;
  /** Can inputs be written into its memory? */
  readonly direct: boolean;
};

/** An input: plain data, and its text where that cannot be written as it is. Of text alone, `plain` is undefined. */
export type Input = { readonly plain: unknown; readonly text: () => string };

/** The base document as instances of one module hold it: a part of their memory, which all of them, in all threads, copy from here. */
export type DataImage = {
  /** Its address, which is the end of the module's constants. */
  readonly from: Address;
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  /** Where in it the document is. */
  readonly document: Address;
};

/** The module stopped by itself: what it said to `opa_abort`. */
export class AbortError extends Error {}

export class Instance {
  readonly #memory: WebAssembly.Memory;
  readonly #exports: Exports;
  readonly #host: Host;
  readonly #from: Address;
  readonly #startBytes: number;
  readonly #garbage: number;
  #views: Views;
  #document: Address = 0;
  #writer: ValueWriter | null = null;
  /** Where the heap begins for evaluations. */
  #base: Address;
  #evaluation: Evaluation | null = null;

  /** Throws WebAssembly's own errors, RangeError where there is no such memory. */
  constructor({ module, bytes, safe, direct }: Compiled, host: Host, image: DataImage | null) {
    this.#host = host;
    this.#garbage = safe ? GARBAGE_BYTES : CAREFUL_GARBAGE_BYTES;
    const needed =
      Math.ceil((bytes + (image ? image.from + image.bytes.length : 0)) / PAGE_BYTES) + ROOM_PAGES;
    const initial = Math.min(needed, MOST_PAGES);
    // While data is read, it may take whatever there is.
    const maximum = image ? Math.min(initial + EVALUATION_PAGES, MOST_PAGES) : MOST_PAGES;
    this.#memory = new WebAssembly.Memory({ initial, maximum });
    this.#views = viewsOf(this.#memory);
    const instance = new WebAssembly.Instance(module, { env: this.#imports() });
    this.#exports = instance.exports as unknown as Exports;
    this.#from = this.#base = this.#exports.opa_heap_ptr_get();
    this.#startBytes = this.#memory.buffer.byteLength;
    if (image) this.#hold(image);
    if (direct) this.#reserve();
  }

  /** Entrypoints, and builtins that are left to the host, by name: the module's numbers of them. */
  describe(): Record<'entrypoints' | 'builtins', ReadonlyMap<string, number>> {
    const table = (address: Address): ReadonlyMap<string, number> =>
      new Map(
        Object.entries(
          JSON.parse(this.#read(this.#exports.opa_json_dump(address))) as Record<string, number>,
        ),
      );
    const { entrypoints, builtins } = this.#exports;
    const described = { entrypoints: table(entrypoints()), builtins: table(builtins()) };
    this.#exports.opa_heap_ptr_set(this.#base);
    return described;
  }

  /** Reads the base document, for a new instance to hold. Throws AbortError or RangeError when it does not fit. */
  read(json: Uint8Array): DataImage {
    const { opa_heap_ptr_set, opa_malloc, opa_json_parse, opa_heap_ptr_get } = this.#exports;
    opa_heap_ptr_set(this.#from);
    const text = opa_malloc(json.length);
    this.#refresh().bytes.set(json, text);
    const document = opa_json_parse(text, json.length);
    if (document === 0) throw new AbortError('it is no JSON that OPA reads');
    const end = opa_heap_ptr_get();
    const bytes = new Uint8Array(new SharedArrayBuffer(end - this.#from));
    bytes.set(this.#refresh().bytes.subarray(this.#from, end));
    return { from: this.#from, bytes, document };
  }

  #hold({ from, bytes, document }: DataImage): void {
    if (from !== this.#from) throw new Error('the data was read by another module');
    this.#exports.opa_heap_ptr_set(from + bytes.length);
    this.#refresh().bytes.set(bytes, from);
    this.#document = document;
    this.#base = from + bytes.length;
  }

  /** A place for the writer of inputs, which lasts. */
  #reserve(): ValueWriter {
    const place = this.#exports.opa_malloc(NAMES_BYTES + VALUE_BYTES);
    this.#writer = new ValueWriter(place, () => this.#refresh());
    this.#base = this.#exports.opa_heap_ptr_get();
    this.#exports.opa_heap_ptr_set(this.#base);
    return this.#writer;
  }

  /** Does the writer leave a value in memory as the module's own parser does? To be asked once of a module. */
  agrees(): boolean {
    const dump = (address: Address): string => this.#read(this.#exports.opa_value_dump(address));
    try {
      const written = this.#reserve().write(SAMPLE);
      return written !== null && dump(written) === dump(this.#parse(JSON.stringify(SAMPLE)));
    } catch {
      return false;
    }
  }

  /** Has it grown so much that another should take its place? */
  get outgrown(): boolean {
    return this.#memory.buffer.byteLength > this.#startBytes + GROWN_BYTES;
  }

  /** Clears the heap of what evaluations left, caches included. */
  reset(): void {
    this.#exports.opa_heap_ptr_set(this.#base);
  }

  /**
   * The entrypoint's result set, as text of a value. After an AbortError the instance has to be reset, and is good for some hundreds of
   * them, as WASM does not unwind its stack; after another it cannot be used any more. Throws AbortError, and whatever a builtin throws
   * that is no BuiltinError; RangeError when a stack is full, SyntaxError when the input is no value.
   */
  evaluate(input: Input | null, entrypoint: number): string {
    const abi = this.#exports;
    if (abi.opa_heap_ptr_get() - this.#base > this.#garbage) this.reset();
    this.#evaluation = null;
    const context = abi.opa_eval_ctx_new();
    if (input !== null)
      abi.opa_eval_ctx_set_input(context, this.#writer?.write(input.plain) ?? this.#parse(input.text()));
    abi.opa_eval_ctx_set_data(context, this.#document);
    abi.opa_eval_ctx_set_entrypoint(context, entrypoint);
    if (abi.eval(context) !== 0) throw new AbortError('the module gave an error without a reason');
    const result = abi.opa_value_dump(abi.opa_eval_ctx_get_result(context));
    return this.#begins(result, TRUE) ? TRUE_TEXT : this.#read(result);
  }

  /** Throws SyntaxError where the module reads no value: it would go on without, and `not input.blocked` would hold. */
  #parse(text: string): Address {
    // UTF-8 takes at most three bytes for each unit of UTF-16.
    const place = this.#exports.opa_malloc(text.length * 3);
    const size = this.#refresh().bytes.write(text, place, 'utf8');
    const address = this.#exports.opa_value_parse(place, size);
    if (address === 0) throw new SyntaxError('it is no value that OPA reads');
    return address;
  }

  /** The memory as it is now: growing it replaces its buffer. */
  #refresh(): Views {
    if (this.#views.words.buffer !== this.#memory.buffer) this.#views = viewsOf(this.#memory);
    return this.#views;
  }

  #begins(address: Address, expected: Uint8Array): boolean {
    const { bytes } = this.#refresh();
    for (let i = 0; i < expected.length; i++) if (bytes[address + i] !== expected[i]) return false;
    return true;
  }

  /** Text up to its NUL. Throws TypeError when it is not UTF-8. */
  #read(address: Address): string {
    const { bytes } = this.#refresh();
    const end = bytes.indexOf(0, address);
    return UTF_8.decode(bytes.subarray(address, end));
  }

  #imports(): WebAssembly.ModuleImports {
    const call = (number: number, _context: Address, ...operands: readonly Address[]): Address =>
      this.#call(number, operands);
    return {
      memory: this.#memory,
      opa_abort: (message: Address) => {
        throw new AbortError(this.#read(message));
      },
      opa_println: (line: Address) => {
        this.#begun().print(this.#read(line));
      },
      opa_builtin0: call,
      opa_builtin1: call,
      opa_builtin2: call,
      opa_builtin3: call,
      opa_builtin4: call,
    };
  }

  #begun(): Evaluation {
    return (this.#evaluation ??= this.#host.begin());
  }

  /** A builtin's error makes the expression undefined, which is address 0. */
  #call(number: number, operands: readonly Address[]): Address {
    const builtin = this.#host.builtins[number];
    if (!builtin) throw new AbortError(`there is no builtin with the number ${number}`);
    const values = operands.map((operand) => parseValue(this.#read(this.#exports.opa_value_dump(operand))));
    let result: Value | undefined;
    try {
      result = builtin(values as unknown as Parameters<Builtin>[0], this.#begun());
    } catch (error) {
      if (error instanceof BuiltinError) return 0;
      throw error;
    }
    return result === undefined ? 0 : this.#parse(writeValue(result));
  }
}

/** What most evaluations give, told without decoding it. */
const TRUE_TEXT = '{{"result": true}}';
const TRUE = Buffer.from(`${TRUE_TEXT}\0`);

const viewsOf = ({ buffer }: WebAssembly.Memory): Views => ({
  bytes: Buffer.from(buffer),
  words: new Int32Array(buffer),
});

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
