import { deepStrictEqual } from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import * as fc from 'fast-check';
import t, { type Test } from 'tap';
import { BuiltinError, operand } from '../../src/policy/builtins/builtin.ts';
import { readBundle } from '../../src/policy/bundle.ts';
import { EvaluationError, loadPolicy, type Policy, PolicyLoadError } from '../../src/policy/engine.ts';
import { capabilitiesOf } from '../../src/policy/capabilities.ts';
import { runOpa } from '../../src/policy/opa.ts';
import { RegoNumber } from '../../src/policy/number.ts';
import { writeValue } from '../../src/policy/value-text.ts';
import { opa } from '../support/opa.ts';
import { bundleOf, ENTRYPOINT } from '../support/rego.ts';
import { values } from '../support/values.ts';

const rules = [
  'echo := input',
  'found := data.x',
  'blocked if not input.allowed',
  'conflict := value if some value in input.values',
  'first := [time.now_ns(), time.now_ns(), uuid.rfc4122("a"), uuid.rfc4122("a"), uuid.rfc4122("b")]',
  'hexed := hex.decode(input.hex)',
  'none if not hex.decode(input.hex)',
  'split := regex.split(input.pattern, input.x)',
  'shown := sprintf("%v %d", [input.x, input.n])',
];
const module = `package a\n${rules.map((rule) => `\n${ENTRYPOINT}${rule}\n`).join('')}`;
const { wasm } = await readBundle(await bundleOf(t, module));
const load = (options = {}): Promise<Policy> => loadPolicy(wasm, options);
const policy = await load();

t.test('`portcullis/policy` is the engine, for other programs', async (t) => {
  const { loadPolicy: published } = (await import('portcullis/policy')) as { loadPolicy: typeof loadPolicy };
  const other = await published(wasm);
  other.setData({ x: ['y'] });
  t.strictSame(other.evaluate({}, 'a/found'), [{ result: ['y'] }]);
});

t.test('an entrypoint gives a result set, which is empty where it is undefined', async (t) => {
  t.strictSame(policy.evaluate({ x: 1 }, 'a/echo'), [{ result: { x: 1 } }]);
  t.strictSame(policy.evaluate({}, 'a/found'), []);
  t.strictSame(policy.evaluate({}, 'a/blocked'), [{ result: true }]);
  t.strictSame(policy.evaluate({ allowed: true }, 'a/blocked'), []);
  t.strictSame([...policy.entrypoints].toSorted().slice(0, 3), ['a/blocked', 'a/conflict', 'a/echo']);
});

t.test("without its name, the entrypoint is the module's first", async (t) => {
  const [first] = policy.entrypoints;
  t.strictSame(policy.evaluate({ x: 1, values: [] }), policy.evaluate({ x: 1, values: [] }, first));
  t.throws(() => policy.evaluate({}, 'a/nowhere'), new EvaluationError('there is no entrypoint a/nowhere'));
});

t.test('no input is undefined in Rego, and null is null', async (t) => {
  t.strictSame(policy.evaluate(undefined, 'a/echo'), []);
  t.strictSame(policy.evaluate(null, 'a/echo'), [{ result: null }]);
  for (const input of [false, 0, '', [], 'text'])
    t.strictSame(policy.evaluate(input, 'a/echo'), [{ result: input }]);
});

t.test('input as text keeps its numbers, may have sets, and commas at an end', async (t) => {
  t.strictSame(policy.evaluateText('{"a": {2, 1,}, 3: [1,],}', 'a/echo'), [
    { result: { 3: [1], a: [1, 2] } },
  ]);
  const exact = '{"n": [1.0, 12345678901234567890.123456789, 1e400]}';
  t.equal(writeValue(policy.evaluateValue(exact, 'a/echo')), `{{"result": ${exact}}}`);
  t.equal(writeValue(policy.evaluateValue(undefined, 'a/echo')), 'set()');
  t.throws(() => policy.evaluateText('{"a"', 'a/echo'), {
    constructor: EvaluationError,
    message: /^the input is no value: } was expected at character 4$/,
  });
  t.throws(
    () => policy.evaluateText('"\\ud800"', 'a/echo'),
    new EvaluationError('the input has half a surrogate pair, which is no character'),
  );
});

