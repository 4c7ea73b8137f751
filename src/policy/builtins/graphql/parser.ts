/** What GraphQL's documents have in common, read from tokens: names, values, arguments, directives, types. */
import { type BuiltinError, LimitError } from '../builtin.ts';
import { DEEPEST, KINDS, node, type Node } from './ast.ts';
import { type Kind, lexer, syntaxError, type Token } from './lexer.ts';

/** A place in the tokens of a source. Whatever does not stand there as expected throws BuiltinError. */
export type Parser = {
  /** The next token, which stays the next. */
  readonly peek: () => Token;
  readonly next: () => Token;
  readonly expect: (kind: Kind) => Token;
  readonly expectKeyword: (keyword: string) => Token;
  /** Whether the next token was one of this kind, which is passed then. */
  readonly skip: (kind: Kind) => boolean;
  /** What `read` gives until `close`; nothing when `open` does not stand there. */
  readonly many: <T>(open: Kind, close: Kind, read: () => T) => readonly T[];
  /** The same, but at least one. */
  readonly some: <T>(open: Kind, close: Kind, read: () => T) => readonly T[];
  /** What `read` gives, if that is not nested too deep. */
  readonly nested: <T>(read: () => T) => T;
  readonly unexpected: (token?: Token) => BuiltinError;
};

const NONE: readonly never[] = [];

/** The begin of a source. */
export function parserOf(source: string): Parser {
  const read = lexer(source);
  let peeked: Token | null = null;
  let depth = 0;
  const peek = (): Token => (peeked ??= read());
  const next = (): Token => {
    const token = peek();
    peeked = null;
    return token;
  };
  const unexpected = ({ kind, value, start }: Token = peek()): BuiltinError =>
    syntaxError(source, start, `unexpected ${value === '' ? kind : JSON.stringify(value)}`);
  const expect = (kind: Kind): Token => {
    if (peek().kind !== kind) throw unexpected();
    return next();
  };
  const skip = (kind: Kind): boolean => peek().kind === kind && next().kind === kind;
  const many = <T>(open: Kind, close: Kind, member: () => T): readonly T[] => {
    if (!skip(open)) return NONE;
    const members: T[] = [];
    while (!skip(close)) members.push(member());
    return members;
  };
  return {
    peek,
    next,
    expect,
    expectKeyword: (keyword) => {
      if (peek().kind !== 'Name' || peek().value !== keyword) throw unexpected();
      return next();
    },
    skip,
    many,
    some: (open, close, member) => {
      const opens = peek().kind === open;
      const members = many(open, close, member);
      if (opens && members.length === 0) throw unexpected();
      return members;
    },
    nested: (inner) => {
      if (++depth > DEEPEST) throw new LimitError(`graphql: a document is nested deeper than ${DEEPEST}`);
      const result = inner();
      depth--;
      return result;
    },
    unexpected,
  };
}

/** The comments before a token, as the documents keep them. */
export const commentsOf = ({ comments }: Token): Node<'CommentGroup'> | null =>
  comments.length === 0
    ? null
    : node('CommentGroup', { List: comments.map((Value) => node('Comment', { Value })) });

/** Any name. */
export const parseName = (parser: Parser): string => parser.expect('Name').value;

/** `$name`, without its sign. */
export function parseVariable(parser: Parser): string {
  parser.expect('$');
  return parseName(parser);
}

/** Kinds of values that are one token. */
const SCALARS: Partial<Record<Kind, bigint>> = {
  Int: KINDS.int,
  Float: KINDS.float,
  String: KINDS.string,
  BlockString: KINDS.block,
  Name: KINDS.enum,
};
const WORDS: ReadonlyMap<string, bigint> = new Map([
  ['true', KINDS.boolean],
  ['false', KINDS.boolean],
  ['null', KINDS.null],
]);

/** Any value; a constant has no variables in it. */
export function parseValue(parser: Parser, constant: boolean): Node<'Value'> {
  const token = parser.peek();
  const { kind, value } = token;
  if (kind === '[') {
    const member = () => node('ChildValue', { Value: parseValue(parser, constant) });
    const Children = parser.nested(() => parser.many('[', ']', member));
    return node('Value', { Kind: KINDS.list, Comment: commentsOf(token), Children });
  }
  if (kind === '{') {
    const member = () => parseMember(parser, 'ChildValue', constant);
    const Children = parser.nested(() => parser.many('{', '}', member));
    return node('Value', { Kind: KINDS.object, Comment: commentsOf(token), Children });
  }
  if (kind === '$' && !constant) return node('Value', { Kind: KINDS.variable, Raw: parseVariable(parser) });
  const Kind = (kind === 'Name' ? WORDS.get(value) : undefined) ?? SCALARS[kind];
  if (Kind === undefined) throw parser.unexpected();
  parser.next();
  return node('Value', { Kind, Raw: value });
}

/** `name: value`. */
function parseMember<Of extends 'Argument' | 'ChildValue'>(parser: Parser, struct: Of, constant: boolean) {
  const Comment = commentsOf(parser.peek());
  const Name = parseName(parser);
  parser.expect(':');
  return node<'Argument' | 'ChildValue'>(struct, {
    Comment,
    Name,
    Value: parseValue(parser, constant),
  }) as Node<Of>;
}

/** `(name: value …)`, or nothing. */
export const parseArguments = (parser: Parser, constant: boolean): readonly Node<'Argument'>[] =>
  parser.some('(', ')', () => parseMember(parser, 'Argument', constant));

/** `@name(…) …`, or nothing. */
export function parseDirectives(parser: Parser, constant: boolean): readonly Node<'Directive'>[] {
  if (parser.peek().kind !== '@') return NONE;
  const directives: Node<'Directive'>[] = [];
  while (parser.skip('@'))
    directives.push(
      node('Directive', { Name: parseName(parser), Arguments: parseArguments(parser, constant) }),
    );
  return directives;
}

/** `Name`, `[Type]`, each with `!` or without. */
export function parseType(parser: Parser): Node<'Type'> {
  if (!parser.skip('[')) return node('Type', { NamedType: parseName(parser), NonNull: parser.skip('!') });
  const Elem = parser.nested(() => parseType(parser));
  parser.expect(']');
  return node('Type', { Elem, NonNull: parser.skip('!') });
}
