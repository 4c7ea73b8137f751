/** One call for all who want the same thing at the same time. */

/** A call under way: what it will give, and the mark that its first caller left for those who join. */
type Flight<V, M> = { readonly promise: Promise<V>; readonly mark: M };

export type Joined<V, M> = {
  readonly promise: Promise<V>;
  /** Null for the caller who started the call; for one who joined it, the starter's mark, whatever that is. */
  readonly joined: { readonly mark: M } | null;
};

/**
 * Returns `join(key, start)`: starts the call, or joins the one under way for that key. A failure is shared by those who wait for
 * it and by nobody after them. A waiter who leaves does not end the call for the others.
 */
export function singleFlight<V, M>(mark: () => M): (key: string, start: () => Promise<V>) => Joined<V, M> {
  const flights = new Map<string, Flight<V, M>>();
  return (key, start) => {
    const present = flights.get(key);
    if (present) return { promise: present.promise, joined: { mark: present.mark } };
    const promise = start().finally(() => flights.delete(key));
    flights.set(key, { promise, mark: mark() });
    return { promise, joined: null };
  };
}
