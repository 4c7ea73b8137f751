// docs/advisories.md and the tests of this folder say the same: what it links to is there, and what is tested here is in it.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { linkedTests, titles } from '../support/linked-tests.ts';

const ROOT = join(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/advisories.md'), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| advisory |'))
  .map((line) => line.slice(2, -2).split(' | '));

const idsIn = (text: string): string[] =>
  text.match(/CVE-\d{4}-\d{4,}|GHSA(?:-[0-9a-z]{4}){3}|[\w-]+(?:\/[\w-]+)?#\d+/g) ?? [];

t.test(
  'each row is an advisory, what went wrong, what is done here, and its tests or why there is none',
  async (t) => {
    t.ok(rows.length > 50);
    for (const cells of rows) {
      const [advisory = '', wrong = '', here = '', tests = ''] = cells;
      t.equal(cells.length, 4, advisory);
      t.ok(wrong.length > 10 && here.length > 0, advisory);
      t.match(tests === '·' ? here : tests, tests === '·' ? /not applicable: |Later: / : /^\[/, advisory);
    }
  },
);

t.test('each test that the table names is there, under the very name', async (t) => {
  const links = rows.flatMap(([, , , tests = '']) => linkedTests(tests));
  t.ok(links.length > 70);
  for (const { title, file } of links) t.ok(titles(file).includes(title), `${file}: ${title}`);
});

t.test('each advisory that a test here is named after is in the table', async (t) => {
  const told = new Set(rows.flatMap(([advisory = '']) => idsIn(advisory)));
  const named = globSync('test/security/*.test.ts', { cwd: ROOT }).flatMap(titles).flatMap(idsIn);
  t.ok(named.length > 70);
  t.strictSame(
    [...new Set(named)].filter((id) => !told.has(id)),
    [],
  );
});
