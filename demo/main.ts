/**
 * `npm run demo`: authorization server, API and gateway in one go, on free ports; a client that tells the story; and then everything
 * stays up to be tried. `npm run demo -- --once` ends after the story, with exit 1 when an answer was not the expected one.
 */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createApp } from '../src/app.ts';
import { environment, loadConfig } from '../src/config/load.ts';
import { openLog } from '../src/observe/log.ts';
import { startTelemetry } from '../src/observe/telemetry.ts';
import { startApi } from './api.ts';
import { AUDIENCE, PEOPLE, startAuthorizationServer } from './authorization-server.ts';
import { makeKeys } from './keys.ts';
import { spanCollector } from './spans.ts';
import { story, tell, type Told } from './story.ts';

const say = (line = ''): void => void process.stdout.write(`${line}\n`);
const FREE = { host: '127.0.0.1', port: 0 };

await makeKeys();
let gateway = '';
const { issuer, server: authorizationServer } = await startAuthorizationServer(FREE);
const api = await startApi({
  ...FREE,
  jwks: () => `${gateway}/.well-known/jwks.json`,
  issuer: 'http://gateway.demo.example',
  audience: AUDIENCE,
});
const { processor, tree, follow } = spanCollector();
const telemetry = startTelemetry(environment, [processor]);
const config = loadConfig(fileURLToPath(new URL('portcullis.yaml', import.meta.url)), {
  DEMO_PORT: '0',
  DEMO_HEALTH_PORT: '0',
  DEMO_ADMIN_PORT: '0',
  DEMO_ISSUER: issuer,
  DEMO_AUTHORIZATION_SERVER: issuer,
  DEMO_API: api.url,
});
const app = await createApp(config, {
  log: openLog('error'),
  telemetry,
  env: environment,
  now: Date.now,
  elapsed: () => performance.now(),
  version: 'demo',
});
const addresses = await app.listen();
gateway = addresses.proxy;

say(`authorization server  ${issuer}`);
say(`API                   ${api.url}   (believes the gateway's JWTs only)`);
say(`gateway               ${gateway}   health ${addresses.health}   admin ${addresses.admin}/status`);

let unexpected = 0;
for (const [index, step] of story(issuer).entries()) {
  const told = await tell(gateway, step);
  say(`\n${index + 1}. ${step.title}: ${step.method} ${step.path}`);
  say(
    `   ${told.status}${told.asExpected ? '' : `, but ${step.expected.status} was expected`}   ${summary(told)}`,
  );
  say((await tree(told.traceId)).replaceAll(/^/gm, '   '));
  if (!told.asExpected) unexpected++;
}

if (process.argv.includes('--once')) {
  await stop();
  say(
    unexpected === 0
      ? '\nEvery answer was the expected one.'
      : `\n${unexpected} answers were not the expected ones.`,
  );
  process.exitCode = unexpected === 0 ? 0 : 1;
} else {
  follow((drawn) => say(`\n${drawn}`));
  say('\nEverything stays up until Ctrl-C; each further request is drawn here. A token, and calls with it:');
  say(
    `  TOKEN=$(curl -s -u alice:${PEOPLE.alice.secret} -d 'grant_type=client_credentials&scope=accounts:read' ${issuer}/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
  );
  say(`  curl -i -H "Authorization: Bearer $TOKEN" ${gateway}/accounts/1001`);
  say(`  curl -i -H "Authorization: Bearer $TOKEN" ${gateway}/accounts/1002`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await stop();
}

function summary({ body, challenge }: Told): string {
  const jwt = body['caller'] as Record<string, unknown> | undefined;
  if (jwt)
    return `the API received a JWT: ${['sub', 'scope', 'aud', 'iss'].map((name) => `${name}=${String(jwt[name])}`).join(' ')}`;
  const decision = body['decision_id'] === undefined ? '' : `   decision ${body['decision_id'] as string}`;
  return `${body['detail'] as string}${decision}${challenge === undefined ? '' : `\n   WWW-Authenticate: ${challenge}`}`;
}

async function stop(): Promise<void> {
  await app.close();
  await telemetry.shutdown();
  for (const server of [api.server, authorizationServer]) {
    server.closeAllConnections();
    server.close();
  }
}
