/** The order of terms and expressions, by which OPA sorts sets and the keys of objects (package `ast`, `Compare`). */
import { compareNumbers, type RegoNumber } from '../../number.ts';
import { compareStrings } from '../../value.ts';
import { BuiltinError } from '../builtin.ts';
import {
  below,
  type Body,
  type Content,
  type Expr,
  isCompound,
  type Term,
  type TermEntry,
  type With,
} from './ast.ts';

const RANKS: Readonly<Record<Term['kind'] | 'expr', number>> = {
  null: 0,
  boolean: 1,
  number: 2,
  string: 3,
  templatestring: 4,
  var: 5,
  ref: 6,
  array: 7,
  object: 8,
  set: 9,
  arraycomprehension: 10,
  objectcomprehension: 11,
  setcomprehension: 12,
  call: 13,
  expr: 14,
};

/** The members of a set: in order, each once. Throws BuiltinError where they are nested too deep. */
export function setOf(terms: readonly Term[]): readonly Term[] {
  const sorted = terms.toSorted((a, b) => compareTerms(a, b, 0));
  return sorted.filter((term, at) => at === 0 || compareTerms(sorted[at - 1] as Term, term, 0) !== 0);
}

/** The order that Go's sort leaves equal keys in is theirs up to so many; beyond that it is neither that nor at random. */
const MOST_IN_ORDER = 12;

/** The entries of an object, in order of their keys; a key may come twice. Throws BuiltinError where the order is not known. */
export function objectOf(entries: readonly TermEntry[]): readonly TermEntry[] {
  const sorted = entries.toSorted(compareByKey);
  const isRepeated = ([key]: TermEntry, at: number): boolean =>
    at > 0 && compareTerms((sorted[at - 1] as TermEntry)[0], key, 0) === 0;
  if (sorted.length > MOST_IN_ORDER && sorted.some(isRepeated))
    throw new BuiltinError(`an object of more than ${MOST_IN_ORDER} entries has a key twice`);
  return sorted;
}

const compareByKey = ([a]: TermEntry, [b]: TermEntry): number => compareTerms(a, b, 0);

type Compare<T> = (a: T, b: T, depth: number) => number;

/** The first difference decides, then the length. */
function compareAll<T>(a: readonly T[], b: readonly T[], compare: Compare<T>, depth: number): number {
  for (let at = 0; at < a.length && at < b.length; at++) {
    const order = compare(a[at] as T, b[at] as T, depth);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareTerms(a: Term, b: Term, depth: number): number {
  if (a.kind !== b.kind) return RANKS[a.kind] - RANKS[b.kind];
  const next = below(depth);
  switch (a.kind) {
    case 'null':
      return 0;
    case 'boolean':
      return Number(a.value) - Number((b as typeof a).value);
    case 'number':
      return compareNumberTerms(a.value, (b as typeof a).value);
    case 'string':
      return compareStrings(a.value, (b as typeof a).value);
    case 'var':
      return compareStrings(a.name, (b as typeof a).name);
    case 'ref':
    case 'call':
    case 'array':
    case 'set':
      return compareAll(a.terms, (b as typeof a).terms, compareTerms, next);
    case 'object':
      return compareAll(a.entries, (b as typeof a).entries, compareEntries, next);
    case 'templatestring':
      return compareTemplates(a, b as typeof a, next);
    case 'objectcomprehension': {
      const { key, value, body } = b as typeof a;
      return (
        compareTerms(a.key, key, next) ||
        compareTerms(a.value, value, next) ||
        compareBodies(a.body, body, next)
      );
    }
    case 'arraycomprehension':
    case 'setcomprehension': {
      const { term, body } = b as typeof a;
      return compareTerms(a.term, term, next) || compareBodies(a.body, body, next);
    }
  }
}

/** Equal numbers have one place in a set. Beyond doubles OPA does not see that they are equal, unless they are written alike. */
function compareNumberTerms(a: RegoNumber, b: RegoNumber): number {
  const order = compareNumbers(a, b);
  if (order === 0 && a.text !== b.text && !Number.isFinite(a.toNumber()))
    throw new BuiltinError(`equal numbers beyond doubles: ${a.text} and ${b.text}`);
  return order;
}

const compareEntries: Compare<TermEntry> = (a, b, depth) => compareAll(a, b, compareTerms, depth);

type Template = Term & { readonly kind: 'templatestring' };

const compareTemplates: Compare<Template> = (a, b, depth) =>
  Number(a.multiLine) - Number(b.multiLine) ||
  a.parts.length - b.parts.length ||
  compareAll(a.parts, b.parts, compareParts, depth);

const compareParts: Compare<Term | Expr> = (a, b, depth) =>
  a.kind === 'expr' && b.kind === 'expr'
    ? compareExprs(a, b, depth)
    : a.kind !== 'expr' && b.kind !== 'expr'
      ? compareTerms(a, b, depth)
      : RANKS[a.kind] - RANKS[b.kind];

const compareBodies: Compare<Body> = (a, b, depth) => compareAll(a, b, compareExprs, depth);

/** Declarations come first, then terms, then calls. */
const EXPR_RANKS: Readonly<Partial<Record<Content['kind'], number>>> = {
  some: 0,
  call: 2,
  every: 3,
  not: 4,
  and: 5,
  or: 6,
};
const exprRank = ({ content }: Expr): number => EXPR_RANKS[content.kind] ?? 1;

function compareExprs(a: Expr, b: Expr, depth: number): number {
  return (
    exprRank(a) - exprRank(b) ||
    Number(a.negated) - Number(b.negated) ||
    compareContents(a.content, b.content, below(depth)) ||
    compareAll(a.withs, b.withs, compareWiths, depth)
  );
}

const compareWiths: Compare<With> = (a, b, depth) =>
  compareTerms(a.target, b.target, depth) || compareTerms(a.value, b.value, depth);

/** Of expressions of the same rank. That a body was written in braces makes no difference. */
function compareContents(a: Content, b: Content, depth: number): number {
  if (!isCompound(a)) return compareTerms(a, b as Term, depth);
  switch (a.kind) {
    case 'some':
      return compareAll(a.symbols, (b as typeof a).symbols, compareTerms, depth);
    case 'every': {
      const { key, value, domain, body } = b as typeof a;
      return (
        compareKeys(a.key, key, depth) ||
        compareTerms(a.value, value, depth) ||
        compareTerms(a.domain, domain, depth) ||
        compareBodies(a.body, body, depth)
      );
    }
    case 'not':
      return compareBodies(a.body, (b as typeof a).body, depth);
    case 'and':
    case 'or': {
      const { left, right } = b as typeof a;
      return compareBodies(a.left.body, left.body, depth) || compareBodies(a.right.body, right.body, depth);
    }
  }
}

/** OPA panics where only one `every` has a key. */
function compareKeys(a: Term | null, b: Term | null, depth: number): number {
  if (a !== null && b !== null) return compareTerms(a, b, depth);
  if (a !== b) throw new BuiltinError('`every` with and without key have no order');
  return 0;
}
