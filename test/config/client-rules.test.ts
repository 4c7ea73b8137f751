import t from 'tap';
import { CLIENT_AUTHENTICATION } from '../../src/config/authorization-server.ts';
import { CLIENT } from '../support/certificates.ts';
import { faults, withServer } from '../support/config.ts';
import { keyPairFor } from '../support/keys.ts';

const at = 'authorization_servers.main';
const tls = { certificate: CLIENT.cert, key: CLIENT.key };
const client_key = JSON.stringify(keyPairFor('ES256').privateJwk);
const GIVEN = {
  client_secret: 'hunter2',
  client_key,
  authorization: 'Bearer hunter2',
  tls,
} as const;
const NEEDED = {
  client_secret_basic: 'client_secret',
  client_secret_post: 'client_secret',
  client_secret_jwt: 'client_secret',
  private_key_jwt: 'client_key',
  tls_client_auth: 'tls',
  self_signed_tls_client_auth: 'tls',
  none: null,
  authorization: 'authorization',
} as const;

/** What is wrong with a server that has this and nothing else to authenticate by. */
const told = (settings: object): string[] => faults(withServer({ client_secret: undefined, ...settings }));
const only = (key: keyof typeof GIVEN | null): object => (key === null ? {} : { [key]: GIVEN[key] });

t.test('each way of a client to authenticate needs its own, and has it', async (t) => {
  for (const client_auth of CLIENT_AUTHENTICATION) {
    const needed = NEEDED[client_auth];
    t.strictSame(told({ client_auth, ...only(needed) }), [], client_auth);
    if (needed !== null)
      t.strictSame(told({ client_auth }), [
        `${at}: client_auth: ${client_auth} needs ${needed === 'tls' ? 'tls.certificate' : needed}`,
      ]);
  }
  t.strictSame(told({}), [`${at}: client_auth: client_secret_basic needs client_secret`], 'the default');
});

t.test('what another way would need is a mistake: the client would not be who it seems', async (t) => {
  for (const client_auth of CLIENT_AUTHENTICATION)
    for (const key of ['client_secret', 'client_key', 'authorization'] as const)
      if (NEEDED[client_auth] !== key)
        t.strictSame(
          told({ client_auth, ...only(NEEDED[client_auth]), ...only(key) }),
          [`${at}.${key}: client_auth: ${client_auth} does not use it`],
          `${client_auth}, ${key}`,
        );
  t.strictSame(told({ client_secret: 'a', tls }), [], 'a certificate may come beside a secret');
});

t.test('client_key is a private JWK; what is wrong with it shows nothing of it', async (t) => {
  const key = (jwk: unknown): string[] =>
    told({ client_auth: 'private_key_jwt', client_key: typeof jwk === 'string' ? jwk : JSON.stringify(jwk) });
  t.strictSame(key('hunter2'), [`${at}.client_key: expected a private JWK, in JSON`]);
  t.strictSame(key(keyPairFor('ES256').publicJwk), [`${at}.client_key: is no private key`]);
  t.strictSame(
    key({ ...keyPairFor('ES256').privateJwk, alg: 'hunter2' })
      .join()
      .includes('hunter2'),
    false,
  );
});

t.test('authorization is a header value on one line', async (t) => {
  const value = (authorization: string): string[] => told({ client_auth: 'authorization', authorization });
  for (const right of ['Bearer a', 'Basic YTpi', 'x', 'Digest a="b c", d=e'])
    t.strictSame(value(right), [], right);
  for (const wrong of [
    'Bearer a\r\nX: y',
    'Bearer a\n',
    ' Bearer a',
    'Bearer a ',
    'Bearer \0',
    'Bearer ☃',
    ' ',
  ])
    t.strictSame(
      value(wrong),
      [`${at}.authorization: expected a header value, on one line`],
      JSON.stringify(wrong),
    );
});
