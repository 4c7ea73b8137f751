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
  const entries = new LRUCache<string, { readonly value: V; readonly until: number }>({ max: maxEntries });
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined || now() < entry.until) return entry?.value;
      entries.delete(key);
      return undefined;
    },
    set(key, value, ttl) {
      if (ttl > 0) entries.set(key, { value, until: now() + ttl });
    },
    size: () => entries.size,
  };
}
