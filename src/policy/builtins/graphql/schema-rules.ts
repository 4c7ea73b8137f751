/**
 * What makes a schema valid (specification, section 3), as gqlparser v2.5 sees it (`validator/schema.go`). It has fewer rules than the
 * specification: a default value is not compared with its type, nor are a directive's arguments. All functions throw BuiltinError.
 */
import { BuiltinError } from '../builtin.ts';
import { KINDS, named, type Node } from './ast.ts';
import { inDependencyOrder } from './dependency.ts';
import {
  type Definition,
  definitionOf,
  isCompatible,
  isInput,
  isOutput,
  type Schema,
  type Type,
  typeName,
  writeType,
} from './schema.ts';

type Known = Pick<Schema, 'types' | 'directives' | 'possible'>;

/** Checks all types and directives. */
export function checkDefinitions(schema: Known): void {
  for (const definition of schema.types.values()) checkDefinition(schema, definition);
  checkCircularInputs(schema);
  for (const directive of schema.directives.values()) {
    checkName(directive.Name);
    checkArguments(schema, directive.Arguments, directive.Name);
  }
}

/** Checks directives where they are used; `repeated` when the list may be of more places than one, `within` a directive's definition. */
export function checkDirectives(
  { directives }: Known,
  used: readonly Node<'Directive'>[],
  location: string,
  { repeated = false, within = null }: { repeated?: boolean; within?: string | null } = {},
): void {
  const seen = new Set<string>();
  for (const { Name, Arguments } of used) {
    checkName(Name);
    if (Name === within) throw new BuiltinError(`Directive ${Name} cannot refer to itself`);
    const directive = directives.get(Name);
    if (!directive) throw new BuiltinError(`Undefined directive ${Name}`);
    if (!repeated && !directive.IsRepeatable && seen.has(Name))
      throw new BuiltinError(`The directive ${Name} can only be used once at this location`);
    seen.add(Name);
    if (!directive.Locations.includes(location))
      throw new BuiltinError(`Directive ${Name} is not applicable on ${location}`);
    const unknown = Arguments.find((argument) => !named(directive.Arguments, argument.Name));
    if (unknown) throw new BuiltinError(`Undefined argument ${unknown.Name} for directive ${Name}`);
    for (const expected of directive.Arguments) {
      const given = named(Arguments, expected.Name)?.Value?.Kind ?? KINDS.null;
      if (isRequired(expected) && given === KINDS.null)
        throw new BuiltinError(`Argument ${expected.Name} for directive ${Name} cannot be null`);
    }
  }
}

/** What has to be given. */
const isRequired = ({ Type, DefaultValue }: Node<'ArgumentDefinition'>): boolean =>
  Type?.NonNull === true && DefaultValue === null;

function checkDefinition(schema: Known, definition: Definition): void {
  const { Kind, Name, Fields, Types, Interfaces, EnumValues } = definition;
  checkFields(schema, definition);
  for (const type of Types)
    if (schema.types.get(type)?.Kind !== 'OBJECT')
      throw new BuiltinError(`${Kind} ${Name}: type ${JSON.stringify(type)} must be an OBJECT`);
  const interfaces = new Set(Interfaces);
  for (const name of interfaces) checkImplements(schema, definition, name, interfaces);
  if (Kind === 'ENUM') checkEnum(schema, definition);
  checkOnce(
    Fields.map((field) => field.Name),
    `Field ${Name}.`,
  );
  checkOnce(
    EnumValues.map((value) => value.Name),
    `Enum value ${Name}.`,
  );
  checkOnce(Types, `Union type ${Name}: `);
  if (!definition.BuiltIn) checkName(Name);
  checkDirectives(schema, definition.Directives, Kind, { repeated: true });
}

function checkFields(schema: Known, { Kind, Name, Fields }: Definition): void {
  const fits = Kind === 'INPUT_OBJECT' ? isInput : isOutput;
  const composed = Kind === 'OBJECT' || Kind === 'INTERFACE' || Kind === 'INPUT_OBJECT';
  if (composed && Fields.length === 0)
    throw new BuiltinError(`${Kind} ${Name}: must define one or more fields`);
  for (const field of Fields) {
    checkName(field.Name);
    const type = definitionOf(schema, field.Type);
    if (composed && !fits(type))
      throw new BuiltinError(`${Kind} ${Name}: field ${field.Name} cannot be of ${type.Kind}`);
    checkArguments(schema, field.Arguments, null);
    const location = Kind === 'INPUT_OBJECT' ? 'INPUT_FIELD_DEFINITION' : 'FIELD_DEFINITION';
    checkDirectives(schema, field.Directives, location);
  }
}

