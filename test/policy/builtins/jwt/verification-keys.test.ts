import { generateKeyPairSync } from 'node:crypto';
import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { candidates, verificationKeys } from '../../../../src/policy/builtins/jwt/verification-keys.ts';
import { AUTHORITY } from '../../../support/certificates.ts';

const oct = (k: string, more: object = {}): object => ({ kty: 'oct', k, ...more });
const set = (...keys: readonly object[]): string => JSON.stringify({ keys });
/** The secrets that are tried, in order. */
const tried = (keys: string, kid: string, alg: string): readonly string[] =>
  candidates(verificationKeys(keys), kid, alg).map((key) =>
    Buffer.from(key as Uint8Array).toString('base64url'),
  );

t.test('keys come in certificates, in PEM, in a JWK or in a set', async (t) => {
  const pem = generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }) as string;
  for (const text of [AUTHORITY, `issued by\n${pem}`, JSON.stringify(oct('AQ')), set(oct('AQ'))])
    t.equal(verificationKeys(text).length, 1);
  t.strictSame(verificationKeys(set()), []);
});

t.test('after a block of PEM there is nothing', async (t) => {
  for (const rest of ['\n', ' ', AUTHORITY])
    t.throws(
      () => verificationKeys(AUTHORITY + rest),
      new BuiltinError('extra data after a PEM certificate block'),
    );
});

t.test('keys that are not for signatures are left out, and one that is wrong spoils all', async (t) => {
  t.strictSame(tried(set(oct('AQ', { alg: 'dir' }), oct('Ag', { alg: 'none' }), oct('Aw')), '', ''), ['Aw']);
  t.throws(
    () => verificationKeys(set(oct('AQ'), oct(''))),
    new BuiltinError('missing "k" of a symmetric key'),
  );
  t.throws(
    () => verificationKeys(set(oct('AQ'), { kty: 'OKP', crv: 'Ed448', x: 'AA' })),
    new BuiltinError('invalid curve algorithm Ed448'),
  );
});

t.test('the key that a token names is tried alone, whatever it is for', async (t) => {
  const keys = set(oct('AQ', { kid: 'a', alg: 'RS256' }), oct('Ag', { kid: 'a' }), oct('Aw'));
  t.strictSame(tried(keys, 'a', 'HS256'), ['AQ'], 'the first of that name');
});

t.test('else all are tried that are not for another algorithm', async (t) => {
  const keys = set(oct('AQ', { kid: 'a', alg: 'HS256' }), oct('Ag', { kid: '', alg: 'HS512' }), oct('Aw'));
  t.strictSame(tried(keys, 'b', 'HS256'), ['AQ', 'Aw']);
  t.strictSame(tried(keys, '', 'HS512'), ['Ag', 'Aw']);
});

t.test('what was read before is not read again', async (t) => {
  const keys = set(oct('AQ'));
  t.equal(verificationKeys(keys), verificationKeys(keys));
});
