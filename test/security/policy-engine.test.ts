/** Hostile inputs to the policy engine: an error or a decision, never a crash, and the decision is OPA's. */
import { deepStrictEqual } from 'node:assert/strict';
import * as fc from 'fast-check';
import t, { type Test } from 'tap';
import { readBundle } from '../../src/policy/bundle.ts';
import { EvaluationError, loadPolicy, type Policy } from '../../src/policy/engine.ts';
import { runOpa } from '../../src/policy/opa.ts';
import { readFile } from 'node:fs/promises';
import { interpreted } from '../support/opa-eval.ts';
import { opa } from '../support/opa.ts';
import { bundleOf, ENTRYPOINT } from '../support/rego.ts';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 300);

/** A package that looks at its input in many ways. All of it is one entrypoint. */
const MODULE = `${ENTRYPOINT}package fuzz.all

allow if {
	input.a.role == "admin"
	not input.a.blocked
}

kind := type_name(input.a)
size := count(input.a)
keys := sort(object.keys(input.a))
order := sort([input.a, input.b, 1, "x", null])
same if input.a == input.b
less if input.a < input.b
members := {x | some x in input.a}
pairs := {[k, v] | some k, v in input.a}
leaves := {p | walk(input, [p, v]); is_string(v)}
shown := sprintf("%v %v %d", [input.a, input.b, input.n])
text := json.unmarshal(json.marshal(input.a))
starts if startswith(input.s, "ab")
parts := split(input.s, "/")
lower_s := lower(input.s) if regex.match("^[ -~]*$", input.s)
trimmed := trim_space(input.s)
matched if regex.match("^[a-z0-9/]+$", input.s)
replaced := regex.replace(input.s, "[aeiou]", "_")
globbed if glob.match("*/accounts/*", ["/"], input.s)
length := count(input.s)
index := indexof(input.s, "b")
encoded := base64url.encode_no_pad(input.s)
url := urlquery.encode(input.s)
digest := crypto.sha256(input.s)
number := to_number(input.s) if regex.match("^(0|-?[1-9][0-9]*)$", input.s)
hexes := hex.encode(input.s)
split_n := strings.split_n(input.s, "/", 2)
union_keys := object.union({"x": 1}, input.o)
without := object.remove(input.o, ["a", "__proto__"])
nested := object.get(input.o, ["constructor", "prototype"], "none")
counted := strings.count(input.s, "a")
semver_ok if semver.is_valid(input.s)
in_net if net.cidr_contains("10.0.0.0/8", input.s)
`;

const { wasm } = await readBundle(await bundleOf(t, MODULE));
const policy = await loadPolicy(wasm);

