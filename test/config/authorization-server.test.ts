import t from 'tap';
import { issuersOf, SIGNATURE_ALGORITHMS } from '../../src/config/authorization-server.ts';
import { CLIENT } from '../support/certificates.ts';
import { changed, faults, load, withServer } from '../support/config.ts';
import { serverConfig } from '../support/introspection.ts';

const PHANTOM = { issuer: 'https://gateway.example', keys: '{"keys":[]}' };
const at = (key: string): string => `authorization_servers.main.${key}`;

t.test('an authorization server needs an issuer and a client; the rest has defaults', async (t) => {
  const { client_secret, introspection, ...main } = load(withServer({})).authorization_servers['main']!;
  t.equal(client_secret?.reveal(), 'correct horse');
  t.equal(introspection.timeout, 2_000, 'see introspection.test.ts');
  t.strictSame(main, {
    issuer: 'https://as.example',
    issuers: [],
    endpoint_origins: [],
    allow_insecure_requests: false,
    tls: { dangerously_skip_verification: false },
    keep_alive: 30_000,
    client_id: 'gateway',
    client_auth: 'client_secret_basic',
    jwt_types: ['at+jwt'],
  });
  for (const key of ['issuer', 'client_id'])
    t.strictSame(faults(withServer({ [key]: undefined })), [`authorization_servers.main: ${key} is missing`]);
});

t.test('every value of a setting is taken, and its neighbour refused', async (t) => {
  const algorithms = [...SIGNATURE_ALGORITHMS];
  t.strictSame(faults(withServer({ algorithms, jwt_types: ['at+jwt', 'JWT'], keep_alive: '0s' })), []);
  t.strictSame(
    faults(withServer({ algorithms: ['none', 'HS256', 'rs256'] })),
    [0, 1, 2].map((index) => `${at('algorithms')}[${index}]: expected one of ${algorithms.join(', ')}`),
  );
  t.strictSame(faults(withServer({ algorithms: [] })), [`${at('algorithms')}: must not be empty`]);
  t.strictSame(faults(withServer({ jwt_types: ['logout+jwt'] })), [
    `${at('jwt_types')}[0]: expected one of at+jwt, JWT`,
  ]);
  t.strictSame(faults(withServer({ client_id: '', client_secret: '' })), [
    `${at('client_id')}: must not be empty`,
    `${at('client_secret')}: must not be empty`,
  ]);
  t.match(faults(withServer({ client_auth: 'basic' })), [
    /client_auth: expected one of client_secret_basic, /,
  ]);
});

t.test('a prefix is of characters that a token may have', async (t) => {
  for (const token_prefix of ['abc_', 'a.b-c~d+e/f'])
    t.strictSame(faults(withServer({ token_prefix })), [], token_prefix);
  for (const token_prefix of ['', 'a b', 'a=', 'é'])
    t.strictSame(
      faults(withServer({ token_prefix })),
      [`${at('token_prefix')}: expected characters of a token: letters, digits and - . _ ~ + /`],
      token_prefix,
    );
});

t.test('verification is turned off by a name that says so, and by nothing else', async (t) => {
  const tls = { dangerously_skip_verification: true };
  t.strictSame(faults(withServer({ tls })), []);
  for (const key of ['verify', 'ssl_verify', 'insecure', 'skip_verification', 'rejectUnauthorized'])
    t.strictSame(faults(withServer({ tls: { [key]: false } })), [`${at(`tls.${key}`)}: unknown key`]);
});

t.test('secrets do not print', async (t) => {
  const main = load(
    withServer({
      client_auth: 'authorization',
      client_secret: undefined,
      authorization: 'Bearer hunter2',
      tls: { certificate: CLIENT.cert, key: CLIENT.key },
      introspection: { headers: { 'X-Key': 'hunter2' }, parameters: { key: 'hunter2' } },
    }),
  ).authorization_servers['main']!;
  t.equal(main.introspection.headers['X-Key']?.reveal(), 'hunter2');
  t.equal(main.tls.key?.reveal(), CLIENT.key);
  t.notMatch(JSON.stringify(main), /hunter2|PRIVATE/);
});

t.test('a server is known by its issuer first, then by others', async (t) => {
  t.strictSame(issuersOf(serverConfig('https://as.example', { issuers: ['as', 'https://old.example'] })), [
    'https://as.example',
    'as',
    'https://old.example',
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
  t.strictSame(faults(changed({ phantom: { ...PHANTOM, lifetime: '5m' } })), [
    'phantom.lifetime: unknown key',
  ]);
});

t.test('keys written as a mapping instead of text are refused without showing them', async (t) => {
  const keys = { keys: [{ kty: 'EC', d: 'hunter2' }] };
  t.strictSame(faults(changed({ phantom: { ...PHANTOM, keys } })), ['phantom.keys: expected a string']);
});
