/**
 * GraphQL documents as OPA shows them to policies: the structs of gqlparser's AST with their names and fields, which are those of the
 * objects that `graphql.parse` gives and takes.
 */

/**
 * Fields by struct. A struct's name is another struct or null, `[]` a list of them. `Position` is there where JSON may have it, which
 * is not given. A `Selection` is a Field, FragmentSpread or InlineFragment.
 */
export const STRUCTS = {
  QueryDocument: {
    Operations: 'OperationDefinition[]',
    Fragments: 'FragmentDefinition[]',
    Comment: 'CommentGroup',
  },
  OperationDefinition: {
    Operation: 'string',
    Name: 'string',
    VariableDefinitions: 'VariableDefinition[]',
    Directives: 'Directive[]',
    Comment: 'CommentGroup',
    Position: 'Position',
    SelectionSet: 'Selection[]',
  },
  FragmentDefinition: {
    Name: 'string',
    VariableDefinition: 'VariableDefinition[]',
    TypeCondition: 'string',
    Directives: 'Directive[]',
    Definition: 'Definition',
    Comment: 'CommentGroup',
    Position: 'Position',
    SelectionSet: 'Selection[]',
  },
  VariableDefinition: {
    Variable: 'string',
    Type: 'Type',
    DefaultValue: 'Value',
    Directives: 'Directive[]',
    Definition: 'Definition',
    Used: 'boolean',
    Comment: 'CommentGroup',
  },
  Field: {
    Alias: 'string',
    Name: 'string',
    Arguments: 'Argument[]',
    Directives: 'Directive[]',
    Definition: 'FieldDefinition',
    ObjectDefinition: 'Definition',
    Comment: 'CommentGroup',
    Position: 'Position',
    SelectionSet: 'Selection[]',
  },
  FragmentSpread: {
    Name: 'string',
    Directives: 'Directive[]',
    ObjectDefinition: 'Definition',
    Comment: 'CommentGroup',
    Definition: 'FragmentDefinition',
  },
  InlineFragment: {
    TypeCondition: 'string',
    Directives: 'Directive[]',
    ObjectDefinition: 'Definition',
    Comment: 'CommentGroup',
    Position: 'Position',
    SelectionSet: 'Selection[]',
  },
  Argument: { Name: 'string', Value: 'Value', Comment: 'CommentGroup' },
  Value: {
    Raw: 'string',
    Children: 'ChildValue[]',
    Kind: 'integer',
    Definition: 'Definition',
    VariableDefinition: 'VariableDefinition',
    ExpectedType: 'Type',
    ExpectedTypeHasDefault: 'boolean',
    Comment: 'CommentGroup',
  },
  ChildValue: { Name: 'string', Value: 'Value', Comment: 'CommentGroup' },
  Type: { NamedType: 'string', Elem: 'Type', NonNull: 'boolean' },
  Directive: {
    Name: 'string',
    Arguments: 'Argument[]',
    ParentDefinition: 'Definition',
    Definition: 'DirectiveDefinition',
    Location: 'string',
  },
  SchemaDocument: {
    Schema: 'SchemaDefinition[]',
    SchemaExtension: 'SchemaDefinition[]',
    Directives: 'DirectiveDefinition[]',
    Definitions: 'Definition[]',
    Extensions: 'Definition[]',
    Comment: 'CommentGroup',
  },
  SchemaDefinition: {
    Description: 'string',
    Directives: 'Directive[]',
    OperationTypes: 'OperationTypeDefinition[]',
    BeforeDescriptionComment: 'CommentGroup',
    AfterDescriptionComment: 'CommentGroup',
    EndOfDefinitionComment: 'CommentGroup',
  },
  OperationTypeDefinition: { Operation: 'string', Type: 'string', Comment: 'CommentGroup' },
  Definition: {
    Kind: 'string',
    Description: 'string',
    Name: 'string',
    Directives: 'Directive[]',
    Interfaces: 'string[]',
    Fields: 'FieldDefinition[]',
    Types: 'string[]',
    EnumValues: 'EnumValueDefinition[]',
    BuiltIn: 'boolean',
    BeforeDescriptionComment: 'CommentGroup',
    AfterDescriptionComment: 'CommentGroup',
    EndOfDefinitionComment: 'CommentGroup',
  },
  FieldDefinition: {
    Description: 'string',
    Name: 'string',
    Arguments: 'ArgumentDefinition[]',
    DefaultValue: 'Value',
    Type: 'Type',
    Directives: 'Directive[]',
    BeforeDescriptionComment: 'CommentGroup',
    AfterDescriptionComment: 'CommentGroup',
  },
  ArgumentDefinition: {
    Description: 'string',
    Name: 'string',
    DefaultValue: 'Value',
    Type: 'Type',
    Directives: 'Directive[]',
    BeforeDescriptionComment: 'CommentGroup',
    AfterDescriptionComment: 'CommentGroup',
  },
  EnumValueDefinition: {
    Description: 'string',
    Name: 'string',
    Directives: 'Directive[]',
    BeforeDescriptionComment: 'CommentGroup',
    AfterDescriptionComment: 'CommentGroup',
  },
  DirectiveDefinition: {
    Description: 'string',
    Name: 'string',
    Arguments: 'ArgumentDefinition[]',
    Locations: 'string[]',
    IsRepeatable: 'boolean',
    BeforeDescriptionComment: 'CommentGroup',
    AfterDescriptionComment: 'CommentGroup',
  },
  CommentGroup: { List: 'Comment[]' },
  Comment: { Value: 'string', Position: 'Position' },
  Position: { Start: 'integer', End: 'integer', Line: 'integer', Column: 'integer', Src: 'Source' },
  Source: { Name: 'string', Input: 'string', BuiltIn: 'boolean' },
} as const;

