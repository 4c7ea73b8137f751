/** Documents of GraphQL's type system (specification, section 3), as gqlparser v2.5 reads them. */
import { node, type Node } from './ast.ts';
import type { Token } from './lexer.ts';
import {
  commentsOf,
  parseDirectives,
  parseName,
  type Parser,
  parserOf,
  parseType,
  parseValue,
} from './parser.ts';
import { parseOperationType } from './query-parser.ts';

/** Kinds of definitions by the words that they begin with. */
const DEFINITIONS: ReadonlyMap<string, string> = new Map([
  ['scalar', 'SCALAR'],
  ['type', 'OBJECT'],
  ['interface', 'INTERFACE'],
  ['union', 'UNION'],
  ['enum', 'ENUM'],
  ['input', 'INPUT_OBJECT'],
]);
const LOCATIONS = new Set(
  `QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION FRAGMENT_SPREAD INLINE_FRAGMENT VARIABLE_DEFINITION SCHEMA SCALAR OBJECT
   FIELD_DEFINITION ARGUMENT_DEFINITION INTERFACE UNION ENUM ENUM_VALUE INPUT_OBJECT INPUT_FIELD_DEFINITION`.split(
    /\s+/,
  ),
);

type Comments = Node<'CommentGroup'> | null;
type Described = Pick<
  Node<'EnumValueDefinition'>,
  'Description' | 'BeforeDescriptionComment' | 'AfterDescriptionComment'
>;
type Body = Partial<Omit<Node<'Definition'>, 'struct'>>;

/** A document of no definitions is one too. Throws BuiltinError. */
export function parseSchema(source: string): Node<'SchemaDocument'> {
  const parser = parserOf(source);
  const Schema: Node<'SchemaDefinition'>[] = [];
  const SchemaExtension: Node<'SchemaDefinition'>[] = [];
  const Directives: Node<'DirectiveDefinition'>[] = [];
  const Definitions: Node<'Definition'>[] = [];
  const Extensions: Node<'Definition'>[] = [];
  while (parser.peek().kind !== 'the end') {
    const description = parseDescription(parser);
    const token = parser.expect('Name');
    const described = describedBy(description, token);
    if (token.value === 'schema') Schema.push(parseSchemaDefinition(parser, described));
    else if (token.value === 'directive') Directives.push(parseDirectiveDefinition(parser, described));
    else if (token.value !== 'extend') Definitions.push(parseDefinition(parser, token, described, false));
    else {
      if (description !== null && description.value !== '') throw parser.unexpected(description);
      const extension = describedBy(null, token);
      const extended = parser.expect('Name');
      if (extended.value === 'schema') SchemaExtension.push(parseSchemaExtension(parser, extension));
      else Extensions.push(parseDefinition(parser, extended, extension, true));
    }
  }
  const Comment = commentsOf(parser.peek());
  return node('SchemaDocument', { Schema, SchemaExtension, Directives, Definitions, Extensions, Comment });
}

function parseDescription(parser: Parser): Token | null {
  const { kind } = parser.peek();
  return kind === 'String' || kind === 'BlockString' ? parser.next() : null;
}

const describedBy = (description: Token | null, token: Token): Described => ({
  Description: description?.value ?? '',
  BeforeDescriptionComment: description && commentsOf(description),
  AfterDescriptionComment: commentsOf(token),
});

/** For what is within a definition; there an empty description is none. */
function parseDescribed(parser: Parser): Described {
  const description = parseDescription(parser);
  return describedBy(description?.value === '' ? null : description, parser.peek());
}

/** What is in braces, and the comments before the last of them. */
function parseBlock<T>(
  parser: Parser,
  read: () => T,
): { readonly members: readonly T[]; readonly end: Comments } {
  let end: Comments = null;
  const members = parser.some('{', '}', () => {
    const member = read();
    end = commentsOf(parser.peek());
    return member;
  });
  return { members, end };
}

function parseSchemaDefinition(parser: Parser, described: Described): Node<'SchemaDefinition'> {
  const Directives = parseDirectives(parser, true);
  const { members: OperationTypes, end: EndOfDefinitionComment } = parseBlock(parser, () => {
    const Comment = commentsOf(parser.peek());
    const Operation = parseOperationType(parser);
    parser.expect(':');
    return node('OperationTypeDefinition', { Comment, Operation, Type: parseName(parser) });
  });
  return node('SchemaDefinition', { ...described, Directives, OperationTypes, EndOfDefinitionComment });
}

