/** `portcullis explain` of what Keycloak says, in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { takeToken } from '../support/keycloak-client.ts';
import { keycloak } from './started.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What it prints of a request with this token, on standard input, to a gateway that asks Keycloak so. */
async function explained(t: Test, accept: string, token: string) {
  const folder = t.testdir({
    'c.yaml': `
authorization_servers:
  main:
    issuer: ${keycloak.issuer()}
    allow_insecure_requests: true
    client_id: portcullis
    client_secret: portcullis-secret
    introspection: { accept: ${accept}, timeout: 20s }
services:
  api: { upstream: "http://127.0.0.1:1" }
routes:
  - { name: all, match: { path: "/**" }, service: api, policy: none }
`,
  });
  const args = ['explain', '--token', '-', '--config', `${folder}/c.yaml`, 'GET', '/'];
  const child = spawn(process.execPath, [`${ROOT}/src/main.ts`, ...args], { env: {} });
  child.stdin.on('error', () => {}).end(token);
  const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  t.notMatch(stdout, token.split('.')[2] ?? '', 'the token is not shown');
  return { stdout, code: code as number };
}

t.test('explain tells what Keycloak does not, and what to do', async (t) => {
  const [ours, theirs] = [
    await takeToken(keycloak),
    await takeToken(keycloak, 'accounts:read', { client: 'stranger' }),
  ];
  const forwarded = await explained(t, 'application/jwt', ours);
  t.equal(forwarded.code, 0, forwarded.stdout);
  t.match(forwarded.stdout, /client_id: app/);
  const refused = await explained(t, 'application/jwt', theirs);
  t.equal(refused.code, 1);
  t.match(refused.stdout, /portcullis \(main\) must be in the token’s aud/);
  const withoutJwt = await explained(t, 'auto', ours);
  t.equal(withoutJwt.code, 1);
  t.match(withoutJwt.stdout, /set phantom_jwt: mint/);
});
