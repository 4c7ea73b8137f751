/** Tokens that are refused, and why: 401 for a token that is not good, 503 where Keycloak does not talk to us. */
import t from 'tap';
import { call } from '../support/http.ts';
import { introspected, takeToken } from '../support/keycloak-client.ts';
import { reasons } from '../support/open-gateway.ts';
import { keycloak, startBoth } from './started.ts';

const INVALID = 'Bearer error="invalid_token", scope="accounts:read"';

t.test('a token for somebody else is refused, though Keycloak sends a valid JWT with its no', async (t) => {
  const token = await takeToken(keycloak, 'accounts:read', { client: 'stranger' });
  const { type, body } = await introspected(keycloak, token);
  t.equal(type, 'application/json');
  t.match(body, { active: false, jwt: /^[\w-]+\.[\w-]+\.[\w-]+$/ }, 'the trap is there');
  t.strictSame(Object.keys(body).toSorted(), ['active', 'jwt']);

  const { gateway, api } = await startBoth(t);
  for (const presented of [token, String(body['jwt'])]) {
    const refused = await call(gateway.url, { path: '/any', token: presented });
    t.equal(refused.status, 401);
    t.equal(refused.headers['www-authenticate'], 'Bearer error="invalid_token"');
  }
  t.match(JSON.stringify(gateway.logged()), /inactive: the authorization server says/);
  t.strictSame(api.requests, []);
});

t.test('garbage, and a token with one character changed, are refused', async (t) => {
  const { gateway, api } = await startBoth(t);
  const token = await takeToken(keycloak);
  const [header = '', payload = '', signature = ''] = token.split('.');
  const forged = Buffer.from(payload, 'base64url').toString().replace('accounts:read', 'accounts:write');
  const changed = [
    'garbage',
    `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
    `${header}.${Buffer.from(forged).toString('base64url')}.${signature}`,
    `${header}.${payload}.`,
  ];
  for (const bad of changed) {
    const refused = await call(gateway.url, { path: '/read', token: bad });
    t.equal(refused.status, 401);
    t.equal(refused.headers['www-authenticate'], INVALID);
  }
  t.strictSame(api.requests, []);
  t.equal((await call(gateway.url, { path: '/read', token })).status, 200, 'as it was, it is good');
});

t.test('a wrong client secret and an unknown client are our fault: 503, and said loudly', async (t) => {
  for (const [id, secret] of [
    ['portcullis', 'wrong-secret'],
    ['nobody', 'portcullis-secret'],
  ] as const) {
    const client = `    client_id: ${id}\n    client_secret: ${secret}`;
    const { gateway, api } = await startBoth(t, { client });
    const refused = await call(gateway.url, { path: '/read', token: await takeToken(keycloak) });
    t.equal(refused.status, 503, id);
    t.match(refused.headers, { 'retry-after': /^\d+$/ });
    t.notMatch(refused.text, /client/, 'the caller is not told');
    t.match(JSON.stringify(gateway.logged()), /authorization_server_unavailable.*401 invalid_client/);
    t.match(gateway.app.status().authorization_servers, { main: { failure: /invalid_client/ } });
    t.notMatch(JSON.stringify([gateway.logged(), gateway.app.status()]), secret, 'the secret is nowhere');
    t.strictSame(api.requests, []);
  }
});

t.test('CVE-2025-46647: a token of another realm is refused, whoever answers for it', async (t) => {
  const token = await takeToken(keycloak, 'accounts:read', { realm: 'neighbour' });
  const { gateway, api } = await startBoth(t);
  t.equal((await call(gateway.url, { path: '/read', token })).status, 401, 'Keycloak does not know it');

  const endpoint = `${keycloak.issuer('neighbour')}/protocol/openid-connect/token/introspect`;
  for (const accept of ['application/json', 'application/jwt']) {
    const misled = await startBoth(t, {
      introspection: `accept: ${accept}, endpoint: "${endpoint}"`,
    });
    const refused = await call(misled.gateway.url, { path: '/read', token });
    t.equal(refused.status, accept === 'application/json' ? 401 : 503, accept);
    t.strictSame(misled.api.requests, []);
    if (accept === 'application/json') {
      t.match(JSON.stringify(misled.gateway.logged()), /wrong_issuer/, 'the neighbour does, and says so');
      t.strictSame(reasons(misled.gateway), ['invalid_token']);
    }
  }
  t.strictSame(api.requests, []);
});
