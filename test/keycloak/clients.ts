/** Each way in which Keycloak lets a client say who it is. */
import t from 'tap';
import { AUTHORITY, CLIENT, SERVER } from '../support/certificates.ts';
import { call } from '../support/http.ts';
import { CERTIFIED_NAME } from '../support/keycloak.ts';
import { takeToken } from '../support/keycloak-client.ts';
import { CLIENT_KEY, keycloak, signingKey, startBoth } from './started.ts';

const LONG_SECRET = 'a secret that both sides know, of 32 bytes at least';

type Client = { readonly id: string; readonly settings: string; readonly variables: Record<string, string> };

const bySecret = (id: string, secret: string): Client => ({
  id,
  settings: 'client_secret: ${SECRET}',
  variables: { SECRET: secret },
});
const byKey = (key: object): Client => ({
  id: 'by-key',
  settings: "client_key: '${KEY}'",
  variables: { KEY: JSON.stringify(key) },
});
const byCertificate = ({ cert, key }: { cert: string; key: string }): Client => ({
  id: 'by-certificate',
  settings: `base_url: ${keycloak.secureUrl}
    tls: { ca: "\${CA}", certificate: "\${CERTIFICATE}", key: "\${KEY}", server_name: ${CERTIFIED_NAME} }`,
  variables: { CA: AUTHORITY, CERTIFICATE: cert, KEY: key },
});

const methods: Readonly<Record<string, { readonly right: Client; readonly wrong: Client }>> = {
  client_secret_basic: {
    right: bySecret('portcullis', 'portcullis-secret'),
    wrong: bySecret('portcullis', 'portcullis-secret:'),
  },
  client_secret_post: {
    right: bySecret('portcullis', 'portcullis-secret'),
    wrong: bySecret('portcullis', 'wrong & secret'),
  },
  client_secret_jwt: {
    right: bySecret('by-secret-jwt', LONG_SECRET),
    wrong: bySecret('by-secret-jwt', LONG_SECRET.toUpperCase()),
  },
  private_key_jwt: { right: byKey(CLIENT_KEY), wrong: byKey(signingKey()) },
  tls_client_auth: { right: byCertificate(CLIENT), wrong: byCertificate(SERVER) },
};

for (const [method, { right, wrong }] of Object.entries(methods))
  t.test(`Keycloak knows us by ${method}`, async (t) => {
    const token = await takeToken(keycloak);
    const start = ({ id, settings, variables }: Client) =>
      startBoth(t, {
        client: `    client_id: ${id}\n    client_auth: ${method}\n    ${settings}`,
        variables,
      });
    const { gateway, api } = await start(right);
    t.equal((await call(gateway.url, { path: '/read', token })).status, 200);
    t.equal(api.requests.length, 1);

    const stranger = await start(wrong);
    t.equal((await call(stranger.gateway.url, { path: '/read', token })).status, 503);
    t.match(JSON.stringify(stranger.gateway.logged()), /authorization_server_unavailable/);
    t.strictSame(stranger.api.requests, []);
  });
