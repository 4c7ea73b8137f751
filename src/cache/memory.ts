/** A bounded store in this process's memory: least recently used goes first, and nothing is given out after its time. */
import { LRUCache } from 'lru-cache';

export type Store<V> = {
  /** The value, or undefined when it is not there or its time is over. */
  readonly get: (key: string) => V | undefined;
  /** A value whose time is over, for as long as such are held, and by how many milliseconds; undefined otherwise. */
  readonly late: (key: string) => { readonly value: V; readonly by: number } | undefined;
  /**
   * Keeps a value of `size` bytes for `ttl` milliseconds, instead of what was there. When that is not positive it is late at once;
   * what is larger than the whole store is not kept.
   */
  readonly set: (key: string, value: V, ttl: number, size: number) => void;
  readonly delete: (key: string) => void;
  /** Deletes every value of which it holds, late ones too, and says how many. */
  readonly purge: (holds: (value: V) => boolean) => number;
  /** Deletes every value of a group, late ones too, without looking through the others. */
  readonly deleteGroup: (group: string) => void;
  /** Values held, late ones too. */
  readonly size: () => number;
  /** Their bytes, as they were given. */
  readonly bytes: () => number;
};

/** Bounds: of values, of their bytes, and for how many milliseconds one is held after its time. */
export type Bounds = { readonly entries: number; readonly bytes: number; readonly late: number };

type Entry<V> = { readonly value: V; readonly since: number; readonly until: number };

/** `now` gives milliseconds since the epoch; `groupOf` says which group a value is of, where there are groups. */
export function memoryStore<V extends object>(
  { entries: max, bytes: maxSize, late }: Bounds,
  now: () => number,
  groupOf: ((value: V) => string) | null = null,
): Store<V> {
  /** Keys by group: of what is held, whatever became of the rest. */
  const groups = new Map<string, Set<string>>();
  const leave = ({ value }: Entry<V>, key: string): void => {
    const group = groupOf?.(value) ?? '';
    const keys = groups.get(group);
    keys?.delete(key);
    if (keys?.size === 0) groups.delete(group);
  };
  const join = ({ value }: Entry<V>, key: string): void => {
    const group = groupOf?.(value) ?? '';
    groups.set(group, (groups.get(group) ?? new Set()).add(key));
  };
  const entries = new LRUCache<string, Entry<V>>({ max, maxSize, ...(groupOf && { dispose: leave }) });
  const find = (key: string, at: number): Entry<V> | undefined => {
    const entry = entries.get(key);
    if (entry === undefined) return undefined;
    // What was stored later than now was stored before the clock was set back, which must not lengthen its life.
    if (entry.since <= at && at < entry.until + late) return entry;
    entries.delete(key);
    return undefined;
  };
  return {
    get(key) {
      const at = now();
      const entry = find(key, at);
      return entry !== undefined && at < entry.until ? entry.value : undefined;
    },
    late(key) {
      const at = now();
      const entry = find(key, at);
      return entry !== undefined && at >= entry.until
        ? { value: entry.value, by: at - entry.until }
        : undefined;
    },
    set(key, value, ttl, size) {
      const since = now();
      const until = since + (ttl > 0 ? ttl : 0);
      if (until + late <= since) return void entries.delete(key);
      const entry = { value, since, until };
      entries.set(key, entry, { size: Math.max(size, 1) });
      // What is larger than the whole store was not kept.
      if (groupOf && entries.has(key)) join(entry, key);
    },
    delete: (key) => void entries.delete(key),
    purge(holds) {
      const keys = [...entries.entries()].filter(([, { value }]) => holds(value)).map(([key]) => key);
      for (const key of keys) entries.delete(key);
      return keys.length;
    },
    deleteGroup(group) {
      for (const key of groups.get(group) ?? []) entries.delete(key);
    },
    size: () => entries.size,
    bytes: () => entries.calculatedSize,
  };
}
