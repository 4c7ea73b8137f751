/** What OPA's builtins verify JWTs with: a certificate or a public key in PEM, a JWK, or a JWK set. */
import { LRUCache } from 'lru-cache';
import { BuiltinError } from '../builtin.ts';
import { decodePem } from '../go/pem.ts';
import { ALGORITHMS } from './jws.ts';
import { parseJwks } from './jwk.ts';
import type { Key } from './key.ts';
import { pemKey } from './pem-key.ts';

/** `alg` and `kid` are a JWK's own, else empty. */
export type VerificationKey = { readonly alg: string; readonly kid: string; readonly key: Key };

/** By their text. Policies verify many tokens with few keys; OPA keeps as many. */
const PARSED = new LRUCache<string, readonly VerificationKey[]>({
  max: 100,
  maxSize: 16 * 1024 * 1024,
  sizeCalculation: (_, text) => text.length + 1,
});

/** Without the keys for what is no signature. Throws BuiltinError when any of them cannot be read. */
export function verificationKeys(text: string): readonly VerificationKey[] {
  const before = PARSED.get(text);
  if (before) return before;
  const keys = parseKeys(text);
  PARSED.set(text, keys);
  return keys;
}

function parseKeys(text: string): readonly VerificationKey[] {
  const block = decodePem(text);
  if (block === null)
    return parseJwks(text)
      .map(({ alg, kid, key }) => ({ alg, kid, key: key() }))
      .filter(({ alg }) => alg === '' || ALGORITHMS.has(alg));
  if (block.rest !== '') throw new BuiltinError('extra data after a PEM certificate block');
  const key = pemKey(block.type, Buffer.from(block.bytes));
  return [{ alg: '', kid: '', key }];
}

/** The keys to try, in order: the one that the token names, else all that are not for another algorithm. */
export function candidates(keys: readonly VerificationKey[], kid: string, alg: string): readonly Key[] {
  const named = kid === '' ? undefined : keys.find((one) => one.kid === kid);
  const tried = named ? [named] : keys.filter((one) => one.alg === '' || one.alg === alg);
  return tried.map(({ key }) => key);
}
