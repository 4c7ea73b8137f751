/** A token of Keycloak's on its way through the gateway: what the API gets of it. */
import t from 'tap';
import { call } from '../support/http.ts';
import { reasons } from '../support/open-gateway.ts';
import { introspected, takeToken, takeUserTokens } from '../support/keycloak-client.ts';
import { claimsOf, jwtOf, keycloak, signingKey, startBoth } from './started.ts';

const MINT = {
  service: '    phantom_jwt: mint\n    audience: https://api.example',
  more: 'phantom: { issuer: https://gateway.example, keys: "${KEYS}" }',
  variables: { KEYS: JSON.stringify({ keys: [signingKey()] }) },
};
const JSON_ALONE = 'accept: application/json';

t.test('the API gets the JWT that Keycloak gives for the token', async (t) => {
  const { gateway, api } = await startBoth(t);
  const token = await takeToken(keycloak);
  t.equal((await call(gateway.url, { path: '/read', token })).status, 200);
  const passed = jwtOf(api.requests[0]?.headers.authorization);
  t.match(claimsOf(passed), { iss: keycloak.issuer(), azp: 'app', scope: /accounts:read/, tenant: 'acme' });
  t.equal((await introspected(keycloak, passed)).body['active'], true, 'and Keycloak knows it for its own');
});

t.test('of a lightweight token the API gets the whole: what the token itself does not say', async (t) => {
  const { gateway, api } = await startBoth(t, {
    routes: `
  - name: all
    match: { path: "/**" }
    service: api
    policy: none
    audience: [orders-api]
    identity_headers: { claims: { tenant: X-Tenant } }`,
  });
  const token = await takeToken(keycloak, 'accounts:read', { client: 'light' });
  t.strictSame([claimsOf(token)['tenant'], claimsOf(token)['aud']], [undefined, 'portcullis']);
  t.equal((await call(gateway.url, { token })).status, 200, 'audience is judged by the answer');
  t.match(claimsOf(jwtOf(api.requests[0]?.headers.authorization)), {
    tenant: 'acme',
    aud: ['portcullis', 'orders-api'],
  });
  t.equal(api.requests[0]?.headers['x-tenant'], 'acme');
});

t.test('scopes are judged, on the same token again and again', async (t) => {
  const { gateway, api } = await startBoth(t);
  const token = await takeToken(keycloak);
  const refused = await call(gateway.url, { path: '/write', token });
  t.equal(refused.status, 403);
  t.equal(refused.headers['www-authenticate'], 'Bearer error="insufficient_scope", scope="accounts:write"');
  t.equal((await call(gateway.url, { path: '/read', token })).status, 200);
  t.equal((await call(gateway.url, { path: '/write', token })).status, 403);
  const writes = await takeToken(keycloak, 'accounts:write');
  t.equal((await call(gateway.url, { path: '/write', token: writes })).status, 200);
  t.equal(api.requests.length, 2);
});

t.test('the policy sees the user whom Keycloak names', async (t) => {
  const { gateway, api } = await startBoth(t);
  const { access_token: token } = await takeUserTokens(keycloak, 'alice');
  t.equal((await call(gateway.url, { path: '/accounts/1001', token })).status, 200);
  const refused = await call(gateway.url, { path: '/accounts/1002', token });
  t.equal(refused.status, 403);
  t.match(refused.json(), { decision_id: String });
  t.strictSame(reasons(gateway), ['policy_denied']);
  t.equal(api.requests.length, 1);
});

t.test('a minted JWT holds what Keycloak said, for the API alone', async (t) => {
  for (const [form, introspection] of Object.entries({ jwt: 'accept: application/jwt', json: JSON_ALONE })) {
    const { gateway, api } = await startBoth(t, { ...MINT, introspection });
    const { access_token: token } = await takeUserTokens(keycloak, 'alice');
    t.equal((await call(gateway.url, { path: '/read', token })).status, 200, form);
    t.match(claimsOf(jwtOf(api.requests[0]?.headers.authorization)), {
      iss: 'https://gateway.example',
      aud: 'https://api.example',
      original_iss: keycloak.issuer(),
      sub: 'alice',
      client_id: 'app',
      tenant: 'acme',
      scope: /accounts:read/,
    });
  }
});

t.test('an answer without a JWT cannot be passed on: 503, and the log names the fix', async (t) => {
  const client = '    client_id: without-jwt\n    client_secret: portcullis-secret';
  for (const accept of ['application/json', 'auto']) {
    const { gateway, api } = await startBoth(t, { client, introspection: `accept: ${accept}` });
    const refused = await call(gateway.url, { path: '/read', token: await takeToken(keycloak) });
    t.equal(refused.status, 503, accept);
    t.notMatch(refused.text, /jwt/i, 'which the client need not know');
    t.match(JSON.stringify(gateway.logged()), /phantom_unavailable.*set phantom_jwt: mint/);
    t.strictSame(api.requests, []);
  }
});

t.test('a JWT that was asked for and is not there is missed loudly: nothing weaker is taken', async (t) => {
  // The attribute client.introspection.response.allow.jwt.claim.enabled is off for this client, as it is by default.
  const client = '    client_id: without-jwt\n    client_secret: portcullis-secret';
  const { gateway, api } = await startBoth(t, { client });
  const refused = await call(gateway.url, { path: '/read', token: await takeToken(keycloak) });
  t.equal(refused.status, 503);
  t.match(JSON.stringify(gateway.logged()), /authorization_server_unavailable.*without a JWT/);
  t.strictSame(api.requests, []);
});

t.test('any other Accept than application/jwt alone brings no JWT', async (t) => {
  const token = await takeToken(keycloak);
  const jwtFor = async (accept: string): Promise<unknown> =>
    (await introspected(keycloak, token, { accept })).body['jwt'];
  t.match(await introspected(keycloak, token), {
    type: 'application/json',
    body: { active: true, jwt: String },
  });
  for (const accept of ['application/jwt, application/json;q=0.5', 'application/jwt;q=1', 'application/json'])
    t.equal(await jwtFor(accept), undefined, accept);
});
