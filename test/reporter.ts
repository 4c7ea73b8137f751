// Tap's reporter for `npm test`: one line for each test file, below it what failed and what was skipped; the counts go
// to test/run.ts in the file that PORTCULLIS_TEST_COUNTS names.
//
// What counts are leaf assertions, as in tap: a subtest is its assertions, and counts itself only when it has none, or
// fails though all of them passed (a crash, an exit code, a timeout). A todo counts as skipped. A test file without any
// assertion is a failure, unless it says why: `t.plan(0, 'no OPA on this machine')`.
import { writeFileSync } from 'node:fs';
import { Transform, type TransformCallback } from 'node:stream';
import { Parser, type Plan, type Result } from 'tap-parser';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** A test file or a subtest while it runs; `ended` is its last subtest, until that one's own test point has come. */
interface Group {
  name: string;
  leaves: number;
  failed: number;
  ended: Group | null;
}

/** Tap's diagnostics of one assertion: any YAML, of which these few are known. */
interface Diagnostics extends Record<string, unknown> {
  at?: { fileName?: string; lineNumber?: number; columnNumber?: number };
  diff?: string;
  stack?: string;
  expired?: string;
}

// Of no use to the reader: how tap started the file, and a source excerpt that `at` points to.
const unprinted = new Set([
  'args',
  'command',
  'cwd',
  'externalID',
  'jobId',
  'source',
  'stdio',
  'tapCaught',
  'test',
]);

const newGroup = (name: string): Group => ({ name, leaves: 0, failed: 0, ended: null });

const indented = (text: string): string => text.trimEnd().replaceAll(/^(?=.)/gm, '      ');

function readable(diagnostics: Diagnostics): string {
  const { at, diff, stack, ...others } = diagnostics;
  const lines = [];
  if (at?.fileName) lines.push(`at ${at.fileName}:${at.lineNumber}:${at.columnNumber}`);
  if (diff) lines.push(diff);
  for (const [key, value] of Object.entries(others)) {
    if (unprinted.has(key) || value === null || value === undefined) continue;
    lines.push(`${key}: ${typeof value === 'string' ? value.trimEnd() : JSON.stringify(value)}`);
  }
  if (!diff && stack?.trim().includes('\n')) lines.push(stack);
  return lines.map((line) => `${indented(line)}\n`).join('');
}

// oxlint-disable-next-line import/no-default-export -- tap loads a reporter by its default export
export default class Reporter extends Transform {
  readonly #parser = new Parser();
  readonly #root = newGroup('');
  readonly #counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  readonly #failures: string[] = [];
  readonly #failedFiles = new Set<string>();
  /** Files that tap runs, less those that have ended. */
  #filesLeft = 0;
  /** What is to be printed below the line of the file that runs. */
  #notes = '';

  constructor() {
    super({ decodeStrings: false });
    this.#watch(this.#parser, this.#root);
    this.#parser.on('plan', (plan: Plan) => (this.#filesLeft += plan.end));
    this.#parser.on('extra', (text: string) => this.push(text)); // what tests print
    this.#parser.on('bailout', (reason: string) =>
      this.#fail(this.#root, `bailed out: ${reason || 'no reason given'}`),
    );
  }

  override _transform(chunk: Buffer | string, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#parser.write(String(chunk));
    done();
  }

  override _flush(done: TransformCallback): void {
    this.#parser.end();
    if (this.#root.ended) this.#closeFile(this.#root.ended, false);
    const { passed, failed, skipped } = this.#counts;
    // After a timeout tap drops the last file's result: the "timeout!" it adds takes that one's place in the plan.
    if (this.#filesLeft > 0 && !this.#parser.bailedOut)
      this.#fail(this.#root, `test files without a result: ${this.#filesLeft}`);
    if (passed + failed + skipped === 0) this.#fail(this.#root, 'no test ran');
    else if (!this.#parser.ok && failed === 0)
      this.#fail(this.#root, 'the run failed, though none of its tests did');
    this.push(this.#notes);
    if (this.#failures.length > 0)
      this.push(`\nfailed:\n${this.#failures.map((name) => `  ${name}\n`).join('')}`);
    const countsFile = process.env.PORTCULLIS_TEST_COUNTS;
    if (countsFile) writeFileSync(countsFile, JSON.stringify(this.#counts));
    done();
  }

  #watch(parser: Parser, self: Group): void {
    parser.on('child', (child: Parser) => {
      if (self === this.#root && self.ended) this.#closeFile(self.ended, false);
      const subtest = newGroup(child.name);
      this.#watch(child, subtest);
      child.on('complete', () => {
        self.leaves += subtest.leaves;
        self.failed += subtest.failed;
        self.ended = subtest;
      });
    });
    parser.on('assert', (result: Result) => {
      const { ended } = self;
      self.ended = null;
      if (ended) this.#countSubtest(self, ended, result);
      else this.#countLeaf(self, result);
      if (ended && self === this.#root) this.#closeFile(ended, result.ok && ended.failed === 0, result.time);
    });
  }

  #countSubtest(self: Group, subtest: Group, result: Result): void {
    if (subtest.leaves === 0) {
      if (self === this.#root && result.skip === 'no tests found')
        this.#fail(subtest, `${subtest.name} has no tests`);
      else this.#countLeaf(self, result);
    } else if (!result.ok && !result.todo && subtest.failed === 0) {
      this.#countLeaf(self, result);
    }
  }

  #countLeaf(self: Group, result: Result): void {
    const diagnostics = (result.diag ?? {}) as Diagnostics;
    const expired = self === this.#root ? diagnostics.expired : undefined;
    if (expired && this.#failedFiles.has(expired)) {
      this.#notes += `    ${expired} ran out of its time\n`; // tap's second word on a file that was counted
      return;
    }
    const name = expired ? `${expired} > ${result.name}` : result.fullname || '(unnamed)';
    const reason = result.skip || result.todo;
    if (reason) {
      self.leaves++;
      this.#counts.skipped++;
      const why = reason === true ? 'no reason given' : reason;
      this.#notes += `    ${result.todo ? 'todo' : 'skipped'}: ${name} (${why})\n`;
    } else if (result.ok) {
      self.leaves++;
      this.#counts.passed++;
    } else {
      this.#fail(self, name, diagnostics);
    }
  }

  #fail(self: Group, name: string, diagnostics: Diagnostics = {}): void {
    self.leaves++;
    self.failed++;
    this.#counts.failed++;
    this.#failures.push(name);
    this.#notes += `    failed: ${name}\n${readable(diagnostics)}`;
  }

  #closeFile(file: Group, ok: boolean, time: number | null = null): void {
    this.#root.ended = null;
    this.#filesLeft--;
    if (!ok) this.#failedFiles.add(file.name);
    const duration = time === null ? '' : ` (${Math.round(time)} ms)`;
    this.push(`${ok ? 'ok' : 'not ok'} ${file.name}${duration}\n${this.#notes}`);
    this.#notes = '';
  }
}
