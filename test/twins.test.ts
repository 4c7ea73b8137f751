// What a listing of the folders must show: coverage does not report a source file that no test imports, so each one
// has a test of the same path; and the numbers of the stages are their order.
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import t from 'tap';

const root = join(import.meta.dirname, '..');
const list = (pattern: string): string[] => globSync(pattern, { cwd: root }).toSorted();

t.test('every source file has a test of the same path', async (t) => {
  const tests = new Set(list('test/**/*.test.ts'));
  const twins = list('src/**/*.ts').map((file) => file.replace(/^src(.*)\.ts$/, 'test$1.test.ts'));
  const missing = twins.filter((twin) => !tests.has(twin));
  t.strictSame(missing, [], 'no twin is missing');
});

t.test('the stages of the chain are numbered from 1 without a gap', async (t) => {
  const numbers = list('src/chain/[0-9]*.ts').map((file) => Number.parseInt(basename(file), 10));
  const inOrder = numbers.toSorted((a, b) => a - b);
  const counted = numbers.map((_, index) => index + 1);
  t.strictSame(inOrder, counted, 'the files are 1-….ts, 2-….ts and so on');
});
