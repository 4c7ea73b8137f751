import t from 'tap';
import type { Builtin } from '../../src/policy/builtins/builtin.ts';
import { readBundle } from '../../src/policy/bundle.ts';
import { compile, loadPolicy } from '../../src/policy/engine.ts';
import { AbortError, type DataImage, type Host, Instance } from '../../src/policy/instance.ts';
import { bundleOf, ENTRYPOINT } from '../support/rego.ts';

const rules = [
  'echo := input',
  'found := data.x',
  'hexed := hex.encode(input.x)',
  'matches if regex.match(input.pattern, input.x)',
  'large := count(concat("", [input.x | some _ in numbers.range(1, input.n)]))',
];
const module = `package a\n${rules.map((rule) => `\n${ENTRYPOINT}${rule}\n`).join('')}`;
const { wasm } = await readBundle(await bundleOf(t, module));
const compiled = { ...(await compile(wasm)), direct: true };

/** Every memory that an instance has had. */
const memories: WebAssembly.Memory[] = [];
class Watched extends WebAssembly.Memory {
  constructor(descriptor: WebAssembly.MemoryDescriptor) {
    super(descriptor);
    memories.push(this);
  }
}
WebAssembly.Memory = Watched;

const begun: object[] = [];
const hostOf = (hex?: Builtin): Host => ({
  builtins: hex ? Array.from({ length: number + 1 }, () => hex) : [],
  begin() {
    const evaluation = { now: 0n, randomBytes: () => new Uint8Array(), kept: new Map(), print: () => {} };
    begun.push(evaluation);
    return evaluation;
  },
});
const first = new Instance(compiled, hostOf(), null);
const { entrypoints, builtins } = first.describe();
/** Of `hex.encode`. */
const number = builtins.get('hex.encode')!;
const empty = first.read(Buffer.from('{}'));
const instanceOf = (image: DataImage = empty, hex?: Builtin): Instance =>
  new Instance(compiled, hostOf(hex), image);
const evaluate = (instance: Instance, entrypoint: string, plain: unknown): string =>
  instance.evaluate({ plain, text: () => JSON.stringify(plain) }, entrypoints.get(`a/${entrypoint}`)!);

t.test('a module says which entrypoints it has, and which builtins it leaves to its host', async (t) => {
  t.strictSame([...entrypoints.keys()].toSorted(), ['a/echo', 'a/found', 'a/hexed', 'a/large', 'a/matches']);
  t.strictSame([...builtins.keys()], ['hex.encode']);
});

t.test(
  'a builtin is called by its number with exact values, and the evaluation begins with the first',
  async (t) => {
    const seen: unknown[] = [];
    const instance = instanceOf(empty, ([x]) => {
      seen.push(x);
      return 'encoded';
    });
    const before = begun.length;
    t.equal(evaluate(instance, 'echo', { x: 1 }), '{{"result": {"x": 1}}}');
    t.equal(begun.length, before, 'nothing begins that nobody asks for');
    t.equal(evaluate(instance, 'hexed', { x: 'é"\n' }), '{{"result": "encoded"}}');
    t.strictSame(seen, ['é"\n']);
    t.equal(begun.length, before + 1);
  },
);

t.test('a builtin that is not there, or gives what OPA cannot read, ends the evaluation', async (t) => {
  t.throws(
    () => evaluate(instanceOf(), 'hexed', { x: '' }),
    new AbortError(`there is no builtin with the number ${number}`),
  );
});

t.test('an input that OPA does not read is an error, and never no input', async (t) => {
  const input = { plain: undefined, text: () => '[1' };
  t.throws(
    () => instanceOf().evaluate(input, entrypoints.get('a/echo')!),
    new SyntaxError('it is no value that OPA reads'),
  );
});

t.test('memory stays as it is over many evaluations, and patterns stay compiled', async (t) => {
  const instance = instanceOf();
  const memory = memories.at(-1)!;
  const size = memory.buffer.byteLength;
  for (let i = 0; i < 100_000; i++) {
    const expected = i % 2 === 0 ? '{{"result": true}}' : 'set()';
    const input = { x: i % 2 === 0 ? `/accounts/${i}` : 'other', pattern: '^/accounts/[0-9]+$' };
    if (evaluate(instance, 'matches', input) !== expected) t.fail(`evaluation ${i}`);
  }
  t.ok(memory.buffer.byteLength <= size + 6_000_000, 'no more than lies about before the heap is reset');
  t.notOk(instance.outgrown);
});

t.test('an instance that a large evaluation has made grow is outgrown', async (t) => {
  const instance = instanceOf();
  evaluate(instance, 'large', { x: 'x'.repeat(1_000_000), n: 90 });
  t.ok(instance.outgrown);
  t.equal(evaluate(instance, 'echo', 1), '{{"result": 1}}', 'and still right');
});

t.test('an evaluation gets 256 MiB beyond its data, and no more', async (t) => {
  const instance = instanceOf();
  const memory = memories.at(-1)!;
  const size = memory.buffer.byteLength;
  t.throws(
    () => evaluate(instance, 'large', { x: 'x'.repeat(1_000_000), n: 300 }),
    new AbortError('opa_malloc: failed'),
  );
  t.ok(memory.buffer.byteLength - size <= 268_435_456);
});

t.test('data is what another instance of the module read, and an instance gives it on', async (t) => {
  const x = Array.from({ length: 5_000 }, (_, at) => `${at}`);
  const image = new Instance(compiled, hostOf(), null).read(Buffer.from(JSON.stringify({ x })));
  const before = new Uint8Array(image.bytes);
  const one = instanceOf(image);
  for (let i = 0; i < 10; i++) evaluate(one, 'large', { x: 'abc', n: 1_000 });
  const other = instanceOf(image);
  t.strictSame(new Uint8Array(image.bytes), before, 'no evaluation changes it');
  t.match(evaluate(other, 'found', {}), /^\{\{"result": \["0", "1", .*"4999"\]\}\}$/);
  t.throws(() => instanceOf({ ...image, from: 8 }), new Error('the data was read by another module'));
});

t.test('data that is no JSON is refused', async (t) => {
  const reading = new Instance(compiled, hostOf(), null);
  t.throws(() => reading.read(Buffer.from('{"x"')), new AbortError('it is no JSON that OPA reads'));
});

t.test('a module that lays values out in another way is told, and gets its input as text', async (t) => {
  // The prime of the hash, as an operand of i32.const: another hash puts members into other buckets.
  const prime = Buffer.from([0x41, 0x93, 0x83, 0x80, 0x08]);
  const changed = Buffer.from(wasm);
  let places = 0;
  for (let at = changed.indexOf(prime); at !== -1; at = changed.indexOf(prime, at + 1), places++)
    changed[at + 1] = 0x95;
  t.ok(places > 0);
  const other = await compile(new Uint8Array(changed));
  t.ok(new Instance({ ...compiled, direct: false }, hostOf(), null).agrees());
  t.notOk(new Instance(other, hostOf(), null).agrees());
  const policy = await loadPolicy(new Uint8Array(changed), {});
  const input = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`name-${at}`, at]));
  t.strictSame(policy.evaluate({ ...input, x: 'é' }, 'a/hexed'), [{ result: 'c3a9' }]);
  t.strictSame(policy.evaluate(input, 'a/echo'), [{ result: input }]);
});
