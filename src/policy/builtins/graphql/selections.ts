/**
 * What makes selections valid (specification, sections 5.3 and 5.5), as gqlparser v2.5 sees it. What is expected at a place of a
 * document follows from the document alone, so each operation and each fragment is looked at once, whatever spreads it.
 */
import { BuiltinError } from '../builtin.ts';
import { named, node, type Node, type Selection } from './ast.ts';
import { type Definition, definitionOf, isComposite, isInput, isLeaf, type Schema } from './schema.ts';
import { valueChecker, type VariableUse } from './values.ts';

/** By name. */
export type Fragments = ReadonlyMap<string, Node<'FragmentDefinition'>>;

/** What a field is: its definition, and the type it was asked of. */
export type FieldFact = {
  readonly definition: Node<'FieldDefinition'>;
  readonly parent: Definition;
};
/** Of all fields of a document. */
export type FieldFacts = Map<Node<'Field'>, FieldFact>;

/** What an operation or a fragment has in it, spreads not followed. */
export type Scope = {
  readonly spreads: ReadonlySet<string>;
  readonly variables: readonly VariableUse[];
};

/** `__typename`, of every type. */
const TYPENAME = node('FieldDefinition', {
  Name: '__typename',
  Type: node('Type', { NamedType: 'String' }),
});

/** Gives the checker of operations and fragments, which adds its fields' facts to `facts`. It throws BuiltinError. */
export function scopeChecker(schema: Schema, fragments: Fragments, facts: FieldFacts) {
  const overlap = overlapOf(schema);
  return (
    scope: Node<'OperationDefinition'> | Node<'FragmentDefinition'>,
    type: Definition,
    location: string,
  ): Scope => {
    const spreads = new Set<string>();
    const variables: VariableUse[] = [];
    const { checkArguments, checkDirectives, check } = valueChecker(schema, (use) => variables.push(use));

    const checkSelections = (selections: readonly Selection[], parent: Definition): void => {
      for (const selection of selections) checkSelection(selection, parent);
    };
    const checkSelection = (selection: Selection, parent: Definition): void => {
      switch (selection.struct) {
        case 'Field':
          checkField(selection, parent);
          break;
        case 'InlineFragment':
          checkDirectives(selection.Directives, 'INLINE_FRAGMENT');
          checkSelections(selection.SelectionSet, overlap(selection.TypeCondition, parent));
          break;
        case 'FragmentSpread': {
          const fragment = fragments.get(selection.Name);
          if (!fragment) throw new BuiltinError(`Unknown fragment ${JSON.stringify(selection.Name)}`);
          overlap(fragment.TypeCondition, parent);
          checkDirectives(selection.Directives, 'FRAGMENT_SPREAD');
          spreads.add(selection.Name);
        }
      }
    };
    const checkField = (field: Node<'Field'>, parent: Definition): void => {
      const { Name, Arguments, Directives, SelectionSet } = field;
      const definition = Name === '__typename' ? TYPENAME : named(parent.Fields, Name);
      if (!definition)
        throw new BuiltinError(`Cannot query field ${JSON.stringify(Name)} on type ${parent.Name}`);
      facts.set(field, { definition, parent });
      checkArguments(definition.Arguments, Arguments, `field ${parent.Name}.${Name}`);
      checkDirectives(Directives, 'FIELD');
      const fieldType = definitionOf(schema, definition.Type);
      if (isLeaf(fieldType) !== (SelectionSet.length === 0))
        throw new BuiltinError(
          isLeaf(fieldType)
            ? `Field ${JSON.stringify(Name)} must not have a selection`
            : `Field ${JSON.stringify(Name)} must have a selection of subfields`,
        );
      checkSelections(SelectionSet, fieldType);
    };

    const checkVariableDefinition = (variable: Node<'VariableDefinition'>): void => {
      const { Variable, Type, DefaultValue, Directives } = variable;
      const definition = definitionOf(schema, Type);
      if (!isInput(definition))
        throw new BuiltinError(`Variable "$${Variable}" cannot be of non-input type ${definition.Name}`);
      const hasDefault = DefaultValue?.ExpectedTypeHasDefault ?? false;
      const place = { type: Type, definition, hasDefault, oneOf: false, read: false };
      if (DefaultValue) check(DefaultValue, place);
      checkDirectives(Directives, 'VARIABLE_DEFINITION');
    };

    if (scope.struct === 'OperationDefinition') scope.VariableDefinitions.forEach(checkVariableDefinition);
    checkDirectives(scope.Directives, location);
    checkSelections(scope.SelectionSet, type);
    return { spreads, variables };
  };
}

/**
 * Gives the type that a type condition names, if it can be one of the parent's; the parent itself without condition. Throws
 * BuiltinError.
 */
function overlapOf(schema: Schema): (condition: string, parent: Definition) => Definition {
  const overlapping = new Map<Definition, Set<string>>();
  return (condition, parent) => {
    // Only a schema that is given as an object can have such a type, which gqlparser takes for the condition.
    if (condition === '' && schema.types.has('')) throw new BuiltinError('a type of the schema has no name');
    if (condition === '') return parent;
    const definition = conditionType(schema, condition);
    const known = overlapping.get(parent) ?? new Set();
    overlapping.set(parent, known);
    if (known.has(condition) || !isComposite(parent)) return definition;
    const possible = schema.possible.get(condition) ?? new Set();
    const parents: ReadonlySet<string> =
      parent.Kind === 'OBJECT' ? new Set([parent.Name]) : (schema.possible.get(parent.Name) ?? new Set());
    if (parents.isDisjointFrom(possible))
      throw new BuiltinError(`A fragment cannot be spread here as ${parent.Name} can never be ${condition}`);
    known.add(condition);
    return definition;
  };
}

/** The type that a fragment's condition names. Throws BuiltinError where it is none that has fields. */
export function conditionType({ types }: Schema, condition: string): Definition {
  const definition = types.get(condition);
  if (!definition) throw new BuiltinError(`Unknown type ${JSON.stringify(condition)}`);
  if (!isComposite(definition))
    throw new BuiltinError(`A fragment cannot condition on non composite type ${JSON.stringify(condition)}`);
  return definition;
}
