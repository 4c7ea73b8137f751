// `portcullis explain` as an operator runs it: a process of its own, a real authorization server, no gateway and no upstream running.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import type { Explained } from '../../src/explain/explain.ts';
import { type Scripted, startRealServer } from '../support/authorization-server.ts';
import { SERVER } from '../support/certificates.ts';
import { ACTIVE, startExplaining } from '../support/explaining.ts';
import { spans } from '../support/gateway.ts';
import { call } from '../support/http.ts';
import { startTraced } from '../support/traced.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NODE_COMPILE_CACHE = t.testdir();

/** Runs it to its end, with this on standard input. */
async function portcullis(args: readonly string[], stdin = '') {
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

/** The demo's authorization server, and a configuration that asks it. */
async function prepare(t: Test) {
  const { issuer, take } = await startRealServer(t);
  const folder = t.testdir({
    'c.yaml': `
authorization_servers:
  main: { issuer: "${issuer}", allow_insecure_requests: true, client_id: portcullis, client_secret: portcullis-secret }
policies: { source: ${ROOT}/policies }
services:
  api: { upstream: "http://127.0.0.1:1" }
routes:
  - name: account
    match: { path: "/accounts/{id}", methods: [GET], hosts: [api.example.com] }
    service: api
    scopes: [accounts:read]
    policy: accounts/allow
    identity_headers: { jwt: false, claims: { sub: X-User } }
  - { name: phantom, match: { path: /phantom }, service: api, policy: none }
`,
  });
  return { config: ['--config', `${folder}/c.yaml`], folder, take };
}

t.test('what would be forwarded is told stage by stage, and the command ends with 0', async (t) => {
  const { config, take } = await prepare(t);
  const token = await take('alice', 'accounts:read');
  const { code, stdout, stderr } = await portcullis(
    ['--token', '-', 'GET', 'https://api.example.com/accounts/1001', ...config],
    `${token}\n`,
  );
  t.match({ code, stderr }, { code: 0, stderr: '' });
  t.match(stdout, /^1 route\n {4}route: account\n/m);
  t.match(stdout, /^2 credential\n {4}token: opaque, 43 characters\n/m);
  t.match(stdout, /^3 introspection\n[^]* client_id: alice\n {4}scopes: accounts:read\n/m);
  t.match(stdout, /^5 policy\n {4}entrypoint: accounts\/allow\n {4}revision: [0-9a-f]{12}\n/m);
  t.match(stdout, /^It would be forwarded:\n {4}GET http:\/\/127\.0\.0\.1:1\/accounts\/1001\n/m);
  t.match(stdout, /^ {4}X-User: alice$/m);
  t.match(stdout, /^ {4}X-Forwarded-Proto: https$/m);
  t.notMatch(stdout, token);
});

t.test('what is refused is told with the fix, and the command ends with 1', async (t) => {
  const { config, take } = await prepare(t);
  const host = ['--header', 'Host: api.example.com'];
  const [alice, lacking] = [await take('alice', 'accounts:read'), await take('bob', 'transactions:read')];
  const asked = (stdin: string, ...args: string[]) => portcullis(['--token', '-', ...args, ...config], stdin);
  const [scope, denied, phantom, inactive, missing, lost] = await Promise.all([
    asked(lacking, 'GET', '/accounts/1', ...host),
    asked(alice, 'GET', '/accounts/1002', ...host),
    asked(alice, 'GET', '/phantom'),
    asked('nobody-knows-it', 'GET', '/phantom'),
    portcullis(['GET', '/phantom', ...config]),
    asked(alice, 'POST', '/accounts/1'),
  ]);
  for (const [{ code, stdout, stderr }, ...said] of [
    [
      scope,
      /^4 scope: insufficient_scope$/m,
      /would get 403 Forbidden/,
      /has transactions:read; the route needs accounts:read/,
    ],
    [denied, /^5 policy: policy_denied$/m, /data\.accounts\.allow of revision/],
    [
      phantom,
      /^6 forward: phantom_unavailable$/m,
      /would get 503/,
      /set phantom_jwt: mint on the service api/,
    ],
    [
      inactive,
      /^3 introspection: invalid_token$/m,
      /error="invalid_token"/,
      /portcullis \(main\) must be in the token’s aud/,
    ],
    [missing, /^2 credential: credential_missing$/m, /would get 401/, /--token -/],
    [
      lost,
      /^1 route: no_route$/m,
      /it is for the host api\.example\.com, not localhost; it takes GET, not POST/,
    ],
  ] as const) {
    t.match({ code, stderr }, { code: 1, stderr: '' });
    for (const one of said) t.match(stdout, one);
    for (const token of [alice, lacking, 'nobody-knows-it']) t.notMatch(stdout, token);
  }
});

t.test('for machines it is JSON, and means the same', async (t) => {
  const { config, take } = await prepare(t);
  const { code, stdout } = await portcullis(
    ['--json', '--token', '-', 'GET', '/phantom', ...config],
    await take('alice', 'accounts:read'),
  );
  t.equal(code, 1);
  const { stages, outcome } = JSON.parse(stdout) as Explained;
  t.strictSame(
    stages.map(({ stage }) => stage),
    ['route', 'credential', 'introspection', 'scope', 'policy', 'forward'],
  );
  t.match(outcome, { result: 'refused', denial: 'phantom_unavailable', status: 503 });
});

t.test('what is no question ends with 2, and shows no token', async (t) => {
  const { config, folder } = await prepare(t);
  const secret = 'c2VjcmV0LXRva2Vu';
  const ended = await Promise.all([
    portcullis(['GET', ...config]),
    portcullis(['--token', secret, 'GET', '/a', ...config]),
    portcullis(['GET', '/a', '--header', `Authorization: Bearer ${secret}`, ...config]),
    portcullis(['--token', '-', 'GET', '/a', ...config], ''),
    portcullis(['GET', '/a', '--config', `${folder}/none.yaml`]),
  ]);
  const said = [
    /a method and a target/,
    /kept by the shell/,
    /kept by the shell/,
    /there is no token/,
    /cannot read/,
  ];
  for (const [index, { code, stdout, stderr }] of ended.entries()) {
    t.match({ code, stdout }, { code: 2, stdout: '' });
    t.match(stderr, said[index]);
    t.notMatch(stderr, secret);
  }
});

t.test('trouble with an authorization server is told with what mends it', async (t) => {
  const trouble = async (main: object, answer?: () => Scripted | Promise<Scripted>): Promise<string> => {
    const { explain } = await startExplaining(t, { main, ...(answer && { answer }) });
    const { outcome } = await explain();
    t.match(outcome, { result: 'refused', denial: 'authorization_server_unavailable' });
    return 'remedy' in outcome ? outcome.remedy.join() : '';
  };
  const refusing = (status: number, error: string) => () => ({ status, body: JSON.stringify({ error }) });
  t.match(await trouble({ issuer: 'http://127.0.0.1:1' }), 'cannot be reached');
  t.match(
    await trouble({}, refusing(401, 'invalid_client')),
    'it does not know us: see client_id and client_auth',
  );
  t.match(await trouble({}, refusing(403, 'access_denied')), 'does not let it introspect');
  t.match(await trouble({}, refusing(404, 'not_found')), 'introspection.endpoint');
  t.match(await trouble({ introspection: { accept: 'application/jwt' } }), 'Support JWT claim');
  t.match(
    await trouble({ introspection: { accept: 'application/token-introspection+jwt' } }),
    'introspection.accept',
  );
  const never = (): Promise<Scripted> => new Promise(() => {});
  t.match(await trouble({ introspection: { timeout: '50ms' } }, never), 'introspection.timeout');
  const html = (): Scripted => ({ type: 'text/html', body: '<html>' });
  t.match(await trouble({}, html), /introspection\.endpoint is wrong, or a login page/);
  t.match(await trouble({ introspection: { accept: 'application/json' } }, html), 'login page');

  const secure = createServer(SERVER, (_request, response) => response.end()).listen(0, '127.0.0.1');
  await once(secure, 'listening');
  t.teardown(() => secure.close());
  const { port } = secure.address() as AddressInfo;
  t.match(await trouble({ issuer: `https://127.0.0.1:${port}` }), 'name the CA');
});

/** What is said of a request to a route with these settings, whose server answers so. */
async function told(
  t: Test,
  claims: object,
  settings: object = {},
  {
    method = 'GET',
    ...change
  }: NonNullable<Parameters<typeof startExplaining>[1]> & { method?: string } = {},
) {
  const { explain } = await startExplaining(t, {
    answer: () => ({ body: JSON.stringify({ ...ACTIVE, ...claims }) }),
    ...change,
  });
  const { stages, outcome } = await explain({ method }, [
    { name: 'a', match: { path: '/a/{id}' }, service: 'api', ...settings },
  ]);
  return {
    learnt: stages.at(-1)?.learnt,
    remedy: 'remedy' in outcome ? outcome.remedy.join('\n') : '',
    outcome,
  };
}

t.test('of a token that its server calls active and that is refused, it is told what was said', async (t) => {
  const now = Math.floor(Date.now() / 1_000);
  const issuer = await told(t, { iss: 'https://other.example' });
  t.match(issuer.learnt, {
    authorization_server: 'main',
    issuer: 'https://other.example',
    claims: { sub: 'alice' },
  });
  t.match(issuer.remedy, 'the token’s iss is "https://other.example"; taken are http://127.0.0.1:');
  const expired = await told(t, { exp: now - 1_000 });
  t.match(expired.learnt, { expires: /Z, 100\d s ago$/ });
  t.match(expired.remedy, /the token’s exp is \S+Z, 100\d s ago/);
  t.match((await told(t, { nbf: now + 600 })).remedy, /the token’s nbf is \S+Z, in (?:600|599|598) s/);
  t.match((await told(t, { cnf: { jkt: 'thumb' } })).remedy, 'the token’s cnf is {"jkt":"thumb"}');
  t.match((await told(t, { typ: 'Refresh' })).remedy, 'the token’s typ is "Refresh"');
});

t.test('what a token lacks is told from what its server does not say', async (t) => {
  const now = Math.floor(Date.now() / 1_000);
  const login = { step_up: { max_age: '5m' } };
  t.match((await told(t, {}, login)).remedy, /the answer of main has no auth_time.*Keycloak/);
  t.match(
    (await told(t, { auth_time: now - 1_000 }, login)).remedy,
    /auth_time \S+Z, 100\d s ago\n.*log in anew/,
  );
  t.match(
    (await told(t, { act: 'x' }, { required_claims: { act: { present: false } } })).remedy,
    'leave act out of it',
  );
  const op = { issuer: 'https://op.example', client_id: 'g', client_secret: 's' };
  const known = { consumers: [{ username: 'crm', custom_id: 'app', authorization_server: 'op' }] };
  t.match(
    (await told(t, {}, { authorization_server: 'main', consumer: {} }, { ...known, others: { op } })).remedy,
    'app is there, but for op: ',
  );
  const identifier = 'https://api.example.com/v1';
  const discovered = { services: { api: { resource: { identifier } } } };
  t.match(
    (await told(t, {}, { audience: [identifier] }, discovered)).remedy,
    `resource=${identifier}, the service’s resource.identifier`,
  );
});

t.test('what the request itself lacks is told', async (t) => {
  t.match((await told(t, {}, { credential: ['body'] })).remedy, 'a GET has no form for a token to be in');
  t.equal((await told(t, {}, { credential: ['body'] }, { method: 'POST' })).outcome.result, 'forwarded');
  t.equal((await told(t, {}, { credential: ['body', 'query'] })).outcome.result, 'forwarded');
  const phantom = await told(t, {}, { identity_headers: {} });
  t.match(phantom.outcome, { denial: 'phantom_unavailable' });
  t.match(
    phantom.remedy,
    /introspection\.accept: application\/jwt.*\n.*an audience on the service api, and the section phantom/,
  );
  t.notMatch(phantom.remedy, 'carries no JWT', 'which is said by why');
  const { explain } = await startExplaining(t);
  const remedyOf = async (asked: object, routes?: object[]): Promise<string> => {
    const { outcome } = await explain(asked, routes as Parameters<typeof explain>[1]);
    return 'remedy' in outcome ? outcome.remedy.join('\n') : '';
  };
  t.notMatch(await remedyOf({ target: '/a/../b' }), 'ambiguous_paths');
  t.match(await remedyOf({ target: '/a/b%2Fc' }), "ambiguous_paths: { allow: ['%2F'] }");
  const page = { method: 'POST', fields: ['Host', 'a', 'Origin', 'https://app.example'] };
  const cookie = {
    name: 'a',
    match: { path: '/a/{id}' },
    service: 'api',
    credential: [{ cookie: 'session' }],
  };
  t.match(await remedyOf(page, [cookie]), /^add the page’s origin .*cors\.credentials: true/);
  t.match(
    await remedyOf(page, [{ ...cookie, cors: { origins: ['https://app.example'] } }]),
    /^the origin .* is among .*cors\.credentials: true/,
  );
});

t.test('an opaque token of several servers is told by which servers it could be', async (t) => {
  const several = {
    others: { op: { issuer: 'https://op.example', client_id: 'g', client_secret: 's' } },
  };
  const { remedy, learnt } = await told(t, {}, { authorization_server: ['main', 'op'] }, several);
  t.strictSame(learnt, {});
  t.match(remedy, 'give all but one of main, op a token_prefix');
});

t.test('a JWT that does not verify is told with what it is and what is taken, in words', async (t) => {
  const { explain, server } = await startExplaining(t);
  const claims = { iss: server.issuer, sub: 'alice', aud: 'api', exp: Math.floor(Date.now() / 1_000) + 60 };
  const remedyOf = async (header: object): Promise<string> => {
    const token = await server.sign(claims, { ...header });
    const { outcome } = await explain({ token }, [
      { name: 'a', match: { path: '/a/{id}' }, service: 'api', jwt_tokens: 'verify', audience: ['api'] },
    ]);
    return 'remedy' in outcome ? outcome.remedy.join('\n') : outcome.result;
  };
  t.equal(await remedyOf({}), 'forwarded');
  t.match(
    await remedyOf({ typ: 'JWT' }),
    /^typ JWT; taken: at\+jwt\nwith Keycloak, .*jwt_types: \[at\+jwt, JWT\]/,
  );
  t.match(
    await remedyOf({ kid: 'other' }),
    /^kid other, alg ES256, typ at\+jwt: no key at its jwks_uri has that kid/,
  );
});

t.test('what was said of a refused token is in no log, no trace and no answer of the gateway', async (t) => {
  const marked = 'said-of-the-token-alone';
  const { gateway } = await startTraced(t, {
    answer: ({ body }) => ({
      active: true,
      sub: marked,
      ...(body.includes('foreign') ? { iss: `https://${marked}.example` } : { typ: 'Refresh', jti: marked }),
    }),
  });
  for (const token of ['foreign', 'refresh', 'foreign']) {
    const { status, text, headers } = await call(gateway.url, { path: '/accounts/1', token });
    t.equal(status, 401);
    t.notMatch(text + JSON.stringify(headers), marked);
  }
  t.match(JSON.stringify(gateway.logged()), 'wrong_issuer: the token is from another issuer');
  t.notMatch(JSON.stringify(gateway.logged()), marked);
  t.notMatch(
    JSON.stringify(
      spans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
    ),
    marked,
  );
  t.ok(spans().some(({ name }) => name === 'portcullis.introspection'));
});
