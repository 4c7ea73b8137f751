import { deepStrictEqual } from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import * as fc from 'fast-check';
import t from 'tap';
import { type Bundle, readBundle } from '../../src/policy/bundle.ts';
import { EvaluationError, PolicyLoadError } from '../../src/policy/engine.ts';
import { loadPolicies, type Policies } from '../../src/policy/policies.ts';
import { EvaluationStopped } from '../../src/policy/confinement.ts';
import { runOpa } from '../../src/policy/opa.ts';
import { opa } from '../support/opa.ts';
import { bundleOf, ENTRYPOINT, policiesOf } from '../support/rego.ts';

const rules = [
  'echo := input',
  'boolean := input.x == data.limits.x',
  'object := {"allow": true, "reason": input.x}',
  'undefined if input.never',
  'unblocked if not input.blocked',
  'conflict := value if some value in input.values',
  'repeated := concat("", [input.x | some _ in numbers.range(1, input.n)])',
  'unmarshalled := json.unmarshal(input.json)',
  'matches if regex.match(input.pattern, input.x)',
  'endless if { some a in input.list; some b in input.list; some c in input.list; a < 0 }',
  'printed := sprintf("%d of %s", [input.x, json.marshal(input.y)])',
  'parsed := yaml.unmarshal(input.yaml) if json.is_valid(input.json)',
];
const module = `package a\n${rules.map((rule) => `\n${ENTRYPOINT}${rule}\n`).join('')}`;
const bundle = await readBundle(await bundleOf(t, module, { limits: { x: 7 } }));
const load = (changed: Partial<Bundle> = {}): Promise<Policies> => loadPolicies({ ...bundle, ...changed });
const policies = await load();

/** What an evaluation gives or throws. */
const outcome = ({ evaluate }: Policies, entrypoint: string, input: object): unknown => {
  try {
    return evaluate(`a/${entrypoint}`, input);
  } catch (error) {
    return error;
  }
};
const nested = (depth: number): Record<string, unknown> => {
  let value: object = {};
  for (let i = 0; i < depth; i++) value = [value];
  return { value };
};

t.test('an entrypoint gives a boolean, an object or nothing', async (t) => {
  t.equal(policies.evaluate('a/boolean', { x: 7 }), true);
  t.equal(policies.evaluate('a/boolean', { x: 8 }), false);
  t.strictSame(policies.evaluate('a/object', { x: 'why' }), { allow: true, reason: 'why' });
  t.equal(policies.evaluate('a/undefined', {}), undefined);
});

t.test('the policies in force have the revision of their bundle, and its entrypoints', async (t) => {
  t.equal(policies.revision, bundle.revision);
  t.equal(policies.entrypoints.size, rules.length);
  t.ok(policies.entrypoints.has('a/echo'));
});

t.test('an evaluation that fails says why, and leaves the next one as it would have been', async (t) => {
  const failures: [entrypoint: string, input: object, message: RegExp][] = [
    ['conflict', { values: [1, 2] }, /^the evaluation failed: module\.rego:\d+:1: .*conflict/],
    [
      'repeated',
      { x: 'x'.repeat(1_000_000), n: 300 },
      /^the evaluation failed: it wanted more memory than there is for it/,
    ],
    ['unmarshalled', { json: '['.repeat(100_000) }, /^the evaluation failed: Maximum call stack/],
    ['echo', nested(100_000), /^the input cannot be written as JSON: Maximum call stack/],
    ['nowhere', {}, /^there is no entrypoint a\/nowhere$/],
  ];
  for (const [entrypoint, input, message] of failures) {
    const failed = outcome(policies, entrypoint, input);
    t.ok(failed instanceof EvaluationError, entrypoint);
    t.match(failed, { message });
    t.equal(policies.evaluate('a/boolean', { x: 7 }), true, `after ${entrypoint}`);
  }
});

// WASM does not unwind its stack when it stops: about 500 failures filled it, and from then on every evaluation failed.
t.test('failed evaluations do not add up', async (t) => {
  for (let i = 0; i < 600; i++) outcome(policies, 'conflict', { values: [1, 2] });
  t.equal(policies.evaluate('a/boolean', { x: 7 }), true);
});

