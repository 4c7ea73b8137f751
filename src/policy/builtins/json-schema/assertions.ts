/** The keywords that ask something of a value itself, without further schemas (gojsonschema's `schema.go`). */
import { compareNumbers, RegoNumber } from '../../number.ts';
import type { RegoObject, Value } from '../../value.ts';
import { attempt, BuiltinError } from '../builtin.ts';
import { compilePattern, type Pattern } from '../regex/pattern.ts';
import { comparable } from './document.ts';
import { type Draft, HYBRID } from './draft.ts';
import { count, invalidType, list, number, text } from './keyword.ts';
import { type Schema, type Type, TYPES } from './schema.ts';

/** The types that `type` allows. Throws BuiltinError, as all functions here. */
export function typesOf(value: Value | undefined): readonly Type[] {
  if (value === undefined) return [];
  const types: Type[] = [];
  for (const name of Array.isArray(value) ? (value as readonly Value[]) : [value]) {
    // The words are the wrong way round in gojsonschema.
    if (typeof name !== 'string') throw invalidType('type', 'string/Array Of Strings');
    const type = TYPES.find((one) => one === name);
    if (type === undefined)
      throw new BuiltinError(
        `has a primitive type that is NOT VALID -- given: /${name}/ Expected valid values are:[${TYPES.join(' ')}]`,
      );
    if (types.includes(type)) throw new BuiltinError(`${type} type is duplicated`);
    types.push(type);
  }
  return types;
}

/** From `multipleOf` to `uniqueItems`. */
export function readLimits(object: RegoObject, draft: Draft, schema: Schema): void {
  readNumbers(object, draft, schema);
  readStrings(object, schema);
  readSizes(object, schema);
}

const ZERO = new RegoNumber('0');

function readNumbers(object: RegoObject, draft: Draft, schema: Schema): void {
  schema.multipleOf = number(object, 'multipleOf');
  if (object.has('multipleOf') && !schema.multipleOf) throw invalidType('Number', 'multipleOf');
  if (schema.multipleOf && compareNumbers(schema.multipleOf, ZERO) <= 0)
    throw new BuiltinError('multipleOf must be strictly greater than 0');
  readBound(object, draft, schema, 'minimum', 'exclusiveMinimum');
  readBound(object, draft, schema, 'maximum', 'exclusiveMaximum');
}

function readBound(
  object: RegoObject,
  draft: Draft,
  schema: Schema,
  inclusive: 'minimum' | 'maximum',
  exclusive: 'exclusiveMinimum' | 'exclusiveMaximum',
): void {
  const bound = number(object, inclusive);
  if (object.has(inclusive) && !bound) throw new BuiltinError(`${inclusive} must be of a Number`);
  schema[inclusive] = bound;
  const value = object.get(exclusive);
  if (typeof value === 'boolean' && (draft === 4 || draft === HYBRID)) {
    if (!bound) throw new BuiltinError(`${exclusive} cannot be used without ${inclusive}`);
    if (value) [schema[exclusive], schema[inclusive]] = [bound, undefined];
  } else if (value instanceof RegoNumber && draft !== 4) schema[exclusive] = number(object, exclusive);
  else if (value !== undefined)
    throw invalidType(draft === 4 ? 'boolean' : draft === HYBRID ? 'boolean/number' : 'number', exclusive);
}

function readStrings(object: RegoObject, schema: Schema): void {
  readRange(object, schema, 'minLength', 'maxLength');
  const source = text(object, 'pattern');
  if (source !== undefined)
    schema.pattern = { source, pattern: patternOf(source, 'pattern must be a valid regex') };
  schema.format = text(object, 'format');
}

function readSizes(object: RegoObject, schema: Schema): void {
  readRange(object, schema, 'minProperties', 'maxProperties');
  schema.required = (list(object, 'required') ?? []).map((name) => {
    if (typeof name === 'string') return name;
    throw invalidType('string', 'required');
  });
  if (new Set(schema.required).size < schema.required.length)
    throw new BuiltinError('required items must be unique');
  schema.minItems = count(object, 'minItems');
  schema.maxItems = count(object, 'maxItems');
  const unique = object.get('uniqueItems') ?? false;
  if (typeof unique !== 'boolean') throw new BuiltinError('uniqueItems must be of a boolean');
  schema.uniqueItems = unique;
}

function readRange<S extends 'Length' | 'Properties'>(
  object: RegoObject,
  schema: Schema,
  least: `min${S}`,
  most: `max${S}`,
): void {
  const [low, high] = [count(object, least), count(object, most)];
  if (low !== undefined && high !== undefined && low > high)
    throw new BuiltinError(`${least} cannot be greater than ${most}`);
  schema[least] = low;
  schema[most] = high;
}

/** `const` and `enum`. */
export function readConstants(object: RegoObject, draft: Draft, schema: Schema): void {
  const constant = object.get('const');
  if (constant !== undefined && draft >= 6) schema.const = comparable(constant);
  const listed = list(object, 'enum')?.map(comparable);
  if (!listed) return;
  const values = new Set(listed);
  if (values.size < listed.length) throw new BuiltinError('enum items must be unique');
  schema.enum = { values, shown: listed.join(', ') };
}

/** The pattern; `fault` is what to say where it is none. */
export function patternOf(source: string, fault: string): Pattern {
  const pattern = attempt(() => compilePattern(source));
  if (pattern === null) throw new BuiltinError(fault);
  return pattern;
}
