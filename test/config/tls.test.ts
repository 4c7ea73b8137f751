import { createPrivateKey } from 'node:crypto';
import t from 'tap';
import { Secret } from '../../src/config/units.ts';
import { tlsFault } from '../../src/config/tls.ts';
import { AUTHORITY, CLIENT, SERVER, WEAK } from '../support/certificates.ts';

type Tls = Parameters<typeof tlsFault>[0];

/** Which settings are at fault, and what is said of them. */
const faults = (tls: Tls): string[] => tlsFault(tls).map(({ at, message }) => `${at}: ${message}`);
const key = new Secret(CLIENT.key);

t.test('nothing is wrong with settings that can be used', async (t) => {
  const right: Tls[] = [
    {},
    { ca: AUTHORITY },
    { ca: `# ours\n${AUTHORITY}# theirs\n${SERVER.cert}` },
    { certificate: CLIENT.cert, key },
    { certificate: CLIENT.cert + AUTHORITY, key },
    { server_name: 'api.internal' },
    { server_name: 'Accounts_API' },
  ];
  for (const tls of right) t.strictSame(faults(tls), []);
});

t.test('certificates that are none are found, which OpenSSL passes over in silence', async (t) => {
  const half = AUTHORITY.slice(0, 200);
  for (const pem of [
    'nonsense',
    CLIENT.key,
    half,
    AUTHORITY + half,
    AUTHORITY + CLIENT.key,
    AUTHORITY.replaceAll(/[A-Z]{2}/g, '!!'),
    `${AUTHORITY}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
  ]) {
    t.strictSame(faults({ ca: pem }), ['ca: expected certificates in PEM']);
    t.strictSame(faults({ certificate: pem, key }), ['certificate: expected certificates in PEM']);
  }
});

t.test('a key is one, without a passphrase, and its certificate’s', async (t) => {
  const locked = { format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
  const encrypted = String(createPrivateKey(CLIENT.key).export(locked));
  for (const pem of ['nonsense', CLIENT.cert, encrypted])
    t.strictSame(faults({ certificate: CLIENT.cert, key: new Secret(pem) }), [
      'key: expected a private key in PEM, without a passphrase',
    ]);
  for (const [certificate, pem] of [
    [CLIENT.cert, SERVER.key],
    [AUTHORITY + CLIENT.cert, CLIENT.key],
  ] as const)
    t.strictSame(faults({ certificate, key: new Secret(pem) }), ['key: is not the certificate’s key']);
});

t.test('neither comes without the other', async (t) => {
  t.strictSame(faults({ certificate: CLIENT.cert }), ['certificate: needs its key']);
  t.strictSame(faults({ key }), ['key: needs its certificate']);
});

t.test('a certificate that OpenSSL refuses to use is found, too', async (t) => {
  t.strictSame(faults({ certificate: WEAK.cert, key: new Secret(WEAK.key) }), [
    'certificate: cannot be used: ERR_SSL_EE_KEY_TOO_SMALL',
  ]);
});

t.test('SNI has names alone', async (t) => {
  for (const server_name of [
    '127.0.0.1',
    '::1',
    '[::1]',
    'api:443',
    'https://api',
    'a b',
    'api.internal.',
    '',
  ])
    t.strictSame(
      faults({ server_name }),
      ['server_name: expected a host name, without a port (RFC 6066 section 3)'],
      server_name,
    );
});

t.test('all faults are told at once, and nothing of the key', async (t) => {
  const told = faults({ ca: 'x', certificate: 'y', key: new Secret('hidden'), server_name: '::1' });
  t.strictSame(
    told.map((fault) => fault.split(':')[0]),
    ['ca', 'certificate', 'key', 'server_name'],
  );
  t.notMatch(told.join(), /hidden/);
});
