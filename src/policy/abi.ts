/** OPA's WASM ABI: what a policy's module exports. */

/** An address in the module's memory; 0 is none. */
export type Address = number;

/** What a module exports, of OPA's ABI 1.2 (https://www.openpolicyagent.org/docs/wasm#exports). */
export type Exports = {
  readonly opa_malloc: (bytes: number) => Address;
  readonly opa_heap_ptr_get: () => Address;
  readonly opa_heap_ptr_set: (to: Address) => void;
  readonly opa_json_parse: (text: Address, bytes: number) => Address;
  readonly opa_value_parse: (text: Address, bytes: number) => Address;
  readonly opa_json_dump: (value: Address) => Address;
  readonly opa_value_dump: (value: Address) => Address;
  readonly opa_eval_ctx_new: () => Address;
  readonly opa_eval_ctx_set_input: (context: Address, value: Address) => void;
  readonly opa_eval_ctx_set_data: (context: Address, value: Address) => void;
  readonly opa_eval_ctx_set_entrypoint: (context: Address, id: number) => void;
  readonly opa_eval_ctx_get_result: (context: Address) => Address;
  readonly eval: (context: Address) => number;
  readonly builtins: () => Address;
  readonly entrypoints: () => Address;
};
const EXPORTS = [
  'opa_malloc',
  'opa_heap_ptr_get',
  'opa_heap_ptr_set',
  'opa_json_parse',
  'opa_value_parse',
  'opa_json_dump',
  'opa_value_dump',
  'opa_eval_ctx_new',
  'opa_eval_ctx_set_input',
  'opa_eval_ctx_set_data',
  'opa_eval_ctx_set_entrypoint',
  'opa_eval_ctx_get_result',
  'eval',
  'builtins',
  'entrypoints',
  'opa_wasm_abi_version',
  'opa_wasm_abi_minor_version',
];

/** What the module lacks of the ABI, by name. */
export function lackingExports(module: WebAssembly.Module): string[] {
  const exported = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
  return EXPORTS.filter((name) => !exported.has(name));
}
