import t from 'tap';
import type { Exports } from '../../src/policy/abi.ts';
import { readBundle } from '../../src/policy/bundle.ts';
import * as layout from '../../src/policy/value-layout.ts';
import { bundleOf, ENTRYPOINT } from '../support/rego.ts';

const { wasm } = await readBundle(await bundleOf(t, `package a\n${ENTRYPOINT}allow := true\n`));
const memory = new WebAssembly.Memory({ initial: 64 });
const none = (): never => {
  throw new Error('nothing is called');
};
const names = ['opa_abort', 'opa_builtin0', 'opa_builtin1', 'opa_builtin2', 'opa_builtin3', 'opa_builtin4'];
const env = { memory, ...Object.fromEntries(names.map((name) => [name, none])) };
const { instance } = await WebAssembly.instantiate(wasm, { env });
const abi = instance.exports as unknown as Exports;

/** Where the module's own parser puts a value. */
function parsed(text: string): { at: number; bytes: Buffer; word: (at: number) => number } {
  const place = abi.opa_malloc(text.length * 3);
  const at = abi.opa_value_parse(place, Buffer.from(memory.buffer).write(text, place));
  const bytes = Buffer.from(memory.buffer);
  return { at, bytes, word: (address) => bytes.readUInt32LE(address) };
}

t.test("the kinds of values are those of OPA's runtime", async (t) => {
  // The parser gives true and false as 9, of which there is one each; 2 is the kind of others.
  const kinds = {
    null: layout.NULL,
    1: layout.NUMBER,
    '"x"': layout.STRING,
    '[]': layout.ARRAY,
    '{}': layout.OBJECT,
  };
  for (const [text, kind] of Object.entries(kinds)) {
    const { at, bytes } = parsed(text);
    t.equal(bytes[at], kind, text);
  }
  const number = parsed('1');
  t.equal(number.bytes[number.at + 1], layout.TEXT);
});

t.test('an object has a bucket for each name by its hash, and as many as it needs', async (t) => {
  for (const members of [0, 1, 5, 6, 11, 12, 23, 100]) {
    const keys = Array.from({ length: members }, (_, at) => `name-${at}`);
    const { at, word } = parsed(`{${keys.map((name) => `"${name}": 1`).join(', ')}}`);
    let buckets = layout.FEWEST_BUCKETS;
    while (members > buckets * layout.LOAD_FACTOR) buckets *= 2;
    t.equal(word(at + 8), buckets, `${members} members`);
    for (const name of keys) {
      const hash = [...Buffer.from(name)].reduce(layout.hashStep, layout.HASH_INIT) >>> 0;
      const found: string[] = [];
      for (
        let element = word(word(at + 4) + (hash % buckets) * 4);
        element !== 0;
        element = word(element + 8)
      ) {
        const key = word(element);
        found.push(Buffer.from(memory.buffer, word(key + 8), word(key + 4)).toString());
      }
      t.ok(found.includes(name));
      t.strictSame(found, found.toSorted());
    }
  }
});

t.test('an index of an array is a number by itself', async (t) => {
  const { at, bytes, word } = parsed('[true]');
  const index = word(word(at + 4));
  t.strictSame([bytes[index], bytes[index + 1]], [layout.NUMBER, layout.INTEGER]);
});

t.test('the sample has every kind, and more members than fit the smallest table', async (t) => {
  t.ok(Object.keys(layout.SAMPLE.large).length > layout.FEWEST_BUCKETS * 8);
  t.ok(layout.SAMPLE.none.length > 5);
});