function checkArguments(
  schema: Known,
  defined: readonly Node<'ArgumentDefinition'>[],
  within: string | null,
): void {
  for (const { Name, Type, Directives } of defined) {
    checkName(Name);
    if (!isInput(definitionOf(schema, Type)))
      throw new BuiltinError(
        `Cannot use ${writeType(Type)} as argument ${Name}: it is not a valid input type`,
      );
    checkDirectives(schema, Directives, 'ARGUMENT_DEFINITION', { within });
  }
}

function checkEnum(schema: Known, { Name, EnumValues }: Definition): void {
  if (EnumValues.length === 0)
    throw new BuiltinError(`ENUM ${Name}: must define one or more unique enum values`);
  for (const value of EnumValues) {
    if (['true', 'false', 'null'].includes(value.Name))
      throw new BuiltinError(`ENUM ${Name}: non-enum value ${value.Name}`);
    checkDirectives(schema, value.Directives, 'ENUM_VALUE');
  }
}

function checkOnce(names: readonly string[], what: string): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new BuiltinError(`${what}${name} can only be defined once`);
    seen.add(name);
  }
}

function checkName(name: string): void {
  if (name.startsWith('__'))
    throw new BuiltinError(`Name ${JSON.stringify(name)} must not begin with "__", which is reserved`);
}

function checkImplements(
  schema: Known,
  definition: Definition,
  name: string,
  interfaces: ReadonlySet<string>,
): void {
  const implemented = schema.types.get(name);
  if (implemented?.Kind !== 'INTERFACE') throw new BuiltinError(`${JSON.stringify(name)} is no interface`);
  const fault = (what: string): BuiltinError =>
    new BuiltinError(`For ${definition.Name} to implement ${name} ${what}`);
  for (const required of implemented.Fields) {
    const found = named(definition.Fields, required.Name);
    if (!found) throw fault(`it must have a field called ${required.Name}`);
    if (!isCovariant(schema, required.Type, found.Type))
      throw fault(`the field ${required.Name} must have type ${writeType(required.Type)}`);
    for (const argument of required.Arguments) {
      const same = named(found.Arguments, argument.Name);
      if (!same || !isCompatible(argument.Type, same.Type))
        throw fault(`the field ${required.Name} must have the same arguments`);
    }
    const more = found.Arguments.find(
      (argument) => isRequired(argument) && !named(required.Arguments, argument.Name),
    );
    if (more) throw fault(`the argument ${more.Name} of the field ${required.Name} must not be required`);
  }
  const inherited = implemented.Interfaces.find((other) => !interfaces.has(other));
  if (inherited !== undefined) throw fault(`it must implement ${inherited} too, and not itself`);
}

/** Whether a field of the second type can stand for one of the first. */
function isCovariant(schema: Known, required: Type, actual: Type): boolean {
  if (required === null || actual === null) throw new BuiltinError('a type is missing');
  if (required.NonNull && !actual.NonNull) return false;
  if (required.NamedType !== '')
    return (
      required.NamedType === actual.NamedType ||
      schema.possible.get(required.NamedType)?.has(actual.NamedType) === true
    );
  if (required.Elem !== null && actual.Elem === null) return false;
  return isCovariant(schema, required.Elem, actual.Elem);
}

/** Input objects that would have each other in them without end. A list, or what may be null, ends that. */
function checkCircularInputs({ types }: Known): void {
  const inputs = [...types.values()].filter(({ Kind }) => Kind === 'INPUT_OBJECT').map(({ Name }) => Name);
  const order = inDependencyOrder(inputs, (name) =>
    (types.get(name)?.Fields ?? [])
      .filter(({ Type }) => Type?.NonNull === true && Type.NamedType !== '')
      .map(({ Type }) => typeName(Type))
      .filter((type) => types.get(type)?.Kind === 'INPUT_OBJECT'),
  );
  if (!order)
    throw new BuiltinError('Cannot reference an input object within itself through non-null fields');
}
