/** Executable documents of GraphQL (specification, section 2), as gqlparser v2.5 reads them. */
import { node, type Node, type Selection } from './ast.ts';
import {
  commentsOf,
  parseArguments,
  parseDirectives,
  parseName,
  type Parser,
  parserOf,
  parseType,
  parseValue,
  parseVariable,
} from './parser.ts';

const OPERATIONS = new Set(['query', 'mutation', 'subscription']);

/** A document of no definitions is one too. Throws BuiltinError. */
export function parseQuery(source: string): Node<'QueryDocument'> {
  const parser = parserOf(source);
  const Operations: Node<'OperationDefinition'>[] = [];
  const Fragments: Node<'FragmentDefinition'>[] = [];
  for (let token = parser.peek(); token.kind !== 'the end'; token = parser.peek()) {
    if (token.kind !== 'Name' && token.kind !== '{') throw parser.unexpected();
    if (token.value === 'fragment') Fragments.push(parseFragmentDefinition(parser));
    else Operations.push(parseOperation(parser));
  }
  return node('QueryDocument', { Operations, Fragments });
}

function parseOperation(parser: Parser): Node<'OperationDefinition'> {
  const token = parser.peek();
  if (token.kind === '{')
    return node('OperationDefinition', { Operation: 'query', SelectionSet: parseSelectionSet(parser) });
  return node('OperationDefinition', {
    Comment: commentsOf(token),
    Operation: parseOperationType(parser),
    Name: parser.peek().kind === 'Name' ? parseName(parser) : '',
    VariableDefinitions: parseVariableDefinitions(parser),
    Directives: parseDirectives(parser, false),
    SelectionSet: parseSelectionSet(parser),
  });
}

/** gqlparser takes strings for these words too. */
export function parseOperationType(parser: Parser): string {
  if (!OPERATIONS.has(parser.peek().value)) throw parser.unexpected();
  return parser.next().value;
}

function parseFragmentDefinition(parser: Parser): Node<'FragmentDefinition'> {
  const Comment = commentsOf(parser.expectKeyword('fragment'));
  if (parser.peek().value === 'on') throw parser.unexpected();
  const Name = parseName(parser);
  const VariableDefinition = parseVariableDefinitions(parser);
  parser.expectKeyword('on');
  return node('FragmentDefinition', {
    Comment,
    Name,
    VariableDefinition,
    TypeCondition: parseName(parser),
    Directives: parseDirectives(parser, false),
    SelectionSet: parseSelectionSet(parser),
  });
}

const parseVariableDefinitions = (parser: Parser): readonly Node<'VariableDefinition'>[] =>
  parser.some('(', ')', () => {
    const Comment = commentsOf(parser.peek());
    const Variable = parseVariable(parser);
    parser.expect(':');
    return node('VariableDefinition', {
      Comment,
      Variable,
      Type: parseType(parser),
      DefaultValue: parser.skip('=') ? parseValue(parser, true) : null,
      Directives: parseDirectives(parser, false),
    });
  });

function parseSelectionSet(parser: Parser): readonly Selection[] {
  if (parser.peek().kind !== '{') throw parser.unexpected();
  return parser.nested(() => parser.some('{', '}', () => parseSelection(parser)));
}

function parseSelection(parser: Parser): Selection {
  const Comment = commentsOf(parser.peek());
  if (!parser.skip('...')) return parseField(parser, Comment);
  const { kind, value } = parser.peek();
  if (kind === 'Name' && value !== 'on')
    return node('FragmentSpread', {
      Comment,
      Name: parseName(parser),
      Directives: parseDirectives(parser, false),
    });
  // gqlparser takes the string "on" for the word.
  const conditional = value === 'on' && parser.next().value === 'on';
  return node('InlineFragment', {
    Comment,
    TypeCondition: conditional ? parseName(parser) : '',
    Directives: parseDirectives(parser, false),
    SelectionSet: parseSelectionSet(parser),
  });
}

function parseField(parser: Parser, Comment: Node<'CommentGroup'> | null): Node<'Field'> {
  const Alias = parseName(parser);
  return node('Field', {
    Comment,
    Alias,
    Name: parser.skip(':') ? parseName(parser) : Alias,
    Arguments: parseArguments(parser, false),
    Directives: parseDirectives(parser, false),
    SelectionSet: parser.peek().kind === '{' ? parseSelectionSet(parser) : [],
  });
}
