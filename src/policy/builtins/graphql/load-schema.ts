/** Schemas made of documents. */
import { BuiltinError } from '../builtin.ts';
import { node, type Node } from './ast.ts';
import { INTROSPECTION, PRELUDE } from './prelude.ts';
import type { Definition, Schema } from './schema.ts';
import { parseSchema } from './schema-parser.ts';
import { checkDefinitions, checkDirectives } from './schema-rules.ts';

/** Directives of GraphQL that a schema may define again. */
const REDEFINABLE = new Set(['include', 'skip', 'deprecated', 'specifiedBy', 'defer', 'oneOf']);
let prelude: Node<'SchemaDocument'> | null = null;

/** The schema of a document. Throws BuiltinError for one that gqlparser v2.5 takes for invalid. */
export function loadSchema(document: Node<'SchemaDocument'>): Schema {
  prelude ??= parsePrelude();
  const types = extended([...prelude.Definitions, ...document.Definitions], document.Extensions);
  const directives = new Map(prelude.Directives.map((directive) => [directive.Name, directive]));
  for (const directive of document.Directives) {
    if (directives.has(directive.Name) && !REDEFINABLE.has(directive.Name))
      throw new BuiltinError(`Cannot redeclare directive ${directive.Name}`);
    directives.set(directive.Name, directive);
  }
  if (document.Schema.length > 1) throw new BuiltinError('Cannot have multiple schema entry points');
  const roots = new Map<string, string>();
  const schema = { types, directives, possible: possibleTypes(types), roots };
  for (const { OperationTypes, Directives } of [...document.Schema, ...document.SchemaExtension]) {
    for (const { Operation, Type } of OperationTypes) {
      if (!types.has(Type))
        throw new BuiltinError(`Schema root ${Operation} refers to a type ${Type} that does not exist`);
      roots.set(Operation, Type);
    }
    checkDirectives(schema, Directives, 'SCHEMA');
  }
  checkDefinitions(schema);
  if (document.Schema.length === 0) inferRoots(schema);
  addIntrospection(schema);
  return schema;
}

/** The prelude's own names are those that others may not have. */
function parsePrelude(): Node<'SchemaDocument'> {
  const document = parseSchema(PRELUDE);
  return {
    ...document,
    Definitions: document.Definitions.map((definition) => ({ ...definition, BuiltIn: true })),
  };
}

/** Definitions by name, each with what its extensions add. What is extended need not be defined. */
function extended(
  definitions: readonly Definition[],
  extensions: readonly Definition[],
): Map<string, Definition> {
  const parts = new Map<string, Definition[]>();
  for (const definition of definitions) {
    if (parts.has(definition.Name)) throw new BuiltinError(`Cannot redeclare type ${definition.Name}`);
    parts.set(definition.Name, [definition]);
  }
  for (const extension of extensions) {
    const { Kind, Name } = extension;
    const extendedSoFar = parts.get(Name) ?? [node('Definition', { Kind, Name })];
    if (extendedSoFar[0]?.Kind !== Kind)
      throw new BuiltinError(`Cannot extend type ${Name}: it is no ${Kind}`);
    extendedSoFar.push(extension);
    parts.set(Name, extendedSoFar);
  }
  return new Map(
    [...parts].map(([name, all]) => {
      const [definition] = all as [Definition];
      if (all.length === 1) return [name, definition];
      return [
        name,
        {
          ...definition,
          Directives: all.flatMap(({ Directives }) => Directives),
          Interfaces: all.flatMap(({ Interfaces }) => Interfaces),
          Fields: all.flatMap(({ Fields }) => Fields),
          Types: all.flatMap(({ Types }) => Types),
          EnumValues: all.flatMap(({ EnumValues }) => EnumValues),
        },
      ];
    }),
  );
}

function possibleTypes(types: ReadonlyMap<string, Definition>): Map<string, Set<string>> {
  const possible = new Map<string, Set<string>>();
  const add = (name: string, type: string): void => {
    const known = possible.get(name);
    if (known) known.add(type);
    else possible.set(name, new Set([type]));
  };
  for (const { Kind, Name, Interfaces, Types } of types.values()) {
    if (Kind === 'UNION') for (const type of Types) add(Name, type);
    if (Kind === 'OBJECT' || Kind === 'INPUT_OBJECT') add(Name, Name);
    if (Kind === 'OBJECT' || Kind === 'INPUT_OBJECT' || Kind === 'INTERFACE')
      for (const type of Interfaces) add(type, Name);
  }
  return possible;
}

function inferRoots({ types, roots }: { types: Schema['types']; roots: Map<string, string> }): void {
  for (const [operation, name] of [
    ['query', 'Query'],
    ['mutation', 'Mutation'],
    ['subscription', 'Subscription'],
  ] as const)
    if (!roots.has(operation) && types.has(name)) roots.set(operation, name);
}

function addIntrospection({
  types,
  roots,
}: {
  types: Map<string, Definition>;
  roots: Schema['roots'];
}): void {
  const query = types.get(roots.get('query') ?? '');
  const introspection = parseSchema(INTROSPECTION).Definitions[0];
  if (query && introspection)
    types.set(query.Name, { ...query, Fields: [...query.Fields, ...introspection.Fields] });
}
