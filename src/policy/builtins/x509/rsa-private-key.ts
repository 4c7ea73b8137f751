/** RSA's private keys: PKCS #1 (RFC 8017, appendix A.1.2), with the checks of Go's `x509` and `crypto/rsa`. */
import { BuiltinError } from '../builtin.ts';
import { DerReader, TAG } from './der.ts';

/** More than OpenSSL takes; Go has no bound, and would spend seconds. */
const MOST_BITS = 16_384;
/** Nor is there a bound for these in Go. OpenSSL makes keys of 5 at most. */
const MOST_PRIMES = 16;
/** Where q's inverse has to be found, for which Go raises q to a power of p's size. */
const MOST_BITS_TO_RAISE = 2_048;

export type RsaPrivateKey = {
  readonly type: 'RSA';
  readonly n: bigint;
  readonly e: bigint;
  readonly d: bigint;
  /** p, q, and perhaps more. */
  readonly primes: readonly bigint[];
  readonly dp: bigint;
  readonly dq: bigint;
  /** The inverse of q modulo p. */
  readonly qInverse: bigint;
  /** Of the primes from the third on. `product` is of those before. */
  readonly more: readonly Readonly<Record<'exponent' | 'coefficient' | 'product', bigint>>[];
};

/** Of two primes; what follows from the others may be null. */
export type RsaNumbers = Readonly<Record<'n' | 'e' | 'd' | 'p' | 'q', bigint>> &
  Readonly<Record<'dp' | 'dq' | 'qInverse', bigint | null>>;

/** Throws BuiltinError. */
export function parsePkcs1(der: Buffer): RsaPrivateKey {
  const outer = new DerReader(der, 'asn1: structure error: malformed RSA private key', { highTags: true });
  const reader = outer.reader();
  if (!outer.isEmpty()) throw new BuiltinError('asn1: syntax error: trailing data');
  if (reader.int64() > 1n) throw new BuiltinError('x509: unsupported private key version');
  const [n, e] = [reader.integer(), reader.int64()];
  const [d, p, q] = [reader.integer(), reader.integer(), reader.integer()];
  const optional = (): bigint | null => (reader.isNext(TAG.integer) ? reader.integer() : null);
  const [dp, dq, qInverse] = [optional(), optional(), optional()];
  const others = reader.isNext(TAG.sequence) ? reader.reader().all(readPrime) : [];
  if ([n, d, p, q, dp, dq, qInverse, ...others].some((number) => number !== null && number <= 0n))
    throw new BuiltinError('x509: private key contains zero or negative value');
  const numbers = { n, e, d, p, q, dp, dq, qInverse };
  return others.length === 0 ? rsaPrivateKey(numbers) : withMorePrimes(numbers, [p, q, ...others]);
}

/** Two numbers that follow from it follow it. */
function readPrime(reader: DerReader): bigint {
  const info = reader.reader();
  const prime = info.integer();
  info.integer();
  info.integer();
  return prime;
}

/** Checked to fit together; that the primes are such is not. Throws BuiltinError with Go's words. */
export function rsaPrivateKey(numbers: RsaNumbers): RsaPrivateKey {
  const { n, e, d, p, q } = numbers;
  checkPublic(numbers);
  if (p >= n || q >= n || (p * q) % n !== 0n) fail('p * q != n');
  const { dp, dq, qInverse } = withCrt(numbers);
  if (dp >= p - 1n || dq >= q - 1n || (e * dp) % (p - 1n) !== 1n || (e * dq) % (q - 1n) !== 1n)
    fail('invalid CRT exponent');
  if (qInverse >= p || (qInverse * q) % p !== 1n) fail('invalid CRT coefficient');
  if (d % (p - 1n) !== dp || d % (q - 1n) !== dq) fail('d does not match dP or dQ');
  const half = Math.floor(bits(n) / 2);
  if (p === q || bits(p > q ? p - q : q - p) <= half - 100) fail('|p - q| too small');
  if (bits(d) <= half) fail('d too small');
  return { type: 'RSA', n, e, d, primes: [p, q], dp, dq, qInverse, more: [] };
}

type Crt = Readonly<Record<'dp' | 'dq' | 'qInverse', bigint>>;

/** Those given, if all are, else what they must be. */
function withCrt({ d, p, q, dp, dq, qInverse }: RsaNumbers): Crt {
  if (dp !== null && dq !== null && qInverse !== null) return { dp, dq, qInverse };
  return { dp: d % (p - 1n), dq: d % (q - 1n), qInverse: inverse(q, p) };
}

/** By Fermat's little theorem, as Go does it: the result is no inverse where p is not prime. */
function inverse(q: bigint, p: bigint): bigint {
  if (p % 2n === 0n) fail('p is even');
  if (bits(p) > MOST_BITS_TO_RAISE) fail('the primes are too large');
  let power = 1n;
  for (const bit of (p - 2n).toString(2)) {
    power = (power * power) % p;
    if (bit === '1') power = (power * q) % p;
  }
  return power;
}

/** Go computes what the deprecated keys of several primes need, and hardly checks them. */
function withMorePrimes(numbers: RsaNumbers, primes: readonly bigint[]): RsaPrivateKey {
  const { n, e, d, p, q } = numbers;
  checkPublic(numbers);
  if (primes.length > MOST_PRIMES || primes.some((prime) => prime <= 1n || bits(prime) > MOST_BITS))
    fail('invalid primes');
  let product = p * q;
  const more = primes.slice(2).map((prime) => {
    const values = { exponent: d % (prime - 1n), coefficient: euclid(product, prime), product };
    product *= prime;
    return values;
  });
  const [dp, dq] = [d % (p - 1n), d % (q - 1n)];
  return { type: 'RSA', n, e, d, primes, dp, dq, qInverse: euclid(q, p), more };
}

/** The inverse of `a` modulo `m`. */
function euclid(a: bigint, m: bigint): bigint {
  let [r, next] = [m, a % m];
  let [s, t] = [0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [s, t] = [t, s - quotient * t];
  }
  if (r !== 1n) fail('prime factors are not relatively prime');
  return s < 0n ? s + m : s;
}

function checkPublic({ n, e, d }: RsaNumbers): void {
  if (n <= 1n || n % 2n === 0n) fail('public modulus is even');
  if (bits(n) > MOST_BITS) fail(`a key has at most ${MOST_BITS} bits here`);
  if (e < 2n || e % 2n === 0n || e >= 1n << 31n) fail('invalid public exponent');
  if (d >= n) fail('private exponent too large');
}

const bits = (number: bigint): number => number.toString(2).length;

function fail(reason: string): never {
  throw new BuiltinError(`crypto/rsa: ${reason}`);
}
