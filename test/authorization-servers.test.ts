import t, { type Test } from 'tap';
import { authorizationServers } from '../src/authorization-servers.ts';
import { openLog } from '../src/observe/log.ts';
import { startScriptedServer } from './support/authorization-server.ts';
import { question, serverConfig } from './support/introspection.ts';

const MEMBERS = { active: true, sub: 'sub-of-alice', client_id: 'client-of-alice' };

/** Two servers, `main` and `other`, with what was logged; `down` makes main fail. */
async function start(t: Test) {
  const state = { down: false };
  const clock = { time: Date.now() };
  const lines: string[] = [];
  const main = await startScriptedServer(t, () =>
    state.down ? { status: 503 } : { body: JSON.stringify(MEMBERS) },
  );
  const other = await startScriptedServer(t, () => ({ body: JSON.stringify(MEMBERS) }));
  const introspection = { breaker: { failures: 2, open_for: '5s' } };
  const made = authorizationServers(
    { main: serverConfig(main.issuer, { introspection }), other: serverConfig(other.issuer) },
    { log: openLog('debug', { write: (line) => void lines.push(line) }), now: () => clock.time },
  );
  t.teardown(made.close);
  const ask = async (server: string, token: string) => made.introspect({ ...question(token), server });
  return { ...made, state, clock, main, other, ask, log: () => lines.join('') };
}

t.test('each question goes to the server that it names', async (t) => {
  const { ask, main, other } = await start(t);
  t.match(await ask('main', 'a'), { authorization_server: 'main', facts: {} });
  t.match(await ask('other', 'a'), { authorization_server: 'other', facts: {} });
  t.strictSame([main.asked.length, other.asked.length], [1, 1]);
  await t.rejects(ask('nobody', 'a'), { message: 'no authorization server nobody' });
});

t.test('before the first token nobody is asked for anything', async (t) => {
  const { servers, main, other } = await start(t);
  t.match(
    servers.map(({ name, issuer, status }) => ({ name, issuer, ...status() })),
    [
      { name: 'main', issuer: main.issuer, cached: 0, cached_bytes: 0, breaker: 'closed', failure: null },
      { name: 'other', issuer: other.issuer },
    ],
  );
});

t.test('a purge is of all servers, or of the one it names', async (t) => {
  const { ask, purge, log } = await start(t);
  const fill = async (): Promise<void> => {
    for (const server of ['main', 'other']) await ask(server, 'token-of-alice');
  };
  await fill();
  t.equal(purge({ token: 'token-of-alice' }, null), 2);
  await fill();
  t.equal(purge({ subject: 'sub-of-alice' }, 'other'), 1);
  t.match(await ask('main', 'token-of-alice'), { cache: 'hit' });
  t.match(await ask('other', 'token-of-alice'), { cache: 'miss' });
  t.equal(purge({ client: 'client-of-alice' }, 'nobody'), null);
  t.equal(purge({ client: 'client-of-alice' }, 'main'), 1);
  t.match(log(), /"by":"token","purged":2,"message":"answers of introspection were purged"/);
  t.notMatch(log(), /of-alice/, 'whose is not said');
});

t.test('a server that is left alone, and one that is back, are logged once', async (t) => {
  const { ask, state, clock, log } = await start(t);
  state.down = true;
  for (const token of ['a', 'b', 'c', 'd']) await ask('main', token);
  const alone = /"level":"warn".*"authorization_server":"main".*left alone/g;
  const back = /"level":"info".*"authorization_server":"main".*is back/g;
  t.equal(log().match(alone)?.length, 1);
  clock.time += 5_000;
  await ask('main', 'a');
  t.equal(log().match(alone)?.length, 1, 'a trial that failed is no news');
  t.notMatch(log(), back);
  state.down = false;
  clock.time += 5_000;
  await ask('main', 'a');
  t.equal(log().match(back)?.length, 1);
});
