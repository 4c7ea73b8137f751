/** Values of keywords of the kinds that several have. All functions throw BuiltinError with gojsonschema's words. */
import { RegoNumber } from '../../number.ts';
import type { RegoObject, Value } from '../../value.ts';
import { BuiltinError } from '../builtin.ts';
import { countOf, isReadable } from './number.ts';

/** `given` is the keyword. */
export const invalidType = (expected: string, given: string): BuiltinError =>
  new BuiltinError(`Invalid type. Expected: ${expected}, given: ${given}`);

export function text(schema: RegoObject, keyword: string): string | undefined {
  const value = schema.get(keyword);
  if (value === undefined || typeof value === 'string') return value;
  throw invalidType('string', keyword);
}

export function list(schema: RegoObject, keyword: string): readonly Value[] | undefined {
  const value = schema.get(keyword);
  if (value === undefined || Array.isArray(value)) return value as readonly Value[] | undefined;
  throw new BuiltinError(`${keyword} must be of an array`);
}

/** How many of something: not negative, and written without a point. */
export function count(schema: RegoObject, keyword: string): bigint | undefined {
  const value = schema.get(keyword);
  if (value === undefined) return undefined;
  const integer = value instanceof RegoNumber ? countOf(value) : null;
  if (integer === null) throw new BuiltinError(`${keyword} must be of an integer`);
  if (integer < 0n) throw new BuiltinError(`${keyword} must be greater than or equal to 0`);
  return integer;
}

/** Undefined for what is no number that can be read, too. */
export function number(schema: RegoObject, keyword: string): RegoNumber | undefined {
  const value = schema.get(keyword);
  return value instanceof RegoNumber && isReadable(value) ? value : undefined;
}
