// What `portcullis explain` prints of a real authorization server's answers: the operator's token is in no output, however it came there.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { explainOnce } from '../../src/app.ts';
import { jsonOf } from '../../src/config/listing.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readArguments, tokenIn } from '../../src/explain/arguments.ts';
import { explainedText } from '../../src/explain/text.ts';
import { openLog } from '../../src/observe/log.ts';
import { startScriptedServer } from '../support/authorization-server.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NODE_COMPILE_CACHE = t.testdir();
const TOKEN = 'Sup3rSecretOpaqueToken-0123456789abcdef';
const FORMS = {
  uri: `https://as/tokens/${TOKEN}`,
  dotted: `at.${TOKEN}`,
  followed: `${TOKEN}.1`,
  urn: `urn:t:${TOKEN}`,
  under: `_${TOKEN}`,
  parameter: `x=${TOKEN}`,
  base64: Buffer.from(TOKEN).toString('base64'),
  base64url: Buffer.from(TOKEN).toString('base64url'),
  hex: Buffer.from(TOKEN).toString('hex'),
  percent: `%53${TOKEN.slice(1)}`,
  small: TOKEN.toLowerCase(),
};

const part = (json: string): string => Buffer.from(json).toString('base64url');

/** Runs it to its end in a process of its own, with this on standard input. */
async function spawned(args: readonly string[], stdin: string) {
  const child = spawn(process.execPath, [`${ROOT}/src/main.ts`, 'explain', ...args], {
    env: { NODE_COMPILE_CACHE },
  });
  child.stdin.on('error', () => {}).end(stdin);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { code: code as number, stdout, stderr };
}

/** What such a process does, here. */
async function explained(args: readonly string[], stdin: string) {
  const { file, asJson, tokenFrom, asked } = readArguments(args);
  const token = tokenFrom === null ? null : tokenIn(stdin);
  const ports = { log: openLog('silent'), env: {}, now: Date.now };
  const all = await explainOnce(loadConfig(file), { ...asked, token }, ports);
  const stdout = asJson ? jsonOf(all) : explainedText(all);
  return { code: all.outcome.result === 'refused' ? 1 : 0, stdout, stderr: '' };
}

/** A server whose answer holds the token in every form, and routes that take one from everywhere. */
async function prepare(t: Test, files: Readonly<Record<string, string>> = {}) {
  const { issuer } = await startScriptedServer(t, (token, server) => ({
    body: JSON.stringify({
      active: true,
      iss: server.issuer,
      uri: token.slice(0, 20),
      ...(token === TOKEN ? { ...FORMS, [TOKEN]: [TOKEN] } : {}),
    }),
  }));
  const folder = t.testdir({
    ...files,
    'c.yaml': `
authorization_servers:
  main: { issuer: "${issuer}", allow_insecure_requests: true, client_id: p, client_secret: s }
policies: { source: ${ROOT}/policies }
services: { api: { upstream: "http://127.0.0.1:1" } }
defaults: { policy: none, identity_headers: { jwt: false, claims: { uri: X-Uri } } }
routes:
  - { name: h, match: { path: "/h/**" }, service: api }
  - name: q
    match: { path: /q }
    service: api
    credential: [query, { header: X-Auth }, cookie]
    hide_credentials: false
  - { name: open, match: { path: /open }, service: api, token: none, credential: [{ header: X-Auth }], forward_unverified_authorization: true }
`,
  });
  return {
    folder,
    explain: (stdin: string, ...args: string[]) =>
      explained([...args, '--config', `${folder}/c.yaml`], stdin),
    run: (stdin: string, ...args: string[]) => spawned([...args, '--config', `${folder}/c.yaml`], stdin),
  };
}

/** Nothing that the token could be made of again. */
function withoutToken(t: Test, { stdout, stderr }: { stdout: string; stderr: string }, name: string): void {
  const printed = (stdout + stderr).toLowerCase();
  for (const [form, written] of Object.entries({ TOKEN, ...FORMS }))
    t.notOk(printed.includes(written.toLowerCase()), `${name}: ${form}`);
  t.notOk(decodeURIComponent(printed.replace(/%(?![0-9a-f]{2})/g, '')).includes(TOKEN.toLowerCase()), name);
}

