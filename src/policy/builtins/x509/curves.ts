/** The elliptic curves that Go knows in certificates and keys: those of NIST (FIPS 186, SP 800-186). */

export type Curve = {
  readonly name: 'P-224' | 'P-256' | 'P-384' | 'P-521';
  /** OpenSSL's name. */
  readonly openssl: string;
  /** Bytes of a coordinate, and of a private key. */
  readonly size: number;
  /** The field's prime, and what y² = x³ − 3x + b has for b. */
  readonly p: bigint;
  readonly b: bigint;
  /** DER of a SubjectPublicKeyInfo up to the uncompressed point. */
  readonly prefix: Buffer;
};

/** By object identifier. */
export const CURVES: ReadonlyMap<string, Curve> = new Map([
  [
    '1.3.132.0.33',
    {
      name: 'P-224',
      openssl: 'secp224r1',
      size: 28,
      p: 2n ** 224n - 2n ** 96n + 1n,
      b: 0xb4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4n,
      prefix: Buffer.from('304e301006072a8648ce3d020106052b81040021033a00', 'hex'),
    },
  ],
  [
    '1.2.840.10045.3.1.7',
    {
      name: 'P-256',
      openssl: 'prime256v1',
      size: 32,
      p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
      b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
      prefix: Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex'),
    },
  ],
  [
    '1.3.132.0.34',
    {
      name: 'P-384',
      openssl: 'secp384r1',
      size: 48,
      p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
      b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
      prefix: Buffer.from('3076301006072a8648ce3d020106052b81040022036200', 'hex'),
    },
  ],
  [
    '1.3.132.0.35',
    {
      name: 'P-521',
      openssl: 'secp521r1',
      size: 66,
      p: 2n ** 521n - 1n,
      b: 0x051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
      prefix: Buffer.from('30819b301006072a8648ce3d020106052b8104002303818600', 'hex'),
    },
  ],
] as const);

export type Point = { readonly x: bigint; readonly y: bigint };

/** Of SEC 1's uncompressed form (section 2.3.4); null for another form, and for what is not on the curve. */
export function parsePoint({ size, p, b }: Curve, bytes: Buffer): Point | null {
  if (bytes.length !== 1 + 2 * size || bytes[0] !== 4) return null;
  const x = BigInt(`0x${bytes.toString('hex', 1, 1 + size)}`);
  const y = BigInt(`0x${bytes.toString('hex', 1 + size)}`);
  return x < p && y < p && (y * y - x * x * x + 3n * x - b) % p === 0n ? { x, y } : null;
}
