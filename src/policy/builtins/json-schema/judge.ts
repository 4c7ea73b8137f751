/**
 * What keywords without further schemas say of a value (gojsonschema's `validation.go`). Each adds to the result what is wrong at
 * the place.
 */
import { compareNumbers, RegoNumber } from '../../number.ts';
import { RegoObject, type Value } from '../../value.ts';
import { BuiltinError } from '../builtin.ts';
import { hasMatch, type Pattern, searchCost } from '../regex/pattern.ts';
import { comparable } from './document.ts';
import { formatCost, hasFormat } from './format.ts';
import { boundText, isInteger, isMultiple, isReadable } from './number.ts';
import { fieldOf, type Place, type Result } from './result.ts';
import type { Schema, Type } from './schema.ts';

export function typeOf(value: Value): Type {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'string') return 'string';
  if (value instanceof RegoNumber) return isInteger(value) ? 'integer' : 'number';
  return value instanceof RegoObject ? 'object' : 'array';
}

/** Throws BuiltinError for a number that is too large or too small to be compared. */
export function judgeNumber(schema: Schema, value: RegoNumber, place: Place, result: Result): void {
  const { multipleOf, maximum, exclusiveMaximum, minimum, exclusiveMinimum } = schema;
  const isAsked = multipleOf ?? maximum ?? exclusiveMaximum ?? minimum ?? exclusiveMinimum;
  if (isAsked && !isReadable(value)) throw new BuiltinError('number out of range');
  const order = (bound: RegoNumber): number => compareNumbers(value, bound);
  if (multipleOf && !isMultiple(value, multipleOf))
    result.fail('multiple_of', place, `Must be a multiple of ${boundText(multipleOf)}`);
  if (maximum && order(maximum) > 0)
    result.fail('number_lte', place, `Must be less than or equal to ${boundText(maximum)}`);
  if (exclusiveMaximum && order(exclusiveMaximum) >= 0)
    result.fail('number_lt', place, `Must be less than ${boundText(exclusiveMaximum)}`);
  if (minimum && order(minimum) < 0)
    result.fail('number_gte', place, `Must be greater than or equal to ${boundText(minimum)}`);
  if (exclusiveMinimum && order(exclusiveMinimum) <= 0)
    result.fail('number_gt', place, `Must be greater than ${boundText(exclusiveMinimum)}`);
  result.step();
}

export function judgeString(schema: Schema, value: string, place: Place, result: Result): void {
  const { minLength, maxLength, pattern } = schema;
  if (minLength !== undefined || maxLength !== undefined) {
    const length = Array.from(value).length;
    if (minLength !== undefined && length < minLength)
      result.fail('string_gte', place, `String length must be greater than or equal to ${minLength}`);
    if (maxLength !== undefined && length > maxLength)
      result.fail('string_lte', place, `String length must be less than or equal to ${maxLength}`);
  }
  if (pattern) result.spend(patternCost(pattern.pattern, value));
  if (pattern && !hasMatch(pattern.pattern, value))
    result.fail('pattern', place, `Does not match pattern '${pattern.source}'`);
  result.step();
}

/** What it costs to look for the pattern in the text, in characters of a failure. */
export const patternCost = (pattern: Pattern, text: string): number =>
  Math.ceil(searchCost(pattern, text) / 8);

/** `const`, `enum` and `format`. */
export function judgeConstants(schema: Schema, value: Value, place: Place, result: Result): void {
  if (schema.const !== undefined && comparable(value) !== schema.const)
    result.fail('const', place, `${fieldOf(place)} does not match: ${schema.const}`);
  if (schema.enum && !schema.enum.values.has(comparable(value)))
    result.fail('enum', place, `${fieldOf(place)} must be one of the following: ${schema.enum.shown}`);
  if (schema.format !== undefined && typeof value === 'string') {
    result.spend(formatCost(value, schema.format));
    if (!hasFormat(value, schema.format))
      result.fail('format', place, `Does not match format '${schema.format}'`);
  }
  result.step();
}

/** How many items there are, and whether one is there twice. */
export function judgeSize(schema: Schema, value: readonly Value[], place: Place, result: Result): void {
  const { minItems, maxItems, uniqueItems } = schema;
  if (minItems !== undefined && value.length < minItems)
    result.fail('array_min_items', place, `Array must have at least ${minItems} items`);
  if (maxItems !== undefined && value.length > maxItems)
    result.fail('array_max_items', place, `Array must have at most ${maxItems} items`);
  if (!uniqueItems) return;
  const seen = new Map<string, number>();
  for (const [index, item] of value.entries()) {
    const text = comparable(item);
    const before = seen.get(text);
    if (before !== undefined) result.fail('unique', place, `array items[${before},${index}] must be unique`);
    seen.set(text, index);
  }
}

/** How many members there are, and whether those are there that have to be. */
export function judgeMembership(schema: Schema, value: RegoObject, place: Place, result: Result): void {
  const { minProperties, maxProperties, required } = schema;
  if (minProperties !== undefined && value.size < minProperties)
    result.fail('array_min_properties', place, `Must have at least ${minProperties} properties`);
  if (maxProperties !== undefined && value.size > maxProperties)
    result.fail('array_max_properties', place, `Must have at most ${maxProperties} properties`);
  for (const name of required)
    if (value.has(name)) result.step();
    else result.fail('required', place, `${name} is required`);
}
