import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { OPA_VERSION } from '../src/policy/opa.ts';
import { changed } from './support/config.ts';
import { opa } from './support/opa.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Compiled once, for all the processes of this file. */
const NODE_COMPILE_CACHE = t.testdir();
const POLICIES = { source: `${ROOT}/policies` };

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs the command to its end, where nothing of this environment is known but what is given. */
async function portcullis(args: readonly string[], { cwd = ROOT, env = {} } = {}): Promise<Ended> {
  const child = spawn(process.execPath, [`${ROOT}/src/main.ts`, ...args], {
    cwd,
    env: { NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { code, stdout, stderr };
}

t.test('--help says what there is, and what is no command is answered with it', async (t) => {
  const help = await portcullis(['--help']);
  const [none, wrong, ...unknown] = await Promise.all([
    portcullis([]),
    portcullis(['serve', '--prot=80']),
    portcullis(['chek', 'a.yaml']),
    portcullis(['policy', 'unbuild']),
    portcullis(['policy']),
    portcullis(['constructor']),
    portcullis(['\u001b[2J']),
  ]);
  t.match(help, { code: 0, stdout: /^Usage: portcullis <command>\n[^]*serve \[file\]/, stderr: '' });
  t.strictSame(none, { code: 2, stdout: '', stderr: help.stdout });
  t.strictSame(
    unknown,
    ['chek', 'policy unbuild', 'policy', 'constructor', '\\u{1b}[2J'].map((name) => ({
      code: 2,
      stdout: '',
      stderr: `unknown command ${name}\n\n${help.stdout}`,
    })),
  );
  t.match(wrong, { code: 1, stdout: '', stderr: /^Unknown option '--prot'[^\n]*\n$/ });
});

t.test('what is one word too many is refused, and nothing done', async (t) => {
  const cwd = t.testdir({ 'portcullis.yaml': changed({}), 'b.yaml': changed({}) });
  const surplus = [
    ['check', 'portcullis.yaml', 'b.yaml'],
    ['serve', 'portcullis.yaml', 'b.yaml'],
    ['routes', 'portcullis.yaml', 'b.yaml'],
    ['schema', 'b.yaml'],
    ['policy', 'build', 'policies', 'b.yaml'],
    ['policy', 'install-opa', 'b.yaml'],
    ['policy', 'capabilities', 'b.yaml'],
  ];
  const ended = await Promise.all(surplus.map((args) => portcullis(args, { cwd })));
  for (const { code, stdout, stderr } of ended) {
    t.match({ code, stdout }, { code: 1, stdout: '' });
    t.match(stderr, /^[a-z -]+ takes no b\.yaml: see portcullis --help\n$/);
  }
  const late = await portcullis(['--json', 'explain', 'GET', '/a'], { cwd });
  t.match(late, { code: 1, stdout: '', stderr: 'explain stands first, and its options after it\n' });
});

t.test('every command that reads a configuration takes it by --config, as `explain` does', async (t) => {
  const cwd = t.testdir({
    'c.yaml': changed({}),
    'wrong.yaml': changed({ routes: [] }),
    'portcullis.yaml': changed({ routes: [] }),
  });
  const [checked, routes, explained, served, twice] = await Promise.all([
    portcullis(['check', '--config', 'c.yaml'], { cwd }),
    portcullis(['--config=c.yaml', 'routes'], { cwd }),
    portcullis(['explain', '--config', 'c.yaml', 'GET', '/a'], { cwd }),
    portcullis(['serve', '--config', 'wrong.yaml'], { cwd }),
    portcullis(['check', 'c.yaml', '--config', 'c.yaml'], { cwd }),
  ]);
  t.match(checked, { code: 0, stdout: 'c.yaml: 1 routes, nothing wrong\n' });
  t.match(routes, { code: 0, stdout: /^ROUTE / });
  t.match(explained, { code: 1, stdout: /credential_missing/ });
  t.match(served, { code: 1, stderr: /^wrong\.yaml:\d+:\d+ routes: / });
  t.match(twice, { code: 1, stdout: '', stderr: /named twice/ });
});

t.test('--version and `schema` print what is published', async (t) => {
  const [version, schema] = await Promise.all([portcullis(['--version']), portcullis(['schema'])]);
  const { version: published } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8'));
  t.strictSame(version, { code: 0, stdout: `${published}\n`, stderr: '' });
  t.equal(schema.stdout, readFileSync(`${ROOT}/portcullis.schema.json`, 'utf8'), 'run `npm run schema`');
});

t.test('`check` says that nothing is wrong, or what is, and exits with 1', async (t) => {
  const route = (policy: string) => ({ name: 'a', match: { path: '/a' }, service: 'api', policy });
  const cwd = t.testdir({
    'portcullis.yaml': changed({ policies: POLICIES, routes: [route('deny/allow')] }),
    'entrypoint.yaml': changed({ policies: POLICIES, routes: [route('a/allow')] }),
    'nowhere.yaml': changed({ policies: { source: './nowhere' }, routes: [route('a/allow')] }),
    'keys.yaml': changed({ phantom: { issuer: 'https://g.example', keys: '{}' } }),
  });
  const [right, entrypoint, nowhere, keys] = await Promise.all([
    portcullis(['check'], { cwd }),
    portcullis(['check', 'entrypoint.yaml'], { cwd }),
    portcullis(['check', 'nowhere.yaml'], { cwd }),
    portcullis(['check', 'keys.yaml'], { cwd }),
  ]);
  t.equal(right.code, 0);
  t.match(
    right.stdout,
    /^policies: revision [0-9a-f]{12}, 3 entrypoints\nportcullis.yaml: 1 routes, nothing wrong\n$/,
  );
  t.match(entrypoint, {
    code: 1,
    stderr:
      /^entrypoint\.yaml routes\[0\]\.policy: the route a names a\/allow, which is no entrypoint\nthe policies have .*deny\/allow/,
  });
  t.match(keys, { code: 1, stderr: /^phantom\.keys has no list of keys\n$/ });
  t.match(nowhere, { code: 1, stderr: /^there are no policies at .*nowhere\n$/ });
});

t.test('`check` and `serve` tell the same faults, each with its place, and exit with 1', async (t) => {
  const cwd = t.testdir({
    'c.yaml': `${changed({}).slice(0, -1)},\n"admin": {\n"port": 70000,\n"prot": 1 } }`,
  });
  for (const { code, stdout, stderr } of await Promise.all(
    ['check', 'serve'].map((command) => portcullis([command, 'c.yaml'], { cwd })),
  )) {
    t.match({ code, stdout }, { code: 1, stdout: '' });
    t.match(stderr, /^c\.yaml:3:1 admin\.port: [^\n]+\nc\.yaml:4:1 admin\.prot: [^\n]+\n$/);
  }
});

t.test('`check` warns of what is seldom meant, on stderr, and exits with 0', async (t) => {
  const at = (name: string, path: string, settings: object) => ({
    name,
    match: { path },
    service: 'api',
    ...settings,
  });
  const cwd = t.testdir({
    'portcullis.yaml': changed({
      routes: [at('all', '/**', { audience: ['\u001b[2J'] }), at('open', '/open', { token: 'none' })],
    }),
    'wide.yaml': changed({
      routes: [at('all', '/**', { audience: ['\u001b[2J'] }), at('wide', '/wide', {})],
    }),
  });
  const [open, wide] = await Promise.all([
    portcullis(['check'], { cwd }),
    portcullis(['check', 'wide.yaml'], { cwd }),
  ]);
  t.strictSame(open, {
    code: 0,
    stdout: 'portcullis.yaml: 2 routes, no faults, warnings: 1\n',
    stderr:
      'warning: routes[1] open demands less than routes[0] all, which would take GET /open without it: no token (required there)\n',
  });
  t.match(wide.stderr, /: not the audience \\u\{1b\}\[2J\n$/);
});

t.test('`routes` prints who may do what, for people and as JSON', async (t) => {
  const cwd = t.testdir({ 'portcullis.yaml': changed({}), 'wrong.yaml': changed({ routes: [] }) });
  const [table, json, wrong] = await Promise.all([
    portcullis(['routes'], { cwd }),
    portcullis(['routes', 'portcullis.yaml', '--json'], { cwd }),
    portcullis(['routes', 'wrong.yaml'], { cwd }),
  ]);
  t.match(table, { code: 0, stdout: /^ROUTE +METHODS .*\na +\* +\/a +token +none +→ api\n$/, stderr: '' });
  t.match({ ...json, stdout: JSON.parse(json.stdout) }, { code: 0, stdout: [{ route: 'a', path: '/a' }] });
  t.match(wrong, { code: 1, stdout: '', stderr: /^wrong\.yaml:\d+:\d+ routes: / });
});

t.test('`serve` tells in a line what the system refuses it, and ends', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const free = { health: { host: '127.0.0.1', port: 0 }, admin: { port: 0 } };
  const cwd = t.testdir({
    'taken.yaml': changed({ ...free, server: { host: '127.0.0.1', port } }),
    'keys.yaml': changed({ ...free, phantom: { issuer: 'https://g.example', keys: '{}' } }),
  });
  const serve = (file: string, level = 'silent'): Promise<Ended> =>
    portcullis(['serve', file], { cwd, env: { PORTCULLIS_LOG: level } });
  const ended = await Promise.all([serve('taken.yaml'), serve('keys.yaml'), serve('taken.yaml', 'loud')]);
  for (const { code, stdout } of ended) t.match({ code, stdout }, { code: 1, stdout: '' });
  t.match(
    ended.map(({ stderr }) => stderr),
    [
      `server: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`,
      /^phantom\.keys [^\n]+\n$/,
      /^PORTCULLIS_LOG is loud: expected one of trace, [^\n]+\n$/,
    ],
  );
});

t.test('`policy build` makes a bundle, or says why not', async (t) => {
  const cwd = t.testdir({
    policies: { 'a.rego': '# METADATA\n# entrypoint: true\npackage a\n\nallow := true\n' },
    broken: { 'b.rego': 'package b\n\nallow if\n' },
  });
  const env = { PORTCULLIS_OPA: await opa() };
  const [beside, elsewhere, broken, without] = await Promise.all([
    portcullis(['policy', 'build'], { cwd, env }),
    portcullis(['policy', 'build', 'policies', '-o', 'out.tar.gz'], { cwd, env }),
    portcullis(['policy', 'build', 'broken'], { cwd, env }),
    portcullis(['policy', 'build'], { cwd, env: { HOME: cwd } }),
  ]);
  t.match(beside, { code: 0, stdout: /^policies\/bundle\.tar\.gz: \d+ bytes\n$/ });
  t.match(elsewhere, { code: 0, stdout: /^out\.tar\.gz: \d+ bytes\n$/ });
  t.strictSame(readFileSync(`${cwd}/out.tar.gz`), readFileSync(`${cwd}/policies/bundle.tar.gz`));
  t.match(broken, { code: 1, stderr: /b\.rego:\d+: rego_parse_error/ });
  t.match(without, { code: 1, stderr: /^there is no opa: run `portcullis policy install-opa`/ });
});

t.test('`policy install-opa` says where it is', async (t) => {
  const cache = t.testdir({ portcullis: { [`opa-${OPA_VERSION}`]: { opa: '' } } });
  const there = `${cache}/portcullis/opa-${OPA_VERSION}/opa`;
  chmodSync(there, 0o755);
  const { code, stdout } = await portcullis(['policy', 'install-opa'], { env: { XDG_CACHE_HOME: cache } });
  t.match({ code, stdout }, { code: 0, stdout: `${there}\n` });
});

t.test('`policy capabilities` prints what opa takes as its --capabilities', async (t) => {
  const { code, stdout } = await portcullis(['policy', 'capabilities'], {
    env: { PORTCULLIS_OPA: await opa() },
  });
  const { builtins } = JSON.parse(stdout) as { builtins: { name: string }[] };
  t.equal(code, 0);
  const names = new Set(builtins.map(({ name }) => name));
  t.ok(names.has('io.jwt.decode_verify') && !names.has('http.send'));
  const without = await portcullis(['policy', 'capabilities'], { env: { HOME: t.testdir() } });
  t.match(without, { code: 1, stderr: /^there is no opa: run `portcullis policy install-opa`/ });
});
