import { CompactEncrypt, exportJWK, generateKeyPair, type JWK } from 'jose';
import t from 'tap';
import { AnswerError } from '../../src/oauth/facts.ts';
import { decryption, isJwe } from '../../src/oauth/jwe.ts';
import { serverConfig } from '../support/introspection.ts';

const ALGORITHMS = [
  'RSA-OAEP',
  'RSA-OAEP-256',
  'RSA-OAEP-384',
  'RSA-OAEP-512',
  'ECDH-ES',
  'ECDH-ES+A128KW',
  'ECDH-ES+A192KW',
  'ECDH-ES+A256KW',
];
const OTHERS = 'it is encrypted, and not for one of introspection.decryption_keys';

/** A private key, its public one as a server has it, and what encrypts for it. */
async function keyFor(alg: string, kid?: string, options: object = {}) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, ...options });
  const jwk: JWK = { ...(await exportJWK(privateKey)), alg, ...(kid === undefined ? {} : { kid }) };
  const encrypt = (text: string, header: object = {}): Promise<string> =>
    new CompactEncrypt(new TextEncoder().encode(text))
      .setProtectedHeader({ alg, enc: 'A256GCM', ...(kid === undefined ? {} : { kid }), ...header })
      .encrypt(publicKey);
  return { jwk, encrypt };
}

const decrypting = (...keys: unknown[]) => decryption(configured(JSON.stringify({ keys })));
const configured = (decryption_keys: string) =>
  serverConfig('https://as.example', { introspection: { decryption_keys } });

t.test('every asymmetric algorithm decrypts, with every content encryption', async (t) => {
  for (const alg of ALGORITHMS) {
    const { jwk, encrypt } = await keyFor(alg);
    const decrypt = await decrypting(jwk);
    for (const enc of ['A128GCM', 'A192GCM', 'A256GCM', 'A128CBC-HS256', 'A192CBC-HS384', 'A256CBC-HS512'])
      t.equal(await decrypt(await encrypt('inside', { enc })), 'inside', `${alg} ${enc}`);
  }
  const x25519 = await keyFor('ECDH-ES+A256KW', 'one', { crv: 'X25519' });
  t.equal(await (await decrypting(x25519.jwk))(await x25519.encrypt('inside')), 'inside', 'X25519');
});

t.test('the kid says which key, and without one each is tried that has the algorithm', async (t) => {
  const [one, two, other] = await Promise.all([
    keyFor('ECDH-ES', 'one'),
    keyFor('ECDH-ES', 'two'),
    keyFor('RSA-OAEP-256', 'one'),
  ]);
  const decrypt = await decrypting(one.jwk, two.jwk, other.jwk);
  for (const { encrypt } of [one, two, other]) {
    t.equal(await decrypt(await encrypt('inside')), 'inside');
    t.equal(await decrypt(await encrypt('inside', { kid: undefined })), 'inside');
  }
  await t.rejects(decrypt(await one.encrypt('inside', { kid: 'three' })), new AnswerError(OTHERS));
  await t.rejects(
    decrypt(await one.encrypt('inside', { kid: 'two' })),
    new AnswerError('it cannot be decrypted: ERR_JWE_DECRYPTION_FAILED'),
  );
  const nameless = await decrypting({ ...one.jwk, kid: undefined });
  t.equal(await nameless(await one.encrypt('inside', { kid: 'three' })), 'inside');
});

t.test('a key is used as its own alg says, whatever the answer would have', async (t) => {
  const { jwk, encrypt } = await keyFor('ECDH-ES', 'one');
  const decrypt = await decrypting({ ...jwk, alg: 'ECDH-ES+A128KW' });
  await t.rejects(decrypt(await encrypt('inside')), new AnswerError(OTHERS));
  const rsa = await keyFor('RSA-OAEP', 'one');
  const strict = await decrypting({ ...rsa.jwk, alg: 'RSA-OAEP-256' });
  await t.rejects(strict(await rsa.encrypt('inside')), new AnswerError(OTHERS));
});

