/** `urlquery.*`: Go's `net/url`, QueryEscape, QueryUnescape, ParseQuery and Values.Encode. */
import { RegoObject, RegoSet, type Value } from '../value.ts';
import { BuiltinError, type Family, operand } from './builtin.ts';
import { namedMembers } from './go/marshal-json.ts';
import { byteString, ofByteString, textValue } from './go/bytes.ts';
import { escape, unescape } from './go/percent.ts';

/** Go's limit (`urlmaxqueryparams`). */
const MOST_PARAMETERS = 10_000;

export const urlquery: Family = {
  'urlquery.encode': ([text]) => encode(operand(1, text, 'string')),
  'urlquery.decode': ([text]) => decoded(unescape(byteString(operand(1, text, 'string')), 'query')),
  'urlquery.encode_object': ([object]) => encodeObject(operand(1, object, 'object')),
  'urlquery.decode_object': ([query]) => decodeObject(byteString(operand(1, query, 'string'))),
};

const encode = (text: string): string => escape(byteString(text), 'query');

/** Throws LimitError for what is no UTF-8. */
const decoded = (bytes: string): string => textValue(ofByteString(bytes));

/** In the order of the names; a name without values leaves nothing. */
function encodeObject(object: RegoObject): string {
  return namedMembers(object)
    .flatMap(([name, value]) => strings(value).map((text) => `${encode(name)}=${encode(text)}`))
    .join('&');
}

function strings(value: Value): readonly string[] {
  const values = value instanceof RegoSet ? value.members : Array.isArray(value) ? value : [value];
  return values.map((member: Value) => {
    if (typeof member === 'string') return member;
    throw new BuiltinError('operand 1 values must be string, array[string], or set[string]');
  });
}

/** An array of values for each name. */
function decodeObject(query: string): RegoObject {
  const pairs = query.split('&', MOST_PARAMETERS + 1);
  if (pairs.length > MOST_PARAMETERS) throw new BuiltinError('number of URL query parameters exceeded limit');
  const parameters = new Map<string, string[]>();
  for (const pair of pairs) {
    if (pair === '') continue;
    if (pair.includes(';')) throw new BuiltinError('invalid semicolon separator in query');
    const [, name = '', value = ''] = /^([^=]*)=?([^]*)$/.exec(pair) ?? [];
    const key = unescape(name, 'query');
    const values = parameters.get(key) ?? [];
    values.push(decoded(unescape(value, 'query')));
    parameters.set(key, values);
  }
  return new RegoObject([...parameters].map(([name, values]) => [decoded(name), values] as const));
}