t.test('a token that claims, path or query repeat is shown in none of them', async (t) => {
  const { explain } = await prepare(t);
  const runs: readonly (readonly string[])[] = [
    ['GET', '/h/1'],
    ['--json', 'GET', '/h/1'],
    ['GET', `/h/${TOKEN}/x`],
    ['GET', `/h/${FORMS.percent}/x?${FORMS.base64}`],
    ['GET', `/nowhere/${TOKEN}`],
    ['GET', `http://${TOKEN}.example/h/1`],
    ['--header', `X-Copy: ${FORMS.hex}`, 'GET', '/h/1'],
  ];
  for (const [index, one] of (
    await Promise.all(runs.map((args) => explain(TOKEN, '--token', '-', ...args)))
  ).entries()) {
    const name = runs[index]?.join(' ').replaceAll(TOKEN, 'TOKEN') ?? '';
    t.match(one, { code: index === 4 ? 1 : 0, stderr: '' }, name);
    withoutToken(t, one, name);
    if (index !== 4) t.match(one.stdout, '(the token)', name);
  }
});

t.test('a token that did not come by --token is shown no more than one that did', async (t) => {
  const { explain } = await prepare(t);
  const runs: readonly (readonly [code: number, ...args: string[]])[] = [
    [0, 'GET', `/q?access_token=${TOKEN}`],
    [0, 'GET', `/q?a=b&access_token=${FORMS.percent}`],
    [0, '--header', `X-Auth: ${TOKEN}`, 'GET', '/q'],
    [0, '--header', `X-Auth: Bearer ${TOKEN}`, 'GET', '/q'],
    [0, '--header', `Cookie: a=b; access_token=${TOKEN}`, 'GET', '/q'],
    [1, '--header', `X-Auth: ${TOKEN}`, 'GET', `/q?access_token=${TOKEN}`],
    [1, 'GET', `/q?Access_Token=${TOKEN}`],
    [1, 'GET', `/nowhere?access_token=${TOKEN}`],
    [0, '--header', `X-Auth: Basic ${TOKEN}`, 'GET', '/open'],
  ];
  for (const [index, one] of (await Promise.all(runs.map(([, ...args]) => explain('', ...args)))).entries()) {
    const [code, ...args] = runs[index] ?? [2];
    const name = args.join(' ').replaceAll(TOKEN, 'TOKEN');
    t.match(one, { code, stderr: '' }, name);
    withoutToken(t, one, name);
  }
});

t.test('a token that is too long, deep or odd is no way to make a bug show it', async (t) => {
  const { explain, run } = await prepare(t);
  const header = part('{"alg":"ES256"}');
  const deep = (levels: number): string => part(`{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`);
  const tokens = {
    long: `${header}.${'QUFB'.repeat(9_000)}.c2lnbmF0dXJl`,
    opaque: 'QUFB'.repeat(16_384),
    deep: `${header}.${deep(3_000)}.c2lnbmF0dXJl`,
    deeper: `${header}.${deep(20_000)}.c2lnbmF0dXJl`,
    odd: `${deep(3_000)}.${header}.c2lnbmF0dXJl`,
    zero: `${TOKEN}\0`,
  };
  for (const [name, token] of Object.entries(tokens))
    for (const target of ['/h/1', '/q'])
      await t.test(`${name} ${target}`, async (t) => {
        // A process of its own has a stack of its own.
        const asking = name === 'zero' || target === '/q' ? explain : run;
        const { code, stdout, stderr } = await asking(token, '--token', '-', 'GET', target);
        t.equal(stderr, '');
        t.ok(code < 2);
        t.ok(stdout.length < 8_000, 'it is told in short');
        for (const piece of [token, token.slice(0, 300), 'c2lnbmF0dXJl', TOKEN])
          t.notOk(stdout.includes(piece));
      });
});

t.test('a file that was given by mistake is refused in words', async (t) => {
  const huge = `${TOKEN}\n`.repeat(100_000);
  const { run, folder } = await prepare(t, { huge });
  for (const one of await Promise.all([
    run(huge, '--token', '-', 'GET', '/h/1'),
    run('', '--token', `${folder}/huge`, 'GET', '/h/1'),
  ]))
    t.strictSame(one, {
      code: 2,
      stdout: '',
      stderr: '--token: more than 64 KiB: no token is that long\n',
    });
});
