/**
 * `json.match_schema` and `json.verify_schema` (OPA's `topdown/jsonschema.go`): JSON Schema's drafts 4, 6 and 7 in the manner of
 * its copy of gojsonschema. Where that is at random in its order, here it is by name. References to other documents are refused:
 * nothing is fetched, and no file is read.
 */
import { LRUCache } from 'lru-cache';
import { RegoObject, type Value } from '../value.ts';
import { BuiltinError, type Family } from './builtin.ts';
import { goJson } from './go/marshal-json.ts';
import { compileSchema } from './json-schema/compile.ts';
import { documentOf } from './json-schema/document.ts';
import type { Schema } from './json-schema/schema.ts';
import { failuresOf } from './json-schema/validate.ts';

export const jsonSchema: Family = {
  'json.match_schema': ([document, schema]) => {
    const judged = documentOf(document);
    const failures = failuresOf(judged, schemaOf(schema)).map(({ type, field, description }) =>
      RegoObject.of({ type, field, desc: description, error: `${field}: ${description}` }),
    );
    return [failures.length === 0, failures];
  },

  'json.verify_schema': ([schema]) => {
    try {
      schemaOf(schema);
      return [true, null];
    } catch (error) {
      if (error instanceof BuiltinError) return [false, `jsonschema: ${error.message}`];
      throw error;
    }
  },
};

/** By their text; of some megabytes together. */
const KEPT = new LRUCache<string, Schema>({ max: 100, maxSize: 1 << 22 });

function schemaOf(value: Value): Schema {
  // What is neither is no schema, whatever text it has.
  const text = value instanceof RegoObject ? goJson(value) : typeof value === 'string' ? value : '';
  const kept = KEPT.get(text);
  if (kept) return kept;
  const schema = compileSchema(documentOf(value));
  KEPT.set(text, schema, { size: text.length });
  return schema;
}
