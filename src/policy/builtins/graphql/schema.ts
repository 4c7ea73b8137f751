/** GraphQL's schemas, and what can be asked of their types. */
import { BuiltinError } from '../builtin.ts';
import type { Node } from './ast.ts';

/** A type with a name. */
export type Definition = Node<'Definition'>;
/** A type as a field or a variable has it; null only in documents that a policy gives as objects. */
export type Type = Node<'Type'> | null;

/** A schema that is valid. */
export type Schema = {
  readonly types: ReadonlyMap<string, Definition>;
  readonly directives: ReadonlyMap<string, Node<'DirectiveDefinition'>>;
  /** By the name of a type, those that a value of it may be: itself, or what implements the interface or is of the union. */
  readonly possible: ReadonlyMap<string, ReadonlySet<string>>;
  /** Names of types by `query`, `mutation`, `subscription`. */
  readonly roots: ReadonlyMap<string, string>;
};

/** The name of a value's type, whatever lists and `!` are around it. Throws BuiltinError. */
export function typeName(type: Type): string {
  if (type === null) throw new BuiltinError('a type is missing');
  return type.NamedType === '' ? typeName(type.Elem) : type.NamedType;
}

/** As GraphQL writes it. */
export function writeType(type: Type): string {
  if (type === null) return '';
  return `${type.NamedType || `[${writeType(type.Elem)}]`}${type.NonNull ? '!' : ''}`;
}

/** What the type of a field, an argument or a variable is. Throws BuiltinError where the schema does not know it. */
export function definitionOf({ types }: Pick<Schema, 'types'>, type: Type): Definition {
  const name = typeName(type);
  const definition = types.get(name);
  if (!definition) throw new BuiltinError(`Unknown type ${JSON.stringify(name)}`);
  return definition;
}

/** What an argument or a variable can be. */
export const isInput = ({ Kind }: Definition): boolean =>
  Kind === 'SCALAR' || Kind === 'ENUM' || Kind === 'INPUT_OBJECT';
/** What has no fields. */
export const isLeaf = ({ Kind }: Definition): boolean => Kind === 'SCALAR' || Kind === 'ENUM';
/** What selections are of. */
export const isComposite = ({ Kind }: Definition): boolean =>
  Kind === 'OBJECT' || Kind === 'INTERFACE' || Kind === 'UNION';
/** What a field can give. */
export const isOutput = (definition: Definition): boolean => isLeaf(definition) || isComposite(definition);

/** Whether a variable of this type can stand where the other is expected. Null stands for no type, as in lists of lists. */
export function isCompatible(type: Type, expected: Type): boolean {
  if (type === null || expected === null) throw new BuiltinError('a type is missing');
  if (type.NamedType !== expected.NamedType) return false;
  if (type.Elem !== null && (expected.Elem === null || !isCompatible(type.Elem, expected.Elem))) return false;
  return type.NonNull || !expected.NonNull;
}