t.test('an input of any size, depth and spelling is seen whole', async (t) => {
  const inputs: [name: string, input: object][] = [
    ['nothing', {}],
    ['8 MB', { x: 'x'.repeat(8_000_000) }],
    ['a thousand levels', nested(1_000)],
    ['NUL and other controls', { '\0': '\u0001\u001f\u007f' }],
    ['numbers', { n: [0, -1, 0.1, 1e-7, 1e21, 2 ** 53, 1.7976931348623157e308, 5e-324] }],
  ];
  for (const [name, input] of inputs) t.strictSame(policies.evaluate('a/echo', input), input, name);
});

t.test('keys that JavaScript has a use for are keys like any other', async (t) => {
  const input = JSON.parse('{"__proto__":{"x":1},"constructor":{"prototype":2}}') as object;
  deepStrictEqual(policies.evaluate('a/echo', input), input);
  t.equal(policies.evaluate('a/undefined', JSON.parse('{"__proto__":{"never":true}}') as object), undefined);
});

t.test('property: a policy sees any JSON as it is', async () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (x) => {
      const input = JSON.parse(JSON.stringify({ x })) as object;
      deepStrictEqual(policies.evaluate('a/echo', input), input);
    }),
  );
});

// OPA's own parser takes `\ud800\u0001` for U+FFFD and `\udc00\ud800` for U+10FC00, and stops at others. An input gone missing
// would admit whoever is `not input.blocked`.
t.test('an input with half a surrogate pair is an error, and never another input or none', async (t) => {
  const error = new EvaluationError('the input has half a surrogate pair, which is no character');
  for (const half of ['\ud800', '\udfff', '\ud800\u0001', 'a\udc00\ud800b', '\\\ud800']) {
    t.throws(() => policies.evaluate('a/unblocked', { blocked: true, half }), error);
    t.throws(() => policies.evaluate('a/unblocked', { blocked: true, [half]: 1 }), error);
  }
  const whole = { x: ['\ud83d\ude00', '\\ud800', '\\\\udfff'] };
  t.strictSame(policies.evaluate('a/echo', whole), whole, 'whole pairs and backslashes pass');
});

t.test('property: no evaluation sees anything of another', async () => {
  const values = fc.record({
    values: fc.array(fc.nat(2)),
    x: fc.oneof(fc.nat(9), fc.string()),
    y: fc.jsonValue(),
  });
  const flags = fc.record(
    {
      pattern: fc.constantFrom('a', '[', '^b+$', 'c{2}'),
      x: fc.string(),
      blocked: fc.boolean(),
      never: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  const call: fc.Arbitrary<[entrypoint: string, input: object]> = fc.oneof(
    fc.tuple(fc.constantFrom('conflict', 'boolean', 'printed', 'echo'), values),
    fc.tuple(fc.constantFrom('matches', 'unblocked', 'undefined', 'echo'), flags),
  );
  const shared = await load();
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 2, maxLength: 6 }), async (calls) => {
      const together = calls.map((made) => outcome(shared, ...made));
      const alone = await Promise.all(calls.map(async (made) => outcome(await load(), ...made)));
      deepStrictEqual(together, alone);
    }),
    { numRuns: 30 },
  );
});

t.test('the builtins that the host brings are there', async (t) => {
  t.equal(policies.evaluate('a/printed', { x: 3, y: ['z'] }), '3 of ["z"]');
  t.strictSame(policies.evaluate('a/parsed', { json: '{}', yaml: 'b: [1, 2]' }), { b: [1, 2] });
  t.equal(policies.evaluate('a/parsed', { json: '{', yaml: '' }), undefined);
});

t.test('a policy that calls a builtin which is not there is refused by its name', async (t) => {
  const rego = `package a\n${ENTRYPOINT}allow if {\n\thttp.send(input.x).status_code == 200\n\tnet.lookup_ip_addr("a")\n}\n`;
  const folder = t.testdir({ 'a.rego': rego });
  await runOpa(await opa(), ['build', '-t', 'wasm', 'a.rego'], folder);
  await t.rejects(
    loadPolicies(await readBundle(await readFile(`${folder}/bundle.tar.gz`))),
    new PolicyLoadError(
      'the policies call builtins that are not available here: http.send, net.lookup_ip_addr',
    ),
  );
});

