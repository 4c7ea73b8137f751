/** How, and when, the user logged in (RFC 9470). */
import t from 'tap';
import { call } from '../support/http.ts';
import { takeTokensByCode, takeUserTokens } from '../support/keycloak-client.ts';
import { keycloak, startBoth } from './started.ts';

const routes = `
  - { name: plain, match: { path: /plain }, service: api, policy: none, step_up: { acr: ["1"] } }
  - { name: strong, match: { path: /strong }, service: api, policy: none, step_up: { acr: ["2"] } }
  - { name: lately, match: { path: /lately }, service: api, policy: none, step_up: { max_age: 60s } }
`;

t.test('a login that is not strong enough is asked to be stronger', async (t) => {
  const { gateway, api } = await startBoth(t, { routes });
  const { access_token: token } = await takeUserTokens(keycloak, 'alice');
  t.equal((await call(gateway.url, { path: '/plain', token })).status, 200, 'by password is acr 1');
  const refused = await call(gateway.url, { path: '/strong', token });
  t.equal(refused.status, 401);
  t.equal(
    refused.headers['www-authenticate'],
    'Bearer error="insufficient_user_authentication", acr_values="2"',
  );
  t.equal(api.requests.length, 1);
});

t.test('a login that is too long ago is asked to be done again', async (t) => {
  let clock = Date.now();
  const { gateway, api } = await startBoth(t, { routes, now: () => clock });
  const challenge = 'Bearer error="insufficient_user_authentication", max_age="60"';
  const { access_token: token } = await takeTokensByCode(keycloak);
  t.equal((await call(gateway.url, { path: '/lately', token })).status, 200);
  clock += 62_000;
  const refused = await call(gateway.url, { path: '/lately', token });
  t.equal(refused.status, 401, 'though the token is good for minutes');
  t.equal(refused.headers['www-authenticate'], challenge);
  t.equal((await call(gateway.url, { path: '/plain', token })).status, 200);

  const { access_token: silent } = await takeUserTokens(keycloak, 'alice');
  const unsaid = await call(gateway.url, { path: '/lately', token: silent });
  t.equal(unsaid.status, 401, 'a token of the password grant does not say when');
  t.equal(unsaid.headers['www-authenticate'], challenge);
  t.equal(api.requests.length, 2);
});
