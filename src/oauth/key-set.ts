/** An authorization server's public keys (RFC 7517), fetched when first needed, and always replaced as a whole (GHSA-675f-rq2r-jw82). */
import {
  type CompactJWSHeaderParameters,
  createLocalJWKSet,
  type CryptoKey,
  errors,
  type FlattenedJWSInput,
  type JSONWebKeySet,
} from 'jose';

/** A set older than this is fetched anew while it is still used … */
const FRESH_MS = 300_000;
/** … and one older than this is not believed any longer: a key may have been withdrawn since. */
const BELIEVED_MS = 600_000;
/** One fetch in this time, whatever comes: anybody can send a JWT that names a key that is not there. */
const COOLDOWN_MS = 1_000;

export type KeySet = {
  /**
   * Finds the key that a JWS names. Where it is not there the set is fetched anew, if it was not just now. Rejects with jose's
   * JWKSNoMatchingKey or JWKSMultipleMatchingKeys, or with why there are no keys to be had.
   */
  readonly find: (header: CompactJWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>;
  /** Fetches the set anew; false when that was done just now. */
  readonly renew: () => Promise<boolean>;
};

/** Makes the key set that `fetch` gets; that rejects when there is none to be had. */
export function keySet(fetch: () => Promise<JSONWebKeySet>, now: () => number): KeySet {
  let held: { readonly find: KeySet['find']; readonly at: number } | null = null;
  /** How the last fetch ended. */
  let last: { readonly failure: Error | null; readonly at: number } | null = null;
  let underway: Promise<void> | null = null;
  /** False too when the clock was set back since. */
  const within = (at: number, duration: number): boolean => at <= now() && now() < at + duration;
  const isCooling = (): boolean => last !== null && within(last.at, COOLDOWN_MS);

  const load = async (): Promise<void> => {
    try {
      held = { find: createLocalJWKSet(await fetch()), at: now() };
      last = { failure: null, at: now() };
    } catch (error) {
      last = { failure: error as Error, at: now() };
      throw error;
    } finally {
      underway = null;
    }
  };

  const renew = async (): Promise<boolean> => {
    if (!underway && isCooling()) {
      if (last?.failure) throw last.failure;
      return false;
    }
    await (underway ??= load());
    return true;
  };

  const current = async (): Promise<KeySet['find']> => {
    if (!held || !within(held.at, BELIEVED_MS)) await renew();
    else if (!within(held.at, FRESH_MS)) renew().catch(() => {}); // nobody waits for it
    if (!held) throw new Error('keys were fetched, and are not there');
    return held.find;
  };

  return {
    renew,
    async find(header, token) {
      const used = await current();
      try {
        return await used(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        await renew();
        const newest = await current();
        // Whoever renewed it: the set may have come while the old one was looked through.
        if (newest === used) throw error;
        return newest(header, token);
      }
    },
  };
}
