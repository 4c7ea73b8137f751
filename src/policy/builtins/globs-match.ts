/**
 * `regex.globs_match`: whether there is a text that both globs match, as github.com/yashtewari/glob-intersection decides it.
 * That is not always the truth (`a*b*` and `a` have none by it), so the steps are its own; they are only not taken twice.
 */
import { type Family, LimitError, operand } from './builtin.ts';
import { type GlobToken, parseGlob, tokensMatch } from './globs-match/tokens.ts';

/** Go's takes exponential time for some. Here so many steps are allowed, some 50 ms, and so many more for each token. */
const [STEPS, STEPS_PER_TOKEN] = [2_000_000, 10];
/** What it costs to come back to where a flag leaves a choice. */
const CHOICE = 4;

export const globsMatch: Family = {
  'regex.globs_match': ([left, right]) => {
    const globs = [parseGlob(operand(1, left, 'string')), parseGlob(operand(2, right, 'string'))] as const;
    const trimmed = trim(...globs);
    return trimmed !== null && new Search(...trimmed).succeeds();
  },
};

type Glob = readonly GlobToken[];
/**
 * A place in one glob, a place in the other, and what comes next there: tokens one by one, or what a starred token of the first
 * eats.
 */
type State = {
  readonly kind: 'plain' | 'star';
  readonly side: 0 | 1;
  readonly at: number;
  readonly other: number;
};

/** Without equal ends, of which one token stays at each end; null where ends without flags differ. */
function trim(left: Glob, right: Glob): [Glob, Glob] | null {
  const plain = (a: number, b: number): boolean => left[a]?.flag === '' && right[b]?.flag === '';
  let start = 0;
  for (; plain(start, start); start++)
    if (!tokensMatch(left[start] as GlobToken, right[start] as GlobToken)) return null;
  start = Math.max(0, start - 1);
  let [a, b] = [left.length - 1, right.length - 1];
  for (; a >= start && b >= start && plain(a, b); a--, b--)
    if (!tokensMatch(left[a] as GlobToken, right[b] as GlobToken)) return null;
  const kept = a < left.length - 1 ? 2 : 1;
  return [left.slice(start, a + kept), right.slice(start, b + kept)];
}

/** Whether both ends are reached together. */
class Search {
  readonly #globs: readonly [Glob, Glob];
  readonly #waiting: State[] = [];
  readonly #seen = new Set<string>();
  #stepsLeft: number;

  constructor(left: Glob, right: Glob) {
    this.#globs = [left, right];
    this.#stepsLeft = STEPS + STEPS_PER_TOKEN * (left.length + right.length);
  }

  /** Throws LimitError where that takes too many steps. */
  succeeds(): boolean {
    this.#add('plain', 0, 0, 0);
    for (let state = this.#waiting.pop(); state; state = this.#waiting.pop())
      if (state.kind === 'plain' ? this.#goOn(state) : this.#eat(state)) return true;
    return false;
  }

  #add(kind: State['kind'], side: 0 | 1, at: number, other: number): void {
    const key = `${kind}${side} ${at} ${other}`;
    if (this.#seen.has(key)) return;
    this.#count(CHOICE);
    this.#seen.add(key);
    this.#waiting.push({ kind, side, at, other });
  }

  #count(steps: number): void {
    this.#stepsLeft -= steps;
    if (this.#stepsLeft < 0) throw new LimitError('regex.globs_match: the globs leave too many choices');
  }

  #matches(a: GlobToken, b: GlobToken): boolean {
    this.#count(1 + (a.ranges?.length ?? 0) + (b.ranges?.length ?? 0));
    return tokensMatch(a, b);
  }

  /** Tokens one by one, as far as there are no flags. */
  #goOn({ side, at, other }: State): boolean {
    const [mine, others] = [this.#globs[side], this.#globs[side ? 0 : 1]];
    for (; at < mine.length && other < others.length; at++, other++) {
      const [a, b] = [mine[at] as GlobToken, others[other] as GlobToken];
      if (a.flag !== '') return this.#choose(side, at, other);
      if (b.flag !== '') return this.#choose(side ? 0 : 1, other, at);
      if (!this.#matches(a, b)) return false;
    }
    return at === mine.length && other === others.length;
  }

  /** At a token with a flag. */
  #choose(side: 0 | 1, at: number, other: number): false {
    const flagged = this.#globs[side][at] as GlobToken;
    const against = this.#globs[side ? 0 : 1][other] as GlobToken;
    if (flagged.flag === '*') this.#add('star', side, at, other);
    else if (this.#matches(flagged, against)) {
      if (against.flag !== '') this.#add('plain', side, at + 1, other);
      this.#add('star', side, at, other + 1);
    }
    return false;
  }

  /** The starred token eats the other's tokens, until the one after it matches too. */
  #eat({ side, at, other }: State): boolean {
    const [mine, others] = [this.#globs[side], this.#globs[side ? 0 : 1]];
    const [starred, next] = [mine[at] as GlobToken, mine[at + 1]];
    for (; other < others.length; other++) {
      const token = others[other] as GlobToken;
      if (next && this.#matches(token, next)) this.#add('plain', side, at + 1, other);
      if (!this.#matches(token, starred)) return false;
    }
    return next === undefined;
  }
}
