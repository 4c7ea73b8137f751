// The policies that come with Portcullis, and the bundle built of them.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { unpackTar } from 'modern-tar';
import t from 'tap';
import { Compile } from 'typebox/schema';
import { digests, readBundle } from '../src/policy/bundle.ts';
import { BUNDLE_NAME, compileFolder, readSources } from '../src/policy/compile.ts';
import { type Decision, readDecision } from '../src/policy/decision.ts';
import { loadPolicies } from '../src/policy/policies.ts';
import { policyInput } from '../src/policy/input.ts';
import { OPA_VERSION, runOpa } from '../src/policy/opa.ts';
import { changes } from '../src/policy/source.ts';
import { identity, scoped, target } from './support/exchange.ts';
import { opa } from './support/opa.ts';

const ROOT = dirname(import.meta.dirname);
const FOLDER = join(ROOT, 'policies');
const OPA = await opa();
const file = readFileSync(join(FOLDER, BUNDLE_NAME));
const bundle = await readBundle(file);
const input = policyInput(new Set());

t.test('they are formatted as opa formats', async (t) => {
  t.equal(await runOpa(OPA, ['fmt', '--list', '--fail', 'policies'], ROOT), '');
});

t.test('they stand a strict check against the schema of their input', async (t) => {
  t.equal(await runOpa(OPA, ['check', '--strict', '--schema', 'policies/schemas', 'policies'], ROOT), '');
});

t.test('their tests pass, and reach every line', async (t) => {
  const tested = await runOpa(OPA, ['test', '-b', 'policies', '--coverage', '--threshold', '100'], ROOT);
  t.match(JSON.parse(tested), { coverage: 100, not_covered_lines: 0 });
});

t.test('the built bundle is that of its sources: else run `portcullis policy build`', async (t) => {
  t.strictSame(changes(bundle.sources ?? {}, digests(await readSources(FOLDER))), []);
});

t.test('building it again gives the same bundle', async (t) => {
  // Compressed, the bytes may differ between versions of zlib.
  const content = async (bytes: Uint8Array) =>
    (await unpackTar(gunzipSync(bytes))).map(({ header, data }) => [
      header,
      Buffer.from(data!).toString('base64'),
    ]);
  t.strictSame(await content(await compileFolder(FOLDER, OPA)), await content(file));
  const manifest = (await unpackTar(gunzipSync(file))).find(({ header }) => header.name === '/.manifest');
  t.match(JSON.parse(Buffer.from(manifest!.data!).toString()), {
    metadata: { portcullis: { opa: OPA_VERSION } },
  });
});

t.test("an exchange's input is one by the published schema, with a token and without", async (t) => {
  const schema = JSON.parse(readFileSync(join(FOLDER, 'schemas/input.json'), 'utf8')) as object;
  const published = Compile(schema);
  // As a policy gets it: JSON.
  const inputs = [
    scoped(),
    scoped({ identity: null, token: null }),
    scoped({
      identity: identity({ issuer: null, client_id: null, expires_at: null, scopes: [], audience: [] }),
    }),
    scoped({ target: target('/accounts/1001?a=1&a=2&b'), params: {} }),
    scoped({ consumer: { id: '1', username: 'acme', custom_id: 'app', groups: ['gold'] } }),
    scoped({ identity: null, token: null, consumer: { username: 'guest', groups: [] } }),
    scoped({ identity: identity({ authorization_details: [{ type: 'payment', amount: 1 }] }) }),
  ].map((exchange) => JSON.parse(JSON.stringify(input(exchange))) as Record<string, unknown>);
  for (const document of inputs) t.ok(published.Check(document), JSON.stringify(document));

  const [document] = inputs;
  for (const name of Object.keys(document!)) {
    const { [name]: _, ...others } = document!;
    t.notOk(published.Check(others), `not without ${name}`);
  }
  t.notOk(published.Check({ ...document, version: 2 }), 'not another version');
  t.notOk(published.Check({ ...document, token: { type: 'Bearer' } }), 'not half a token');
  t.notOk(published.Check({ ...document, consumer: { username: 'acme' } }), 'not half a consumer');
  t.notOk(published.Check({ ...document, access_token: 'secret' }), 'not anything else');
});

