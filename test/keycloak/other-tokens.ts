/** Keycloak signs much that is no access token, by the same key and in the same name. None of it opens a route. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import t, { type Test } from 'tap';
import { call } from '../support/http.ts';
import {
  administer,
  authorize,
  introspected,
  logIn,
  logOut,
  takeToken,
  takeTokens,
  takeTokensByCode,
  takeUserTokens,
} from '../support/keycloak-client.ts';
import { claimsOf, jwtOf, keycloak, startBoth } from './started.ts';

/** Verified here; `app` is whom ID tokens are for, so that the audience alone does not keep them out. */
const VERIFY = {
  server: '    jwt_types: [at+jwt, JWT]',
  routes: `
  - { name: all, match: { path: "/**" }, service: api, policy: none, jwt_tokens: verify, audience: [orders-api, app] }`,
};
const ALL = {
  client: '    client_id: without-jwt\n    client_secret: portcullis-secret',
  introspection: 'accept: application/json',
  service: '    defaults: { identity_headers: { jwt: false } }',
  routes: '\n  - { name: all, match: { path: "/**" }, service: api, policy: none }',
};

t.test(
  'an access token of Keycloak is verified without asking Keycloak, and is what the API gets',
  async (t) => {
    const nobody = '    client_id: nobody\n    client_secret: nothing';
    const { gateway, api } = await startBoth(t, { ...VERIFY, client: nobody });
    for (const token of [await takeToken(keycloak), (await takeTokensByCode(keycloak)).access_token]) {
      t.equal((await call(gateway.url, { token })).status, 200);
      t.equal(jwtOf(api.requests.at(-1)?.headers.authorization), token);
    }
  },
);

t.test('the typ that Keycloak writes must be configured: RFC 9068 has another', async (t) => {
  const { gateway, api } = await startBoth(t, { ...VERIFY, server: '' });
  t.equal((await call(gateway.url, { token: await takeToken(keycloak) })).status, 401);
  t.strictSame(api.requests, []);
});

t.test('refresh tokens and ID tokens are refused, though Keycloak calls them active', async (t) => {
  const { access_token, refresh_token = '', id_token = '' } = await takeUserTokens(keycloak, 'alice');
  const { gateway, api } = await startBoth(t, ALL);
  t.equal((await call(gateway.url, { token: access_token })).status, 200);
  const { refresh_token: offline = '' } = await takeUserTokens(keycloak, 'alice', 'offline_access');
  const others = { Refresh: refresh_token, ID: id_token, Offline: offline };
  for (const [token_type, token] of Object.entries(others)) {
    const { body } = await introspected(keycloak, token, {
      client: 'without-jwt',
      accept: 'application/json',
    });
    t.match(body, { active: true, token_type, iss: keycloak.issuer(), sub: 'alice' }, 'the trap is there');
    const refused = await call(gateway.url, { token });
    t.equal(refused.status, 401, token_type);
    t.equal(refused.headers['www-authenticate'], 'Bearer error="invalid_token"');
  }
  t.equal(api.requests.length, 1);
});

t.test('what Keycloak signs for others is refused where JWTs are verified', async (t) => {
  const { access_token, refresh_token = '', id_token = '' } = await takeTokensByCode(keycloak);
  const others = {
    'a refresh token': refresh_token,
    'an ID token': id_token,
    'an ID token of the implicit flow': await implicitIdToken(),
    'the answer to a login (JARM)': await responseAfterLogin(),
    'the answer to a login that was not even tried': await responseWithoutLogin(),
    'a signed answer of userinfo': await signedUserinfo(access_token),
    'a logout token': await logoutToken(t),
    'an access token for nobody in particular': await takeToken(keycloak, undefined, { client: 'stranger' }),
    // Lightweight: what is in it is for introspection.
    'an access token for the gateway alone': await takeToken(keycloak, undefined, { client: 'light' }),
  };
  const { gateway, api } = await startBoth(t, VERIFY);
  for (const [what, token] of Object.entries(others)) {
    t.match(claimsOf(token), { iss: keycloak.issuer() }, `${what} is had`);
    const refused = await call(gateway.url, { token });
    t.equal(refused.status, 401, what);
    t.equal(refused.headers['www-authenticate'], 'Bearer error="invalid_token"');
  }
  t.strictSame(api.requests, []);
});

t.test('a token that is bound to a key (RFC 9449) is not taken from a mere bearer', async (t) => {
  const token = await boundToken();
  t.match(claimsOf(token), { cnf: { jkt: String } });
  for (const options of [ALL, VERIFY]) {
    const { gateway, api } = await startBoth(t, options);
    t.equal((await call(gateway.url, { token })).status, 401);
    t.match(JSON.stringify(gateway.logged()), /sender_constrained/);
    t.strictSame(api.requests, []);
  }
});

async function implicitIdToken(): Promise<string> {
  const parameters = { response_type: 'id_token', nonce: 'n', scope: 'openid' };
  return new URLSearchParams((await logIn(keycloak, parameters)).hash.slice(1)).get('id_token') ?? '';
}

const responseAfterLogin = async (): Promise<string> =>
  (await logIn(keycloak, { response_mode: 'query.jwt' })).searchParams.get('response') ?? '';

/** Anybody can have this one: nobody has logged in. */
async function responseWithoutLogin(): Promise<string> {
  const { headers } = await authorize(keycloak, {
    response_mode: 'query.jwt',
    prompt: 'none',
    scope: 'openid',
  });
  return new URL(headers.get('location') ?? '').searchParams.get('response') ?? '';
}

async function signedUserinfo(token: string): Promise<string> {
  const url = `${keycloak.issuer()}/protocol/openid-connect/userinfo`;
  return (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).text();
}

/** What Keycloak sends to an application whose user logs out (OpenID Connect Back-Channel Logout). */
async function logoutToken(t: Test): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [client] = (await administer(keycloak, 'GET', '/clients?clientId=app')) as [
    { id: string; attributes: object },
  ];
  const setUrl = (value: string): Promise<unknown> =>
    administer(keycloak, 'PUT', `/clients/${client.id}`, {
      ...client,
      attributes: { ...client.attributes, 'backchannel.logout.url': value },
    });
  await setUrl(url);
  const told = new Promise<string>((resolve) => {
    server.once('request', (request, response) => {
      void text(request).then((form) => {
        response.end();
        resolve(new URLSearchParams(form).get('logout_token') ?? '');
      });
    });
  });
  const { refresh_token = '' } = await takeUserTokens(keycloak, 'bob');
  await logOut(keycloak, refresh_token);
  const token = await told;
  await setUrl('');
  return token;
}

async function boundToken(): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const htu = `${keycloak.issuer()}/protocol/openid-connect/token`;
  const proof = await new SignJWT({ htm: 'POST', htu, jti: 'once' })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(publicKey) })
    .setIssuedAt()
    .sign(privateKey);
  const form = { grant_type: 'client_credentials', scope: 'accounts:read' };
  return (await takeTokens(keycloak, form, { client: 'bound', headers: { DPoP: proof } })).access_token;
}
