import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { findOpa, installOpa, OPA_VERSION, OpaError, opaVersion, runOpa } from '../../src/policy/opa.ts';
import { opa } from '../support/opa.ts';

const run = promisify(execFile);

/** Writes a program in JavaScript that can be executed. */
function program(path: string, body = ''): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!${process.execPath}\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}
const cached = (cache: string): string => join(cache, 'portcullis', `opa-${OPA_VERSION}`, 'opa');

t.test(
  'opa is the one that PORTCULLIS_OPA names, else the first on PATH, else the one in the cache folder',
  async (t) => {
    const home = t.testdir({ named: {}, first: {}, second: {} });
    const env = {
      PORTCULLIS_OPA: '',
      PATH: `${home}/first:${home}/second`,
      HOME: home,
      XDG_CACHE_HOME: `${home}/xdg`,
    };
    t.equal(await findOpa(env), null, 'it is nowhere');

    const inHome = program(cached(join(home, '.cache')));
    t.equal(await findOpa(env), null, 'the cache folder is $XDG_CACHE_HOME, where that is set');
    t.equal(await findOpa({ ...env, XDG_CACHE_HOME: '' }), inHome);
    const inXdg = program(cached(env.XDG_CACHE_HOME));
    t.equal(await findOpa(env), inXdg);
    const second = program(join(home, 'second/opa'));
    t.equal(await findOpa(env), second);
    const first = program(join(home, 'first/opa'));
    t.equal(await findOpa(env), first);
    const named = program(join(home, 'named/my-opa'));
    t.equal(await findOpa({ ...env, PORTCULLIS_OPA: named }), named);
  },
);

t.test('what cannot be executed is passed over on PATH, and refused in PORTCULLIS_OPA', async (t) => {
  const home = t.testdir({ plain: { opa: 'no program' }, folder: { opa: {} } });
  t.equal(await findOpa({ PATH: `${home}/plain:${home}/folder:${home}/none`, HOME: home }), null);
  for (const named of [`${home}/plain/opa`, `${home}/folder/opa`, `${home}/none/opa`])
    await t.rejects(
      findOpa({ PORTCULLIS_OPA: named }),
      new OpaError(`PORTCULLIS_OPA names ${named}, which cannot be executed`),
    );
});

t.test('an empty part of PATH is not the working folder', async (t) => {
  const home = t.testdir();
  program(join(home, 'opa'));
  const script = `
    import { findOpa } from ${JSON.stringify(new URL('../../src/policy/opa.ts', import.meta.url).href)};
    console.log(await findOpa({ PATH: ':', HOME: '/nowhere' }));`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: home });
  t.equal(String(stdout), 'null\n');
});

t.test(
  'opa runs where it is told to, and sees nothing of our environment but a home of its own',
  async (t) => {
    const folder = t.testdir();
    const curious = program(
      join(folder, 'opa'),
      'console.log(JSON.stringify({ env: process.env, args: process.argv.slice(2), cwd: process.cwd() }))',
    );
    const said = JSON.parse(await runOpa(curious, ['check', '--strict'], folder)) as {
      env: { HOME: string; TMPDIR: string };
      args: string[];
      cwd: string;
    };
    // tap adds its own to every child of a test.
    const names = Object.keys(said.env).filter((name) => !/^(?:_TAPJS_|NODE_OPTIONS$)/.test(name));
    t.strictSame(names.toSorted(), ['HOME', 'TMPDIR']);
    t.equal(said.env.HOME, said.env.TMPDIR);
    t.not(said.env.HOME, process.env['HOME']);
    t.notOk(existsSync(said.env.HOME), 'which is gone afterwards');
    t.strictSame([said.args, said.cwd], [['check', '--strict'], folder]);
  },
);

t.test('what opa says when it fails is the error: standard error, else standard output', async (t) => {
  const folder = t.testdir();
  const failing = (body: string): string => program(join(folder, 'opa'), `${body}; process.exitCode = 2`);
  const fails = (body: string) => runOpa(failing(body), ['test'], folder);
  await t.rejects(fails('console.error(" a.rego:1: no "); console.log("out")'), new OpaError('a.rego:1: no'));
  await t.rejects(fails('console.log("FAIL: 1/2")'), new OpaError('FAIL: 1/2'));
  await t.rejects(fails(''), new OpaError(`Command failed: ${folder}/opa test`));
  await t.rejects(runOpa(`${folder}/none`, ['test'], folder), new OpaError(`spawn ${folder}/none ENOENT`));
});

