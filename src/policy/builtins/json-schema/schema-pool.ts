/**
 * The documents that references may lead to (gojsonschema's `schemaPool`): the schema itself, its parts with ids, and the drafts'
 * own schemas.
 */
import { RegoObject, type Value } from '../../value.ts';
import { attempt, BuiltinError, LimitError } from '../builtin.ts';
import { type Draft, draftOf, metaSchema } from './draft.ts';
import {
  isCanonical,
  parseReference,
  pointedAt,
  type Reference,
  referenceText,
  resolved,
  withoutFragment,
} from './reference.ts';

/** Objects and arrays within each other; a schema within another is one or two of them. */
const DEEPEST = 1_000;

type Document = { readonly document: Value; readonly draft: Draft | null };

export type SchemaPool = {
  /** Throws BuiltinError where there is none. Nothing is fetched and no file is read, whatever the reference says. */
  readonly get: (reference: Reference) => Document;
  /** The `$ref` of a schema, resolved against the ids around it. */
  readonly referenceOf: (schema: RegoObject) => Value | undefined;
};

/** Throws BuiltinError for a schema with two parts of the same id, LimitError for one that is nested deeper than 1,000. */
export function schemaPool(root: Value): SchemaPool {
  const documents = new Map<string, Document>();
  const references = new Map<RegoObject, string>();
  add(root, parseReference(''));
  return { get, referenceOf: (schema) => references.get(schema) ?? schema.get('$ref') };

  function add(document: Value, at: Reference): Document {
    const added = { document, draft: draftOf(document) };
    addParts(document, at, added.draft);
    documents.set(referenceText(at), added);
    return added;
  }

  function addParts(part: Value, around: Reference, draft: Draft | null, depth = 0): void {
    if (depth > DEEPEST) throw new LimitError(`JSON Schema: it is nested deeper than ${DEEPEST}`);
    if (Array.isArray(part))
      for (const member of part as readonly Value[]) addParts(member, around, draft, depth + 1);
    if (!(part instanceof RegoObject)) return;
    const here = addId(part, around, draft);
    const reference = resolvedText(here, part.get('$ref'));
    if (reference !== null) references.set(part, referenceText(reference));
    for (const [name, member] of part.entries) {
      if (name === 'const' || name === 'enum') continue;
      // What is named there are properties, not keywords.
      const named = name === 'properties' || name === 'dependencies' || name === 'patternProperties';
      if (!named) addParts(member, here, draft, depth + 1);
      else if (member instanceof RegoObject)
        for (const [, schema] of member.entries) addParts(schema, here, draft, depth + 1);
    }
  }

  /** Where the part is. */
  function addId(part: RegoObject, around: Reference, draft: Draft | null): Reference {
    const here = resolvedText(around, part.get(part.has('id') ? 'id' : '$id'));
    if (here === null) return around;
    const text = referenceText(here);
    if (documents.has(text)) throw new BuiltinError(`Reference already exists: "${text}"`);
    documents.set(text, { document: part, draft });
    return here;
  }

  function get(reference: Reference): Document {
    const text = referenceText(reference);
    const known = documents.get(text);
    if (known) return known;
    const there = documents.get(referenceText(withoutFragment(reference))) ?? fetched(reference);
    const found = { document: pointedAt(there.document, reference), draft: there.draft };
    documents.set(text, found);
    return found;
  }

  function fetched(reference: Reference): Document {
    if (!isCanonical(reference))
      throw new BuiltinError(`Reference ${referenceText(reference)} must be canonical`);
    const address = referenceText(withoutFragment(reference));
    const document = metaSchema(address);
    if (document === null) throw new BuiltinError(`remote reference loading disabled: ${address}`);
    return add(document, withoutFragment(reference));
  }
}

/** Null for what is no text, and for what is no reference: that is told where the schema is read. */
function resolvedText(base: Reference, text: Value | undefined): Reference | null {
  return typeof text === 'string' ? attempt(() => resolved(base, parseReference(text))) : null;
}
