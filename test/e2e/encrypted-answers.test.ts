// RFC 9701 section 5: a real server that encrypts its introspection answers for the gateway.
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import type { ClientMetadata } from 'oidc-provider';
import t, { type Test } from 'tap';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { call, startUpstream } from '../support/http.ts';
import { OPAQUE_API, signingKey, startProvider } from '../support/rotating-provider.ts';

/** A key pair of the gateway's: the private key as it is configured, the public one as the server has it. */
async function keyFor(alg: string, kid: string): Promise<{ own: JWK; theirs: JWK }> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const more = { alg, kid, use: 'enc' };
  return {
    own: { ...(await exportJWK(privateKey)), ...more },
    theirs: { ...(await exportJWK(publicKey)), ...more },
  };
}

/** A server that encrypts for `theirs` by `alg`, and a gateway with these keys; `ask` presents a good token, or another. */
async function start(t: Test, { alg, theirs, own }: { alg: string; theirs: JWK[]; own: JWK[] | null }) {
  const client = {
    introspection_encrypted_response_alg: alg,
    jwks: { keys: theirs },
  } as Partial<ClientMetadata>;
  const server = await startProvider(t, { keys: [await signingKey('one')], gateway: client });
  const upstream = await startUpstream(t);
  const gateway = await startGateway(t, {
    issuer: server.issuer,
    upstream: upstream.url,
    ...(own && { server: '    introspection: { decryption_keys: "${KEYS}" }' }),
    variables: { KEYS: JSON.stringify({ keys: own ?? [] }) },
    routes: `
  - name: all
    match: { path: "/**" }
    service: api
    policy: none
    audience: [${OPAQUE_API}]
    identity_headers: { jwt: false, claims: { client_id: X-Client } }
`,
  });
  const token = await server.take(OPAQUE_API);
  return {
    gateway,
    upstream,
    ask: async (sent = token): Promise<number> => (await call(gateway.url, { token: sent })).status,
  };
}

const detail = (gateway: Gateway): unknown =>
  gateway.logged().findLast(({ message }) => message === 'refused')?.['detail'];

t.test('it is decrypted, verified and believed', async (t) => {
  for (const alg of ['RSA-OAEP', 'RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A256KW']) {
    const { own, theirs } = await keyFor(alg, 'one');
    const { ask, upstream } = await start(t, { alg, own: [own], theirs: [theirs] });
    t.equal(await ask(), 200, alg);
    t.equal(upstream.requests.at(-1)?.headers['x-client'], 'app');
    t.equal(await ask('never-was-one'), 401, 'that a token is inactive is said encrypted too');
  }
});

t.test('the key that the server took is found among several', async (t) => {
  const [old, young] = await Promise.all([keyFor('ECDH-ES', 'old'), keyFor('ECDH-ES', 'young')]);
  for (const { theirs } of [old, young]) {
    const { ask } = await start(t, { alg: 'ECDH-ES', own: [young.own, old.own], theirs: [theirs] });
    t.equal(await ask(), 200);
  }
});

t.test('what is for another key, or for none that is configured, is 503', async (t) => {
  const [ours, another] = await Promise.all([keyFor('ECDH-ES', 'one'), keyFor('ECDH-ES', 'one')]);
  for (const [own, why] of [
    [[another.own], 'main: it cannot be decrypted: ERR_JWE_DECRYPTION_FAILED'],
    [null, 'main: it is encrypted, and not for one of introspection.decryption_keys'],
  ] as const) {
    const { gateway, upstream, ask } = await start(t, {
      alg: 'ECDH-ES',
      own: own && [...own],
      theirs: [ours.theirs],
    });
    t.equal(await ask(), 503);
    t.equal(detail(gateway), why);
    t.strictSame(upstream.requests, []);
  }
});

t.test('what is encrypted by the client secret is not taken', async (t) => {
  const { own, theirs } = await keyFor('ECDH-ES', 'one');
  for (const alg of ['A128KW', 'dir']) {
    const { gateway, ask } = await start(t, { alg, own: [own], theirs: [theirs] });
    t.equal(await ask(), 503, alg);
    t.equal(detail(gateway), 'main: it is encrypted, and not for one of introspection.decryption_keys');
  }
});
