/** Introspection as the chain asks for it: from the cache at once, else one call for all who wait for the same token. */
import { singleFlight } from '../cache/single-flight.ts';
import type { Answer, Question } from '../chain/ports.ts';
import type { AuthorizationServerConfig } from '../config/authorization-server.ts';
import { verifyAccessToken } from './access-token.ts';
import { answerCache, type Purged } from './answer-cache.ts';
import { type BreakerState, circuitBreakers } from './breaker.ts';
import { AnswerError, type Facts, type FactsFault } from './facts.ts';
import { EndpointError, IllServerError, isIll, type OAuthFetch } from './fetch.ts';
import { introspectionRequest } from './introspection-request.ts';
import { type Introspected, readIntrospection } from './introspection-response.ts';
import { codeOf } from './jws.ts';
import { metadataOf } from './metadata.ts';
import { type Miss, missLimits } from './miss-limits.ts';

type Asked = Omit<Question, 'server'>;

export type Introspector = {
  readonly introspect: (question: Asked) => Answer | Promise<Answer>;
  /** Forgets answers, and says how many; one that is under way is for those who wait for it already, and not kept. */
  readonly purge: (of: Purged) => number;
  readonly status: () => ServerStatus;
};

/** How it stands with a server, for operators. */
export type ServerStatus = {
  /** Active answers held. */
  readonly cached: number;
  /** Their bytes, as they came in. */
  readonly cached_bytes: number;
  readonly breaker: BreakerState;
  /** Why the last call failed; null when it did not. */
  readonly failure: string | null;
};

type Ports = {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Names the span under way, for those who join its call. */
  readonly mark: () => unknown;
  /** Told when the server is left alone after failures, and when it is back. */
  readonly breakerChanged?: (state: 'closed' | 'open') => void;
};

/** What a call came to; `stale`: older facts, where the configuration dares to use them while the server is ill. */
type Outcome =
  | { readonly facts: Facts; readonly cache?: 'stale' }
  | { readonly refused: FactsFault }
  | { readonly throttled: string; readonly retry_after: number }
  | Unavailable;
type Unavailable = { readonly unavailable: string; readonly retry_after: number };

/** What an ill server may ask for with Retry-After, at most. */
const LONGEST_RETRY_SECONDS = 60;

/** Makes the introspector of one authorization server. Errors are never cached. */
export function introspector(
  name: string,
  config: AuthorizationServerConfig,
  fetch: OAuthFetch,
  { now, mark, breakerChanged }: Ports,
): Introspector {
  const { limits: settings, breaker: breaking, cache: caching } = config.introspection;
  const cache = answerCache(name, config, now);
  const limits = missLimits(settings, now);
  const breaker = circuitBreakers(breaking, now, breakerChanged);
  const flights = singleFlight<Outcome, unknown>(mark);
  const metadata = metadataOf(config, fetch, now);
  const request = introspectionRequest(config, { metadata, fetch, now });
  let failure: string | null = null;
  /** Until when the server asked to be left alone when it last failed, in milliseconds since the epoch. */
  let wanted = 0;
  /** Discovery and keys give one failure to all who come within a second: for the breaker it is the one call that was made. */
  const counted = new WeakSet<object>();

  const ask = async ({ token, how, received }: Asked): Promise<Introspected> =>
    how === 'verify'
      ? verifyAccessToken(config, metadata, token)
      : readIntrospection(config, metadata, await request({ token, received }));

  /** What may still be said while the server is ill. */
  const staleOr = (key: string, refusal: Unavailable): Outcome => {
    const late = cache.late(key);
    return late && late.by < caching.dangerously_serve_stale
      ? { facts: late.facts, cache: 'stale' }
      : refusal;
  };

  /** Seconds to wait: by our own rule, or by the server's word when that is longer. */
  const retryAfter = (wait: number): number =>
    Math.max(wait, Math.min(Math.ceil((wanted - now()) / 1_000), LONGEST_RETRY_SECONDS));

  const leftAlone = (key: string, wait: number): Outcome =>
    staleOr(key, { unavailable: `${name}: it failed and is left alone`, retry_after: retryAfter(wait) });

  const call = async (
    key: string,
    question: Asked,
    { known, called }: Miss,
    turn: Promise<void> | null,
  ): Promise<Outcome> => {
    if (turn !== null) {
      await turn;
      const wait = called ? breaker.wait(known) : null;
      if (wait !== null) return leftAlone(key, wait);
    }
    const keep = cache.keeping(key, question.token);
    // Keys are fetched by a path of their own, at a rate of its own: that they cannot be had says nothing of the introspection endpoint.
    const ended = called ? breaker.begin(known) : () => {};
    try {
      const introspected = await ask(question);
      failure = null;
      ended(false);
      keep(introspected);
      const { answer } = introspected;
      return 'fault' in answer ? { refused: answer } : { facts: answer };
    } catch (error) {
      failure = `${name}: ${explain(error)}`;
      const ill = isIll(error);
      const news = !counted.has(error as Error);
      if (called) counted.add(error as Error);
      ended(news ? ill : null);
      if (news) wanted = now() + askedFor(error) * 1_000;
      const refusal = { unavailable: failure, retry_after: retryAfter(breaker.wait(known) ?? 1) };
      return ill ? staleOr(key, refusal) : refusal;
    }
  };

  /** Starts a call, or says why there can be none. */
  const begin = (key: string, question: Asked): Outcome | Promise<Outcome> => {
    const called = question.how === 'introspect';
    const known = cache.late(key) !== undefined;
    const wait = called ? breaker.wait(known) : null;
    if (wait !== null) return leftAlone(key, wait);
    const miss = { address: question.received.caller.client_ip, known, called };
    const excess = limits.admit(miss);
    if (excess === null || excess instanceof Promise)
      return flights.start(key, () => call(key, question, miss, excess).finally(() => limits.left(miss)));
    const { retry_after } = excess;
    if (excess.of === 'address')
      return { throttled: `${name}: too many ${known ? '' : 'new '}tokens from this address`, retry_after };
    const unavailable =
      excess.of === 'server'
        ? `${name}: too many new tokens`
        : `${name}: ${settings.concurrency} calls may be under way at once`;
    return { unavailable, retry_after };
  };

  const answer = (outcome: Outcome, how: 'miss' | 'coalesced', joined: unknown): Answer => ({
    cache: how,
    joined,
    authorization_server: name,
    ...outcome,
  });

  return {
    introspect(question) {
      const key = cache.keyOf(question);
      const hit = cache.get(key);
      if (hit) return hit;
      const flight = flights.underWay(key);
      if (flight) return flight.promise.then((outcome) => answer(outcome, 'coalesced', flight.mark));
      const outcome = begin(key, question);
      return outcome instanceof Promise
        ? outcome.then((come) => answer(come, 'miss', null))
        : answer(outcome, 'miss', null);
    },
    purge(of) {
      flights.forget();
      return cache.purge(of);
    },
    status: () => ({
      cached: cache.size(),
      cached_bytes: cache.bytes(),
      breaker: breaker.state(),
      failure,
    }),
  };
}

/** Seconds after which an ill server wants to be asked again; 0 when it does not say. */
const askedFor = (error: unknown): number => (error instanceof IllServerError ? (error.retry_after ?? 0) : 0);

/** A failure in words that hold no token, whatever a library put into its message. */
function explain(error: unknown): string {
  if (error instanceof AnswerError || error instanceof EndpointError || error instanceof IllServerError)
    return error.message;
  return `the call failed: ${codeOf(error)}`;
}
