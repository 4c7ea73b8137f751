import * as fc from 'fast-check';
import t from 'tap';
import { type Host, Instance } from '../../src/policy/instance.ts';
import { compile } from '../../src/policy/engine.ts';
import { NAMES_BYTES, VALUE_BYTES, ValueWriter } from '../../src/policy/value-writer.ts';
import { readBundle } from '../../src/policy/bundle.ts';
import { bundleOf, ENTRYPOINT } from '../support/rego.ts';

const rules = `package a\n${ENTRYPOINT}echo := input\n${ENTRYPOINT}found := data.x\n`;
const { wasm } = await readBundle(await bundleOf(t, rules));
const compiled = await compile(wasm);
const host: Host = {
  builtins: [],
  begin: () => {
    throw new Error('no builtin is called');
  },
};
const image = new Instance(compiled, host, null).read(Buffer.from('{}'));

/** What `echo` makes of an input: of plain data by the writer, of text by OPA's parser. The order in which a module goes through both shows. */
const direct = new Instance({ ...compiled, direct: true }, host, image);
const indirect = new Instance({ ...compiled, direct: false }, host, image);
const nothingWritten = (): string => {
  throw new Error('it was not written directly');
};
const echoed = (plain: unknown): string => direct.evaluate({ plain, text: nothingWritten }, 0);
const parsed = (plain: unknown): string =>
  indirect.evaluate({ plain: undefined, text: () => JSON.stringify(plain) }, 0);

t.test('a module finds what is written as it finds what it reads', async (t) => {
  const inputs: unknown[] = [
    null,
    true,
    'text',
    0,
    -0,
    [],
    {},
    { a: { b: { c: [1, [2, [3]]] } } },
    [NaN, Infinity, undefined, 1e21, 2 ** 53, 4_294_967_296, 5e-324],
    ['é', '\u{1f600}', '\0\u001f', 'x'.repeat(5_000), 'é'.repeat(47), 'a'.repeat(47), 'a'.repeat(48)],
    Array.from({ length: 600 }, (_, at) => at),
    Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`name-${at}`, at])),
    JSON.parse('{"__proto__": {"x": 1}, "constructor": 2, "toString": null}'),
    Object.assign(Object.create(null) as object, { a: 1 }),
  ];
  for (const input of inputs) t.equal(echoed(input), parsed(input));
});

t.test('property: any JSON is written as the module reads it, whatever was written before', async () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary', maxDepth: 6 }), (value) => {
      const input = { value };
      return echoed(input) === parsed(input);
    }),
    { numRuns: 500 },
  );
});

t.test('property: members are found, in objects of any size', async () => {
  const names = fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 12 }), { maxLength: 60 });
  fc.assert(
    fc.property(names, (keys) => {
      // The module goes from one member to the next by looking each up by its hash.
      const input = Object.fromEntries(keys.map((key, at) => [key, at]));
      return (
        Object.keys(JSON.parse(echoed(input).slice(11, -2)) as object).length === Object.keys(input).length
      );
    }),
    { numRuns: 300 },
  );
});

t.test('what is no plain data, too deep or too large is left to JSON.stringify', async (t) => {
  let deep: unknown = 1;
  for (let i = 0; i < 66; i++) deep = [deep];
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  const others: unknown[] = [
    undefined,
    1n,
    () => 1,
    Symbol('x'),
    new Date(0),
    new Map(),
    new String('x'),
    { toJSON: () => 1 },
    { a: undefined },
    { deep },
    circular,
    '\ud800',
    { '\ud800': 1 },
    'x'.repeat(VALUE_BYTES),
    Array.from({ length: 50_000 }, () => 1),
  ];
  for (const other of others) {
    const text = (): string => '"by text"';
    t.equal(direct.evaluate({ plain: other, text }, 0), '{{"result": "by text"}}');
  }
});

t.test('names of members are kept, and kept no longer when they fill their place', async (t) => {
  for (let i = 0; i < (NAMES_BYTES / 1_000) * 3; i++) {
    const input = { [`${i}-${'n'.repeat(1_000)}`]: 1, known: 2 };
    t.equal(echoed(input), parsed(input));
  }
  t.equal(echoed({ ['long'.repeat(20_000)]: 1 }), parsed({ ['long'.repeat(20_000)]: 1 }));
});

t.test('nothing is written outside its place', async (t) => {
  const size = NAMES_BYTES + VALUE_BYTES;
  const memory = new ArrayBuffer(size + 2_048);
  const views = { bytes: Buffer.from(memory).fill(0xaa), words: new Int32Array(memory) };
  const writer = new ValueWriter(1_024, () => views);
  let refused = 0;
  for (let i = 0; i < 40; i++) {
    const members = Array.from({ length: i * 500 }, (_, at) => [`${i}.${at}`, 'x'.repeat(at % 70)]);
    if (writer.write(Object.fromEntries(members)) === null) refused++;
  }
  t.ok(refused > 0 && refused < 40, 'some are too large');
  const outside = [...views.bytes.subarray(0, 1_024), ...views.bytes.subarray(1_024 + size)];
  t.ok(outside.every((byte) => byte === 0xaa));
});
