/** A JWT's signature and form, by an authorization server's keys (RFC 7515, 7519). What its claims mean is judged elsewhere. */
import { compactVerify, type CompactVerifyResult, errors } from 'jose';
import { AnswerError } from './facts.ts';
import { EndpointError } from './fetch.ts';
import { type Claims, decodeText, parseObject } from './json.ts';
import type { KeySet } from './key-set.ts';
import type { ServerMetadata } from './metadata.ts';

/** What a JWT that was verified says; `typ` is in lower case, empty where it has none. */
export type Verified = { readonly typ: string; readonly claims: Claims };

/** No key of the server's verifies the JWT, or none that it had a moment ago: it may be of a key that is newer than that. */
export class NoKeyError extends AnswerError {}

/** Three parts of base64url and nothing else: jose reads over blanks, and the JWT may become a header field's value. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/**
 * Verifies a JWT by the server's keys: an unknown kid, or a key replaced under its own, makes them be fetched anew, at a bounded rate.
 * Throws AnswerError when the JWT is at fault, EndpointError when the server names no keys; rejects otherwise when they cannot be had.
 * `algorithms` are ours to say, never the JWT's (CVE-2023-48223).
 */
export async function verifyJwt(
  metadata: ServerMetadata,
  jwt: string,
  algorithms: readonly string[],
): Promise<Verified> {
  if (metadata.keys === null) throw new EndpointError('its metadata names no jwks_uri');
  const { payload, protectedHeader } = await verified(jwt, metadata.keys, [...algorithms]);
  // jose knows one extension, b64, which a JWT must not use (RFC 7797 section 7).
  if (protectedHeader.crit !== undefined) throw new AnswerError('its JWT has crit');
  const { typ = '' } = protectedHeader as { typ?: unknown };
  if (typeof typ !== 'string') throw new AnswerError('the typ of its JWT is not a string');
  return { typ: typ.toLowerCase(), claims: parseObject(decodeText(payload)) };
}

/** A failure by its code or its name. Not by its message, which may quote what was read. */
export function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return String(typeof code === 'string' ? code : name);
}

/** Failures that the JWT is to blame for. Any other is the keys', of which nothing follows for the JWT. */
const FAULTS_OF_JWT = [
  errors.JWSInvalid,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWSSignatureVerificationFailed,
  errors.JWKSNoMatchingKey,
];

async function verified(jwt: string, keys: KeySet, algorithms: string[]): Promise<CompactVerifyResult> {
  try {
    if (!COMPACT.test(jwt)) throw new errors.JWSInvalid();
    return await verifiedBy(keys, jwt, algorithms);
  } catch (error) {
    if (!FAULTS_OF_JWT.some((fault) => error instanceof fault)) throw error;
    const noKey =
      error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed;
    throw new (noKey ? NoKeyError : AnswerError)(`its JWT cannot be verified: ${codeOf(error)}`);
  }
}

async function verifiedBy(keys: KeySet, jwt: string, algorithms: string[]): Promise<CompactVerifyResult> {
  try {
    return await verifiedOnce(keys, jwt, algorithms);
  } catch (error) {
    // An unknown kid was looked for anew already. A key may also have been replaced under its own kid.
    if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    if (!(await keys.renew().catch(() => false))) throw error;
    return verifiedOnce(keys, jwt, algorithms);
  }
}

/** compactVerify, not jwtVerify: times are judged by our own rules, again and again while the answer is cached. */
async function verifiedOnce(keys: KeySet, jwt: string, algorithms: string[]): Promise<CompactVerifyResult> {
  try {
    return await compactVerify(jwt, keys.find, { algorithms });
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    // A JWT without a kid, while one key takes over from another.
    for await (const key of error) {
      const result = await compactVerify(jwt, key, { algorithms }).catch(() => null);
      if (result) return result;
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}
