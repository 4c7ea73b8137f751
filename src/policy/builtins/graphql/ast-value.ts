/** GraphQL documents as values of Rego and back: as OPA prunes them, and as Go's encoding/json reads them into gqlparser's structs. */
import { RegoNumber } from '../../number.ts';
import { type Entry, RegoObject, RegoSet, type Value } from '../../value.ts';
import { BuiltinError, LimitError } from '../builtin.ts';
import { DEEPEST, node, type Node, type Selection, type Struct, STRUCTS } from './ast.ts';

type Kinds = Readonly<Record<string, string>>;
/** These read their fields themselves: by exact names, and no comments. Go's own way is one of no case. */
const EXACT: ReadonlySet<Struct> = new Set([
  'OperationDefinition',
  'FragmentDefinition',
  'Field',
  'InlineFragment',
]);
/** What makes a selection another one; other faults are the whole document's. */
class Mistyped extends BuiltinError {
  constructor(kind: string) {
    super(`no document of GraphQL: ${kind} was expected, of another type is what is there`);
  }
}
const SELECTING = new Set(['Selection[]', 'FragmentDefinition']);
/** Levels of a value: what the parser gives can be given back. */
const DEEPEST_VALUE = 4 * DEEPEST + 16;

type Table = {
  /** In order. */
  readonly fields: readonly (readonly [name: string, kind: string])[];
  /** By the keys that stand for them. */
  readonly names: ReadonlyMap<string, string>;
};
const TABLES: ReadonlyMap<string, Table> = new Map(
  Object.entries(STRUCTS).map(([struct, kinds]) => [struct, tableOf(struct as Struct, kinds)]),
);

function tableOf(struct: Struct, kinds: Kinds): Table {
  const fields = Object.entries(kinds).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (!EXACT.has(struct)) return { fields, names: new Map(fields.map(([name]) => [folded(name), name])) };
  const taken = fields.filter(([name]) => name !== 'Comment');
  return { fields, names: new Map(taken.map(([name]) => [name, name])) };
}

/** Go folds by Unicode: the long s and the Kelvin sign are an s and a k. */
function folded(name: string): string {
  return name.toLowerCase().replaceAll('ſ', 's');
}

/** The document without what is null or empty, other than strings. */
export function documentValue(document: Node<Struct>): RegoObject {
  const entries: Entry[] = [];
  for (const [name, kind] of (TABLES.get(document.struct) as Table).fields) {
    const value = name === 'Position' ? null : fieldValue(kind, (document as unknown as Kinds)[name]);
    if (value !== null) entries.push([name, value]);
  }
  return new RegoObject(entries);
}

function fieldValue(kind: string, field: unknown): Value {
  if (kind === 'string' || kind === 'boolean') return field as string | boolean;
  if (kind === 'integer') return RegoNumber.of(field as bigint);
  if (kind === 'string[]') return (field as string[]).length === 0 ? null : (field as string[]);
  const nodes = (kind.endsWith('[]') ? field : field === null ? [] : [field]) as Node<Struct>[];
  const values = nodes.map(documentValue).filter((value) => value.size > 0);
  if (values.length === 0) return null;
  return kind.endsWith('[]') ? values : (values[0] as Value);
}

/**
 * The document that an object shows, with what it leaves out empty. Throws BuiltinError where a field is of another type, where
 * gqlparser would fail for want of a member, LimitError for keys that differ in case alone, of which gqlparser takes any, and for what
 * is nested deeper than what is written can be.
 */
export function documentOf<Of extends 'QueryDocument' | 'SchemaDocument'>(
  struct: Of,
  value: Value,
): Node<Of> {
  checkShape(value, 0);
  return read(struct, value);
}

/** Of two keys that differ in case alone Go may mix the values: there must be none. */
function checkShape(value: Value, depth: number): void {
  if (depth > DEEPEST_VALUE) throw new LimitError(`graphql: a document is nested deeper than ${DEEPEST}`);
  if (value instanceof RegoObject) {
    const keys = new Set(value.entries.map(([key]) => (typeof key === 'string' ? folded(key) : key)));
    if (keys.size < value.size)
      throw new LimitError('graphql: a document has keys that differ in case alone');
    for (const [, member] of value.entries) checkShape(member, depth + 1);
  }
  for (const member of membersOf(value) ?? []) checkShape(member, depth + 1);
}

/** Of what is an array in JSON. */
function membersOf(value: Value): readonly Value[] | null {
  if (value instanceof RegoSet) return value.members;
  return Array.isArray(value) ? (value as readonly Value[]) : null;
}

function read<Of extends Struct>(struct: Of, value: Value): Node<Of> {
  if (!(value instanceof RegoObject)) throw new Mistyped(struct);
  const kinds: Kinds = STRUCTS[struct];
  const fields: Record<string, unknown> = {};
  for (const [name, field] of fieldsOf(struct, kinds, value))
    if (field !== null) fields[name] = readField(kinds[name] as string, field);
  return node(struct, fields as Partial<Node<Of>>);
}

/**
 * What is in an object, by the struct's names. Selections are the last, so that it is known before whether this is the right struct
 * for them.
 */
function fieldsOf(struct: Struct, kinds: Kinds, { entries }: RegoObject): (readonly [string, Value])[] {
  const { names } = TABLES.get(struct) as Table;
  const fields = new Map<string, Value>();
  for (const [key, value] of entries) {
    const name = typeof key === 'string' ? names.get(EXACT.has(struct) ? key : folded(key)) : undefined;
    if (name !== undefined) fields.set(name, value);
  }
  const selects = ([name]: readonly [string, Value]): number =>
    SELECTING.has(kinds[name] as string) ? 1 : 0;
  return [...fields].toSorted((a, b) => selects(a) - selects(b));
}

function readField(kind: string, value: Value): unknown {
  if (kind.endsWith('[]')) {
    const members = membersOf(value);
    if (!members) throw new Mistyped(kind);
    if (kind === 'string[]')
      return members.map((member) => (member === null ? '' : readField('string', member)));
    if (kind === 'Selection[]') return members.flatMap(readSelection);
    if (members.includes(null)) throw new BuiltinError('no document of GraphQL: a member of a list is null');
    return members.map((member) => read(kind.slice(0, -2) as Struct, member));
  }
  if (kind === 'string' || kind === 'boolean') {
    if (typeof value !== kind) throw new Mistyped(kind);
    return value;
  }
  if (kind !== 'integer') return read(kind as Struct, value);
  const integer = value instanceof RegoNumber ? value.toBigInt() : null;
  if (integer === null || BigInt.asIntN(64, integer) !== integer) throw new Mistyped(kind);
  return integer;
}

/**
 * The first struct that it can be, or none. As a spread and an inline fragment have no field that a Field's own would contradict,
 * they are Fields, of which no schema knows: gqlparser cannot read what it wrote here, and OPA takes such documents for invalid.
 */
function readSelection(value: Value): Selection[] {
  if (value === null) return [node('Field', {})];
  for (const struct of ['Field', 'FragmentSpread', 'InlineFragment'] as const) {
    try {
      return [read<'Field' | 'FragmentSpread' | 'InlineFragment'>(struct, value) as Selection];
    } catch (error) {
      if (!(error instanceof Mistyped)) throw error;
    }
  }
  return [];
}
