import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';
import { Compile } from 'typebox/schema';
import { parseConfig } from '../src/config/load.ts';
import { runOpa } from '../src/policy/opa.ts';
import { linkedTests, titles } from './support/linked-tests.ts';
import { opa } from './support/opa.ts';

const ROOT = dirname(import.meta.dirname);
const pages = globSync('{*.md,docs/*.md}', { cwd: ROOT });

/** The fenced blocks of a language, over all pages. */
const blocks = (language: string): { page: string; text: string }[] =>
  pages.flatMap((page) =>
    [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```(\w*)\n(.*?)^```$/gms)]
      .filter(([, fence]) => fence === language)
      .map(([, , text = '']) => ({ page, text })),
  );

t.test('every link in the documentation leads to a file that is there', async (t) => {
  for (const page of pages) {
    const text = readFileSync(join(ROOT, page), 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g))
      t.ok(existsSync(join(ROOT, dirname(page), target)), `${page} → ${target}`);
  }
});

t.test(
  'each setting of Kong’s has what it is here, and its test under the very name, or a reason',
  async (t) => {
    const rows = readFileSync(join(ROOT, 'docs/kong.md'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| Kong |'))
      .map((line) => line.slice(2, -2).split(' | '));
    t.ok(rows.length > 60);
    for (const [setting = '', here = '', tests = ''] of rows) {
      const links = linkedTests(tests);
      if (links.length === 0) t.match(here, /^(?:none: |not yet: |HTTP\/1\.1$)/, setting);
      for (const { title, file } of links) t.ok(titles(file).includes(title), `${file}: ${title}`);
    }
  },
);

t.test('every configuration that the documentation shows is one that the gateway takes', async (t) => {
  t.ok(blocks('yaml').length >= 2);
  for (const { page, text } of blocks('yaml')) {
    const config = parseConfig(text, {
      file: page,
      folder: ROOT,
      variable: (name) => (name === 'CLIENT_SECRET' ? 'secret' : undefined),
      readFile: () => '',
    });
    t.ok(config.routes.length > 0, page);
  }
});

t.test('every policy that the documentation shows is one that opa takes', async (t) => {
  t.ok(blocks('rego').length >= 2);
  for (const [index, { text }] of blocks('rego').entries()) {
    const folder = t.testdir();
    const file = join(folder, String(index), 'policy.rego');
    await mkdir(dirname(file));
    await writeFile(file, text);
    await t.resolves(runOpa(await opa(), ['check', '--strict', file], folder));
  }
});

t.test("the policy input that the documentation shows is one by the input's schema", async (t) => {
  const schema = JSON.parse(readFileSync(join(ROOT, 'policies/schemas/input.json'), 'utf8')) as object;
  const [input] = blocks('json');
  t.ok(Compile(schema).Check(JSON.parse(input?.text ?? '')));
});

t.test("the README's commands are scripts that are there", async (t) => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const commands = readme.match(/^ {4}npm ci && npm .+$/gm)?.map((line) => line.trim());
  t.strictSame(commands, ['npm ci && npm run demo', 'npm ci && npm test']);
  t.match(scripts, { demo: String, test: String });
  t.match(readFileSync(join(ROOT, '.ci/run'), 'utf8'), 'npm ci && npm test');
});
