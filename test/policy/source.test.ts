import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { type Bundle, BundleError } from '../../src/policy/bundle.ts';
import { BUNDLE_NAME, compileFolder } from '../../src/policy/compile.ts';
import { OpaError } from '../../src/policy/opa.ts';
import { bundleFrom, changes } from '../../src/policy/source.ts';
import { opa } from '../support/opa.ts';
import { ENTRYPOINT } from '../support/rego.ts';

const OPA = await opa();
const SOURCES = { 'a.rego': `package a\n${ENTRYPOINT}allow := true\n`, 'data.json': '{"b":1}' };
const built = Buffer.from(await compileFolder(t.testdir(SOURCES), OPA));
const HOW = 'run `portcullis policy install-opa` or set PORTCULLIS_OPA';

/** A folder of policies with its built bundle. */
const folderOf = (t: Test, more: Record<string, string | Buffer> = {}): string =>
  t.testdir({ ...SOURCES, [BUNDLE_NAME]: built, ...more });
const withOpa = { PORTCULLIS_OPA: OPA };
/** Nothing on PATH, nothing in the cache folder. */
const withoutOpa = (t: Test) => ({ PATH: t.testdirName, HOME: t.testdirName });
/** Whoever asks for opa fails. */
const noNeed = { PORTCULLIS_OPA: '/nowhere/opa' };

const dataOf = ({ data }: Bundle): unknown => JSON.parse(Buffer.from(data).toString());

t.test('a bundle is taken as it is', async (t) => {
  const bundle = await bundleFrom(`${folderOf(t)}/${BUNDLE_NAME}`, noNeed);
  t.strictSame(dataOf(bundle), { b: 1 });
  t.match(bundle.revision, /^[0-9a-f]{12}$/);
});

t.test("a folder's built bundle is taken when it is that of the sources, without opa", async (t) => {
  const folder = folderOf(t, { 'a_test.rego': 'package a_test\n', 'README.md': 'anything' });
  t.strictSame(dataOf(await bundleFrom(folder, noNeed)), { b: 1 });
});

t.test('a bundle that was built from other versions of its sources is built anew, in memory', async (t) => {
  const folder = folderOf(t, { 'data.json': '{"b":2}' });
  const bundle = await bundleFrom(folder, withOpa);
  t.strictSame(dataOf(bundle), { b: 2 });
  t.ok(readFileSync(`${folder}/${BUNDLE_NAME}`).equals(built), 'the file is left alone');
});

t.test(
  'a bundle that was built from other versions of its sources is refused where it cannot be built, with their names',
  async (t) => {
    const folder = folderOf(t, { 'data.json': '{"b":2}', 'c.rego': 'package c\n' });
    rmSync(`${folder}/a.rego`);
    await t.rejects(
      bundleFrom(folder, withoutOpa(t)),
      new BundleError(
        `bundle.tar.gz was built from other versions of a.rego, c.rego, data.json, and there is no opa to build it with: ${HOW}`,
      ),
    );
  },
);

t.test('a folder without a bundle is compiled, and refused where it cannot be', async (t) => {
  const folder = t.testdir(SOURCES);
  t.strictSame(dataOf(await bundleFrom(folder, withOpa)), { b: 1 });
  await t.rejects(
    bundleFrom(folder, withoutOpa(t)),
    new BundleError(`there is no bundle.tar.gz in ${folder}, and there is no opa to build it with: ${HOW}`),
  );
});

t.test('a folder whose sources do not compile is refused, whatever its bundle', async (t) => {
  const folder = folderOf(t, { 'a.rego': 'package a\nallow {' });
  await t.rejects(bundleFrom(folder, withOpa), {
    constructor: OpaError,
    message: /a\.rego:2: rego_parse_error/,
  });
});

t.test('a bundle that is broken is refused by its name, and not built over', async (t) => {
  const folder = folderOf(t, { [BUNDLE_NAME]: built.subarray(0, 500) });
  const file = `${folder}/${BUNDLE_NAME}`;
  const broken = new BundleError(`${file}: it is not a bundle.tar.gz: unexpected end of file`);
  await t.rejects(bundleFrom(folder, withOpa), broken);
  await t.rejects(bundleFrom(file, withOpa), broken);
  rmSync(file);
  mkdirSync(file);
  await t.rejects(bundleFrom(folder, withOpa), {
    constructor: BundleError,
    message: `${file}: EISDIR: illegal operation on a directory, read`,
  });
});

t.test('a source that is not there is refused', async (t) => {
  await t.rejects(
    bundleFrom('/nowhere/policies', withOpa),
    new BundleError('there are no policies at /nowhere/policies'),
  );
});

t.test('a PORTCULLIS_OPA that leads nowhere is refused when it is needed', async (t) => {
  const folder = folderOf(t);
  writeFileSync(`${folder}/a.rego`, 'package a\n');
  await t.rejects(
    bundleFrom(folder, noNeed),
    new OpaError('PORTCULLIS_OPA names /nowhere/opa, which cannot be executed'),
  );
});

t.test('what changed is what is new, gone or different', async (t) => {
  t.strictSame(changes({}, {}), []);
  t.strictSame(changes({ a: '1', b: '2' }, { b: '2', a: '1' }), []);
  t.strictSame(changes({ gone: '1', same: '2', z: '3' }, { same: '2', new: '4', z: '5' }), [
    'gone',
    'new',
    'z',
  ]);
});
