/** `eq`, `lt` and their like of templates (Go's `text/template/funcs.go`). */
import { Byte, goType } from '../go/print.ts';
import { toBytes } from '../go/bytes.ts';
import { RegoObject } from '../../value.ts';
import { type Held, RenderError, textOf } from './held.ts';

type Kind = 'bool' | 'int' | 'float' | 'string' | null;

/** Signed and unsigned integers may be compared; a number of Rego is a string. */
function kindOf(value: Held): Kind {
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint' || value instanceof Byte) return 'int';
  if (typeof value === 'number') return 'float';
  return textOf(value) === null ? null : 'string';
}

const isNil = (value: Held): boolean => value === undefined || value === null;
const incompatible = (a: Held, b: Held): RenderError => {
  const [x, y] = [a, b].map((value) => (value === undefined ? 'nil' : goType(value, 'int')));
  return new RenderError(`incompatible types for comparison: ${x} and ${y}`);
};

/** Is it equal to any of the others? Throws RenderError. */
export function eq(first: Held, ...others: readonly Held[]): boolean {
  if (others.length === 0) throw new RenderError('missing argument for comparison');
  return others.some((other) => {
    const kind = kindOf(first);
    if (kind !== kindOf(other)) {
      if (isNil(first) || isNil(other)) return false;
      throw incompatible(first, other);
    }
    if (kind !== null) return order(kind, first, other) === 0;
    if (isNil(first) || isNil(other)) return isNil(first) && isNil(other);
    throw first instanceof RegoObject === other instanceof RegoObject
      ? new RenderError('non-comparable type')
      : incompatible(first, other);
  });
}

/** Throws RenderError for what has no order. */
export function lt(a: Held, b: Held): boolean {
  const [kind, other] = [kindOf(a), kindOf(b)];
  if (kind === null || other === null) throw new RenderError('invalid type for comparison');
  if (kind !== other) throw incompatible(a, b);
  if (kind === 'bool') throw new RenderError('invalid type for comparison');
  return order(kind, a, b) < 0;
}

/** Of two values of the kind: negative, 0 or positive; of booleans, 0 or not. */
function order(kind: NonNullable<Kind>, a: Held, b: Held): number {
  if (kind === 'string') return Buffer.compare(toBytes(textOf(a) as string), toBytes(textOf(b) as string));
  const [x, y] = [a, b].map((value) => (value instanceof Byte ? BigInt(value.value) : value)) as [
    bigint,
    bigint,
  ];
  return x < y ? -1 : x > y ? 1 : 0;
}
