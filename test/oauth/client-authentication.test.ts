import { createPublicKey, verify } from 'node:crypto';
import { compactVerify, decodeProtectedHeader, importJWK, type JWK } from 'jose';
import type { ClientAuth } from 'oauth4webapi';
import t from 'tap';
import type { CLIENT_AUTHENTICATION } from '../../src/config/authorization-server.ts';
import { clientAuthentication, isMutualTls } from '../../src/oauth/client-authentication.ts';
import { serverConfig } from '../support/introspection.ts';
import { keyPairFor } from '../support/keys.ts';

const ISSUER = 'https://login.example.com/tenant';
const SECRET = 'a secret of thirty-two characters';
const NOW = 1_790_000_000_750;

type Settings = {
  readonly client_auth: (typeof CLIENT_AUTHENTICATION)[number];
  readonly [name: string]: unknown;
};

const authentication = (settings: Settings, now: () => number = () => NOW): ClientAuth =>
  clientAuthentication(
    serverConfig(ISSUER, { client_id: 'a:b', client_secret: undefined, ...settings }),
    now,
  );

/** What the client adds to a request: header fields, and parameters beside the token. */
async function added(authenticate: ClientAuth) {
  const body = new URLSearchParams({ token: 't' });
  const headers = new Headers();
  await authenticate({ issuer: ISSUER }, { client_id: 'a:b' }, body, headers);
  body.delete('token');
  return { headers: Object.fromEntries(headers), form: Object.fromEntries(body) };
}

t.test(
  'a secret goes as Basic, its parts form-encoded (RFC 6749 section 2.3.1), or in the form',
  async (t) => {
    const client_secret = 'c d%&=+é';
    t.strictSame(await added(authentication({ client_auth: 'client_secret_basic', client_secret })), {
      headers: { authorization: `Basic ${btoa('a%3Ab:c+d%25%26%3D%2B%C3%A9')}` },
      form: {},
    });
    t.strictSame(await added(authentication({ client_auth: 'client_secret_post', client_secret })), {
      headers: {},
      form: { client_id: 'a:b', client_secret },
    });
  },
);

t.test('what a form leaves as it is goes as it is: not every server decodes', async (t) => {
  const settings = {
    client_id: 'my-gate.way',
    client_auth: 'client_secret_basic',
    client_secret: 'a-b_c.d*',
  };
  const headers = new Headers();
  const authenticate = clientAuthentication(serverConfig(ISSUER, settings), () => NOW);
  await authenticate({ issuer: ISSUER }, settings, new URLSearchParams(), headers);
  t.equal(headers.get('authorization'), `Basic ${btoa('my-gate.way:a-b_c.d*')}`);
});

t.test('a client without credentials of its own, or known by its certificate, gives its name', async (t) => {
  for (const client_auth of ['none', 'tls_client_auth', 'self_signed_tls_client_auth'] as const)
    t.strictSame(await added(authentication({ client_auth })), { headers: {}, form: { client_id: 'a:b' } });
});

t.test('authorization goes as it is written, and nothing beside it', async (t) => {
  const authorization = 'ApiKey a="b", c';
  t.strictSame(await added(authentication({ client_auth: 'authorization', authorization })), {
    headers: { authorization },
    form: {},
  });
});

t.test('an assertion says who asks whom, for a minute by our clock, once (RFC 7523 section 3)', async (t) => {
  const { privateJwk, publicJwk } = keyPairFor('ES256', { kid: 'mine' });
  const ways = {
    client_secret_jwt: [{ client_secret: SECRET }, Buffer.from(SECRET)],
    private_key_jwt: [{ client_key: JSON.stringify(privateJwk) }, await importJWK(publicJwk as JWK)],
  } as const;
  for (const [client_auth, [settings, key]] of Object.entries(ways)) {
    let now = NOW;
    const authenticate = authentication({ client_auth, ...settings } as Settings, () => now);
    const ids = new Set<unknown>();
    for (const seconds of [0, 5]) {
      now = NOW + seconds * 1_000;
      const { headers, form } = await added(authenticate);
      t.strictSame(headers, {});
      t.strictSame(Object.keys(form).toSorted(), ['client_assertion', 'client_assertion_type', 'client_id']);
      t.equal(form['client_assertion_type'], 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
      const { payload } = await compactVerify(form['client_assertion'] ?? '', key as never);
      const { jti, ...claims } = JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>;
      t.strictSame(claims, {
        iss: 'a:b',
        sub: 'a:b',
        aud: ISSUER,
        iat: 1_790_000_000 + seconds,
        exp: 1_790_000_060 + seconds,
      });
      t.match(jti, /^[\w-]{40,}$/);
      ids.add(jti);
    }
    t.equal(ids.size, 2, `${client_auth}: no two have one jti`);
  }
});

t.test('a key signs by its own alg, and is named by its kid', async (t) => {
  for (const alg of ['RS256', 'RS512', 'PS256', 'PS384', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']) {
    const { privateJwk, publicJwk } = keyPairFor(alg, { kid: 'mine' });
    const client_key = JSON.stringify(privateJwk);
    const { form } = await added(authentication({ client_auth: 'private_key_jwt', client_key }));
    const assertion = form['client_assertion'] ?? '';
    t.strictSame(decodeProtectedHeader(assertion), { alg, kid: 'mine' });
    await t.resolves(compactVerify(assertion, await importJWK(publicJwk as JWK, alg)), alg);
  }
});

t.test('PS256 is RSASSA-PSS, to whoever verifies it by other means', async (t) => {
  const { privateJwk, publicJwk } = keyPairFor('PS256');
  const client_key = JSON.stringify(privateJwk);
  const { form } = await added(authentication({ client_auth: 'private_key_jwt', client_key }));
  const [header, payload, signature = ''] = (form['client_assertion'] ?? '').split('.');
  const key = { key: createPublicKey({ format: 'jwk', key: publicJwk }), padding: 6, saltLength: 32 };
  t.ok(verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')));
});

t.test('only certificates have endpoints of their own', async (t) => {
  const mutual = (client_auth: string): boolean => isMutualTls(serverConfig(ISSUER, { client_auth }));
  for (const way of ['tls_client_auth', 'self_signed_tls_client_auth']) t.ok(mutual(way), way);
  for (const way of ['client_secret_basic', 'private_key_jwt', 'none', 'authorization'])
    t.notOk(mutual(way), way);
});

t.test('what a rule of the configuration demands is not done without', async (t) => {
  for (const client_auth of [
    'client_secret_basic',
    'client_secret_jwt',
    'private_key_jwt',
    'authorization',
  ] as const)
    t.throws(() => authentication({ client_auth }), { message: 'what client_auth needs is missing' });
});