function parseSchemaExtension(parser: Parser, described: Described): Node<'SchemaDefinition'> {
  const extension = parseSchemaDefinition(parser, described);
  if (extension.Directives.length + extension.OperationTypes.length === 0) throw parser.unexpected();
  return extension;
}

function parseDefinition(
  parser: Parser,
  token: Token,
  described: Described,
  extension: boolean,
): Node<'Definition'> {
  const Kind = DEFINITIONS.get(token.value);
  if (Kind === undefined) throw parser.unexpected(token);
  const Name = parseName(parser);
  const implementing = Kind === 'OBJECT' || (Kind === 'INTERFACE' && !extension);
  const Interfaces = implementing ? parseInterfaces(parser) : [];
  // gqlparser does not ask for constants here.
  const Directives = parseDirectives(parser, !(extension && Kind === 'INPUT_OBJECT'));
  const definition = node('Definition', {
    ...described,
    Kind,
    Name,
    Interfaces,
    Directives,
    ...parseBody(parser, Kind),
  });
  const { Fields, Types, EnumValues } = definition;
  const extended = Interfaces.length + Directives.length + Fields.length + Types.length + EnumValues.length;
  if (extension && extended === 0) throw parser.unexpected();
  return definition;
}

/** `implements A & B`; gqlparser takes the string for the word. */
function parseInterfaces(parser: Parser): string[] {
  if (parser.peek().value !== 'implements') return [];
  parser.next();
  return parseSeparated(parser, '&', () => parseName(parser));
}

/** One or more, with the separator between them, and before the first at will. */
function parseSeparated(parser: Parser, separator: '&' | '|', read: () => string): string[] {
  parser.skip(separator);
  const members = [read()];
  while (parser.skip(separator)) members.push(read());
  return members;
}

function parseBody(parser: Parser, kind: string): Body {
  switch (kind) {
    case 'SCALAR':
      return {};
    case 'UNION':
      return { Types: parser.skip('=') ? parseSeparated(parser, '|', () => parseName(parser)) : [] };
    case 'ENUM': {
      const { members, end } = parseBlock(parser, () => parseEnumValue(parser));
      return { EnumValues: members, EndOfDefinitionComment: end };
    }
    default: {
      const { members, end } = parseBlock(parser, () =>
        kind === 'INPUT_OBJECT' ? node('FieldDefinition', parseInput(parser)) : parseFieldDefinition(parser),
      );
      return { Fields: members, EndOfDefinitionComment: end };
    }
  }
}

const parseEnumValue = (parser: Parser): Node<'EnumValueDefinition'> =>
  node('EnumValueDefinition', {
    ...parseDescribed(parser),
    Name: parseName(parser),
    Directives: parseDirectives(parser, true),
  });

function parseFieldDefinition(parser: Parser): Node<'FieldDefinition'> {
  const described = parseDescribed(parser);
  const Name = parseName(parser);
  const Arguments = parseArgumentDefinitions(parser);
  parser.expect(':');
  const Type = parseType(parser);
  return node('FieldDefinition', {
    ...described,
    Name,
    Arguments,
    Type,
    Directives: parseDirectives(parser, true),
  });
}

const parseArgumentDefinitions = (parser: Parser): readonly Node<'ArgumentDefinition'>[] =>
  parser.some('(', ')', () => node('ArgumentDefinition', parseInput(parser)));

/** An argument's definition, or an input object's field's. */
function parseInput(parser: Parser): Partial<Omit<Node<'ArgumentDefinition'>, 'struct'>> {
  const described = parseDescribed(parser);
  const Name = parseName(parser);
  parser.expect(':');
  return {
    ...described,
    Name,
    Type: parseType(parser),
    DefaultValue: parser.skip('=') ? parseValue(parser, true) : null,
    Directives: parseDirectives(parser, true),
  };
}

function parseDirectiveDefinition(parser: Parser, described: Described): Node<'DirectiveDefinition'> {
  parser.expect('@');
  const Name = parseName(parser);
  const Arguments = parseArgumentDefinitions(parser);
  const { kind, value } = parser.peek();
  const IsRepeatable = kind === 'Name' && value === 'repeatable' && parser.skip(kind);
  parser.expectKeyword('on');
  const Locations = parseSeparated(parser, '|', () => {
    if (!LOCATIONS.has(parser.peek().value)) throw parser.unexpected();
    return parseName(parser);
  });
  return node('DirectiveDefinition', { ...described, Name, Arguments, IsRepeatable, Locations });
}
