/** What stands in an action: variables, commands and their operands. */
import { quote, unquote } from '../go/quote.ts';
import { constant } from './constant.ts';
import type { Token } from './lex.ts';
import type { Reader } from './reader.ts';

/** Commands, each of which gets the result of the one before; variables that are declared or assigned with the last. */
export type Pipe = {
  readonly variables: readonly string[];
  readonly assigns: boolean;
  readonly commands: readonly Command[];
};

/** What is called or shown, and its arguments. */
export type Command = readonly [Operand, ...Operand[]];

export type Operand =
  | { readonly kind: 'dot' | 'nil' }
  | { readonly kind: 'constant'; readonly value: boolean | string | bigint | number }
  /** A number that is neither an `int` nor a `float64`. */
  | { readonly kind: 'unusable'; readonly literal: string }
  /** Of the dot, of a variable, or of what an operand gives: a member of a member. */
  | { readonly kind: 'field'; readonly names: readonly string[] }
  | { readonly kind: 'variable'; readonly variable: string; readonly names: readonly string[] }
  | { readonly kind: 'chain'; readonly operand: Operand; readonly names: readonly string[] }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'pipe'; readonly pipe: Pipe };

const OPERANDS = [
  'bool',
  'character',
  'dot',
  'field',
  'identifier',
  'nil',
  'number',
  'open',
  'string',
  'variable',
] as const;
type OperandToken = Token & { readonly type: (typeof OPERANDS)[number] };
const beginsOperand = (token: Token): token is OperandToken => OPERANDS.some((type) => type === token.type);

/** What cannot be given the result of the command before. */
const NOT_CALLED: ReadonlySet<Operand['kind']> = new Set<Operand['kind']>([
  'constant',
  'unusable',
  'dot',
  'nil',
]);

/** Names that a pipe may use; it adds the variables that it declares. */
export type Scope = { readonly functions: ReadonlySet<string>; variables: string[] };

/** A pipe up to the token that ends it, which is read too. Throws TemplateError. */
export function readPipe(reader: Reader, scope: Scope, where: string, end: 'right' | 'close'): Pipe {
  const { peekAfterSpace, next, fail } = reader;
  const { declared, assigns } = declarations(reader, scope, where);
  const commands: Command[] = [];
  for (let token = peekAfterSpace(); token.type !== end; token = peekAfterSpace()) {
    if (!beginsOperand(token)) reader.unexpected(token, where);
    commands.push(command(reader, scope));
  }
  next();
  if (commands.length === 0) fail(`missing value for ${where}`);
  if (commands.slice(1).some(([first]) => NOT_CALLED.has(first.kind)))
    fail('non executable command in a later stage of a pipeline');
  return { variables: declared, assigns, commands };
}

function declarations(
  { peekAfterSpace, nextAfterSpace, next, place, goBack, fail }: Reader,
  { variables }: Scope,
  where: string,
): { readonly declared: readonly string[]; readonly assigns: boolean } {
  const declared: string[] = [];
  while (peekAfterSpace().type === 'variable') {
    const start = place();
    const variable = next().text;
    const { type, text } = nextAfterSpace();
    const isComma = type === 'other' && text === ',';
    if (!isComma && type !== 'assign' && type !== 'declare') {
      goBack(start);
      break;
    }
    declared.push(variable);
    variables.push(variable);
    if (!isComma) return { declared, assigns: type === 'assign' };
    if (where !== 'range' || declared.length > 1) fail(`too many declarations in ${where}`);
    if (!['variable', 'right', 'close'].includes(peekAfterSpace().type))
      fail('range can only initialize variables');
  }
  return { declared, assigns: false };
}

function command(reader: Reader, scope: Scope): Command {
  const operands: Operand[] = [];
  for (;;) {
    reader.peekAfterSpace();
    const read = operand(reader, scope);
    if (read) operands.push(read);
    const { type } = reader.peek();
    if (type === 'right' || type === 'close') break;
    const token = reader.next();
    if (token.type === 'pipe') break;
    if (token.type !== 'space') reader.unexpected(token, 'operand');
  }
  // Who asks for a command has seen its first operand.
  return operands as [Operand, ...Operand[]];
}

function operand(reader: Reader, scope: Scope): Operand | null {
  const token = reader.peek();
  if (!beginsOperand(token)) return null;
  reader.next();
  const read = term(reader, token, scope);
  const names: string[] = [];
  while (reader.peek().type === 'field') names.push(reader.next().text.slice(1));
  if (names.length === 0) return read;
  if (read.kind === 'field' || read.kind === 'variable') return { ...read, names: [...read.names, ...names] };
  if (read.kind === 'function' || read.kind === 'pipe') return { kind: 'chain', operand: read, names };
  return reader.fail('unexpected . after term');
}

function term(reader: Reader, { type, text }: OperandToken, scope: Scope): Operand {
  switch (type) {
    case 'identifier':
      if (!scope.functions.has(text)) reader.fail(`function ${quote(text)} not defined`);
      return { kind: 'function', name: text };
    case 'variable':
      if (!scope.variables.includes(text)) reader.fail(`undefined variable ${quote(text)}`);
      return { kind: 'variable', variable: text, names: [] };
    case 'field':
      return { kind: 'field', names: [text.slice(1)] };
    case 'bool':
      return { kind: 'constant', value: text === 'true' };
    case 'string':
      return { kind: 'constant', value: unquote(text) ?? reader.fail('invalid syntax') };
    case 'open':
      return {
        kind: 'pipe',
        pipe: reader.nested(() => readPipe(reader, scope, 'parenthesized pipeline', 'close')),
      };
    case 'dot':
    case 'nil':
      return { kind: type };
    case 'character':
    case 'number': {
      const value = constant(text);
      if (value === null) return reader.fail(`illegal number syntax: ${quote(text)}`);
      return value === undefined ? { kind: 'unusable', literal: text } : { kind: 'constant', value };
    }
  }
}
