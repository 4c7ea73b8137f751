/** What is wrong with a document, in the words of gojsonschema (`errors.go`, `locales.go`). */
import { LimitError } from '../builtin.ts';

/** A place in a document: where its parent is, and its name or index there. The root has no parent. */
export type Place = { readonly name: string; readonly parent: Place | null };
export const ROOT: Place = { name: '(Root)', parent: null };

/** `a.0.b`, or `(Root)`. Dots in names are not told from others. */
export function fieldOf(place: Place): string {
  const names: string[] = [];
  for (let at = place; at.parent !== null; at = at.parent) names.push(at.name);
  return names.length === 0 ? ROOT.name : names.toReversed().join('.');
}

export type Failure = { readonly type: string; readonly field: string; readonly description: string };

/** What a validation may cost as a whole, in characters of failures. OPA has no bound. */
const BUDGET = 1 << 24;
/** What a failure has beside its texts. */
const WEIGHT = 100;
export type Budget = { spent: number };

/** What one schema says of one value. Of several that fail, the one with the highest score is shown: it came the farthest. */
export class Result {
  readonly failures: Failure[] = [];
  readonly #budget: Budget;
  #score = 0;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  get valid(): boolean {
    return this.failures.length === 0;
  }

  get score(): number {
    return this.#score;
  }

  /** One of the steps of a validation is done. */
  step(): void {
    this.#score++;
  }

  /** Throws LimitError when it is too much. */
  spend(cost: number): void {
    this.#budget.spent += cost;
    if (this.#budget.spent > BUDGET)
      throw new LimitError('json.match_schema: it costs too much to judge the document');
  }

  /** Costs what the failure's texts take. */
  fail(type: string, place: Place, description: string): void {
    const field = fieldOf(place);
    this.spend(WEIGHT + field.length + description.length);
    this.failures.push({ type, field, description });
    this.#score -= 2;
  }

  merge(other: Result): void {
    for (const failure of other.failures) this.failures.push(failure);
    this.#score += other.score;
  }
}

/** The one with the higher score, the first of two with the same. */
export const better = (best: Result | null, other: Result): Result =>
  best === null || other.score > best.score ? other : best;
