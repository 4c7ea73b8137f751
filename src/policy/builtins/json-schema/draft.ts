/** The drafts of JSON Schema that gojsonschema knows, and their own schemas. */
import { RegoObject, type Value } from '../../value.ts';
import { fromPlain } from '../../value-text.ts';
import { BuiltinError } from '../builtin.ts';
import draft4 from './draft-04.json' with { type: 'json' };
import draft6 from './draft-06.json' with { type: 'json' };
import draft7 from './draft-07.json' with { type: 'json' };
import { parseReference, referenceText } from './reference.ts';

/** Without `$schema` a schema may use the keywords of all drafts: it is of the hybrid one. */
export type Draft = 4 | 6 | 7 | typeof HYBRID;
export const HYBRID = 100;

const DRAFTS: Readonly<Record<string, readonly [Draft, schema: unknown]>> = {
  'http://json-schema.org/draft-04/schema': [4, draft4],
  'http://json-schema.org/draft-06/schema': [6, draft6],
  'http://json-schema.org/draft-07/schema': [7, draft7],
};

/** The draft's own schema by its address, without a fragment; null for another address. */
export function metaSchema(address: string): Value | null {
  const draft = Object.hasOwn(DRAFTS, address) ? DRAFTS[address] : undefined;
  return draft ? fromPlain(draft[1]) : null;
}

/** What `$schema` says; null where it is missing or names something else. Throws BuiltinError for what is no schema. */
export function draftOf(document: Value): Draft | null {
  if (typeof document === 'boolean') return null;
  if (!(document instanceof RegoObject)) throw new BuiltinError('schema is invalid');
  const named = document.get('$schema');
  if (named === undefined) return null;
  if (typeof named !== 'string') throw new BuiltinError('$schema must be of type string');
  const address = referenceText(parseReference(named));
  return Object.hasOwn(DRAFTS, address) ? (DRAFTS[address]?.[0] ?? null) : null;
}