t.test('what is broken is refused by its code', async (t) => {
  const { jwk, encrypt } = await keyFor('ECDH-ES', 'one');
  const decrypt = await decrypting(jwk);
  const [header, , iv, ciphertext, tag] = (await encrypt('inside')).split('.') as [
    string,
    string,
    string,
    string,
    string,
  ];
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const read = JSON.parse(Buffer.from(header, 'base64url').toString()) as object;
  const cases: [string, string, string][] = [
    ['another ciphertext', `${header}..${iv}.${'A'.repeat(8)}.${tag}`, 'ERR_JWE_DECRYPTION_FAILED'],
    [
      'another header',
      `${encoded({ ...read, x: 1 })}..${iv}.${ciphertext}.${tag}`,
      'ERR_JWE_DECRYPTION_FAILED',
    ],
    ['a tag cut short', `${header}..${iv}.${ciphertext}.${tag.slice(0, 4)}`, 'ERR_JWE_'],
    [
      'unknown crit',
      `${encoded({ ...read, crit: ['x'], x: 1 })}..${iv}.${ciphertext}.${tag}`,
      'ERR_JOSE_NOT_SUPPORTED',
    ],
    [
      'an unknown enc',
      `${encoded({ ...read, enc: 'none' })}..${iv}.${ciphertext}.${tag}`,
      'ERR_JOSE_NOT_SUPPORTED',
    ],
    ['a header that is no JSON', `AAAA..${iv}.${ciphertext}.${tag}`, 'TypeError'],
  ];
  for (const [title, jwe, code] of cases)
    await t.rejects(
      decrypt(jwe),
      { constructor: AnswerError, message: `it cannot be decrypted: ${code}` },
      title,
    );
});

t.test('CVE-2024-28176: what was compressed is bounded', async (t) => {
  const { jwk, encrypt } = await keyFor('ECDH-ES', 'one');
  const decrypt = await decrypting(jwk);
  t.equal(await decrypt(await encrypt('a'.repeat(262_144), { zip: 'DEF' })), 'a'.repeat(262_144));
  const bomb = await encrypt('a'.repeat(262_145), { zip: 'DEF' });
  t.ok(bomb.length < 2_000);
  await t.rejects(decrypt(bomb), new AnswerError('it cannot be decrypted: ERR_JWE_INVALID'));
});

t.test('keys that the configuration’s rules would have refused decrypt nothing', async (t) => {
  const { jwk } = await keyFor('ECDH-ES', 'one');
  const secret = { kty: 'oct', k: 'c2VjcmV0LXNlY3JldA', kid: 'one' };
  for (const alg of ['RSA1_5', 'dir', 'A128KW', 'PBES2-HS256+A128KW', 'ES256', 'constructor', undefined])
    for (const key of [jwk, secret])
      await t.rejects(
        decrypting({ ...key, alg }),
        { message: 'is not for decrypting answers' },
        alg ?? 'none',
      );
});

t.test('keys are read once for each server', async (t) => {
  const { jwk } = await keyFor('ECDH-ES');
  const config = configured(JSON.stringify({ keys: [jwk] }));
  t.equal(decryption(config), decryption(config));
  t.not(decryption(config), decryption(configured(JSON.stringify({ keys: [jwk] }))));
});

t.test('without keys nothing can be decrypted', async (t) => {
  const { encrypt } = await keyFor('ECDH-ES');
  const decrypt = await decryption(serverConfig('https://as.example'));
  await t.rejects(decrypt(await encrypt('inside')), new AnswerError(OTHERS));
});

t.test('a JWE has five parts, of which the second may be empty', async (t) => {
  const { encrypt } = await keyFor('ECDH-ES');
  t.ok(isJwe(await encrypt('inside')));
  t.ok(isJwe('a.b.c.d.e'));
  for (const text of ['a.b.c', 'a..c.d', 'a..c.d.', '.b.c.d.e', 'a.b.c.d.e.f', 'a. .c.d.e', 'a.b.c.d.e=', ''])
    t.notOk(isJwe(text), text);
});
