/** A circuit breaker: a server that fails again and again is left alone for a while, then tried with one call. */

/** `half_open`: it was left alone for long enough, and one call tries, or is about to. */
export type BreakerState = 'closed' | 'half_open' | 'open';

export type Breaker = {
  readonly state: () => BreakerState;
  /** Seconds until a call may be made, at least 1; null when one may be made now. */
  readonly wait: () => number | null;
  /** A call begins, which `wait` admitted. What is given back is told how it ended. */
  readonly begin: () => (ill: Verdict) => void;
};

/** Did the server turn out to be ill? Null when it was not asked after all, so that nothing is known of it. */
type Verdict = boolean | null;

/** How many failures in a row open it, and for how many milliseconds. */
type Settings = { readonly failures: number; readonly open_for: number };

/**
 * Makes one, closed. `changed` is told when it opens, and when a call shows that the server is back. `now` gives milliseconds since the
 * epoch.
 */
export function circuitBreaker(
  { failures: most, open_for }: Settings,
  now: () => number,
  changed: (state: 'closed' | 'open') => void = () => {},
): Breaker {
  let failures = 0;
  let opened: number | null = null;
  let trying = false;
  /** Counts how often it opened or closed: a call that began before says nothing of how things stand now. */
  let period = 0;

  /** Milliseconds for which it stays open. None when the clock was set back behind the opening, which must not prolong it. */
  const left = (since: number): number => {
    const at = now();
    return since <= at ? since + open_for - at : 0;
  };
  const settle = (ill: boolean): void => {
    trying = false;
    failures = ill ? failures + 1 : 0;
    if (ill && failures >= most) {
      const news = opened === null;
      opened = now();
      period++;
      if (news) changed('open');
    } else if (!ill && opened !== null) {
      opened = null;
      period++;
      changed('closed');
    }
  };

  return {
    state: () => (opened === null ? 'closed' : left(opened) > 0 ? 'open' : 'half_open'),
    wait() {
      if (opened === null) return null;
      if (left(opened) > 0) return Math.ceil(left(opened) / 1_000);
      return trying ? 1 : null;
    },
    begin() {
      const begun = period;
      trying = opened !== null;
      return (ill) => {
        if (begun !== period) return;
        if (ill === null) trying = false;
        else settle(ill);
      };
    },
  };
}

/** One for tokens that were active until lately (`known`), one for new ones: see `circuitBreakers`. */
export type Breakers = {
  /** The worse of the two. */
  readonly state: () => BreakerState;
  readonly wait: (known: boolean) => number | null;
  readonly begin: (known: boolean) => (ill: Verdict) => void;
};

/**
 * Makes two for one server. Anybody can send tokens of an odd form, on which some servers fail: for new tokens it is left alone then,
 * and those that were active until lately are asked about until it fails on them, too. How a call for one of these ends counts for both.
 * `changed` is told when the first opens, and when none is open any longer.
 */
export function circuitBreakers(
  settings: Settings,
  now: () => number,
  changed: (state: 'closed' | 'open') => void = () => {},
): Breakers {
  let open = 0;
  const count = (state: 'closed' | 'open'): void => {
    open += state === 'open' ? 1 : -1;
    if (open === (state === 'open' ? 1 : 0)) changed(state);
  };
  const [forNew, forKnown] = [circuitBreaker(settings, now, count), circuitBreaker(settings, now, count)];
  return {
    state() {
      const states = new Set([forNew.state(), forKnown.state()]);
      return (['open', 'half_open'] as const).find((state) => states.has(state)) ?? 'closed';
    },
    wait: (known) => (known ? forKnown : forNew).wait(),
    begin(known) {
      const forNewEnded = forNew.begin();
      // Of a new one only that it was answered counts, which ends a row of failures; the trial is for known ones to make.
      const forKnownEnded = known || forKnown.state() === 'closed' ? forKnown.begin() : null;
      return (ill) => {
        forNewEnded(ill);
        if (known || ill === false) forKnownEnded?.(ill);
      };
    },
  };
}
