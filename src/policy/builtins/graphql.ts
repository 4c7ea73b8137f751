/**
 * OPA's `graphql.*`: queries and schemas parsed and validated as gqlparser v2.5 does, of which OPA 1.22 has version 2.5.58. GraphQL.js
 * would not do: what it takes for valid differs in dozens of places (directives, comments, numbers, fragments, introspection), and the
 * tree that OPA shows to policies is gqlparser's.
 */
import { LRUCache } from 'lru-cache';
import { RegoObject, type Value } from '../value.ts';
import { writeValue } from '../value-text.ts';
import { type Builtin, BuiltinError, type Family, operand } from './builtin.ts';
import { documentOf, documentValue } from './graphql/ast-value.ts';
import type { Node } from './graphql/ast.ts';
import { loadSchema } from './graphql/load-schema.ts';
import { parseQuery } from './graphql/query-parser.ts';
import { checkQuery } from './graphql/query-rules.ts';
import { parseSchema } from './graphql/schema-parser.ts';
import type { Schema } from './graphql/schema.ts';

/** A schema as a policy gave it: what is asked of it is made once. Each throws BuiltinError. */
type Given = {
  readonly value: () => Value;
  readonly schema: () => Schema;
};

/** As many as OPA keeps, if they have no more than these characters together. */
const KEPT = { max: 10, maxSize: 4_000_000, sizeCalculation: (_: Given, key: string) => key.length + 1 };
const texts = new LRUCache<string, Given>(KEPT);
const objects = new LRUCache<string, Given>(KEPT);

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}

function givenSchema(position: number, value: Value): Given {
  const schema = operand(position, value, 'string', 'object');
  const isText = typeof schema === 'string';
  const [schemas, key] = isText ? [texts, schema] : [objects, writeValue(schema)];
  const known = schemas.get(key);
  if (known) return known;
  const document = lazily(() => (isText ? parseSchema(schema) : documentOf('SchemaDocument', schema)));
  const given = {
    value: lazily(() => documentValue(document())),
    schema: lazily(() => loadSchema(document())),
  };
  schemas.set(key, given);
  return given;
}

function givenQuery(value: Value): Node<'QueryDocument'> {
  const query = operand(1, value, 'string', 'object');
  return typeof query === 'string' ? parseQuery(query) : documentOf('QueryDocument', query);
}

/** The query and the schema as objects, if the one is valid for the other. */
const parse: Builtin = ([first, second]) => {
  const query = givenQuery(first);
  const { value, schema } = givenSchema(2, second);
  checkQuery(schema(), query);
  return [documentValue(query), value()];
};

const NOTHING = new RegoObject([]);

/** What `builtin` gives, or `otherwise` where it has an error. */
const orElse =
  (builtin: Builtin, otherwise: Value): Builtin =>
  (operands, evaluation) => {
    try {
      return builtin(operands, evaluation);
    } catch (error) {
      if (!(error instanceof BuiltinError)) throw error;
      return otherwise;
    }
  };

export const graphql: Family = {
  'graphql.parse': parse,
  'graphql.parse_and_verify': orElse(
    (operands, evaluation) => [true, ...(parse(operands, evaluation) as readonly Value[])],
    [false, NOTHING, NOTHING],
  ),
  'graphql.parse_query': ([query]) => documentValue(parseQuery(operand(1, query, 'string'))),
  // Valid or not: it is only parsed.
  'graphql.parse_schema': ([schema]) => givenSchema(1, operand(1, schema, 'string')).value(),
  'graphql.is_valid': orElse(([query, schema]) => {
    const document = givenQuery(query);
    checkQuery(givenSchema(2, schema).schema(), document);
    return true;
  }, false),
  'graphql.schema_is_valid': orElse(([schema]) => {
    givenSchema(1, schema).schema();
    return true;
  }, false),
};