t.test('the schema finds a slip in the name of a member', async (t) => {
  const check = (expression: string): Promise<string> => {
    const annotation = '# METADATA\n# schemas:\n#   - input: schema.input\n';
    const folder = t.testdir({ 'slip.rego': `${annotation}package slip\n\nallow if ${expression}\n` });
    const schemas = join(FOLDER, 'schemas');
    return runOpa(OPA, ['check', '--strict', '--schema', schemas, 'slip.rego'], folder);
  };
  for (const right of [
    'input.token.expires_at > 0',
    'is_object(input.consumer)',
    '"gold" in input.consumer.groups',
    'input.consumer.username == null',
    'input.token.authorization_details[_].type == "payment"',
  ])
    await t.resolves(check(right), right);
  for (const slip of [
    'input.clams.sub',
    'input.request.pth',
    'input.token.expires',
    'input.route.parms.id',
    'input.consumer.group[_] == "gold"',
    'input.token.details[_].type == "payment"',
  ])
    await t.rejects(check(slip), { message: /rego_type_error: undefined ref: input\./ }, slip);
});

t.test('they decide as the demo tells it', async (t) => {
  const { evaluate, entrypoints, revision } = await loadPolicies(bundle);
  t.strictSame([...entrypoints].toSorted(), ['accounts/allow', 'deny/allow', 'transactions/decision']);
  t.equal(revision, bundle.revision);

  type Caller = keyof typeof callers;
  const callers = {
    alice: identity({ claims: { sub: 'alice', roles: ['approver'] } }),
    bob: identity({ claims: { sub: 'bob', roles: [] } }),
    nobody: null,
  };
  const decide = (entrypoint: string, caller: Caller, method: string, path: string): Decision => {
    const params = { id: path.split('/')[2] ?? '' };
    const exchange = scoped({ identity: callers[caller], method, target: target(path), params });
    return readDecision(evaluate(entrypoint, input(exchange)), []);
  };
  const account: [caller: Caller, path: string, allow: boolean][] = [
    ['alice', '/accounts/1001', true],
    ['alice', '/accounts/1002', false],
    ['bob', '/accounts/1002', true],
    ['alice', '/accounts/9999', false],
    ['nobody', '/accounts/1001', false],
  ];
  for (const [caller, path, allow] of account)
    t.equal(decide('accounts/allow', caller, 'GET', path).allow, allow, `${caller} ${path}`);

  const transaction: [caller: Caller, method: string, path: string, allow: boolean, reason: string][] = [
    ['alice', 'POST', '/transactions/t-1/approval', false, 'separation_of_duty'],
    ['alice', 'POST', '/transactions/t-2/approval', true, 'approver_approves'],
    ['bob', 'POST', '/transactions/t-1/approval', false, 'not_an_approver'],
    ['alice', 'GET', '/transactions/t-1', true, 'creator_reads'],
    ['alice', 'HEAD', '/transactions/t-2', true, 'approver_reads'],
    ['bob', 'GET', '/transactions/t-1', false, 'neither_creator_nor_approver'],
    ['alice', 'DELETE', '/transactions/t-1', false, 'no_rule_admits'],
    ['nobody', 'GET', '/transactions/t-1', false, 'unauthenticated'],
  ];
  for (const [caller, method, path, allow, reason] of transaction)
    t.match(
      decide('transactions/decision', caller, method, path),
      { allow, reason },
      `${caller} ${method} ${path}`,
    );

  for (const caller of ['alice', 'bob', 'nobody'] as const)
    t.equal(decide('deny/allow', caller, 'GET', '/accounts/1001').allow, false, `deny ${caller}`);
});
