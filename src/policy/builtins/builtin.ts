/** What a builtin of the host is. */
import type { RegoNumber } from '../number.ts';
import { type RegoObject, type RegoSet, typeName, type TypeName, type Value } from '../value.ts';

/**
 * A builtin function. It gets as many operands as its declaration in OPA has (the compiler checks that, and the types that it can
 * know), and gives its result; undefined is Rego's. Throws BuiltinError where OPA's gives an error that does not end the
 * evaluation. LimitError ends the evaluation, and so does whatever else it throws, which is a bug.
 */
export type Builtin = (
  operands: readonly [Value, Value, Value, Value],
  evaluation: Evaluation,
) => Value | undefined;

/** A family: its builtins by OPA's names. */
export type Family = Readonly<Record<string, Builtin>>;

/** What the builtins of one evaluation share. */
export type Evaluation = {
  /** Nanoseconds since the epoch: the same all through the evaluation. */
  readonly now: bigint;
  readonly randomBytes: (size: number) => Uint8Array;
  /** What has to stay the same within the evaluation, by a key of the builtin's own: `rand.intn` and `uuid.rfc4122`. */
  readonly kept: Map<string, Value>;
  /** A line that `print` or `trace` writes. */
  readonly print: (line: string) => void;
};

/** An error of the kind that makes an expression undefined in OPA. */
export class BuiltinError extends Error {}

/**
 * A limit of this engine's own, which OPA does not have: it ends the evaluation. An expression that is undefined instead could
 * admit whom a result would not, as in `not blocked(x)`. The message names the limit.
 */
export class LimitError extends Error {
  override readonly name = 'LimitError';
}

type Types = {
  null: null;
  boolean: boolean;
  number: RegoNumber;
  string: string;
  array: readonly Value[];
  object: RegoObject;
  set: RegoSet;
};

/** The operand, when its type is one of these; `position` counts from 1. Throws BuiltinError with OPA's words. */
export function operand<T extends TypeName>(
  position: number,
  value: Value,
  ...types: readonly T[]
): Types[T] {
  const type = typeName(value);
  if (!types.includes(type as T))
    throw new BuiltinError(
      types.length === 1
        ? `operand ${position} must be ${types[0]} but got ${type}`
        : `operand ${position} must be one of {${types.toSorted().join(', ')}} but got ${type}`,
    );
  return value as Types[T];
}

const LONGEST_EXCERPT = 100;

/** What a message quotes of an operand: no more than 100 characters, where OPA quotes all. */
export const excerpt = (text: string): string =>
  text.length > LONGEST_EXCERPT ? `${text.slice(0, LONGEST_EXCERPT).toWellFormed()}…` : text;

/** What `read` gives; null where it throws BuiltinError. */
export function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof BuiltinError) return null;
    throw error;
  }
}
