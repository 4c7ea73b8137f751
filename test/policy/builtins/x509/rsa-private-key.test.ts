import { checkPrimeSync, generateKeyPairSync, generatePrimeSync } from 'node:crypto';
import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import {
  parsePkcs1,
  type RsaNumbers,
  rsaPrivateKey,
} from '../../../../src/policy/builtins/x509/rsa-private-key.ts';
import { integer, sequence } from '../../../support/der.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
const jwk = privateKey.export({ format: 'jwk' });
const number = (text: string | undefined): bigint =>
  BigInt(`0x${Buffer.from(text ?? '', 'base64url').toString('hex')}`);
const numbers: { -readonly [name in keyof RsaNumbers]: bigint } = {
  n: number(jwk.n),
  e: number(jwk.e),
  d: number(jwk.d),
  p: number(jwk.p),
  q: number(jwk.q),
  dp: number(jwk.dp),
  dq: number(jwk.dq),
  qInverse: number(jwk.qi),
};
const { n, e, d, p, q, dp, dq, qInverse } = numbers;
const fails = (message: string, changes: Partial<RsaNumbers>): void => {
  t.throws(
    () => rsaPrivateKey({ ...numbers, ...changes }),
    new BuiltinError(`crypto/rsa: ${message}`),
    message,
  );
};

t.test("OpenSSL's keys are read", async (t) => {
  const key = parsePkcs1(privateKey.export({ format: 'der', type: 'pkcs1' }));
  t.strictSame(key, { type: 'RSA', n, e, d, primes: [p, q], dp, dq, qInverse, more: [] });
});

t.test('what follows from the primes may be left out', async (t) => {
  const without = { ...numbers, dp: null, dq: null, qInverse: null };
  t.strictSame(rsaPrivateKey(without), rsaPrivateKey(numbers));
  t.strictSame(
    rsaPrivateKey({ ...numbers, qInverse: null }),
    rsaPrivateKey(numbers),
    'what is given is not looked at',
  );
  const read = parsePkcs1(sequence(...[0n, n, e, d, p, q].map(integer)));
  t.equal(read.qInverse, qInverse);
});

t.test('what is given has to fit', async () => {
  fails('p * q != n', { p: q });
  fails('p * q != n', { p: n, q: 3n });
  fails('invalid CRT exponent', { dp: dp + 1n });
  fails('invalid CRT exponent', { dq: dq + (q - 1n) });
  fails('invalid CRT coefficient', { qInverse: qInverse + 1n });
  fails('invalid CRT coefficient', { qInverse: qInverse + p });
  fails('d does not match dP or dQ', { d: d - 2n });
  fails('private exponent too large', { d: d + n });
});

t.test('weak keys are refused', async () => {
  fails('public modulus is even', { n: n - 1n });
  fails('public modulus is even', { n: 1n });
  fails('invalid public exponent', { e: 1n });
  fails('invalid public exponent', { e: e + 1n });
  fails('invalid public exponent', { e: 2n ** 31n + 1n });
  const small = { p: 1009n, q: 2003n, n: 1009n * 2003n, dp: null, dq: null, qInverse: null };
  const phi = 1008n * 2002n;
  fails('d too small', { ...small, d: 5n, e: inverse(5n, phi) });
  t.equal(rsaPrivateKey({ ...small, e: 5n, d: inverse(5n, phi) }).type, 'RSA');
});

/** Of a modulo m. */
function inverse(a: bigint, m: bigint): bigint {
  let [r, next, s, after] = [m, a, 0n, 1n];
  while (next > 0n) [r, next, s, after] = [next, r % next, after, s - (r / next) * after];
  return ((s % m) + m) % m;
}

t.test('primes that are near each other are refused', async () => {
  const first = generatePrimeSync(256, { bigint: true });
  let second = first + 2n;
  while (!checkPrimeSync(second)) second += 2n;
  const [one, other] = [first - 1n, second - 1n];
  const near = { n: first * second, e: 65_537n, d: inverse(65_537n, one * other), p: first, q: second };
  fails('|p - q| too small', { ...near, dp: null, dq: null, qInverse: null });
});

t.test('p has to be prime where the inverse is looked for', async () => {
  const composite = { n: 1013n * 2021n, p: 2021n, q: 1013n, dp: null, dq: null, qInverse: null };
  fails('invalid CRT coefficient', { ...composite, e: 3n, d: inverse(3n, 2020n * 1012n) });
  fails('p is even', { n: 15n, p: 6n, q: 5n, e: 3n, d: 7n, dp: null, dq: null, qInverse: null });
});

t.test('keys of more bits than OpenSSL takes are refused', async () => {
  fails('a key has at most 16384 bits here', { n: 2n ** 16_384n + 1n });
  const large = { p: 2n ** 3_000n + 1n, q: 3n, n: 3n * (2n ** 3_000n + 1n) };
  fails('the primes are too large', { ...large, dp: null, dq: null, qInverse: null });
});

t.test('deprecated keys of several primes are read, and not checked', async (t) => {
  const primes = [101n, 103n, 107n];
  const modulus = 101n * 103n * 107n;
  const build = (...others: readonly bigint[]): Buffer =>
    sequence(
      ...[1n, modulus, 3n, 7_777n, 101n, 103n].map(integer),
      sequence(...others.map((prime) => sequence(integer(prime), integer(1), integer(1)))),
    );
  t.match(parsePkcs1(build(107n)), {
    primes,
    dp: 7_777n % 100n,
    dq: 7_777n % 102n,
    qInverse: 51n,
    more: [{ exponent: 7_777n % 106n, coefficient: inverse(101n * 103n, 107n), product: 101n * 103n }],
  });
  const wrong = (message: string, ...others: readonly bigint[]): void => {
    t.throws(() => parsePkcs1(build(...others)), new BuiltinError(message), message);
  };
  wrong('crypto/rsa: invalid primes', 1n);
  wrong('crypto/rsa: invalid primes', 2n ** 16_384n);
  wrong('crypto/rsa: invalid primes', ...Array.from({ length: 15 }, () => 107n));
  wrong('crypto/rsa: prime factors are not relatively prime', 101n);
  wrong('x509: private key contains zero or negative value', -107n);
});

t.test('what is no key is an error', async (t) => {
  const wrong = (message: string, der: Buffer): void => {
    t.throws(() => parsePkcs1(der), new BuiltinError(message), message);
  };
  const whole = [0n, n, e, d, p, q, dp, dq, qInverse].map(integer);
  wrong('asn1: structure error: malformed RSA private key', sequence(...whole.slice(0, 5)));
  wrong('asn1: structure error: malformed RSA private key', Buffer.alloc(0));
  wrong('asn1: syntax error: trailing data', Buffer.concat([sequence(...whole), Buffer.alloc(1)]));
  wrong('x509: unsupported private key version', sequence(integer(2), ...whole.slice(1)));
  wrong('x509: private key contains zero or negative value', sequence(...whole.slice(0, 6), integer(0)));
});
