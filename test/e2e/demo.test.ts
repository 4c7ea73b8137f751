/** The demo, as a visitor runs it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { story } from '../../demo/story.ts';

t.test('`npm run demo -- --once` tells the whole story, and every answer is the expected one', async (t) => {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('../../demo/main.ts', import.meta.url)), '--once'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const [told, complaints, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  t.equal(code, 0, complaints);
  t.match(told, 'Every answer was the expected one.');
  for (const [index, { title, method, path, expected }] of story('http://as.example').entries()) {
    const heading = `${index + 1}. ${title}: ${method} ${path}\n   ${expected.status} `;
    t.ok(told.includes(heading), heading);
  }
  for (const span of [
    'portcullis.route',
    'portcullis.introspection',
    'portcullis.policy',
    'portcullis.forward',
  ])
    t.ok(told.includes(span), `${span} is drawn`);
  t.notMatch(told, /-secret|Bearer [\w-]{20}/, 'and no secret');
});
