/**
 * What makes arguments, values and directives of a query valid (specification, sections 5.4, 5.6, 5.7 and 5.8), as gqlparser v2.5 sees
 * it. All functions throw BuiltinError.
 */
import { BuiltinError } from '../builtin.ts';
import { KINDS, named, type Node } from './ast.ts';
import { isReadable } from './literals.ts';
import { type Definition, definitionOf, isCompatible, type Schema, type Type } from './schema.ts';

/** Where a variable stands. */
export type VariableUse = {
  readonly name: string;
  /** What is expected there; null when nothing is known. */
  readonly type: Type;
  /** Whether there is a value for the place when the variable has none. */
  readonly hasDefault: boolean;
  /** Whether it is the one field of an input object that must have one. */
  readonly oneOf: boolean;
  /** Whether its value is read there: that of a custom scalar is not, if no list or object around it is. */
  readonly read: boolean;
};

/** What is known of the place of a value. */
type Place = {
  readonly type: Type;
  readonly definition: Definition | null;
  readonly hasDefault: boolean;
  readonly oneOf: boolean;
  readonly read: boolean;
};

const BUILT_IN = new Set(['Int', 'Float', 'String', 'Boolean', 'ID']);
/** Scalars that a literal of a kind can be of. */
const SCALARS: ReadonlyMap<bigint, readonly string[]> = new Map([
  [KINDS.int, ['Int', 'Float', 'ID']],
  [KINDS.float, ['Float']],
  [KINDS.string, ['String', 'ID']],
  [KINDS.block, ['String', 'ID']],
  [KINDS.boolean, ['Boolean']],
]);

/** Checks values against definitions, and tells `onVariable` of each variable in them. */
export function valueChecker(schema: Schema, onVariable: (use: VariableUse) => void) {
  const checkArguments = (
    defined: readonly Node<'ArgumentDefinition'>[],
    given: readonly Node<'Argument'>[],
    of: string,
  ): void => {
    const seen = new Set<string>();
    for (const { Name, Value } of given) {
      const definition = named(defined, Name);
      if (!definition) throw new BuiltinError(`Unknown argument ${JSON.stringify(Name)} on ${of}`);
      if (seen.has(Name))
        throw new BuiltinError(`There can be only one argument named ${JSON.stringify(Name)}`);
      seen.add(Name);
      check(Value, placeOf(definition));
    }
    const missing = defined.find(
      (one) => one.Type?.NonNull && one.DefaultValue === null && !seen.has(one.Name),
    );
    if (missing) throw new BuiltinError(`Argument ${JSON.stringify(missing.Name)} of ${of} is required`);
  };

  const checkDirectives = (directives: readonly Node<'Directive'>[], location: string): void => {
    const seen = new Set<string>();
    for (const { Name, Arguments } of directives) {
      const definition = schema.directives.get(Name);
      if (!definition) throw new BuiltinError(`Unknown directive "@${Name}"`);
      if (!definition.Locations.includes(location))
        throw new BuiltinError(`Directive "@${Name}" may not be used on ${location}`);
      if (seen.has(Name) && !definition.IsRepeatable)
        throw new BuiltinError(`The directive "@${Name}" can only be used once at this location`);
      seen.add(Name);
      checkArguments(definition.Arguments, Arguments, `directive "@${Name}"`);
    }
  };

  /** The place of an argument, or of a field of an input object. */
  const placeOf = ({ Type, DefaultValue }: Node<'ArgumentDefinition'> | Node<'FieldDefinition'>): Place => ({
    type: Type,
    definition: definitionOf(schema, Type),
    hasDefault: DefaultValue !== null && DefaultValue.Kind !== KINDS.null,
    oneOf: false,
    read: false,
  });

  const check = (value: Node<'Value'> | null, place: Place): void => {
    if (value === null) throw new BuiltinError('a value is missing');
    const { type, definition } = place;
    const custom = definition?.Kind === 'SCALAR' && !BUILT_IN.has(definition.Name);
    const known = type !== null && definition !== null && !custom;
    const read = place.read || known;
    if (value.Kind === KINDS.variable)
      onVariable({ name: value.Raw, type, hasDefault: place.hasDefault, oneOf: place.oneOf, read });
    if (value.Kind === KINDS.null && type?.NonNull && definition)
      throw new BuiltinError('Expected a value, found null');
    if (read && !isComposed(value) && !isReadable(value))
      throw new BuiltinError(`${value.Raw} cannot be read`);
    if (known) checkKind(value, type, definition);
    if (value.Kind === KINDS.list) checkList(value, { ...place, read });
    if (value.Kind === KINDS.object) checkObject(value, definition, read);
  };

  const checkList = ({ Children }: Node<'Value'>, { type, definition, read }: Place): void => {
    for (const { Value } of Children)
      check(Value, {
        ...placeShown(Value),
        ...(type?.Elem && { type: type.Elem, definition }),
        read,
      });
  };

  const checkObject = ({ Children }: Node<'Value'>, definition: Definition | null, read: boolean): void => {
    const oneOf = definition !== null && named(definition.Directives, 'oneOf') !== undefined;
    const seen = new Set<string>();
    for (const { Name, Value } of Children) {
      if (seen.has(Name))
        throw new BuiltinError(`There can be only one input field named ${JSON.stringify(Name)}`);
      seen.add(Name);
      const field = definition && named(definition.Fields, Name);
      check(Value, { ...(field ? placeOf(field) : placeShown(Value)), oneOf, read });
    }
  };

  return { checkArguments, checkDirectives, check };
}

