/** How the gateway says to a real authorization server which client it is: each way works, and none with a wrong key. */
import t, { type Test } from 'tap';
import { CLIENT, SERVER } from '../support/certificates.ts';
import { startGateway } from '../support/gateway.ts';
import { call, startUpstream } from '../support/http.ts';
import { keyPairFor } from '../support/keys.ts';
import { ASSERTION_ALGORITHMS, SECRET, startProvider } from '../support/provider.ts';
import { CERTIFICATE } from '../support/tls.ts';

const provider = await startProvider(t);
const ROUTES = `
  - name: all
    match: { path: "/**" }
    service: api
    policy: none
    scopes: [accounts:read]
    identity_headers: { jwt: false }
`;

type Settings = { readonly client_id: string; readonly tls?: object; readonly [name: string]: unknown };

const ca = CERTIFICATE;
const shown = { certificate: CLIENT.cert, key: CLIENT.key };
const stranger = { certificate: SERVER.cert, key: SERVER.key };
const basic = (secret: string): string =>
  `Basic ${Buffer.from(`client_secret_basic:${encodeURIComponent(secret)}`).toString('base64')}`;
const privateKey = (alg: (typeof ASSERTION_ALGORITHMS)[number], keys = provider.keys[alg]): Settings => ({
  client_id: `private_key_jwt-${alg}`,
  client_auth: 'private_key_jwt',
  client_key: JSON.stringify(keys.privateJwk),
});
const secret = (client_auth: string, client_secret: string): Settings => ({
  client_id: client_auth,
  client_auth,
  client_secret,
});
const mutual = (client_auth: string, tls: object): Settings => ({ client_id: client_auth, client_auth, tls });

/** Each way, with what is right, and with what is not. */
const WAYS: Readonly<Record<string, readonly [right: Settings, wrong: Settings]>> = {
  ...Object.fromEntries(
    ['client_secret_basic', 'client_secret_post', 'client_secret_jwt'].map((way) => [
      way,
      [secret(way, SECRET), secret(way, `${SECRET}x`)],
    ]),
  ),
  ...Object.fromEntries(
    ASSERTION_ALGORITHMS.map((alg) => [
      `private_key_jwt with ${alg}`,
      [privateKey(alg), privateKey(alg, keyPairFor(alg))],
    ]),
  ),
  ...Object.fromEntries(
    ['tls_client_auth', 'self_signed_tls_client_auth'].map((way) => [
      way,
      [mutual(way, shown), mutual(way, stranger)],
    ]),
  ),
  none: [
    { client_id: 'none', client_auth: 'none' },
    { client_id: 'nobody', client_auth: 'none' },
  ],
  authorization: [
    { client_id: 'any', client_auth: 'authorization', authorization: basic(SECRET) },
    { client_id: 'any', client_auth: 'authorization', authorization: basic('wrong') },
  ],
};

async function start(t: Test, { tls = {}, ...settings }: Settings) {
  const upstream = await startUpstream(t);
  const client = Object.entries({ ...settings, tls: { ca, ...tls } })
    .map(([name, value]) => `    ${name}: ${JSON.stringify(value)}`)
    .join('\n');
  const { issuer } = provider;
  const gateway = await startGateway(t, { issuer, upstream: upstream.url, client, routes: ROUTES });
  return { gateway, upstream };
}

for (const [way, [right, wrong]] of Object.entries(WAYS)) {
  t.test(`${way}: the authorization server knows the gateway by it`, async (t) => {
    const { gateway, upstream } = await start(t, right);
    for (const token of [await provider.take(), await provider.take()])
      t.equal((await call(gateway.url, { token })).status, 200);
    t.equal(upstream.requests.length, 2);
    t.equal((await call(gateway.url, { token: 'unknown' })).status, 401);
  });

  t.test(`${way}: with what is wrong, callers are told nothing, and operators why`, async (t) => {
    const { gateway, upstream } = await start(t, wrong);
    const refused = await call(gateway.url, { token: await provider.take() });
    t.equal(refused.status, 503);
    t.notMatch(refused.text, /client|secret/);
    const logged = JSON.stringify(gateway.logged());
    t.match(logged, /it answered 401 invalid_client/);
    t.notMatch(logged, new RegExp(`${SECRET.slice(0, 12)}|PRIVATE KEY|"d"`));
    t.strictSame(upstream.requests, []);
  });
}

t.test('a client known by its certificate is not known without one', async (t) => {
  for (const client_id of ['tls_client_auth', 'self_signed_tls_client_auth']) {
    const { gateway } = await start(t, { client_id, client_auth: 'none' });
    t.equal((await call(gateway.url, { token: await provider.take() })).status, 503, client_id);
  }
});
