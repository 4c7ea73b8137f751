/** Keys of the realm come and go. Nobody restarts a gateway for that. */
import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { call } from '../support/http.ts';
import { addSigningKey, takeToken } from '../support/keycloak-client.ts';
import { jwtOf, keycloak, startBoth } from './started.ts';

/** As often as new tokens may be asked about, and no more. */
const LOOK_AGAIN_MS = 100;
const MOST_LOOKS = 200;

const kidOf = (jwt: string): unknown =>
  (JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString()) as { kid?: unknown }).kid;

t.test('the answers for tokens of a new key are verified, and those of the old one still', async (t) => {
  let ahead = 0;
  const { gateway, api } = await startBoth(t, { now: () => Date.now() + ahead });
  const before = await takeToken(keycloak);
  t.equal((await call(gateway.url, { path: '/read', token: before })).status, 200);

  await addSigningKey(keycloak, 1_000);
  const after = await takeToken(keycloak);
  t.not(kidOf(after), kidOf(before), 'the key is another');
  // Keys are fetched anew at a bounded rate; until then nobody can say whether the answer is good.
  const statusAfter = async (): Promise<number> =>
    (await call(gateway.url, { path: '/read', token: after })).status;
  let status = await statusAfter();
  for (let looks = 0; status === 503 && looks < MOST_LOOKS; looks++) {
    await pause(LOOK_AGAIN_MS);
    status = await statusAfter();
  }
  t.equal(status, 200);
  ahead = 60_000;
  t.equal((await call(gateway.url, { path: '/read', token: before })).status, 200);
  t.strictSame(
    api.requests.map(({ headers }) => kidOf(jwtOf(headers.authorization))),
    [before, after, after].map(kidOf),
    'Keycloak signs every answer by its present key',
  );
});

t.test('CVE-2025-46647: a realm that signs by the same key is another issuer all the same', async (t) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  for (const realm of ['portcullis', 'neighbour']) await addSigningKey(keycloak, 2_000, pem, realm);
  const [ours, theirs] = [
    await takeToken(keycloak),
    await takeToken(keycloak, 'accounts:read', { realm: 'neighbour' }),
  ];
  t.equal(kidOf(theirs), kidOf(ours), 'one key, two realms');

  const { gateway, api } = await startBoth(t, {
    server: '    jwt_types: [at+jwt, JWT]',
    routes: `
  - { name: all, match: { path: "/**" }, service: api, policy: none, jwt_tokens: verify, audience: [orders-api] }`,
  });
  t.equal((await call(gateway.url, { token: ours })).status, 200);
  t.equal((await call(gateway.url, { token: theirs })).status, 401);
  t.match(JSON.stringify(gateway.logged()), /wrong_issuer/);
  t.equal(api.requests.length, 1);
});
