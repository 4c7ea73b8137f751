import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';

const chain = new URL('../../src/chain/', import.meta.url);

t.test('the ports are types alone: nothing of them is left at run time', async (t) => {
  t.strictSame(Object.keys(await import('../../src/chain/ports.ts')), []);
});

t.test('whoever stands behind a port imports it, and no stage', async (t) => {
  const src = new URL('../../src/', import.meta.url);
  const outside = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !path.startsWith('chain'),
  );
  t.ok(outside.length > 20);
  t.strictSame(
    outside.filter((path) => /from '.*chain\/\d-/.test(readFileSync(new URL(path, src), 'utf8'))),
    [],
  );
});

t.test('a stage is about 60 lines', async (t) => {
  const stages = readdirSync(chain).filter((name) => /^\d-/.test(name));
  t.equal(stages.length, 6);
  for (const name of stages) t.ok(readFileSync(new URL(name, chain), 'utf8').split('\n').length < 75, name);
});