const isComposed = ({ Kind }: Node<'Value'>): boolean => Kind === KINDS.list || Kind === KINDS.object;

/** A document that is given as an object may itself show what is expected at a place. */
const placeShown = (value: Node<'Value'> | null): Place => ({
  type: value?.ExpectedType ?? null,
  definition: value?.Definition ?? null,
  hasDefault: value?.ExpectedTypeHasDefault ?? false,
  oneOf: false,
  read: false,
});

/** Whether a literal is of the type; a list's members and an object's fields are not looked at. */
function checkKind(value: Node<'Value'>, type: Node<'Type'>, definition: Definition): void {
  const { Kind, Raw, Children } = value;
  const scalars = SCALARS.get(Kind);
  const wrong = (): BuiltinError =>
    new BuiltinError(`${definition.Name} cannot represent this value: ${Raw}`);
  if (scalars && !scalars.includes(definition.Name)) throw wrong();
  if (Kind === KINDS.list && type.Elem === null) throw wrong();
  if (Kind === KINDS.enum && (definition.Kind !== 'ENUM' || !named(definition.EnumValues, Raw)))
    throw wrong();
  if (Kind !== KINDS.object) return;
  const missing = definition.Fields.find(
    (field) => field.Type?.NonNull && field.DefaultValue === null && !named(Children, field.Name),
  );
  if (missing) throw new BuiltinError(`Field ${definition.Name}.${missing.Name} was not provided`);
  const unknown = Children.find((child) => !named(definition.Fields, child.Name));
  if (unknown)
    throw new BuiltinError(`Field ${JSON.stringify(unknown.Name)} is not defined by ${definition.Name}`);
  const oneOf = named(definition.Directives, 'oneOf');
  if (oneOf && (Children.length !== 1 || Children[0]?.Value?.Kind === KINDS.null))
    throw new BuiltinError(`${definition.Name} must have exactly one field, which is not null`);
}

/** Checks a place of a variable against its definition. */
export function checkVariable(use: VariableUse, definition: Node<'VariableDefinition'>): void {
  const { Variable, Type, DefaultValue } = definition;
  const name = JSON.stringify(`$${Variable}`);
  if (use.read && DefaultValue && !isReadable(DefaultValue))
    throw new BuiltinError(`The default of variable ${name} cannot be read`);
  if (use.oneOf && Type?.NonNull !== true)
    throw new BuiltinError(`Variable ${name} must be non-nullable here`);
  if (use.type === null) return;
  const nullable = use.hasDefault || (DefaultValue !== null && DefaultValue.Kind !== KINDS.null);
  const expected = nullable ? { ...use.type, NonNull: false } : use.type;
  if (!isCompatible(Type, expected))
    throw new BuiltinError(`Variable ${name} is of another type than expected here`);
}
