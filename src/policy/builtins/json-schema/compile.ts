/**
 * Reads schemas of JSON Schema's drafts 4, 6 and 7 as OPA's copy of gojsonschema does (`internal/gojsonschema`, `schema.go`):
 * what it finds wrong and in which order, and what keywords mean beside each other. It does not check a schema against its
 * draft's own.
 */
import { RegoObject, type Value } from '../../value.ts';
import { BuiltinError, LimitError } from '../builtin.ts';
import { patternOf, readConstants, readLimits, typesOf } from './assertions.ts';
import { type Draft, draftOf, HYBRID } from './draft.ts';
import { invalidType, list, text } from './keyword.ts';
import type { Pattern } from '../regex/pattern.ts';
import { parseReference, referenceText } from './reference.ts';
import { emptySchema, type Schema } from './schema.ts';
import { schemaPool } from './schema-pool.ts';

/** References to references may make much of little. */
const MOST_SCHEMAS = 100_000;
/** Instructions of patterns, all together. */
const MOST_INSTRUCTIONS = 250_000;
/** Schemas within each other, also by references. */
const DEEPEST = 500;

/** The schema that a document is. Throws BuiltinError; LimitError for one with more than 100,000 schemas, or 500 within each other. */
export function compileSchema(document: Value): Schema {
  const pool = schemaPool(document);
  const referenced = new Map<string, Schema>();
  let [count, depth, instructions] = [0, 0, 0];
  return read(document, draftOf(document) ?? HYBRID);

  function read(value: Value, draft: Draft, schema = emptySchema()): Schema {
    if (++count > MOST_SCHEMAS)
      throw new LimitError(`JSON Schema: there are more than ${MOST_SCHEMAS} schemas`);
    if (++depth > DEEPEST) throw new LimitError(`JSON Schema: schemas are nested deeper than ${DEEPEST}`);
    if (typeof value === 'boolean' && draft >= 6) schema.verdict = value;
    else if (value instanceof RegoObject) readKeywords(value, draft, schema);
    else throw new BuiltinError('Expected: Valid Schema, given: Invalid JSON');
    depth--;
    return schema;
  }

  function readKeywords(object: RegoObject, draft: Draft, schema: Schema): void {
    checkId(object, draft);
    readDefinitions(object, draft);
    text(object, 'title');
    text(object, 'description');
    if (readReference(object, draft, schema)) return;
    schema.types = typesOf(object.get('type'));
    readProperties(object, draft, schema);
    readItems(object, draft, schema);
    readLimits(object, draft, schema);
    if (schema.pattern) countInstructions(schema.pattern.pattern);
    const contains = object.get('contains');
    if (contains !== undefined && draft >= 6) schema.contains = read(contains, draft);
    readConstants(object, draft, schema);
    readCombinations(object, draft, schema);
  }

  function countInstructions({ re }: Pattern): void {
    instructions += re.programSize();
    if (instructions > MOST_INSTRUCTIONS) throw new LimitError('JSON Schema: the patterns are too large');
  }

  /** Nothing else is read of what refers to a schema for the first time. */
  function readReference(object: RegoObject, draft: Draft, schema: Schema): boolean {
    const named = pool.referenceOf(object);
    if (named === undefined) return false;
    if (typeof named !== 'string') throw invalidType('string', '$ref');
    const reference = parseReference(named);
    const name = referenceText(reference);
    schema.reference = referenced.get(name);
    if (schema.reference) return false;
    // It is known before it is read: it may refer to itself.
    const target = emptySchema();
    referenced.set(name, target);
    const found = pool.get(reference);
    if (!isSchema(found.document)) throw new BuiltinError('Valid Schema must be of type object');
    schema.reference = read(found.document, found.draft ?? draft, target);
    return true;
  }

  function readDefinitions(object: RegoObject, draft: Draft): void {
    const definitions = object.get('definitions');
    if (definitions === undefined) return;
    if (!(definitions instanceof RegoObject)) throw invalidType('Array Of Schemas', 'definitions');
    for (const [, definition] of definitions.entries) {
      if (!isSchema(definition)) throw invalidType('Array Of Schemas', 'definitions');
      read(definition, draft);
    }
  }

  function readProperties(object: RegoObject, draft: Draft, schema: Schema): void {
    const properties = members(object, 'properties', 'Properties must be of type object');
    schema.properties = new Map(properties.map(([name, property]) => [name, read(property, draft)]));
    schema.additionalProperties = booleanOrSchema(object, draft, 'additionalProperties');
    readPatternProperties(object, draft, schema);
    const names = object.get('propertyNames');
    if (names !== undefined && draft >= 6) {
      if (!isSchema(names)) throw invalidType('Valid Schema', 'patternProperties');
      schema.propertyNames = read(names, draft);
    }
    const dependencies = members(object, 'dependencies', 'dependencies must be of type object');
    schema.dependencies = new Map(
      dependencies.map(([name, dependency]) => [name, readDependency(dependency, draft)]),
    );
  }

  function readPatternProperties(object: RegoObject, draft: Draft, schema: Schema): void {
    const fault = 'Invalid type. Expected: Valid Schema, given: patternProperties';
    const properties = members(object, 'patternProperties', fault);
    schema.patternProperties = properties.map(([source, property]) => {
      const pattern = patternOf(source, `Invalid regex pattern '${source}'`);
      countInstructions(pattern);
      return { pattern, schema: read(property, draft) };
    });
  }

  function readDependency(dependency: Value, draft: Draft): Schema | readonly string[] {
    if (isSchema(dependency)) return read(dependency, draft);
    if (Array.isArray(dependency) && dependency.every((other) => typeof other === 'string'))
      return dependency;
    throw new BuiltinError('Dependency must be of type Schema Or Array Of Strings');
  }

  function readItems(object: RegoObject, draft: Draft, schema: Schema): void {
    const items = object.get('items');
    if (isSchema(items)) schema.items = read(items, draft);
    else if (items !== undefined) {
      if (!Array.isArray(items)) throw invalidType('Valid Schema/Array Of Schemas', 'items');
      schema.items = (items as readonly Value[]).map((item) => {
        if (isSchema(item)) return read(item, draft);
        throw invalidType('Valid Schema/Array Of Schemas', 'items');
      });
    }
    schema.additionalItems = booleanOrSchema(object, draft, 'additionalItems');
  }

  function booleanOrSchema(
    object: RegoObject,
    draft: Draft,
    keyword: 'additionalItems' | 'additionalProperties',
  ): boolean | Schema | undefined {
    const value = object.get(keyword);
    if (value === undefined || typeof value === 'boolean') return value;
    if (value instanceof RegoObject) return read(value, draft);
    throw invalidType('boolean/Valid Schema', keyword);
  }

  function readCombinations(object: RegoObject, draft: Draft, schema: Schema): void {
    for (const keyword of ['oneOf', 'anyOf', 'allOf'] as const)
      schema[keyword] = (list(object, keyword) ?? []).map((value) => read(value, draft));
    schema.not = readOne(object, draft, 'not');
    if (draft < 7) return;
    schema.condition = readOne(object, draft, 'if');
    schema.consequence = readOne(object, draft, 'then');
    schema.alternative = readOne(object, draft, 'else');
  }

  function readOne(object: RegoObject, draft: Draft, keyword: string): Schema | undefined {
    const value = object.get(keyword);
    if (value === undefined) return undefined;
    if (isSchema(value)) return read(value, draft);
    throw new BuiltinError(`${keyword} must be of an object`);
  }
}

const isSchema = (value: Value | undefined): value is boolean | RegoObject =>
  typeof value === 'boolean' || value instanceof RegoObject;

/** Draft 4's `id` is called `$id` since; where the draft is not told, `id` comes first. */
function checkId(object: RegoObject, draft: Draft): void {
  const id = text(object, draft === 4 || (draft === HYBRID && object.has('id')) ? 'id' : '$id');
  if (id !== undefined) parseReference(id);
}

/** Of an object that a keyword has; none where it is missing. Throws BuiltinError with the fault where it is no object. */
function members(object: RegoObject, keyword: string, fault: string): readonly (readonly [string, Value])[] {
  const value = object.get(keyword);
  if (value === undefined) return [];
  if (!(value instanceof RegoObject)) throw new BuiltinError(fault);
  return value.entries as readonly (readonly [string, Value])[];
}
