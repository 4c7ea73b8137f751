import { symlinkSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { unpackTar } from 'modern-tar';
import t from 'tap';
import { readBundle } from '../../src/policy/bundle.ts';
import { compileFolder, readSources } from '../../src/policy/compile.ts';
import { loadPolicies } from '../../src/policy/policies.ts';
import { OPA_VERSION, OpaError } from '../../src/policy/opa.ts';
import { opa } from '../support/opa.ts';
import { ENTRYPOINT } from '../support/rego.ts';

const OPA = await opa();
const RULE = `package a\n${ENTRYPOINT}allow if input.x == data.b.c\n`;
const unpacked = async (bundle: Uint8Array): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await unpackTar(gunzipSync(bundle))).map(({ header, data }) => [
      header.name,
      Buffer.from(data!).toString(),
    ]),
  );

const plain = (data: Uint8Array): unknown => JSON.parse(Buffer.from(data).toString());

t.test(
  'a folder becomes a bundle of its Rego and data, with their digests and the version of opa',
  async (t) => {
    const folder = t.testdir({ a: { 'a.rego': RULE }, b: { 'data.json': '{"c":1}' } });
    const compiled = await compileFolder(folder, OPA);
    const bundle = await readBundle(compiled);
    t.strictSame(Object.keys(bundle.sources ?? {}), ['a/a.rego', 'b/data.json']);
    t.strictSame(plain(bundle.data), { b: { c: 1 } });
    const { evaluate, entrypoints } = await loadPolicies(bundle);
    t.strictSame([...entrypoints], ['a/allow']);
    t.equal(evaluate('a/allow', { x: 1 }), true);

    const manifest = JSON.parse((await unpacked(compiled))['/.manifest']!) as { metadata: object };
    t.match(manifest.metadata, { portcullis: { opa: OPA_VERSION } });
  },
);

t.test('tests, schemas and whatever else lies in the folder take no part', async (t) => {
  const folder = t.testdir({
    'a.rego': RULE,
    'a_test.rego': 'not { even Rego',
    'bundle.tar.gz': 'not even a bundle',
    'policy.wasm': 'not even WASM',
    '.manifest': '{"roots":["elsewhere"],"revision":"mine"}',
    'other.json': '{"b":{"c":"from elsewhere"}}',
    schemas: { 'input.json': 'not even JSON' },
  });
  const compiled = await compileFolder(folder, OPA);
  t.strictSame(Object.keys((await readBundle(compiled)).sources ?? {}), ['a.rego']);
  const files = await unpacked(compiled);
  t.strictSame(Object.keys(files).toSorted(), ['/.manifest', '/a.rego', '/data.json', '/policy.wasm']);
  t.equal(files['/data.json']!.trim(), '{}');
  t.match(files['/.manifest'], '"roots": [\n    ""\n  ]');
});

t.test('links are not followed: only what is digested is compiled', async (t) => {
  const folder = t.testdir({
    policies: { 'a.rego': RULE },
    outside: { 'data.json': '{"b":{"c":1}}', 'b.rego': 'package b\n' },
  });
  symlinkSync('../outside/data.json', `${folder}/policies/data.json`);
  symlinkSync('../outside', `${folder}/policies/b`);
  const { data, sources } = await readBundle(await compileFolder(`${folder}/policies`, OPA));
  t.strictSame([plain(data), Object.keys(sources ?? {})], [{}, ['a.rego']]);
});

t.test('the same sources give the same bytes in any folder', async (t) => {
  const sources = { 'a.rego': RULE, 'data.json': '{"b":{"c":1}}' };
  const folder = t.testdir({ one: sources, another: { deeper: { ...sources } } });
  const [one, another] = await Promise.all([
    compileFolder(`${folder}/one`, OPA),
    compileFolder(`${folder}/another/deeper`, OPA),
  ]);
  t.ok(Buffer.from(one).equals(another));
});

t.test('data may be YAML, which opa turns into JSON', async (t) => {
  const folder = t.testdir({
    'a.rego': RULE,
    'data.yaml': 'b: { c: 1 }',
    d: { 'data.yml': 'e: [true, "no"]' },
  });
  const { data, sources } = await readBundle(await compileFolder(folder, OPA));
  t.strictSame(plain(data), { b: { c: 1 }, d: { e: [true, 'no'] } });
  t.strictSame(Object.keys(sources ?? {}), ['a.rego', 'd/data.yml', 'data.yaml']);
});

t.test("what does not compile is refused with opa's own words, file and line", async (t) => {
  const rule = (body: string): string => `package a\n${ENTRYPOINT}allow if { ${body} }\n`;
  const cases: [sentence: string, rego: string, message: RegExp][] = [
    ['no Rego', 'package a\nallow if {\n', /a\/a\.rego:3: rego_parse_error: unexpected eof token/],
    [
      'Rego of before 1.0',
      'package a\nallow { input.x }\n',
      /a\/a\.rego:2: rego_parse_error: `if` keyword is required/,
    ],
    ['an unsafe variable', rule('x == 1'), /a\/a\.rego:4: rego_unsafe_var_error: var x is unsafe/],
    ['recursion', rule('allow'), /a\/a\.rego:4: rego_recursion_error: /],
    ['the network', rule('http.send({})'), /a\/a\.rego:4: rego_type_error: undefined function http\.send/],
    [
      'name lookups',
      rule('net.lookup_ip_addr("a")'),
      /a\/a\.rego:4: .*undefined function net\.lookup_ip_addr/,
    ],
    ['the environment', rule('opa.runtime().env.A'), /a\/a\.rego:4: .*undefined function opa\.runtime/],
  ];
  for (const [sentence, rego, message] of cases) {
    const folder = t.testdir({ a: { 'a.rego': rego } });
    await t.rejects(compileFolder(folder, OPA), { constructor: OpaError, message }, sentence);
  }
});

t.test('a folder without policies is refused, with what is missing', async (t) => {
  const folder = t.testdir({
    empty: {},
    tests: { 'a_test.rego': 'package a_test\n' },
    plain: { 'a.rego': 'package a\nallow := true\n' },
  });
  const cases: [name: string, message: string][] = [
    ['empty', `there is no Rego in ${folder}/empty`],
    ['tests', `there is no Rego in ${folder}/tests`],
    ['plain', `no rule in ${folder}/plain is an entrypoint: annotate one with \`entrypoint: true\``],
    ['none', `the policies cannot be read: ENOENT: no such file or directory, scandir '${folder}/none'`],
  ];
  for (const [name, message] of cases)
    await t.rejects(compileFolder(`${folder}/${name}`, OPA), new OpaError(message), name);
});

t.test('sources are the bytes of the files, by path', async (t) => {
  const folder = t.testdir({
    'z.rego': 'Z',
    a: { b: { 'data.json': '{}' } },
    'a.txt': '',
    'mydata.json': '',
  });
  const sources = await readSources(folder);
  t.strictSame(
    [...sources].map(([path, bytes]) => [path, Buffer.from(bytes).toString()]),
    [
      ['a/b/data.json', '{}'],
      ['z.rego', 'Z'],
    ],
  );
});