t.test('a policy with more constants than opa-wasm takes by default is loaded', async (t) => {
  const long = 'x'.repeat(600_000);
  const { evaluate } = await policiesOf(t, `package a\n${ENTRYPOINT}allow if input.x == "${long}"`);
  t.equal(evaluate('a/allow', { x: long }), true);
});

t.test('a policy that fails for some input is loaded, and fails for that input alone', async (t) => {
  const { evaluate } = await policiesOf(
    t,
    `package a\n${ENTRYPOINT}allow := value if { some value in [1, 2]; not input.x }\n${ENTRYPOINT}other := true`,
  );
  t.throws(() => evaluate('a/allow', {}), {
    constructor: EvaluationError,
    message: /^the evaluation failed: module\.rego:4:1: .*conflict/,
  });
  t.equal(evaluate('a/allow', { x: 1 }), undefined);
  t.equal(evaluate('a/other', {}), true);
});

t.test('what is no policy is refused', async (t) => {
  const message = /^policy\.wasm is no WASM: /;
  await t.rejects(load({ wasm: bundle.wasm.slice(0, 50_000) }), { constructor: PolicyLoadError, message });
  const emptyModule = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]); // the magic number and the version
  await t.rejects(load({ wasm: emptyModule }), {
    constructor: PolicyLoadError,
    message:
      /^policy\.wasm is no policy of OPA's ABI 1\.2: it has no opa_malloc, .*, opa_wasm_abi_minor_version$/,
  });
});

t.test('data that a policy could not take in is refused', async (t) => {
  await t.rejects(load({ data: Buffer.from(`{"value": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`) }), {
    constructor: PolicyLoadError,
    message:
      /^the policies do not start: data of 200011 bytes does not fit into the module: Maximum call stack/,
  });
  await t.rejects(
    load({ data: Buffer.from('{"x": "\\ud800"}') }),
    new PolicyLoadError('the policies do not start: data has half a surrogate pair, which is no character'),
  );
});

t.test('data that is no JSON object is refused', async (t) => {
  for (const data of ['[]', 'null', '{"a":', '"x"'])
    await t.rejects(load({ data: Buffer.from(data) }), {
      constructor: PolicyLoadError,
      message: /^the policies do not start: data cannot be read: /,
    });
});

t.test('data of more than a megabyte is read in a thread of its own', async (t) => {
  const x = 'x'.repeat(1_200_000);
  const { evaluate } = await load({ data: Buffer.from(JSON.stringify({ limits: { x } })) });
  t.equal(evaluate('a/boolean', { x }), true);
  await t.rejects(load({ data: Buffer.from(`["${x}"]`) }), {
    constructor: PolicyLoadError,
    message: /^the policies do not start: data cannot be read: it is not a JSON object$/,
  });
});

t.test('an evaluation with a time limit gives what it gives without, or is stopped', async (t) => {
  const limited = await loadPolicies(bundle, 1);
  t.teardown(limited.close);
  t.equal(await limited.evaluateWithin(60_000, 'a/boolean', { x: 7 }), true);
  t.equal(await limited.evaluateWithin(60_000, 'a/undefined', {}), undefined);
  const endless = { list: Array.from({ length: 2_000 }, (_, at) => at) };
  await t.rejects(limited.evaluateWithin(50, 'a/endless', endless), {
    constructor: EvaluationStopped,
    message: 'a/endless was stopped after 50 ms',
  });
  t.equal(limited.evaluate('a/boolean', { x: 7 }), true, 'and nobody else is held up');
  await t.rejects(
    policies.evaluateWithin(1, 'a/boolean', {}),
    new EvaluationError('no thread was started for evaluations with a time limit'),
  );
});

t.test('of a whole package only the keys of a decision count', async (t) => {
  const helpers = 'allow if helper\nhelper if input.x\nreason := "why"\n';
  const { entrypoints, evaluate } = await policiesOf(t, `${ENTRYPOINT}package team.orders\n${helpers}`);
  t.ok(entrypoints.has('team/orders'));
  t.strictSame(evaluate('team/orders', { x: true }), { allow: true, reason: 'why' });
  t.strictSame(evaluate('team/orders', {}), { reason: 'why' });
});