t.test('property: any value goes in and comes out as it is', async () => {
  fc.assert(
    fc.property(values, (value) => {
      const text = writeValue(value);
      // The module joins numbers that are equal: 1 and 1.0 are one key.
      deepStrictEqual(writeValue(policy.evaluateValue(text, 'a/echo')), `{{"result": ${text}}}`);
    }),
    { numRuns: 300 },
  );
});

t.test('data is a plain value, or the bytes of its JSON with exact numbers', async (t) => {
  const own = await load();
  own.setData({ x: { y: 1 } });
  t.strictSame(own.evaluate({}, 'a/found'), [{ result: { y: 1 } }]);
  own.setData(Buffer.from('{"x": [1.50, 123456789012345678901234567890]}'));
  t.equal(
    writeValue(own.evaluateValue('{}', 'a/found')),
    '{{"result": [1.50, 123456789012345678901234567890]}}',
  );
  own.setData({});
  t.strictSame(own.evaluate({}, 'a/found'), []);
});

t.test('data that cannot be set leaves what was set before', async (t) => {
  const own = await load();
  own.setData({ x: 'before' });
  const circular: Record<string, unknown> = {};
  circular['x'] = circular;
  for (const [data, message] of [
    [circular, /^data cannot be written as JSON: /],
    [{ x: '\ud800' }, /^data has half a surrogate pair, which is no character$/],
    [Buffer.from('{"x": 1'), /^data cannot be read: /],
    [Buffer.from('[1]'), /^data cannot be read: it is not a JSON object$/],
    [Buffer.from('null'), /^data cannot be read: it is not a JSON object$/],
    [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), /^data cannot be read: /],
    [Buffer.from('{"x": "\\ud800"}'), /half a surrogate pair/],
    [Buffer.from('{"x": "\\uD800\\u0041"}'), /half a surrogate pair/],
  ] as const) {
    t.throws(() => own.setData(data), { constructor: EvaluationError, message });
    t.strictSame(own.evaluate({}, 'a/found'), [{ result: 'before' }]);
  }
});

t.test("a builtin's error makes its expression undefined, and does not end the evaluation", async (t) => {
  t.strictSame(policy.evaluate({ hex: '6869' }, 'a/hexed'), [{ result: 'hi' }]);
  t.strictSame(policy.evaluate({ hex: 'no hex' }, 'a/hexed'), []);
  t.strictSame(policy.evaluate({ hex: 'no hex' }, 'a/none'), [{ result: true }]);
});

t.test('a policy splits by RE2, which takes no more time for a hostile text', async (t) => {
  const x = `${'a'.repeat(50_000)}b`;
  t.strictSame(policy.evaluate({ pattern: '(a+)+$', x }, 'a/split'), [{ result: [x] }]);
});

t.test('in one evaluation time stands still and what is random stays; the next has its own', async (t) => {
  let now = 5n;
  const own = await load({ now: () => now++ });
  const drawn = (): unknown[] => own.evaluate({}, 'a/first')[0]!.result as unknown[];
  const [one, other] = [drawn(), drawn()];
  t.equal(one[0], one[1]);
  t.equal(one[2], one[3]);
  t.not(one[2], one[4]);
  t.not(one[0], other[0]);
  t.not(one[2], other[2]);
});

t.test('numbers reach a builtin exactly', async (t) => {
  const n = '123456789012345678901234567890';
  const { result } = policy.evaluateText(`{"x": {2.50, "a"}, "n": ${n}}`, 'a/shown')[0]!;
  t.equal(result, `{2.50, "a"} ${n}`);
});

t.test('an evaluation that fails leaves the next as it would have been, data and all', async (t) => {
  const own = await load();
  own.setData({ x: 'kept' });
  for (let i = 0; i < 600; i++)
    t.throws(() => own.evaluate({ values: [1, 2] }, 'a/conflict'), {
      constructor: EvaluationError,
      message: /^the evaluation failed: .*conflict/,
    });
  t.strictSame(own.evaluate({}, 'a/found'), [{ result: 'kept' }]);
});

t.test('data is handed to another instance as it is in memory', async (t) => {
  const [one, other] = [await load(), await load()];
  one.setData({ x: ['a', { b: 1.5 }] });
  other.setDataImage(structuredClone(one.dataImage()));
  one.setData({ x: 'later' });
  t.strictSame(other.evaluate({}, 'a/found'), [{ result: ['a', { b: 1.5 }] }]);
});

