/** Introspection as the chain asks for it: from the cache at once, else one call for all who wait for the same token. */
import { hash, randomBytes } from 'node:crypto';
import { memoryStore } from '../cache/memory.ts';
import { singleFlight } from '../cache/single-flight.ts';
import type { Answer } from '../chain/ports.ts';
import type { AuthorizationServerConfig } from '../config/authorization-server.ts';
import { AnswerError, type Facts, type FactsFault } from './facts.ts';
import { EndpointError, type OAuthFetch } from './fetch.ts';
import { codeOf, readIntrospection, requestIntrospection } from './introspection.ts';
import { metadataOf } from './metadata.ts';

export type Introspector = {
  readonly introspect: (token: string) => Answer | Promise<Answer>;
  /** How it stands, for operators: entries cached, and the last call's failure. */
  readonly status: () => { readonly cached: number; readonly failure: string | null };
};

type Known = { readonly facts: Facts } | { readonly refused: FactsFault };

/** Calls under way at once to one server: what is more is refused (503), so that a flood of new tokens neither floods it nor us. */
const MOST_CALLS = 64;

/**
 * Makes the introspector of one authorization server. The cache holds facts only, under a key that is no token: SHA-256 over a
 * secret of this process and the length-prefixed server, client, accept mode and token (GHSA-4mq7-pvjg-xp2r,
 * GHSA-rp9m-7r4c-75qg). Errors are never cached. `mark` names the span under way, for those who join its call.
 */
export function introspector(
  name: string,
  config: AuthorizationServerConfig,
  fetch: OAuthFetch,
  { now, mark }: { now: () => number; mark: () => unknown },
): Introspector {
  const { cache, accept } = config.introspection;
  const active = memoryStore<Known>(cache.max_entries, now);
  // Apart, and small: a flood of random tokens must not evict a good one.
  const inactive = memoryStore<Known>(Math.ceil(cache.max_entries / 10), now);
  const metadata = metadataOf(config, fetch, now);
  const join = singleFlight<Known | { readonly unavailable: string }, unknown>(mark);
  const prefix =
    randomBytes(32).toString('hex') +
    [name, config.client_id, accept].map((part) => `${part.length}:${part}`).join('');
  let failure: string | null = null;
  let calls = 0;

  const call = async (key: string, token: string): Promise<Known | { unavailable: string }> => {
    if (calls >= MOST_CALLS) return { unavailable: `${name}: ${MOST_CALLS} calls are under way` };
    calls++;
    try {
      const response = await requestIntrospection(config, metadata, fetch, token);
      const { answer, max_age } = await readIntrospection(config, metadata, response);
      failure = null;
      if ('fault' in answer) {
        const refused = { refused: answer };
        inactive.set(key, refused, cache.inactive_ttl);
        return refused;
      }
      const known = { facts: answer };
      const left = answer.expires_at === null ? Number.POSITIVE_INFINITY : answer.expires_at * 1_000 - now();
      active.set(
        key,
        known,
        Math.min(cache.max_ttl, left, max_age === null ? Number.POSITIVE_INFINITY : max_age * 1_000),
      );
      return known;
    } catch (error) {
      failure = `${name}: ${explain(error)}`;
      return { unavailable: failure };
    } finally {
      calls--;
    }
  };

  return {
    introspect(token) {
      const key = hash('sha256', `${prefix}${token.length}:${token}`, 'base64');
      const known = active.get(key) ?? inactive.get(key);
      if (known) return { ...known, authorization_server: name, cache: 'hit', joined: null };
      const { promise, joined } = join(key, () => call(key, token));
      const how = { cache: joined ? 'coalesced' : 'miss', joined: joined?.mark ?? null } as const;
      return promise.then((answer) => ({ ...answer, authorization_server: name, ...how }));
    },
    status: () => ({ cached: active.size(), failure }),
  };
}

/** A failure in words that hold no token, whatever a library put into its message. */
function explain(error: unknown): string {
  if (error instanceof AnswerError || error instanceof EndpointError) return error.message;
  return `the call failed: ${codeOf(error)}`;
}
