/** Whether a case passes: as OPA's own test of its WASM judges (`internal/wasm/sdk/test/e2e/external_test.go`). */
import { compare, equal, RegoObject, RegoSet, type Value } from '../../src/policy/value.ts';
import { parseValue, writeJson, writeValue } from '../../src/policy/value-text.ts';
import type { Case } from './cases.ts';

/** What an engine made of a case: a result set, which is a set or an array of objects; an error; or builtins that it does not have. */
export type Answer =
  | { readonly kind: 'result'; readonly value: Value }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'missing'; readonly builtins: readonly string[] };

export type Verdict =
  | { readonly verdict: 'passed' }
  | { readonly verdict: 'failed'; readonly wanted: string; readonly got: string }
  | { readonly verdict: 'missing'; readonly builtins: readonly string[] };

/** What an evaluation's error says when it is this one. No case wants another that is not of strict mode. */
const MESSAGES: Readonly<Record<string, readonly string[]>> = {
  eval_conflict_error: ['var assignment conflict', 'object insert conflict'],
};

/** Throws Error when the answer's result is no result set. */
export function judge(asked: Case, answer: Answer): Verdict {
  if (answer.kind === 'missing') return { verdict: 'missing', builtins: answer.builtins };
  if (asked.want_defined !== undefined) return judgeDefined(asked.want_defined, answer);
  if (asked.want_result !== undefined)
    return judgeResult(bindings(parseValue(asked.want_result)), answer, asked.sort_bindings ?? false);
  if (asked.strict_error) return judgeResult(new RegoSet([]), answer, false);
  return judgeError(asked, answer);
}

/** An answer by an engine that had every builtin. */
type Evaluated = Exclude<Answer, { kind: 'missing' }>;

const verdict = (passed: boolean, wanted: string, got: () => string): Verdict =>
  passed ? { verdict: 'passed' } : { verdict: 'failed', wanted, got: got() };

const said = (answer: Evaluated): string =>
  answer.kind === 'result' ? writeValue(answer.value) : `the error ${answer.message}`;

function judgeDefined(defined: boolean, answer: Evaluated): Verdict {
  const fits = answer.kind === 'result' && members(answer.value).length > 0 === defined;
  return verdict(fits, defined ? 'a result' : 'none', () => said(answer));
}

function judgeResult(wanted: RegoSet, answer: Evaluated, sorted: boolean): Verdict {
  if (answer.kind === 'error') return verdict(false, writeValue(wanted), () => said(answer));
  // By way of JSON, which has no sets: their members become arrays.
  const got = bindings(parseValue(writeJson(answer.value)), sorted);
  return verdict(equal(wanted, got), writeValue(wanted), () => writeValue(got));
}

function judgeError({ want_error_code: code, want_error: words }: Case, answer: Evaluated): Verdict {
  const known = MESSAGES[code ?? ''] ?? [];
  const fits = answer.kind === 'error' && known.some((message) => answer.message.includes(message));
  return verdict(fits, `the error ${code ?? words}`, () => said(answer));
}

/** A result set: the order of its bindings does not count; nor, when `sorted`, that of an array which a variable is bound to. */
function bindings(results: Value, sorted = false): RegoSet {
  const inOrder = (value: Value): Value =>
    sorted && Array.isArray(value) ? (value as readonly Value[]).toSorted(compare) : value;
  return new RegoSet(
    members(results).map((binding) => {
      if (!(binding instanceof RegoObject)) throw new Error(`no binding: ${writeValue(binding)}`);
      return new RegoObject(binding.entries.map(([name, value]) => [name, inOrder(value)]));
    }),
  );
}

/** A module gives a set, JSON an array. */
function members(results: Value): readonly Value[] {
  if (results instanceof RegoSet) return results.members;
  if (Array.isArray(results)) return results as readonly Value[];
  throw new Error(`no result set: ${writeValue(results)}`);
}
