/**
 * Whether fields that would give one name to an answer are the same field (specification 5.3.2, Field Selection Merging), as gqlparser
 * v2.5 finds out (`overlapping_fields_can_be_merged.go`). It remembers which fragments it has compared, and at times too much: to miss
 * the conflicts that it misses, the order of the comparisons and what they remember are its own.
 */
import { BuiltinError, LimitError } from '../builtin.ts';
import { KINDS, type Node, type Selection } from './ast.ts';
import { definitionOf, isLeaf, type Schema, type Type } from './schema.ts';
import type { FieldFact, FieldFacts, Fragments } from './selections.ts';

type Field = Node<'Field'>;
/** What a selection set has without its inline fragments around: fields by the names they give, and names of fragments. */
type Gathered = {
  readonly fields: ReadonlyMap<string, readonly Field[]>;
  readonly spreads: readonly string[];
};

const NOTHING: Gathered = { fields: new Map(), spreads: [] };

/** A fragment that is spread, or a selection set, which gqlparser leaves out in fragments alone if it is a field's. */
type Place = string | { readonly selections: readonly Selection[]; readonly inline: boolean };

/** What is known of a document before its fields are compared. */
export type Checked = {
  readonly schema: Schema;
  readonly fragments: Fragments;
  readonly facts: FieldFacts;
  /** Is told of each comparison, and throws when there were too many. */
  readonly step: (count?: number) => void;
};

/** In comparisons of fields: so many times to look for a field in a map takes as long as one, to remember a pair as long as so many. */
const LOOKS = 4;
const NEW_PAIR = 5;
/** Comparisons in each other: fragments may make a chain of any length. */
const DEEPEST_COMPARISON = 500;

/**
 * Throws BuiltinError where two fields are in conflict, LimitError for fragments that are nested too deep. The document must be valid
 * else.
 */
export function checkMergeable(
  { schema, fragments, facts, step }: Checked,
  { Operations, Fragments }: Pick<Node<'QueryDocument'>, 'Operations' | 'Fragments'>,
): void {
  const gathered = new Map<readonly Selection[], Gathered>();
  /** Pairs of fragments, and whether they were compared only as such that exclude each other. */
  const comparedPairs = new Map<string, Map<string, boolean>>();
  let compared = new Set<string>();
  let depth = 0;

  const gather = (selections: readonly Selection[]): Gathered => {
    if (selections.length === 0) return NOTHING;
    let known = gathered.get(selections);
    if (!known) gathered.set(selections, (known = gatherFields(selections)));
    return known;
  };
  const gatherFragment = (name: string): Gathered => gather(fragments.get(name)?.SelectionSet ?? []);
  /** At the begin of what may be in itself; `depth` goes back at its end. */
  const enter = (): void => {
    step();
    if (++depth > DEEPEST_COMPARISON)
      throw new LimitError(`graphql: fragments are nested deeper than ${DEEPEST_COMPARISON}`);
  };

  const checkWithin = (selections: readonly Selection[]): void => {
    const { fields, spreads } = gather(selections);
    for (const same of fields.values())
      for (const [at, field] of same.entries())
        for (let other = at + 1; other < same.length; other++)
          compareFields(field, same[other] as Field, false);
    compared = new Set();
    for (const [at, spread] of spreads.entries()) {
      compareWithFragment(fields, spread, false);
      for (let other = at + 1; other < spreads.length; other++)
        compareFragments(spread, spreads[other] as string, false);
    }
  };

  const compareWithFragment = (fields: Gathered['fields'], name: string, exclusive: boolean): void => {
    enter();
    if (!compared.has(name)) {
      compared.add(name);
      const fragment = gatherFragment(name);
      if (fields !== fragment.fields && fields.size + fragment.fields.size > 0) {
        compareAll(fields, fragment.fields, exclusive);
        for (const spread of fragment.spreads)
          if (spread !== name) compareWithFragment(fields, spread, exclusive);
      }
    }
    depth--;
  };

  const compareFragments = (name: string, other: string, exclusive: boolean): void => {
    enter();
    const before = comparedPairs.get(name)?.get(other);
    if (name !== other && (before === undefined || (!exclusive && before))) {
      step(NEW_PAIR);
      remember(name, other, exclusive);
      remember(other, name, exclusive);
      const [a, b] = [gatherFragment(name), gatherFragment(other)];
      compareAll(a.fields, b.fields, exclusive);
      for (const spread of b.spreads) compareFragments(name, spread, exclusive);
      for (const spread of a.spreads) compareFragments(spread, other, exclusive);
    }
    depth--;
  };
  const remember = (name: string, other: string, exclusive: boolean): void => {
    const pairs = comparedPairs.get(name) ?? new Map<string, boolean>();
    comparedPairs.set(name, pairs.set(other, exclusive));
  };

  const compareAll = (fields: Gathered['fields'], others: Gathered['fields'], exclusive: boolean): void => {
    step(fields.size / LOOKS);
    for (const [name, same] of fields)
      for (const field of same)
        for (const other of others.get(name) ?? []) compareFields(field, other, exclusive);
  };

  const compareSelections = (field: Field, other: Field, exclusive: boolean): void => {
    const [a, b] = [gather(field.SelectionSet), gather(other.SelectionSet)];
    compareAll(a.fields, b.fields, exclusive);
    for (const spread of b.spreads) {
      compared = new Set();
      compareWithFragment(a.fields, spread, exclusive);
    }
    for (const spread of a.spreads) {
      compared = new Set();
      compareWithFragment(b.fields, spread, exclusive);
    }
    for (const spread of a.spreads)
      for (const second of b.spreads) compareFragments(spread, second, exclusive);
  };

  /** Two fields of one name in the answer; exclusive ones are never of the same object. */
  const compareFields = (field: Field, other: Field, parentsExclusive: boolean): void => {
    enter();
    const [a, b] = [facts.get(field) as FieldFact, facts.get(other) as FieldFact];
    const exclusive =
      parentsExclusive || (a.parent !== b.parent && a.parent.Kind === 'OBJECT' && b.parent.Kind === 'OBJECT');
    const why = exclusive ? null : difference(field, other, step);
    if (why !== null || conflicting(schema, a.definition.Type, b.definition.Type))
      throw new BuiltinError(
        `Fields ${JSON.stringify(field.Alias || field.Name)} conflict because ${why ?? 'they return conflicting types'}`,
      );
    compareSelections(field, other, exclusive);
    depth--;
  };

  /** What is below before what is above; an operation's fragments with it, each once. */
  const checkAll = (places: readonly Place[], visited: Set<string>, fieldsToo: boolean): void => {
    enter();
    for (const place of places) {
      step();
      if (typeof place !== 'string') checkWithin(place.selections);
      else if (!visited.has(place)) {
        visited.add(place);
        const { all, inline } = placesOf(place);
        checkAll(fieldsToo ? all : inline, visited, fieldsToo);
      }
    }
    depth--;
  };
  const places = new Map<string, { readonly all: readonly Place[]; readonly inline: readonly Place[] }>();
  const placesOf = (name: string) => {
    let known = places.get(name);
    if (!known) {
      const all = listPlaces(fragments.get(name)?.SelectionSet ?? []);
      known = { all, inline: all.filter((place) => typeof place === 'string' || place.inline) };
      places.set(name, known);
    }
    return known;
  };

  for (const { SelectionSet } of Operations) {
    checkAll(listPlaces(SelectionSet), new Set(), true);
    checkWithin(SelectionSet);
  }
  for (const { Name, SelectionSet } of Fragments) {
    checkAll(placesOf(Name).inline, new Set(), false);
    checkWithin(SelectionSet);
  }
}

