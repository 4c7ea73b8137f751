/** Builtins of the host, called as a module calls them, with values as text. */
import type { Evaluation, Family } from '../../src/policy/builtins/builtin.ts';
import type { Value } from '../../src/policy/value.ts';
import { parseValue, writeValue } from '../../src/policy/value-text.ts';

/** 2026-01-02T03:04:05.000000006Z; random bytes are 0, 1, 2 … */
export const evaluation = (changes: Partial<Evaluation> = {}): Evaluation => ({
  now: 1_767_323_045_000_000_006n,
  randomBytes: (size) => Uint8Array.from({ length: size }, (_, at) => at),
  kept: new Map(),
  print: () => {},
  ...changes,
});

/**
 * `family[name]` of operands that are written as Rego writes them: `caller(strings)('strings.count', '"aa"', '"a"')` is `'2'`; undefined
 * where Rego's is. Throws BuiltinError, as the builtin does.
 */
export const caller =
  (family: Family, shared: Evaluation = evaluation()) =>
  (name: string, ...operands: readonly string[]): string | undefined => {
    const builtin = family[name];
    if (!builtin) throw new Error(`there is no builtin ${name}`);
    const values = operands.map(parseValue) as unknown as readonly [Value, Value, Value, Value];
    const result = builtin(values, shared);
    return result === undefined ? undefined : writeValue(result);
  };
