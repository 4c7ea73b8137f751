import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { Evaluation, Family } from '../../../src/policy/builtins/builtin.ts';
import { HOST_BUILTINS, loadBuiltin, NETWORK_BUILTINS } from '../../../src/policy/builtins/index.ts';
import { readBundle } from '../../../src/policy/bundle.ts';
import { compile } from '../../../src/policy/engine.ts';
import { Instance } from '../../../src/policy/instance.ts';
import { runOpa } from '../../../src/policy/opa.ts';
import { opa } from '../../support/opa.ts';

const FOLDER = join(import.meta.dirname, '../../../src/policy/builtins');
/** What is no family. */
const OTHERS = new Set(['builtin.ts', 'index.ts']);

t.test('every name leads to its builtin', async (t) => {
  for (const name of HOST_BUILTINS) t.type(await loadBuiltin(name), 'function', name);
});

t.test('other names lead to none', async (t) => {
  for (const name of [...NETWORK_BUILTINS, 'count', 'toString', '__proto__', ''])
    t.equal(await loadBuiltin(name), null, name);
});

t.test("the folder's files are families, which have the names of the table and no others", async (t) => {
  const files = await readdir(FOLDER, { withFileTypes: true });
  const families = files.filter((file) => file.isFile() && !OTHERS.has(file.name));
  const names: string[] = [];
  for (const { name } of families) {
    const exported = Object.values((await import(join(FOLDER, name))) as Record<string, Family>);
    t.equal(exported.length, 1, name);
    names.push(...exported.flatMap((family) => Object.keys(family)));
  }
  t.strictSame(names.toSorted(), HOST_BUILTINS);
});

type Declared = { readonly name: string; readonly decl: { readonly args?: readonly unknown[] } } & Readonly<
  Record<'infix' | 'deprecated', string | true | undefined>
>;

/** Those that only the compiler writes, and the one that `opa build` leaves out. */
const UNWRITABLE = /^(?:internal\..*|print)$/;

t.test("all that OPA's compiler leaves to a host is here, but for what needs the network", async (t) => {
  const OPA = await opa();
  const folder = t.testdir();
  const { builtins } = JSON.parse(await runOpa(OPA, ['capabilities', '--current'], folder)) as {
    builtins: readonly Declared[];
  };
  // Operators are always in the module, and what is deprecated is refused.
  const callable = builtins.filter((one) => !one.infix && !one.deprecated && !UNWRITABLE.test(one.name));
  const rules = callable.map(
    ({ name, decl }) => `p contains ${name}(${(decl.args ?? []).map((_, at) => `input.x${at}`).join(', ')})`,
  );
  const source = t.testdir({ 'all.rego': `package all\n${rules.join('\n')}\n` });
  await runOpa(OPA, ['build', '-t', 'wasm', '-e', 'all/p', 'all.rego'], source);
  const { wasm } = await readBundle(await readFile(join(source, 'bundle.tar.gz')));
  const host = { builtins: [], begin: () => ({}) as Evaluation };
  const required = new Instance(await compile(wasm), host, null).describe().builtins.keys();
  const left = HOST_BUILTINS.filter((name) => !UNWRITABLE.test(name));
  t.strictSame([...required].toSorted(), [...left, ...NETWORK_BUILTINS].toSorted());
});
