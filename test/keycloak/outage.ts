/** Keycloak dies in the middle of it, and comes back. */
import t from 'tap';
import { call } from '../support/http.ts';
import { takeToken } from '../support/keycloak-client.ts';
import { keycloak, startBoth } from './started.ts';

/** In a row, after which the breaker opens. */
const FAILURES = 5;

t.test(
  'while Keycloak is dead nobody new is let in, and when it is back nobody has to restart anything',
  async (t) => {
    let clock = Date.now();
    const { gateway, api } = await startBoth(t, { now: () => clock });
    const fresh = await startBoth(t, { now: () => clock });
    const [known, unknown] = [await takeToken(keycloak), await takeToken(keycloak)];
    const statusOf = async (token: string, url = gateway.url): Promise<number> =>
      (await call(url, { path: '/read', token })).status;
    t.equal(await statusOf(known), 200);

    await keycloak.kill();
    t.equal(await statusOf(known), 200, 'what is known is known');
    const refused = await call(gateway.url, { path: '/read', token: unknown });
    t.equal(refused.status, 503);
    t.match(refused.headers, { 'retry-after': /^\d+$/ });
    t.match(gateway.app.status().authorization_servers, { main: { failure: String } });
    t.equal(await statusOf(known, fresh.gateway.url), 503, 'nor by a gateway that has never seen it alive');
    clock += 30_000;
    t.equal(await statusOf(known), 503, 'and nothing is known for ever');
    for (let more = 0; more < FAILURES; more++) t.equal(await statusOf(unknown), 503);
    t.match(gateway.app.status().authorization_servers, { main: { breaker: 'open' } }, 'it is left alone');
    t.equal(api.requests.length, 2);

    await keycloak.start();
    clock += 10_000;
    // What it had stored half a second before it died may be lost with it: these two tokens then are 401.
    for (const before of [known, unknown])
      t.match(String(await statusOf(before)), /^(?:200|401)$/, 'Keycloak is asked again');
    const after = await takeToken(keycloak);
    t.equal(await statusOf(after), 200);
    t.equal(await statusOf(after, fresh.gateway.url), 200);
    t.match(gateway.app.status().authorization_servers, { main: { failure: null, breaker: 'closed' } });
  },
);
