/** What ends a token before its time. An answer holds as long as the cache keeps it, and no longer. */
import t, { type Test } from 'tap';
import { call } from '../support/http.ts';
import { administer, logOut, revoke, takeUserTokens, type Tokens } from '../support/keycloak-client.ts';
import { keycloak, startBoth } from './started.ts';

const CACHED_MS = 30_000;

/** Uses bob's token, ends it by `end`, and looks on until the cache has forgotten it. */
async function outlives(t: Test, end: (tokens: Tokens) => Promise<unknown>): Promise<void> {
  let clock = Date.now();
  const { gateway, api } = await startBoth(t, { now: () => clock });
  const tokens = await takeUserTokens(keycloak, 'bob');
  const statusNow = async (): Promise<number> =>
    (await call(gateway.url, { path: '/read', token: tokens.access_token })).status;
  t.equal(await statusNow(), 200);
  await end(tokens);
  clock += CACHED_MS - 1;
  t.equal(await statusNow(), 200, 'what is known is known');
  clock += 1;
  t.equal(await statusNow(), 401, 'and forgotten in time');
  t.equal(api.requests.length, 2);
}

t.test('a user who logs out is out', (t) =>
  outlives(t, ({ refresh_token }) => logOut(keycloak, refresh_token ?? '')),
);

t.test('a token that its application revokes is revoked', (t) =>
  outlives(t, ({ access_token }) => revoke(keycloak, access_token)),
);

t.test('a session that the administrator ends is over', (t) =>
  outlives(t, () => administer(keycloak, 'POST', '/users/bob/logout')),
);

t.test('a user whom the administrator disables is locked out', async (t) => {
  t.teardown(() => administer(keycloak, 'PUT', '/users/bob', { enabled: true }));
  await outlives(t, () => administer(keycloak, 'PUT', '/users/bob', { enabled: false }));
});
