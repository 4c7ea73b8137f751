import { globSync } from 'node:fs';
import { dirname } from 'node:path';
import t from 'tap';
import { BUILTIN_TWINS, PARTS, runTwins } from '../support/builtin-parts.ts';

t.test('every folder with twins is run by one of the processes', async (t) => {
  const folders = globSync('**/*.test.ts', { cwd: BUILTIN_TWINS }).map((file) => dirname(file));
  const run = ['.', ...Object.values(PARTS).flat()];
  t.strictSame([...new Set(folders)].toSorted(), run.toSorted());
});

await runTwins(['.']);
