/** Encrypted introspection answers (RFC 9701 section 5, RFC 7516): a JWS in a JWE that is for a key of ours. */
import { compactDecrypt, type CryptoKey, decodeProtectedHeader, type JWK } from 'jose';
import type { AuthorizationServerConfig } from '../config/authorization-server.ts';
import { DECRYPTING } from '../config/jwk.ts';
import { AnswerError } from './facts.ts';
import { codeOf } from './jws.ts';
import { importPrivateKey } from './private-key.ts';

/** Of a few bytes DEFLATE makes many (CVE-2024-28176). As many as an answer that comes in the clear may have. */
const LARGEST_PLAINTEXT_BYTES = 262_144;

/** Gives the text inside a JWE. Throws AnswerError when it is for none of the keys, or broken. */
export type Decrypt = (jwe: string) => Promise<string>;

type Key = { readonly kid: string | undefined; readonly alg: string; readonly key: CryptoKey };

const imported = new WeakMap<AuthorizationServerConfig, Promise<Decrypt>>();

/** What decrypts this server's answers; its keys are read once. */
export function decryption(config: AuthorizationServerConfig): Promise<Decrypt> {
  let decrypt = imported.get(config);
  if (!decrypt) imported.set(config, (decrypt = readKeys(config).then(decryptBy)));
  return decrypt;
}

/** Has it the five parts of a compact JWE (RFC 7516 section 7.1)? */
export const isJwe = (text: string): boolean => /^[\w-]+\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+$/.test(text);

const decryptBy =
  (keys: readonly Key[]): Decrypt =>
  async (jwe) => {
    const { alg, kid } = headerOf(jwe);
    // The key's own alg, never the answer's choice: that only says which key it means.
    const meant = keys.filter(
      (key) => key.alg === alg && (kid === undefined || key.kid === undefined || key.kid === kid),
    );
    let failure: unknown = null;
    for (const { key, alg: own } of meant) {
      try {
        const { plaintext } = await compactDecrypt(jwe, key, {
          keyManagementAlgorithms: [own],
          maxDecompressedLength: LARGEST_PLAINTEXT_BYTES,
        });
        return new TextDecoder().decode(plaintext);
      } catch (error) {
        failure = error;
      }
    }
    throw new AnswerError(
      failure
        ? `it cannot be decrypted: ${codeOf(failure)}`
        : 'it is encrypted, and not for one of introspection.decryption_keys',
    );
  };

function headerOf(jwe: string): { readonly alg?: unknown; readonly kid?: unknown } {
  try {
    return decodeProtectedHeader(jwe);
  } catch (error) {
    throw new AnswerError(`it cannot be decrypted: ${codeOf(error)}`);
  }
}

/** The configuration was judged: each key is private, and for an algorithm that may be. */
async function readKeys({ introspection }: AuthorizationServerConfig): Promise<readonly Key[]> {
  if (introspection.decryption_keys === undefined) return [];
  const { keys } = JSON.parse(introspection.decryption_keys.reveal()) as { keys: (JWK & { alg: string })[] };
  return Promise.all(
    keys.map(async (jwk) => {
      const { alg, kid } = jwk;
      if (!Object.hasOwn(DECRYPTING, alg)) throw new Error(`${alg} is not for decrypting answers`);
      return { kid, alg, key: await importPrivateKey(jwk, alg) };
    }),
  );
}