/** The module of a policy that calls `custom.double`. */
async function custom(t: Test): Promise<Uint8Array<ArrayBuffer>> {
  const capabilities = JSON.parse(await capabilitiesOf(await opa())) as { builtins: object[] };
  const number = { type: 'number' };
  capabilities.builtins.push({
    name: 'custom.double',
    decl: { type: 'function', args: [number], result: number },
  });
  const folder = t.testdir({
    'a.rego': `package a\n${ENTRYPOINT}doubled := custom.double(input.n)\n`,
    'capabilities.json': JSON.stringify(capabilities),
  });
  const args = ['build', '-t', 'wasm', '--capabilities', 'capabilities.json', 'a.rego'];
  await runOpa(await opa(), args, folder);
  return (await readBundle(await readFile(`${folder}/bundle.tar.gz`))).wasm;
}

t.test('a program can bring builtins of its own', async (t) => {
  const own = await custom(t);
  const double = ([n]: readonly unknown[]): RegoNumber => {
    const { text } = operand(1, n as never, 'number');
    if (text === '0') throw new BuiltinError('not of zero');
    return RegoNumber.of(Number(text) * 2);
  };
  const doubling = await loadPolicy(own, { builtins: { 'custom.double': double } });
  t.strictSame(doubling.evaluate({ n: 21 }), [{ result: 42 }]);
  t.strictSame(doubling.evaluate({ n: 0 }), []);
  await t.rejects(
    loadPolicy(own),
    new PolicyLoadError('the policies call builtins that are not available here: custom.double'),
  );
});

t.test('a builtin that has a bug ends the evaluation, and admits nobody', async (t) => {
  const own = await custom(t);
  const buggy = await loadPolicy(own, {
    builtins: {
      'custom.double': () => {
        throw new TypeError('x is not a function');
      },
    },
  });
  t.throws(() => buggy.evaluate({ n: 1 }), new EvaluationError('the evaluation failed: x is not a function'));
});

t.test('a builtin cannot have its own policy evaluate, which would overwrite the input', async (t) => {
  const own = await custom(t);
  let other: Policy | undefined;
  const asking = await loadPolicy(own, {
    builtins: {
      'custom.double'() {
        other?.evaluate({ n: 1 });
        return null;
      },
    },
  });
  t.strictSame(asking.evaluate({ n: 1 }), [{ result: null }]);
  other = asking;
  t.throws(
    () => asking.evaluate({ n: 1 }),
    new EvaluationError(
      'the evaluation failed: the policy is being evaluated: what it calls cannot evaluate it too',
    ),
  );
  other = undefined;
  t.strictSame(asking.evaluate({ n: 1 }), [{ result: null }], 'and is as good as before');
});

t.test('data cannot be set in the middle of an evaluation', async (t) => {
  const own = await custom(t);
  const setting: Policy = await loadPolicy(own, {
    builtins: {
      'custom.double'() {
        setting.setData({});
        return null;
      },
    },
  });
  t.throws(() => setting.evaluate({ n: 1 }), {
    constructor: EvaluationError,
    message: /the policy is being evaluated: its data cannot be set$/,
  });
});

t.test(
  'when there is no memory for a new instance, the evaluation fails, and a later one succeeds',
  async (t) => {
    const own = await load();
    const { Memory } = WebAssembly;
    t.teardown(() => {
      WebAssembly.Memory = Memory;
    });
    for (let i = 0; i < 32; i++) t.throws(() => own.evaluate({ values: [1, 2] }, 'a/conflict'));
    WebAssembly.Memory = class extends Memory {
      constructor() {
        super({ initial: 1 });
        throw new RangeError('could not allocate memory');
      }
    };
    t.throws(
      () => own.evaluate({ x: 1 }, 'a/echo'),
      new EvaluationError('the evaluation failed: could not allocate memory'),
    );
    WebAssembly.Memory = Memory;
    t.strictSame(own.evaluate({ x: 1 }, 'a/echo'), [{ result: { x: 1 } }]);
  },
);

t.test('a result that is no value is an error', async (t) => {
  const folder = `package a\n${ENTRYPOINT}n := to_number(input.x)\n`;
  const own = await loadPolicy((await readBundle(await bundleOf(t, folder))).wasm);
  t.strictSame(own.evaluate({ x: '12' }), [{ result: 12 }]);
  t.throws(() => own.evaluate({ x: '-' }), {
    constructor: EvaluationError,
    message: /^the result is no value: a value was expected at character \d+$/,
  });
});
