/** A bounded store in this process's memory: least recently used goes first, and nothing is given out after its time. */
import { LRUCache } from 'lru-cache';

export type Store<V> = {
  /** The value, or undefined when it is not there or its time is over. */
  readonly get: (key: string) => V | undefined;
  /** Keeps a value for `ttl` milliseconds; not at all when that is not positive. */
  readonly set: (key: string, value: V, ttl: number) => void;
  readonly size: () => number;
};

/** `now` gives milliseconds since the epoch. */
export function memoryStore<V extends object>(maxEntries: number, now: () => number): Store<V> {
  const entries = new LRUCache<string, { readonly value: V; readonly since: number; readonly until: number }>(
    { max: maxEntries },
  );
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      const at = now();
      // What was stored later than now was stored before the clock was set back, which must not lengthen its life.
      if (entry.since <= at && at < entry.until) return entry.value;
      entries.delete(key);
      return undefined;
    },
    set(key, value, ttl) {
      const since = now();
      if (ttl > 0) entries.set(key, { value, since, until: since + ttl });
    },
    size: () => entries.size,
  };
}
