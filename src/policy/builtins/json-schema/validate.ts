/**
 * Judges documents by schemas, as gojsonschema does (`validation.go`): what it looks at, in which order, and what it says of it.
 */
import { RegoNumber } from '../../number.ts';
import { RegoObject, type Value } from '../../value.ts';
import { LimitError } from '../builtin.ts';
import { hasMatch } from '../regex/pattern.ts';
import {
  judgeConstants,
  judgeMembership,
  judgeNumber,
  judgeSize,
  judgeString,
  patternCost,
  typeOf,
} from './judge.ts';
import { better, type Failure, type Place, Result, ROOT } from './result.ts';
import type { Schema } from './schema.ts';

/**
 * Schemas that combine schemas may ask for a number of judgements that doubles with each. OPA goes on until its client gives up.
 */
const MOST_JUDGEMENTS = 1_000_000;
/** Judgements within each other; a schema may refer to itself for the same value. */
const DEEPEST = 500;

/**
 * What is wrong with the document; nothing where it is valid. Throws LimitError after 1,000,000 judgements, or 500 within each
 * other.
 */
export function failuresOf(document: Value, root: Schema): readonly Failure[] {
  const budget = { spent: 0 };
  let [count, depth] = [0, 0];
  return resultOf(root, document, ROOT).failures;

  function resultOf(schema: Schema, value: Value, place: Place): Result {
    const result = new Result(budget);
    judge(schema, value, place, result);
    return result;
  }

  function judge(schema: Schema, value: Value, place: Place, result: Result): void {
    if (++count > MOST_JUDGEMENTS)
      throw new LimitError(`json.match_schema: it takes more than ${MOST_JUDGEMENTS} judgements`);
    if (++depth > DEEPEST)
      throw new LimitError(`json.match_schema: judgements are nested deeper than ${DEEPEST}`);
    if (schema.reference) judge(schema.reference, value, place, result);
    else if (schema.verdict === undefined) judgeByKeywords(schema, value, place, result);
    else if (!schema.verdict) result.fail('false', place, 'False always fails validation');
    depth--;
  }

  function judgeByKeywords(schema: Schema, value: Value, place: Place, result: Result): void {
    const type = typeOf(value);
    const allowed = schema.types;
    if (
      allowed.length > 0 &&
      !allowed.includes(type) &&
      !(type === 'integer' && allowed.includes('number'))
    ) {
      const expected = allowed.length > 1 ? `[${allowed.join(',')}]` : String(allowed[0]);
      result.fail('invalid_type', place, `Invalid type. Expected: ${expected}, given: ${type}`);
      return;
    }
    combine(schema, value, place, result);
    if (value instanceof RegoNumber) judgeNumber(schema, value, place, result);
    if (Array.isArray(value)) judgeItems(schema, value as readonly Value[], place, result);
    if (value instanceof RegoObject) judgeMembers(schema, value, place, result);
    judgeConstants(schema, value, place, result);
    if (typeof value === 'string') judgeString(schema, value, place, result);
    if (value instanceof RegoObject)
      for (const [name, property] of schema.properties) {
        const member = value.get(name);
        if (member !== undefined) judge(property, member, { name, parent: place }, result);
      }
    result.step();
  }

  function combine(schema: Schema, value: Value, place: Place, result: Result): void {
    anyOf(schema, value, place, result);
    oneOf(schema, value, place, result);
    const all = schema.allOf.map((one) => resultOf(one, value, place));
    for (const one of all) result.merge(one);
    if (!all.every((one) => one.valid))
      result.fail('number_all_of', place, 'Must validate all the schemas (allOf)');
    if (schema.not && resultOf(schema.not, value, place).valid)
      result.fail('number_not', place, 'Must not validate the schema (not)');
    if (value instanceof RegoObject) judgeDependencies(schema, value, place, result);
    condition(schema, value, place, result);
    result.step();
  }

  function anyOf(schema: Schema, value: Value, place: Place, result: Result): void {
    let best: Result | null = null;
    for (const one of schema.anyOf) {
      const judged = resultOf(one, value, place);
      if (judged.valid) return;
      best = better(best, judged);
    }
    if (best === null) return;
    result.fail('number_any_of', place, 'Must validate at least one schema (anyOf)');
    result.merge(best);
  }

  function oneOf(schema: Schema, value: Value, place: Place, result: Result): void {
    if (schema.oneOf.length === 0) return;
    let valid = 0;
    let best: Result | null = null;
    for (const one of schema.oneOf) {
      const judged = resultOf(one, value, place);
      if (judged.valid) valid++;
      else best = better(best, judged);
    }
    if (valid === 1) return;
    result.fail('number_one_of', place, 'Must validate one and only one schema (oneOf)');
    if (valid === 0 && best !== null) result.merge(best);
  }

  function judgeDependencies(schema: Schema, value: RegoObject, place: Place, result: Result): void {
    for (const [name, dependency] of schema.dependencies) {
      if (!value.has(name)) continue;
      if (!Array.isArray(dependency)) judge(dependency as Schema, value, place, result);
      else
        for (const other of dependency as readonly string[])
          if (!value.has(other)) result.fail('missing_dependency', place, `Has a dependency on ${other}`);
    }
  }

  function condition(schema: Schema, value: Value, place: Place, result: Result): void {
    if (!schema.condition) return;
    const met = resultOf(schema.condition, value, place).valid;
    const asked = met ? schema.consequence : schema.alternative;
    const judged = asked && resultOf(asked, value, place);
    if (!judged || judged.valid) return;
    if (met) result.fail('condition_then', place, 'Must validate "then" as "if" was valid');
    else result.fail('condition_else', place, 'Must validate "else" as "if" was not valid');
    result.merge(judged);
  }

  function judgeItems(schema: Schema, value: readonly Value[], place: Place, result: Result): void {
    const at = (index: number): Place => ({ name: String(index), parent: place });
    const { items } = schema;
    const each = Array.isArray(items) ? (items as readonly Schema[]) : [];
    value.forEach((item, index) => {
      const one = Array.isArray(items) ? each[index] : (items as Schema | undefined);
      if (one) result.merge(resultOf(one, item, at(index)));
    });
    if (each.length > 0 && each.length < value.length) {
      const { additionalItems } = schema;
      if (additionalItems === false)
        result.fail('array_no_additional_items', place, 'No additional items allowed on array');
      else if (typeof additionalItems === 'object')
        for (let index = each.length; index < value.length; index++)
          result.merge(resultOf(additionalItems, value[index] as Value, at(index)));
    }
    judgeSize(schema, value, place, result);
    contains(schema, value, at, place, result);
    result.step();
  }

  function contains(
    { contains: wanted }: Schema,
    value: readonly Value[],
    at: (index: number) => Place,
    place: Place,
    result: Result,
  ): void {
    if (!wanted) return;
    let best: Result | null = null;
    for (const [index, item] of value.entries()) {
      const judged = resultOf(wanted, item, at(index));
      if (judged.valid) return;
      best = better(best, judged);
    }
    result.fail('contains', place, 'At least one of the items must match');
    if (best !== null) result.merge(best);
  }

  function judgeMembers(schema: Schema, value: RegoObject, place: Place, result: Result): void {
    judgeMembership(schema, value, place, result);
    const members = value.entries as readonly (readonly [string, Value])[];
    for (const [name, member] of members) {
      const matched = judgeByPatterns(schema, name, member, place, result);
      if (matched || schema.properties.has(name)) continue;
      const { additionalProperties } = schema;
      if (additionalProperties === false)
        result.fail('additional_property_not_allowed', place, `Additional property ${name} is not allowed`);
      else if (typeof additionalProperties === 'object')
        result.merge(resultOf(additionalProperties, member, { name, parent: place }));
    }
    if (schema.propertyNames)
      for (const [name] of members) {
        const judged = resultOf(schema.propertyNames, name, place);
        if (judged.valid) continue;
        result.fail('invalid_property_name', place, `Property name of "${name}" does not match`);
        result.merge(judged);
      }
    result.step();
  }

  /** Whether one of the patterns matches. */
  function judgeByPatterns(
    schema: Schema,
    name: string,
    member: Value,
    place: Place,
    result: Result,
  ): boolean {
    const matching = schema.patternProperties.filter(({ pattern }) => {
      result.spend(patternCost(pattern, name));
      return hasMatch(pattern, name);
    });
    for (const one of matching) result.merge(resultOf(one.schema, member, { name, parent: place }));
    if (matching.length > 0) result.step();
    return matching.length > 0;
  }
}