type Structs = typeof STRUCTS;
/** A struct's name. */
export type Struct = keyof Structs;
type FieldOf<Kind> = Kind extends 'string'
  ? string
  : Kind extends 'boolean'
    ? boolean
    : Kind extends 'integer'
      ? bigint
      : Kind extends 'Selection[]'
        ? readonly Selection[]
        : Kind extends 'string[]'
          ? readonly string[]
          : Kind extends `${infer Of extends Struct}[]`
            ? readonly Node<Of>[]
            : Kind extends Struct
              ? Node<Kind> | null
              : never;
type FieldsOf<Of extends Struct> = { readonly [Name in keyof Structs[Of]]: FieldOf<Structs[Of][Name]> };
/** A struct, named in `struct`, and its fields. */
export type Node<Of extends Struct> = { readonly struct: Of } & FieldsOf<Of>;
/** What a selection set has in it. */
export type Selection = Node<'Field'> | Node<'FragmentSpread'> | Node<'InlineFragment'>;

/** What `Kind` of a Value says. */
export const KINDS = {
  variable: 0n,
  int: 1n,
  float: 2n,
  string: 3n,
  block: 4n,
  boolean: 5n,
  null: 6n,
  enum: 7n,
  list: 8n,
  object: 9n,
} as const;

/** Deeper than this nothing is nested: selections, values, types, each in the others. */
export const DEEPEST = 200;

const emptyOf = (kind: string): unknown =>
  ({ string: '', boolean: false, integer: 0n })[kind] ?? (kind.endsWith('[]') ? [] : null);
const EMPTY = Object.fromEntries(
  Object.entries(STRUCTS).map(([struct, fields]) => [
    struct,
    {
      struct,
      ...Object.fromEntries(Object.entries(fields).map(([name, kind]) => [name, emptyOf(kind)])),
    },
  ]),
);

/** A struct with these fields, and empty ones else: `''`, false, 0, no members, null. */
export const node = <Of extends Struct>(struct: Of, fields: Partial<FieldsOf<Of>>): Node<Of> =>
  ({ ...EMPTY[struct], ...fields }) as unknown as Node<Of>;

const INDEXES = new WeakMap<readonly object[], Map<string, object>>();

/** The first of this name. */
export function named<T extends { readonly Name: string }>(list: readonly T[], name: string): T | undefined {
  if (list.length < 8) return list.find((member) => member.Name === name);
  let index = INDEXES.get(list);
  if (!index) {
    index = new Map(list.toReversed().map((member) => [member.Name, member]));
    INDEXES.set(list, index);
  }
  return index.get(name) as T | undefined;
}
