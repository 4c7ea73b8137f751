/** What `io.jwt.decode_verify` is told that a token must be: OPA's `tokenConstraints`. */
import { RegoNumber } from '../../number.ts';
import { compare, type RegoObject, type Value } from '../../value.ts';
import { BuiltinError, type Evaluation } from '../builtin.ts';
import { type Compact, signingInput } from './compact.ts';
import type { JwtHeader } from './header.ts';
import { ALGORITHMS, type Algorithm, verifies } from './jws.ts';
import { candidates, type VerificationKey, verificationKeys } from './verification-keys.ts';

export type Constraints = {
  readonly keys: readonly VerificationKey[];
  /** Empty for any algorithm. */
  readonly alg: string;
  /** Empty for any issuer. */
  readonly iss: string;
  /** Empty where a token may not have an audience. */
  readonly aud: string;
  /** Seconds since the epoch. */
  readonly time: RegoNumber;
};

/** Of `cert` and `secret` one has to be there, and not both. */
const TEXTS = new Set(['cert', 'secret', 'alg', 'iss', 'aud']);

/** Throws BuiltinError for a constraint that OPA does not know, and for keys that cannot be read. */
export function readConstraints(object: RegoObject, { now }: Evaluation): Constraints {
  for (const [name, value] of object.entries) {
    if (typeof name !== 'string' || (name !== 'time' && !TEXTS.has(name)))
      throw new BuiltinError(
        `unknown token validation constraint: ${typeof name === 'string' ? name : 'no string'}`,
      );
    if (name !== 'time' && typeof value !== 'string')
      throw new BuiltinError(`${name} constraint: must be a string`);
  }
  const text = (name: string): string => (object.get(name) ?? '') as string;
  const time = object.has('time') ? object.get('time') : RegoNumber.of(now);
  const certificate = object.has('cert') ? verificationKeys(text('cert')) : null;
  const secret = text('secret');
  if (certificate && secret !== '') throw new BuiltinError('duplicate key constraints');
  if (!certificate && secret === '') throw new BuiltinError('no key constraint');
  const keys = certificate ?? [{ alg: '', kid: '', key: Buffer.from(secret) }];
  return { keys, alg: text('alg'), iss: text('iss'), aud: text('aud'), time: seconds(time) };
}

/** Of nanoseconds. OPA goes through a double, and so loses what is below some hundreds of nanoseconds. */
function seconds(value: Value | undefined): RegoNumber {
  if (!(value instanceof RegoNumber)) throw new BuiltinError('token time constraint: must be a number');
  const nanoseconds = value.toNumber();
  if (!Number.isFinite(nanoseconds)) throw new BuiltinError('token time constraint: unvalid float64');
  if (nanoseconds < 0) throw new BuiltinError('token time constraint: must not be negative');
  return RegoNumber.of(nanoseconds / 1_000_000_000);
}

/** What OPA's library calls the algorithms, which it takes for their names in JOSE. */
const LIBRARY_NAMES: Readonly<Record<string, string>> = {
  HMAC_WITH_SHA256: 'HS256',
  HMAC_WITH_SHA384: 'HS384',
  HMAC_WITH_SHA512: 'HS512',
  RSA_PKCS1v15_WITH_SHA256: 'RS256',
  RSA_PKCS1v15_WITH_SHA384: 'RS384',
  RSA_PKCS1v15_WITH_SHA512: 'RS512',
  RSA_PSS_WITH_SHA256: 'PS256',
  RSA_PSS_WITH_SHA384: 'PS384',
  RSA_PSS_WITH_SHA512: 'PS512',
  ECDSA_WITH_P256_AND_SHA256: 'ES256',
  ECDSA_WITH_P384_AND_SHA384: 'ES384',
  ECDSA_WITH_P521_AND_SHA512: 'ES512',
  Ed25519: 'EdDSA',
};

/** By their names in a token's header. */
const HEADER_ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map([
  ...ALGORITHMS,
  ...Object.entries(LIBRARY_NAMES).map(([name, alg]) => [name, ALGORITHMS.get(alg) as Algorithm] as const),
]);

/** Whether one of the keys has signed the token. */
export function isSigned({ keys }: Constraints, header: JwtHeader, jwt: Compact, signature: Buffer): boolean {
  const algorithm = HEADER_ALGORITHMS.get(header.alg);
  if (!algorithm) return false;
  return candidates(keys, header.kid, header.alg).some((key) =>
    verifies(algorithm, key, signingInput(jwt), signature),
  );
}

/** Whether issuer, audience and times are right. Throws BuiltinError for claims of the wrong type. */
export function areClaimsRight({ iss, aud, time }: Constraints, payload: RegoObject): boolean {
  if (iss !== '' && !isIssuer(payload.get('iss'), iss)) return false;
  const audience = payload.get('aud');
  if (audience === undefined ? aud !== '' : !isAudience(audience, aud)) return false;
  const [exp, nbf] = [payload.get('exp'), payload.get('nbf')];
  if (exp !== undefined && compare(time, numeric('exp', exp)) >= 0) return false;
  return nbf === undefined || compare(time, numeric('nbf', nbf)) >= 0;
}

/** OPA's Go panics at an issuer that is no string, which is an error as good as any. */
function isIssuer(claim: Value | undefined, iss: string): boolean {
  if (claim === undefined || typeof claim === 'string') return claim === iss;
  throw new BuiltinError('iss value must be a string');
}

const isAudience = (claim: Value, aud: string): boolean =>
  Array.isArray(claim) ? claim.includes(aud) : claim === aud;

function numeric(name: string, claim: Value): RegoNumber {
  if (claim instanceof RegoNumber) return claim;
  throw new BuiltinError(`${name} value must be a number`);
}
