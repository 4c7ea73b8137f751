// What `npm test` runs: the checks, each counted as one test, then tap. All of them run even when an early one fails.
// The last line is the sum, `N passed, N failed, N skipped`; test/reporter.ts says how tap's tests are counted.
//
//   npm test                            everything
//   npm test -- test/chain/1-route.test.ts --disable-coverage
//                                       only tap, with these arguments
//   npm run check                       only the checks
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Counts } from './reporter.ts';

const root = dirname(import.meta.dirname);

const checks: Record<string, readonly string[]> = {
  types: ['tsc', '--noEmit'],
  lint: ['oxlint', '--type-aware', '--deny-warnings'],
  format: ['oxfmt', '--check'],
  'unused code': ['knip'],
};

// The tools are scripts for `node`: this process's own comes first, whatever else is installed.
const path = [dirname(process.execPath), join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter);

/** Runs a tool with its output shown; anything but exit code 0 is a failure. */
function passes([tool = '', ...args]: readonly string[], env: NodeJS.ProcessEnv = {}): boolean {
  const { status, signal, error } = spawnSync(join(root, 'node_modules/.bin', tool), args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env, PATH: path },
  });
  if (error) console.log(`${tool} could not be run: ${error.message}`);
  if (signal) console.log(`${tool} was ended by ${signal}`);
  return status === 0;
}

function runCheck(name: string, command: readonly string[]): Counts {
  console.log(`\n# ${name}: ${command.join(' ')}`);
  const started = performance.now();
  const passed = passes(command);
  console.log(`${passed ? 'ok' : 'not ok'} ${name} (${Math.round(performance.now() - started)} ms)`);
  return { passed: Number(passed), failed: Number(!passed), skipped: 0 };
}

function runTap(args: readonly string[]): Counts {
  console.log(`\n# tests: tap ${args.join(' ')}`);
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-test-'));
  const countsFile = join(folder, 'counts.json');
  try {
    const passed = passes(['tap', ...args, '--reporter=./test/reporter.ts'], {
      PORTCULLIS_TEST_COUNTS: countsFile,
    });
    const counts = readCounts(countsFile);
    if (!passed && counts.failed === 0) {
      console.log('not ok tap: it failed, though none of its tests did');
      counts.failed = 1;
    }
    return counts;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readCounts(file: string): Counts {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Counts;
  } catch {
    console.log('not ok tap: it ended before it could count its tests');
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function runAll(args: readonly string[]): Counts[] {
  if (Number.parseInt(process.versions.node, 10) < 24) {
    console.log(
      `Node 24 or newer is needed, and this is ${process.version}: run \`npm ci\`, then \`npm test\``,
    );
    return [{ passed: 0, failed: 1, skipped: 0 }];
  }
  const onlyChecks = args[0] === '--checks';
  const results =
    args.length === 0 || onlyChecks ? Object.entries(checks).map((check) => runCheck(...check)) : [];
  return onlyChecks ? results : [...results, runTap(args)];
}

const results = runAll(process.argv.slice(2));
const sum = (key: keyof Counts): number => results.reduce((total, counts) => total + counts[key], 0);
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
process.exitCode = sum('failed') > 0 ? 1 : 0;
