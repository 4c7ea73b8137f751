/** The demo's story against its own configuration, with its real authorization server and its real API. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { exportJWK, generateKeyPair } from 'jose';
import t from 'tap';
import { startApi } from '../../demo/api.ts';
import { AUDIENCE } from '../../demo/authorization-server.ts';
import { story, tell } from '../../demo/story.ts';
import { createApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config/load.ts';
import { openLog } from '../../src/observe/log.ts';
import { startTelemetry } from '../../src/observe/telemetry.ts';
import { startRealServer } from '../support/authorization-server.ts';
import { call } from '../support/http.ts';

const folder = new URL('../../demo/', import.meta.url);
const telemetry = startTelemetry({});

/** Everything that the demo starts, on free ports; `reached` is every request that came to the API. */
async function startDemo() {
  let gateway = '';
  const reached: string[] = [];
  const { issuer, take } = await startRealServer(t);
  const { url, server } = await startApi({
    host: '127.0.0.1',
    port: 0,
    jwks: () => `${gateway}/.well-known/jwks.json`,
    issuer: 'http://gateway.demo.example',
    audience: AUDIENCE,
  });
  server.prependListener('request', ({ method, url }) => reached.push(`${method} ${url}`));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(privateKey)), kid: 'test' }] });
  const variables: Record<string, string> = {
    DEMO_PORT: '0',
    DEMO_HEALTH_PORT: '0',
    DEMO_ADMIN_PORT: '0',
    DEMO_ISSUER: issuer,
    DEMO_AUTHORIZATION_SERVER: issuer,
    DEMO_API: url,
  };
  const config = parseConfig(readFileSync(new URL('portcullis.yaml', folder), 'utf8'), {
    file: 'portcullis.yaml',
    folder: fileURLToPath(folder),
    variable: (name) => variables[name],
    readFile: () => keys,
  });
  const log = openLog('silent');
  const app = await createApp(config, {
    log,
    telemetry,
    env: {},
    now: Date.now,
    elapsed: Date.now,
    version: 'test',
  });
  gateway = (await app.listen()).proxy;
  t.teardown(() => app.close());
  return { gateway, issuer, api: url, take, reached };
}

const { gateway, issuer, api, take, reached } = await startDemo();

t.test('the story ends as it is told, and nothing that was refused reached the API', async (t) => {
  const challenges: (string | undefined)[] = [];
  for (const step of story(issuer)) {
    const before = reached.length;
    const { status, asExpected, challenge } = await tell(gateway, step);
    t.ok(asExpected, `${step.title}: ${status}`);
    const sent = status === 200 ? [`${step.method} ${step.path}`] : [];
    t.strictSame(reached.slice(before), sent, 'what reached the API');
    if (challenge !== undefined) challenges.push(challenge);
  }
  t.strictSame(challenges, [
    'Bearer error="insufficient_scope", scope="accounts:read"',
    'Bearer error="invalid_token", scope="accounts:read"',
    'Bearer scope="accounts:read"',
  ]);
});

t.test('the story has every kind of answer, so that refusing all would not pass', async (t) => {
  const expected = new Set(story(issuer).map(({ expected: { status } }) => status));
  t.strictSame(expected, new Set([200, 400, 401, 403]));
});

t.test('the API gets a JWT of the gateway and nothing of the opaque token', async (t) => {
  const token = await take('alice', 'accounts:read');
  const answer = await call(gateway, { path: '/accounts/1001', token });
  t.match(answer.json(), {
    caller: { iss: 'http://gateway.demo.example', aud: AUDIENCE, sub: 'alice', scope: 'accounts:read' },
    headers: { 'x-user': 'alice' },
  });
  t.notOk(answer.text.includes(token));
  t.equal((await call(api, { path: '/accounts/1001', token })).status, 401, 'which alone opens nothing');
});
