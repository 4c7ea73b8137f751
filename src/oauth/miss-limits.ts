/** What new tokens may cost an authorization server, and us: so many for one address, so many for all, so many at once. */
import { LRUCache } from 'lru-cache';
import type { AuthorizationServerConfig } from '../config/authorization-server.ts';
import { networkOf } from '../http/network.ts';

/** How a token is asked about: `known` is one that was active until lately, `called` says whether the server hears of it. */
export type Miss = { readonly address: string; readonly known: boolean; readonly called: boolean };

/** Whose bound is reached; `retry_after` in seconds. */
export type Excess = {
  readonly of: 'address' | 'server' | 'concurrency';
  readonly retry_after: number;
};

export type MissLimits = {
  /**
   * Counts a token that has to be asked about: null when that may be done now, a promise when its turn comes later. Or says why it
   * cannot be, and counts nothing.
   */
  readonly admit: (miss: Miss) => Excess | Promise<void> | null;
  /** One that was admitted is over: to be said once for each, after its turn. */
  readonly left: (miss: Miss) => void;
};

type Settings = AuthorizationServerConfig['introspection']['limits'];

/** Addresses whose tokens are counted; who is forgotten for another begins anew, within what all may cost together. */
const MOST_ADDRESSES = 10_000;

/** For each call at once, so many tokens that were active until lately may wait for their turn. */
const WAITING_PER_CALL = 16;

/** Of the calls for new tokens, and of the places to wait for a call, one network has a quarter, so that a few do not hold them all. */
const SHARE = 4;

/**
 * Makes the limits of one server. Tokens that were active until lately pass the rates, have a quarter of the calls at once for
 * themselves and the first that becomes free, so that a flood of others does not keep them from being renewed, not even from the same
 * address. What is under way is bounded for each network too: a slow server would else be busy with the tokens of one alone.
 */
export function missLimits(settings: Settings, now: () => number): MissLimits {
  const { misses_per_address, burst, misses, concurrency } = settings;
  const addresses = new LRUCache<string, Bucket>({ max: MOST_ADDRESSES });
  const all = bucket(misses, Math.max(misses, 1), now);
  const mostNew = Math.max(1, Math.floor(concurrency * 0.75));
  const mostWaiting = concurrency * WAITING_PER_CALL;
  const mostOfOne = {
    new: Math.max(1, Math.floor(mostNew / SHARE)),
    known: Math.max(1, Math.floor(mostWaiting / SHARE)),
  };
  const calls = { all: 0, new: 0 };
  /** Calls under way, those included that wait for their turn. */
  const ofNetwork = { new: tally(), known: tally() };
  const waiting: (() => void)[] = [];

  const bucketOf = (network: string): Bucket => {
    const present = addresses.get(network) ?? bucket(misses_per_address, burst, now);
    addresses.set(network, present);
    return present;
  };

  const admitKnown = (network: string): ReturnType<MissLimits['admit']> => {
    if (ofNetwork.known.of(network) >= mostOfOne.known) return { of: 'address', retry_after: 1 };
    const free = calls.all < concurrency;
    if (!free && waiting.length >= mostWaiting) return { of: 'concurrency', retry_after: 1 };
    ofNetwork.known.change(network, 1);
    if (free) {
      calls.all++;
      return null;
    }
    return new Promise((resolve) => {
      waiting.push(resolve);
    });
  };
  const admitNew = (network: string, called: boolean): Excess | null => {
    const own = bucketOf(network);
    if (own.wait() > 0) return { of: 'address', retry_after: Math.ceil(own.wait()) };
    if (called) {
      if (ofNetwork.new.of(network) >= mostOfOne.new) return { of: 'address', retry_after: 1 };
      if (calls.all >= concurrency || calls.new >= mostNew) return { of: 'concurrency', retry_after: 1 };
      if (all.wait() > 0) return { of: 'server', retry_after: Math.ceil(all.wait()) };
      calls.all++;
      calls.new++;
      ofNetwork.new.change(network, 1);
      all.take();
    }
    own.take();
    return null;
  };

  return {
    admit({ address, known, called }) {
      const network = networkOf(address);
      if (!known) return admitNew(network, called);
      return called ? admitKnown(network) : null;
    },
    left({ address, known, called }) {
      if (!called) return;
      ofNetwork[known ? 'known' : 'new'].change(networkOf(address), -1);
      if (!known) calls.new--;
      const next = waiting.shift();
      if (next) next();
      else calls.all--;
    },
  };
}

type Tally = {
  readonly of: (network: string) => number;
  readonly change: (network: string, by: 1 | -1) => void;
};

/** Counts by network. Holds only those that have something to count, so that the calls bound it. */
function tally(): Tally {
  const counts = new Map<string, number>();
  const of: Tally['of'] = (network) => counts.get(network) ?? 0;
  return {
    of,
    change(network, by) {
      const count = of(network) + by;
      if (count > 0) counts.set(network, count);
      else counts.delete(network);
    },
  };
}

type Bucket = {
  /** Seconds until there is something to take; 0 when there is. */
  readonly wait: () => number;
  readonly take: () => void;
};

/** A token bucket, full at first. `rate` is what flows in per second. */
function bucket(rate: number, burst: number, now: () => number): Bucket {
  let held = burst;
  let at = now();
  const fill = (): void => {
    const time = now();
    // A clock that was set back fills nothing, and is what counts from then on.
    held = Math.min(burst, held + (Math.max(0, time - at) / 1_000) * rate);
    at = time;
  };
  return {
    wait() {
      fill();
      return held >= 1 ? 0 : (1 - held) / rate;
    },
    take() {
      held--;
    },
  };
}
