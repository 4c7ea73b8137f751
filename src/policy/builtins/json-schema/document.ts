/** Documents and schemas as JSON has them, and the form in which gojsonschema compares and shows their values. */
import { RegoNumber } from '../../number.ts';
import { type Entry, RegoObject, RegoSet, type Value } from '../../value.ts';
import { attempt, BuiltinError } from '../builtin.ts';
import { goJson, namedMembers } from '../go/marshal-json.ts';
import { unmarshalJson } from '../go/unmarshal-json.ts';

/**
 * The document that an operand is: JSON in a string, or the value itself. Names are strings, there are no sets. Throws
 * BuiltinError; LimitError for JSON that is nested deeper than 2,000.
 */
export function documentOf(operand: Value): Value {
  if (typeof operand === 'string') {
    const read = attempt(() => ({ value: unmarshalJson(operand, 'unbounded') }));
    if (read === null) throw new BuiltinError('invalid JSON string');
    return read.value;
  }
  if (operand instanceof RegoObject || Array.isArray(operand)) return plain(operand);
  throw new BuiltinError('wrong type, expected string or object');
}

function plain(value: Value): Value {
  if (value instanceof RegoObject) {
    const entries: Entry[] = [];
    for (const [name, member] of namedMembers(value)) entries.push([name, plain(member)]);
    return new RegoObject(entries);
  }
  if (!(value instanceof RegoSet) && !Array.isArray(value)) return value;
  const members: Value[] = [];
  for (const member of value instanceof RegoSet ? value.members : (value as readonly Value[]))
    members.push(plain(member));
  return members;
}

/**
 * JSON of which equal values have the same: its numbers are those that JavaScript has too. Throws BuiltinError for numbers beyond
 * them.
 */
export const comparable = (value: Value): string => goJson(rounded(value));

function rounded(value: Value): Value {
  if (value instanceof RegoNumber) return nearest(value);
  if (value instanceof RegoObject) {
    const entries: Entry[] = [];
    for (const [name, member] of value.entries) entries.push([name, rounded(member)]);
    return new RegoObject(entries);
  }
  if (!Array.isArray(value)) return value;
  const items: Value[] = [];
  for (const item of value as readonly Value[]) items.push(rounded(item));
  return items;
}

function nearest(number: RegoNumber): RegoNumber {
  const double = number.toNumber();
  if (Number.isFinite(double)) return new RegoNumber(Object.is(double, -0) ? '-0' : String(double));
  throw new BuiltinError(`json: cannot unmarshal number ${number.text} into Go value of type float64`);
}
