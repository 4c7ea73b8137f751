// RFC 9728 as a discovering client goes about it, an MCP client say: from a refusal to the metadata of the API, from there to its
// authorization server, and back with a token. What it reads is read by oauth4webapi, which nobody here wrote.
import * as oauth from 'oauth4webapi';
import t, { type Test } from 'tap';
import { PEOPLE } from '../../demo/authorization-server.ts';
import { startRealServer } from '../support/authorization-server.ts';
import { startGateway } from '../support/gateway.ts';
import { call, startUpstream } from '../support/http.ts';
import { startRelay } from '../support/relayed.ts';

const INSECURE = { [oauth.allowInsecureRequests]: true };
const WELL_KNOWN = '/.well-known/oauth-protected-resource';
const APP = 'https://app.example';

/** A gateway before an API that is a resource, known to its clients by the address of a proxy in front. */
async function start(t: Test, { path = '/mcp', more = '' } = {}) {
  const { issuer } = await startRealServer(t);
  const upstream = await startUpstream(t);
  const relay = await startRelay(t);
  const gateway = await startGateway(t, {
    issuer,
    upstream: upstream.url,
    service: `
    phantom_jwt: pass
    resource: { identifier: "${relay.url}${path}", name: Accounts }
    defaults: { identity_headers: { jwt: false } }`,
    routes: `
  - { name: mcp, match: { path: "${path}/**" }, service: api, scopes: [accounts:read], policy: none }
${more}`,
  });
  relay.leadTo(gateway.url);
  return { issuer, upstream, relay, gateway };
}

t.test('a client that knows the API’s URL alone finds the authorization server, and comes in', async (t) => {
  const { issuer, relay, upstream } = await start(t);
  const resource = new URL(`${relay.url}/mcp`);

  const refused: unknown = await oauth
    .protectedResourceRequest('none', 'GET', resource, new Headers(), null, INSECURE)
    .catch((error: unknown) => error);
  const { cause } = refused as oauth.WWWAuthenticateChallengeError;
  const [{ scheme, parameters }] = cause as [oauth.WWWAuthenticateChallenge];
  t.equal(scheme, 'bearer');
  t.equal(parameters.resource_metadata, `${relay.url}${WELL_KNOWN}/mcp`);

  const described = await oauth.processResourceDiscoveryResponse(
    resource,
    await fetch(String(parameters.resource_metadata)),
  );
  t.strictSame(described, {
    resource: resource.href,
    authorization_servers: [issuer],
    scopes_supported: ['accounts:read'],
    bearer_methods_supported: ['header'],
    resource_name: 'Accounts',
  });

  const [found = ''] = described.authorization_servers ?? [];
  const server = await oauth.processDiscoveryResponse(
    new URL(found),
    await oauth.discoveryRequest(new URL(found), { algorithm: 'oauth2', ...INSECURE }),
  );
  const client = { client_id: 'alice' };
  const taken = await oauth.processClientCredentialsResponse(
    server,
    client,
    await oauth.clientCredentialsGrantRequest(
      server,
      client,
      oauth.ClientSecretBasic(PEOPLE.alice.secret),
      { scope: String(parameters.scope) },
      INSECURE,
    ),
  );
  const { access_token: token } = taken;
  const answer = await oauth.protectedResourceRequest(token, 'GET', resource, new Headers(), null, INSECURE);
  t.equal(answer.status, 200);
  t.equal(upstream.requests.length, 1);
});

t.test('a client that was told nothing finds the document where RFC 9728 says that it is', async (t) => {
  for (const path of ['', '/mcp', '/a/b']) {
    const { relay } = await start(t, { path });
    const resource = new URL(`${relay.url}${path}`);
    const response = await oauth.resourceDiscoveryRequest(resource, INSECURE);
    const { resource: told } = (await response.json()) as { resource: string };
    t.equal(told, `${relay.url}${path}`);
  }
});

t.test('a page of any origin may read it, whatever the routes say of origins', async (t) => {
  const { gateway, upstream } = await start(t, {
    more: `  - { name: all, match: { path: "/**" }, service: api, token: none, policy: none, cors: { origins: ["${APP}"] } }`,
  });
  const path = `${WELL_KNOWN}/mcp`;
  const origin = 'https://elsewhere.example';
  t.match(await call(gateway.url, { path, headers: { origin } }), {
    status: 200,
    headers: { 'access-control-allow-origin': '*', 'content-type': 'application/json', vary: undefined },
  });
  const preflight = {
    origin,
    'access-control-request-method': 'GET',
    'access-control-request-headers': 'mcp-protocol-version',
  };
  t.match(await call(gateway.url, { path, method: 'OPTIONS', headers: preflight }), {
    status: 204,
    headers: { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'mcp-protocol-version' },
  });
  t.strictSame(upstream.requests, []);
  for (const method of ['POST', 'DELETE']) await call(gateway.url, { path, method });
  await call(gateway.url, { path: `${path}/` });
  t.strictSame(
    upstream.requests.map(({ method, target }) => `${method} ${target}`),
    [`POST ${path}`, `DELETE ${path}`, `GET ${path}/`],
    'what is not to be read there is the routes’',
  );
});

t.test('where two APIs share a path, each is described at its own host', async (t) => {
  const { issuer } = await startRealServer(t);
  const gateway = await startGateway(t, {
    issuer,
    upstream: 'http://127.0.0.1:1',
    service: `
    resource: { identifier: "https://a.example.com" }
  other:
    upstream: http://127.0.0.1:1
    resource: { identifier: "https://b.example.com/" }`,
    routes: `
  - { name: a, match: { path: "/**", hosts: [a.example.com] }, service: api, policy: none }
  - { name: b, match: { path: "/**", hosts: [b.example.com, c.example.com] }, service: other, policy: none }`,
  });
  const at = (host: string) => call(gateway.url, { path: WELL_KNOWN, headers: { host } });
  t.equal((await at('a.example.com')).json()['resource'], 'https://a.example.com');
  t.equal((await at('B.Example.Com:8443')).json()['resource'], 'https://b.example.com/');
  t.equal((await at('c.example.com')).status, 401, 'its route is asked');
  const challenge = (await at('c.example.com')).headers['www-authenticate'];
  t.equal(challenge, `Bearer resource_metadata="https://b.example.com${WELL_KNOWN}"`);
});
