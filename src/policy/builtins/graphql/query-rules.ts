/**
 * What makes a query valid for a schema (specification, section 5): gqlparser v2.5 has 27 rules for it (`validator/rules`), and OPA
 * asks for all of them. What they are is told apart here, their order is not: one broken rule is enough.
 */
import { BuiltinError, LimitError } from '../builtin.ts';
import type { Node, Selection } from './ast.ts';
import { inDependencyOrder } from './dependency.ts';
import { checkMergeable } from './overlapping.ts';
import type { Schema } from './schema.ts';
import { conditionType, type FieldFacts, type Fragments, type Scope, scopeChecker } from './selections.ts';
import { checkVariable } from './values.ts';

type Operation = Node<'OperationDefinition'>;

const LOCATIONS: ReadonlyMap<string, string> = new Map([
  ['query', 'QUERY'],
  ['mutation', 'MUTATION'],
  ['subscription', 'SUBSCRIPTION'],
]);
/** Fields of introspection that give lists of types again. */
const DEEPENING = new Set(['fields', 'interfaces', 'possibleTypes', 'inputFields']);
const DEEPEST_INTROSPECTION = 3;

/** A limit of work, which can grow with the square of a query's size, and with fragments beyond: so many comparisons of fields. */
const MOST_STEPS = 250_000;

/** Throws BuiltinError for a query that is not valid, LimitError for one that takes more than 250,000 comparisons to find out. */
export function checkQuery(schema: Schema, { Operations, Fragments }: Node<'QueryDocument'>): void {
  let steps = 0;
  const step = (count = 1): void => {
    if ((steps += count) > MOST_STEPS)
      throw new LimitError(`graphql: a query takes more than ${MOST_STEPS} comparisons`);
  };
  const fragments: Fragments = new Map(Fragments.map((fragment) => [fragment.Name, fragment]));
  if (fragments.size < Fragments.length) throw new BuiltinError('There can be only one fragment of a name');
  checkOperationNames(Operations);
  const facts: FieldFacts = new Map();
  const check = scopeChecker(schema, fragments, facts);
  const scopes = new Map(
    Fragments.map((fragment) => [
      fragment.Name,
      check(fragment, conditionType(schema, fragment.TypeCondition), 'FRAGMENT_DEFINITION'),
    ]),
  );
  const order = inDependencyOrder([...scopes.keys()], (name) => [...(scopes.get(name) as Scope).spreads]);
  if (!order) throw new BuiltinError('A fragment cannot be spread within itself');
  const unused = new Set(scopes.keys());
  for (const operation of Operations) {
    const scope = checkOperation(schema, operation, check);
    const reached = reachable(scope, scopes, step);
    for (const name of reached.keys()) unused.delete(name);
    checkVariables(operation, [scope, ...reached.values()], step);
    if (operation.Operation === 'subscription') checkSubscription(operation, fragments, step);
  }
  if (unused.size > 0) throw new BuiltinError(`Fragment ${JSON.stringify([...unused][0])} is never used`);
  checkIntrospection(
    Operations,
    order.map((name) => fragments.get(name) as Node<'FragmentDefinition'>),
  );
  checkMergeable({ schema, fragments, facts, step }, { Operations, Fragments });
}

function checkOperationNames(operations: readonly Operation[]): void {
  const names = new Set(operations.map(({ Name }) => Name));
  if (names.size < operations.length) throw new BuiltinError('There can be only one operation of a name');
  if (names.has('') && names.size > 1)
    throw new BuiltinError('This anonymous operation must be the only defined operation');
}

function checkOperation(schema: Schema, operation: Operation, check: ReturnType<typeof scopeChecker>): Scope {
  const type = operation.Operation || 'query';
  const root = schema.types.get(schema.roots.get(type) ?? '');
  const location = LOCATIONS.get(type);
  if (!root || location === undefined)
    throw new BuiltinError(`Schema does not support operation type ${JSON.stringify(type)}`);
  return check(operation, root, location);
}

/** The fragments that a scope spreads, and those that they spread in turn. */
function reachable(
  from: Scope,
  scopes: ReadonlyMap<string, Scope>,
  step: () => void,
): ReadonlyMap<string, Scope> {
  const reached = new Map<string, Scope>();
  const pending = [from];
  for (let scope = pending.pop(); scope; scope = pending.pop())
    for (const name of scope.spreads) {
      step();
      if (reached.has(name)) continue;
      reached.set(name, scopes.get(name) as Scope);
      pending.push(scopes.get(name) as Scope);
    }
  return reached;
}

function checkVariables(
  { VariableDefinitions }: Operation,
  scopes: readonly Scope[],
  step: (count: number) => void,
): void {
  const definitions = new Map(VariableDefinitions.map((definition) => [definition.Variable, definition]));
  if (definitions.size < VariableDefinitions.length)
    throw new BuiltinError('There can be only one variable of a name');
  const used = new Set<string>();
  for (const { variables } of scopes) {
    step(variables.length);
    for (const use of variables) {
      const definition = definitions.get(use.name);
      if (!definition) throw new BuiltinError(`Variable ${JSON.stringify(`$${use.name}`)} is not defined`);
      checkVariable(use, definition);
      used.add(use.name);
    }
  }
  const unused = VariableDefinitions.find(({ Variable, Used }) => !Used && !used.has(Variable));
  if (unused) throw new BuiltinError(`Variable ${JSON.stringify(`$${unused.Variable}`)} is never used`);
}

/** A subscription has one field, which is none of introspection. gqlparser counts by names, not by aliases. */
function checkSubscription({ SelectionSet }: Operation, fragments: Fragments, step: () => void): void {
  const names = new Set<string>();
  const visited = new Set<string>();
  const pending = [SelectionSet];
  for (let selections = pending.pop(); selections; selections = pending.pop())
    for (const selection of selections) {
      step();
      if (selection.struct === 'Field') names.add(selection.Name);
      else if (selection.struct === 'InlineFragment') pending.push(selection.SelectionSet);
      else if (!visited.has(selection.Name)) {
        visited.add(selection.Name);
        pending.push(fragments.get(selection.Name)?.SelectionSet ?? []);
      }
    }
  if (names.size > 1) throw new BuiltinError('A subscription must select only one top level field');
  if ([...names].some((name) => name.startsWith('__')))
    throw new BuiltinError('A subscription must not select an introspection top level field');
}

/** Introspection does not go from types to lists of types three times. Fragments come after those that they spread. */
function checkIntrospection(
  operations: readonly Operation[],
  fragments: readonly Node<'FragmentDefinition'>[],
): void {
  const depths = new Map<string, number>();
  const depth = (selections: readonly Selection[]): number =>
    selections.reduce((most, selection) => Math.max(most, depthOf(selection)), 0);
  const depthOf = (selection: Selection): number => {
    if (selection.struct === 'FragmentSpread') return depths.get(selection.Name) ?? 0;
    const below = depth(selection.SelectionSet);
    if (selection.struct === 'InlineFragment') return below;
    if (below >= DEEPEST_INTROSPECTION && (selection.Name === '__schema' || selection.Name === '__type'))
      throw new BuiltinError('Maximum introspection depth exceeded');
    return DEEPENING.has(selection.Name) ? below + 1 : below;
  };
  for (const { Name, SelectionSet } of fragments) depths.set(Name, depth(SelectionSet));
  for (const { SelectionSet } of operations) depth(SelectionSet);
}