const name = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'role',
    'blocked',
    '',
    '\0',
    'é',
    '\u{1f600}',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const text = fc.oneof(
  fc.constantFrom(
    'admin',
    'abc/accounts/1',
    '10.1.2.3',
    '1.2.3',
    '0x10',
    '1e3',
    '-0',
    ' padded\t',
    '\ufeffbom',
    '\u2028',
  ),
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const number = fc.oneof(
  fc.integer(),
  fc.constantFrom(0, -1, 2 ** 31, 2 ** 53 - 1, -(2 ** 53) + 1, 0.1, 1.5, -2.25, 1e-7, 100),
);
const anything = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    number,
    text,
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(name, tie('node'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).node;
const inputs = fc.record(
  {
    a: anything,
    b: anything,
    s: text,
    n: fc.integer(),
    o: fc.dictionary(name, anything, { maxKeys: 4, noNullPrototype: true }),
  },
  { requiredKeys: [] },
);

t.test(`property: what is decided of any input is what opa eval decides (${RUNS} inputs)`, async (t) => {
  for (let left = RUNS; left > 0; left -= 1_000) {
    const sample = fc.sample(inputs, Math.min(left, 1_000));
    const texts = sample.map((input) => JSON.stringify(input));
    const said = await interpreted(t, MODULE, ['fuzz', 'all'], texts);
    t.equal(said.length, sample.length);
    for (const [at, input] of sample.entries()) {
      deepStrictEqual(policy.evaluate(input, 'fuzz/all')[0]?.result, said[at], texts[at]);
      deepStrictEqual(policy.evaluateText(texts[at]!, 'fuzz/all')[0]?.result, said[at], texts[at]);
    }
  }
});

t.test(
  'an input that is deep, huge or torn is an error or a decision, and the next one is as ever',
  async (t) => {
    const nested = (depth: number, open: string, close: string): string =>
      open.repeat(depth) + close.repeat(depth);
    const texts = [
      nested(100, '[', ']'),
      nested(1_900, '[', ']'),
      nested(3_000, '[', ']'),
      nested(1_000_000, '[', ']'),
      `${'{"a":'.repeat(1_900)}1${'}'.repeat(1_900)}`,
      `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
      `"${'x'.repeat(300_000)}"`,
      `[${'1,'.repeat(5_000)}1]`,
      `{${Array.from({ length: 2_000 }, (_, at) => `"k${at}":${at}`).join(',')}}`,
      '1'.repeat(5_000),
      `1e${'9'.repeat(300)}`,
      '-1e-999999999',
      '"\\ud800"',
      '"\\udc00\\ud800"',
      '{"\\ud83d": 1}',
      '{"a": 1, "a": 2}',
      '{"__proto__": {"allow": true}}',
      '{"a": {"role": "admin"}, "__proto__": {"blocked": true}}',
      '{"a": {"role": "admin", "__proto__": {"blocked": true}}}',
      '[',
      '{"a"}}',
      'nul',
      '\u0000',
      '"\u0007"',
    ];
    for (const one of texts) {
      const asA = `{"a": ${one}}`;
      for (const whole of [one, asA]) {
        try {
          const result = policy.evaluateText(whole, 'fuzz/all')[0]?.result as { allow?: boolean };
          t.ok(result.allow === undefined || result.allow === whole.includes('"admin"'), 'a decision');
        } catch (error) {
          t.ok(error instanceof EvaluationError, `${(error as Error).name}: ${(error as Error).message}`);
        }
      }
      t.match(policy.evaluate({ a: { role: 'admin' } }, 'fuzz/all'), [{ result: { allow: true } }]);
      t.match(policy.evaluate({ a: { role: 'admin', blocked: 1 } }, 'fuzz/all'), [
        { result: { kind: 'object' } },
      ]);
    }
  },
);

t.test('property: no text makes anything but an error or a decision', async () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json({ stringUnit: 'binary' }).chain((json) => fc.nat(json.length).map((cut) => json.slice(0, cut))),
    fc
      .array(
        fc.constantFrom(
          '{',
          '}',
          '[',
          ']',
          ',',
          ':',
          '"',
          'set(',
          ')',
          '1',
          '.',
          'e',
          '-',
          'true',
          '\\',
          'u',
        ),
      )
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(texts, (one) => {
      try {
        const result = policy.evaluateText(one, 'fuzz/all')[0]?.result as Record<string, unknown>;
        return result['allow'] === undefined;
      } catch (error) {
        return error instanceof EvaluationError;
      }
    }),
    { numRuns: RUNS },
  );
});

/** The same module as `opa build` makes it at a level of optimisation. */
async function optimised(t: Test, level: string): Promise<Policy> {
  const folder = t.testdir({ 'module.rego': MODULE });
  await runOpa(await opa(), ['build', '-t', 'wasm', `-O=${level}`, '-e', 'fuzz/all', 'module.rego'], folder);
  return loadPolicy((await readBundle(await readFile(`${folder}/bundle.tar.gz`))).wasm);
}

t.test('CVE-2022-23628: what opa optimised decides as what it did not', async (t) => {
  const one = await optimised(t, '1');
  for (const input of fc.sample(inputs, RUNS))
    deepStrictEqual(
      one.evaluate(input, 'fuzz/all'),
      policy.evaluate(input, 'fuzz/all'),
      JSON.stringify(input),
    );
});
