// OPA's own conformance cases, compiled to WASM by OPA and evaluated by the gateway's engine. docs/conformance.md says what it shows.
//
//   npm run test:conformance                      all of them, held against expected.json
//   npm run test:conformance -- --only strings    those whose note, category or file has this in it
//     --note <note>         the case of this note
//     --verbose             each case in full that does not pass: its query, modules, data and input
//     --engine opa-wasm     by OPA's package for npm instead, to compare
//
// The last line is the sum, `N passed, N failed, N skipped`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { OPA_VERSION } from '../../src/policy/opa.ts';
import { type Case, opaModule, readCases } from './cases.ts';
import { type Judged, judgeAll } from './threads.ts';
import { changedExceptions, EXCEPTIONS, REFUSED } from './uncounted.ts';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    note: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    engine: { type: 'string', default: 'portcullis' },
  },
});

/** What a whole run has to give. `refused` are the builtins for want of which cases are refused, by the cases' notes. */
type Expected = {
  readonly opa: string;
  readonly cases: number;
  readonly passed: number;
  readonly refused: Readonly<Record<string, string>>;
};

const expected = JSON.parse(readFileSync(join(import.meta.dirname, 'expected.json'), 'utf8')) as Expected;

function table(judged: readonly Judged[]): string {
  const rows = new Map<string, Record<Judged['verdict'], number>>();
  for (const { case: asked, verdict } of judged) {
    const row = rows.get(asked.category) ?? { passed: 0, failed: 0, missing: 0 };
    row[verdict]++;
    rows.set(asked.category, row);
  }
  const line = (name: string, ...cells: readonly (string | number)[]): string =>
    name.padEnd(40) + cells.map((cell) => String(cell).padStart(8)).join('');
  const sorted = [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const lines = sorted.map(([name, { passed, failed, missing }]) => line(name, passed, failed, missing));
  return [line('category', 'passed', 'failed', 'missing'), ...lines].join('\n');
}

const LONGEST = 200;
const cut = (text: string): string =>
  text.length > LONGEST && !options.verbose ? `${text.slice(0, LONGEST)}…` : text;

function why(judged: Judged): string {
  if (judged.verdict === 'passed') return 'it passes';
  return judged.verdict === 'missing'
    ? `there is no ${judged.builtins.join(', ')}`
    : `wanted ${cut(judged.wanted)}, got ${cut(judged.got)}`;
}

function inFull({ query, modules, data, input }: Case): string {
  const parts = [`query: ${query}`, ...(modules ?? []).map((module) => module.trimEnd())];
  if (data !== undefined) parts.push(`data: ${data}`);
  if (input !== undefined) parts.push(`input: ${input}`);
  return parts.map((part) => part.replaceAll(/^/gm, '    ')).join('\n');
}

/** For want of exactly what is not there on purpose. */
const isRefused = (judged: Judged): boolean =>
  judged.verdict === 'missing' && judged.builtins.join(', ') === expected.refused[judged.case.note];

/** Where a whole run disagrees with what is recorded of it. */
async function disagreements(counted: readonly Judged[], passed: number): Promise<string[]> {
  const faults = await changedExceptions(await opaModule());
  const recorded = (name: string, now: string | number, before: string | number): void => {
    if (now !== before)
      faults.push(`expected.json has "${name}": ${before}, and it is ${now}: write that there`);
  };
  recorded('opa', OPA_VERSION, expected.opa);
  recorded('cases', counted.length, expected.cases);
  if (passed < expected.passed) faults.push(`only ${passed} cases pass; ${expected.passed} did before`);
  else recorded('passed', passed, expected.passed);
  for (const [note, builtin] of Object.entries(expected.refused))
    if (!counted.some((one) => one.case.note === note && isRefused(one)))
      faults.push(`${note} is not refused for want of ${builtin}`);
  return faults;
}

const started = performance.now();
const flags = (['only', 'note'] as const).flatMap((name) => {
  const value = options[name];
  return value === undefined ? [] : [`-${name}`, value];
});
const faults: string[] = [];
const judged = await judgeAll(readCases(flags), options.engine).catch((error: Error) => {
  faults.push(error.message);
  return [];
});
judged.sort((a, b) => (a.case.note < b.case.note ? -1 : 1));
const [counted, excepted] = [false, true].map((is) =>
  judged.filter(({ case: { note } }) => Object.hasOwn(EXCEPTIONS, note) === is),
) as [Judged[], Judged[]];
const passed = counted.filter(({ verdict }) => verdict === 'passed').length;
const refused = counted.filter(isRefused);
const failed = counted.filter((one) => one.verdict !== 'passed' && !isRefused(one));

console.log(table(counted));
for (const { case: asked, verdict } of excepted)
  console.log(`not counted: ${asked.note}: ${EXCEPTIONS[asked.note]} (${verdict} here)`);
for (const { case: asked } of refused) {
  const builtin = expected.refused[asked.note] ?? '';
  console.log(`refused: ${asked.note}: no ${builtin}: ${REFUSED[builtin]}`);
}
for (const one of failed) {
  console.log(`${one.verdict}: ${one.case.category}: ${one.case.note}: ${why(one)}`);
  if (options.verbose) console.log(inFull(one.case));
}
if (judged.length === 0 && faults.length === 0) faults.push('there are no such cases');
if (flags.length === 0 && options.engine === 'portcullis' && faults.length === 0)
  faults.push(...(await disagreements(counted, passed)));
for (const fault of faults) console.log(`not ok: ${fault}`);

const share = ((100 * passed) / Math.max(1, counted.length)).toFixed(1);
const seconds = Math.round((performance.now() - started) / 1_000);
console.log(
  `\n${passed} of ${counted.length} cases of OPA ${OPA_VERSION} pass (${share} %), ${refused.length} are refused; ${seconds} s`,
);
// A disagreement counts when nothing else shows it.
const failures = Math.max(failed.length, Math.min(1, faults.length));
// That a policy is refused which would reach the network is not left out: it was seen.
console.log(`\n${passed} passed, ${failures} failed, 0 skipped`);
process.exitCode = failures > 0 ? 1 : 0;
