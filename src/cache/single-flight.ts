/** One call for all who want the same thing at the same time. */

/** A call under way: what it will give, and the mark that its first caller left for those who join. */
export type Flight<V, M> = { readonly promise: Promise<V>; readonly mark: M };

export type SingleFlight<V, M> = {
  /** The call under way for that key, to be waited for instead of making another; undefined when there is none. */
  readonly underWay: (key: string) => Flight<V, M> | undefined;
  /**
   * Starts a call that others may join, when none is under way. A failure is shared by those who wait for it and by nobody after
   * them. A waiter who leaves does not end the call for the others.
   */
  readonly start: (key: string, call: () => Promise<V>) => Promise<V>;
  /** From now on nobody joins what is under way: it is for those who wait already. */
  readonly forget: () => void;
};

/** `mark` names the caller who starts a call. */
export function singleFlight<V, M>(mark: () => M): SingleFlight<V, M> {
  let flights = new Map<string, Flight<V, M>>();
  return {
    underWay: (key) => flights.get(key),
    start(key, call) {
      const among = flights;
      const promise = call().finally(() => among.delete(key));
      among.set(key, { promise, mark: mark() });
      return promise;
    },
    forget() {
      flights = new Map();
    },
  };
}