/** The selection sets and the spreads that are in selections, in the order in which gqlparser comes by their ends. */
function listPlaces(selections: readonly Selection[]): Place[] {
  const places: Place[] = [];
  const walk = (set: readonly Selection[]): void => {
    for (const selection of set) {
      if (selection.struct === 'FragmentSpread') places.push(selection.Name);
      else if (selection.SelectionSet.length > 0) {
        walk(selection.SelectionSet);
        places.push({ selections: selection.SelectionSet, inline: selection.struct === 'InlineFragment' });
      }
    }
  };
  walk(selections);
  return places;
}

function gatherFields(selections: readonly Selection[]): Gathered {
  const fields = new Map<string, Field[]>();
  const spreads: string[] = [];
  const walk = (set: readonly Selection[]): void => {
    for (const selection of set) {
      if (selection.struct === 'InlineFragment') walk(selection.SelectionSet);
      else if (selection.struct === 'FragmentSpread') spreads.push(selection.Name);
      else {
        const name = selection.Alias || selection.Name;
        const same = fields.get(name);
        if (same) same.push(selection);
        else fields.set(name, [selection]);
      }
    }
  };
  walk(selections);
  return { fields, spreads };
}

/** Why these are not the same field of one object, or null. */
function difference(field: Field, other: Field, step: Checked['step']): string | null {
  if (field.Name !== other.Name)
    return `${JSON.stringify(field.Name)} and ${JSON.stringify(other.Name)} are different fields`;
  return sameArguments(field.Arguments, other.Arguments, step) ? null : 'they have differing arguments';
}

type Arguments = readonly Node<'Argument'>[];

const sameArguments = (a: Arguments, b: Arguments, step: Checked['step']): boolean =>
  a.length === b.length &&
  a.every(({ Name, Value }) => {
    const other = b.find((argument) => argument.Name === Name);
    return other !== undefined && sameValue(Value, other.Value, step);
  });

/** The order of an object's fields does not matter. */
function sameValue(a: Node<'Value'> | null, b: Node<'Value'> | null, step: Checked['step']): boolean {
  if (a?.Kind !== b?.Kind || a?.Raw !== b?.Raw) return false;
  const [ours, theirs] = [childrenOf(a), childrenOf(b)];
  step(ours.length);
  return (
    ours.length === theirs.length &&
    ours.every((child, at) => {
      const other = theirs[at];
      return child.Name === other?.Name && sameValue(child.Value, other.Value, step);
    })
  );
}

function childrenOf(value: Node<'Value'> | null): readonly Node<'ChildValue'>[] {
  const children = value?.Children ?? [];
  return value?.Kind === KINDS.object
    ? children.toSorted((a, b) => (a.Name === b.Name ? 0 : a.Name < b.Name ? -1 : 1))
    : children;
}

/** Whether what two fields give could not be of one type. */
function conflicting(schema: Schema, a: Type, b: Type): boolean {
  const [inner, other] = [a?.Elem ?? null, b?.Elem ?? null];
  if (inner && other) return conflicting(schema, inner, other);
  if (inner || other || a?.NonNull !== b?.NonNull) return true;
  const [one, two] = [definitionOf(schema, a), definitionOf(schema, b)];
  return isLeaf(one) && isLeaf(two) && one !== two;
}
