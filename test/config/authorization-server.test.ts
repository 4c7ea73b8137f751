import t from 'tap';
import { changed, faults, load, withServer } from '../support/config.ts';

const PHANTOM = { issuer: 'https://gateway.example', keys: '{"keys":[]}' };

t.test(
  'an authorization server needs an issuer, a client and its secret; the rest has defaults',
  async (t) => {
    const { client_secret, ...main } = load(withServer({})).authorization_servers['main']!;
    t.equal(client_secret.reveal(), 'correct horse');
    t.strictSame(main, {
      issuer: 'https://as.example',
      endpoint_origins: [],
      allow_insecure_requests: false,
      client_id: 'gateway',
      client_auth: 'client_secret_basic',
      introspection: {
        accept: 'auto',
        timeout: 2_000,
        cache: { max_ttl: 30_000, inactive_ttl: 5_000, max_entries: 100_000 },
      },
    });
    for (const key of ['issuer', 'client_id', 'client_secret'])
      t.strictSame(faults(withServer({ [key]: undefined })), [
        `authorization_servers.main: ${key} is missing`,
      ]);
  },
);

t.test('part of a section leaves the defaults of the rest', async (t) => {
  const { introspection } = load(withServer({ introspection: { cache: { max_ttl: '0s' } } }))
    .authorization_servers['main']!;
  t.match(introspection, { accept: 'auto', cache: { max_ttl: 0, inactive_ttl: 5_000 } });
});

t.test('every value of a setting is taken, and its neighbour refused', async (t) => {
  const at = (key: string) => `authorization_servers.main.${key}`;
  const forms = ['auto', 'application/jwt', 'application/token-introspection+jwt', 'application/json'];
  const algorithms = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ');
  t.strictSame(faults(withServer({ introspection: { algorithms } })), []);
  for (const accept of forms) t.strictSame(faults(withServer({ introspection: { accept } })), [], accept);
  for (const client_auth of ['client_secret_basic', 'client_secret_post'])
    t.strictSame(faults(withServer({ client_auth })), [], client_auth);

  t.strictSame(
    faults(
      withServer({
        introspection: { accept: 'text/plain', algorithms: ['none', 'HS256', 'rs256'], timeout: '0s' },
      }),
    ),
    [
      `${at('introspection.accept')}: expected one of ${forms.join(', ')}`,
      ...[0, 1, 2].map(
        (index) => `${at('introspection.algorithms')}[${index}]: expected one of ${algorithms.join(', ')}`,
      ),
      `${at('introspection.timeout')}: expected a duration above zero such as 250ms, 30s, 5m or 1h`,
    ],
  );
  t.strictSame(faults(withServer({ introspection: { algorithms: [] } })), [
    `${at('introspection.algorithms')}: must not be empty`,
  ]);
  t.strictSame(faults(withServer({ introspection: { cache: { max_entries: 0 } } })), [
    `${at('introspection.cache.max_entries')}: expected a number >= 1`,
  ]);
  t.strictSame(faults(withServer({ introspection: { cache: { max_entries: 10_000_001 } } })), [
    `${at('introspection.cache.max_entries')}: expected a number <= 10000000`,
  ]);
  t.strictSame(faults(withServer({ client_id: '', client_secret: '' })), [
    `${at('client_id')}: must not be empty`,
    `${at('client_secret')}: must not be empty`,
  ]);
});

t.test('what is designed but not there yet is refused, never ignored', async (t) => {
  for (const client_auth of ['client_secret_jwt', 'private_key_jwt', 'tls_client_auth', 'none'])
    t.strictSame(faults(withServer({ client_auth })), [
      'authorization_servers.main.client_auth: expected one of client_secret_basic, client_secret_post',
    ]);
  for (const key of ['token_prefix', 'client_certificate', 'issuers'])
    t.strictSame(faults(withServer({ [key]: 'x' })), [`authorization_servers.main.${key}: unknown key`]);
  for (const key of ['limits', 'breaker', 'jwt_claim'])
    t.strictSame(faults(withServer({ introspection: { [key]: {} } })), [
      `authorization_servers.main.introspection.${key}: unknown key`,
    ]);
  t.strictSame(faults(withServer({ introspection: { cache: { shared: {} } } })), [
    'authorization_servers.main.introspection.cache.shared: unknown key',
  ]);
  t.strictSame(faults(changed({ phantom: { ...PHANTOM, lifetime: '5m' } })), [
    'phantom.lifetime: unknown key',
  ]);
});

t.test('phantom needs an issuer and keys, which are a secret', async (t) => {
  const { phantom } = load(changed({ phantom: PHANTOM }));
  t.match(phantom, { issuer: 'https://gateway.example', algorithm: 'ES256' });
  t.equal(phantom?.keys.reveal(), PHANTOM.keys);
  t.equal(load(changed({})).phantom, null, 'without the section there is none');
  t.strictSame(faults(changed({ phantom: {} })), ['phantom: issuer is missing', 'phantom: keys is missing']);
  for (const algorithm of ['ES256', 'ES384', 'PS256', 'RS256', 'EdDSA'])
    t.strictSame(faults(changed({ phantom: { ...PHANTOM, algorithm } })), [], algorithm);
  for (const algorithm of ['HS256', 'none', 'es256'])
    t.strictSame(faults(changed({ phantom: { ...PHANTOM, algorithm } })), [
      'phantom.algorithm: expected one of ES256, ES384, PS256, RS256, EdDSA',
    ]);
});

t.test('keys written as a mapping instead of text are refused without showing them', async (t) => {
  const keys = { keys: [{ kty: 'EC', d: 'hunter2' }] };
  t.strictSame(faults(changed({ phantom: { ...PHANTOM, keys } })), ['phantom.keys: expected a string']);
});