t.test('an opa that does not end is killed at its deadline', async (t) => {
  const endless = program(
    join(t.testdir(), 'opa'),
    "process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6)",
  );
  await t.rejects(
    runOpa(endless, ['eval', '1'], t.testdirName, 200),
    new OpaError('opa eval took longer than 0.2 s'),
  );
});

t.test('an opa that says too much is stopped', async (t) => {
  const verbose = program(join(t.testdir(), 'opa'), "process.stdout.write('x'.repeat(17e6))");
  await t.rejects(
    runOpa(verbose, ['eval', '1'], t.testdirName),
    new OpaError('opa eval said more than 16777216 bytes'),
  );
});

t.test('opa says its version', async (t) => {
  t.equal(await opaVersion(await opa()), OPA_VERSION);
  const silent = program(join(t.testdir(), 'opa'));
  await t.rejects(opaVersion(silent), new OpaError(`${silent} does not say its version`));
});

/** A stand-in for Go, which would take minutes: it notes how it was called and "builds" an opa. */
function standInGo(t: Test, body = "fs.writeFileSync(process.env.GOBIN + '/opa', '', { mode: 0o755 })") {
  const home = t.testdir();
  program(
    join(home, 'bin/go'),
    `const fs = process.getBuiltinModule('node:fs');
     fs.appendFileSync(${JSON.stringify(join(home, 'calls'))}, JSON.stringify([process.argv.slice(2), process.env]) + '\\n');
     ${body}`,
  );
  type Call = [args: string[], env: Record<string, string>];
  return {
    env: { PATH: join(home, 'bin'), HOME: home, GOPROXY: 'https://proxy.example' },
    target: cached(join(home, '.cache')),
    calls: (): Call[] =>
      readFileSync(join(home, 'calls'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Call),
  };
}

t.test('the pinned opa is built by Go into the cache folder, once', async (t) => {
  const { env, target, calls } = standInGo(t);
  t.equal(await installOpa(env), target);
  t.equal(await installOpa(env), target);
  t.equal(await findOpa({ ...env, PATH: '' }), target);
  const [call, ...more] = calls();
  t.strictSame(more, []);
  t.strictSame(call?.[0], ['install', `github.com/open-policy-agent/opa@v${OPA_VERSION}`]);
  t.match(call?.[1], { CGO_ENABLED: '0', GOFLAGS: '-trimpath', GOPROXY: env.GOPROXY });
  t.strictSame(readdirSync(dirname(target)), ['opa'], 'nothing else is left there');
});

t.test('two processes that install at once do the work once', async (t) => {
  const { env, target, calls } = standInGo(t);
  const script = `
    import { installOpa } from ${JSON.stringify(new URL('../../src/policy/opa.ts', import.meta.url).href)};
    const [one, two] = await Promise.all([installOpa(process.env), installOpa(process.env)]);
    console.log(one === two ? one : 'two paths');`;
  const install = () => run(process.execPath, ['--input-type=module', '-e', script], { env });
  const said = await Promise.all([install(), install()]);
  t.strictSame(
    said.map(({ stdout }) => stdout.trim()),
    [target, target],
  );
  t.equal(calls().length, 1);
});

t.test('the lock of an installer that was killed does not count', async (t) => {
  const { env, target } = standInGo(t);
  mkdirSync(dirname(target), { recursive: true });
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(join(dirname(target), 'lock'), String(pid));
  t.equal(await installOpa(env), target);
});

t.test('a build that fails says why, and leaves nothing behind', async (t) => {
  const cases: [sentence: string, body: string, message: RegExp][] = [
    [
      'Go says why',
      "console.error('no network'); process.exitCode = 1",
      /^opa 1\.22\.0 could not be built: no network$/,
    ],
    [
      'Go says nothing',
      'process.exitCode = 1',
      /^opa 1\.22\.0 could not be built: Command failed: go install/,
    ],
    ['Go made nothing', '', /^opa 1\.22\.0 could not be built: ENOENT: .* rename/],
  ];
  for (const [sentence, body, message] of cases) {
    const { env, target } = standInGo(t, body);
    await t.rejects(installOpa(env), { constructor: OpaError, message }, sentence);
    t.strictSame(readdirSync(dirname(target)), []);
  }
});

t.test('without Go, it is said what else there is to do', async (t) => {
  const home = t.testdir();
  await t.rejects(
    installOpa({ PATH: home, HOME: home }),
    new OpaError(
      'there is no Go here to build opa with: put opa 1.22.0 on PATH, or name it in PORTCULLIS_OPA',
    ),
  );
});
