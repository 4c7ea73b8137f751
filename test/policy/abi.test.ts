import t from 'tap';
import { lackingExports } from '../../src/policy/abi.ts';
import { readBundle } from '../../src/policy/bundle.ts';
import { bundleOf, ENTRYPOINT } from '../support/rego.ts';

t.test('what a module lacks of the ABI is told by name', async (t) => {
  const { wasm } = await readBundle(await bundleOf(t, `package a\n${ENTRYPOINT}allow := true\n`));
  t.strictSame(lackingExports(await WebAssembly.compile(wasm)), []);
  const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]); // the magic number and the version
  const lacking = lackingExports(await WebAssembly.compile(empty));
  t.match(lacking, ['opa_malloc', 'opa_heap_ptr_get']);
  t.ok(lacking.includes('opa_wasm_abi_version'));
});
