/** The syntax tree of a Rego module, as OPA's Go package `ast` has it. */
import type { RegoNumber } from '../../number.ts';
import { BuiltinError } from '../builtin.ts';

/** What stands for a value: kinds are called as in the JSON of the tree. */
export type Term =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'number'; readonly value: RegoNumber }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'templatestring'; readonly parts: readonly (Term | Expr)[]; readonly multiLine: boolean }
  | { readonly kind: 'var'; readonly name: string }
  | Ref
  | Call
  | { readonly kind: 'array'; readonly terms: readonly Term[] }
  | { readonly kind: 'set'; readonly terms: readonly Term[] }
  | { readonly kind: 'object'; readonly entries: readonly TermEntry[] }
  | { readonly kind: 'arraycomprehension' | 'setcomprehension'; readonly term: Term; readonly body: Body }
  | { readonly kind: 'objectcomprehension'; readonly key: Term; readonly value: Term; readonly body: Body };

export type TermEntry = readonly [key: Term, value: Term];
/** A head, and what is looked up in it, one after the other. `isInfix` for an operator that is between its operands. */
export type Ref = { readonly kind: 'ref'; readonly terms: readonly Term[]; readonly isInfix?: boolean };
/** An operator and its operands. */
export type Call = { readonly kind: 'call'; readonly terms: readonly Term[] };

export type Body = readonly Expr[];

export type Expr = {
  readonly kind: 'expr';
  readonly content: Content;
  withs: readonly With[];
  negated: boolean;
  /** It was not written, a rule without body has it. */
  readonly generated: boolean;
  /** Does its text begin with a parenthesis? */
  inParentheses: boolean;
};

/** Of a call, the terms are the expression's own. */
export type Content = Term | Compound;

/** What is in expressions only. */
export type Compound =
  | { readonly kind: 'some'; readonly symbols: readonly Term[] }
  | {
      readonly kind: 'every';
      readonly key: Term | null;
      readonly value: Term;
      readonly domain: Term;
      readonly body: Body;
    }
  | { readonly kind: 'not'; readonly body: Body; readonly explicit: boolean }
  | { readonly kind: 'and' | 'or'; readonly left: Operand; readonly right: Operand };

const COMPOUND: ReadonlySet<Content['kind']> = new Set(['some', 'every', 'not', 'and', 'or']);
export const isCompound = (content: Content): content is Compound => COMPOUND.has(content.kind);

/** What `and` and `or` join; `explicit` when it was written in braces. */
export type Operand = { readonly body: Body; readonly explicit: boolean };
export type With = { readonly target: Term; readonly value: Term };

export type Head = {
  /** `''` where a reference says it all. */
  readonly name: string;
  readonly ref: readonly Term[];
  readonly args: readonly Term[];
  readonly key: Term | null;
  readonly value: Term | null;
  readonly assign: boolean;
  readonly keywords: readonly ('if' | 'contains')[];
  /** How long its text is: each further body has a copy of it. */
  readonly size: number;
};

export type Rule = {
  readonly head: Head;
  readonly body: Body;
  readonly otherwise: Rule | null;
  readonly isDefault: boolean;
  readonly generatedBody: boolean;
};

export type Package = { readonly kind: 'package'; readonly path: readonly Term[] };
export type Import = { readonly kind: 'import'; readonly path: Ref; readonly alias: string | null };

export const variable = (name: string): Term => ({ kind: 'var', name });
export const string = (value: string): Term => ({ kind: 'string', value });
export const boolean = (value: boolean): Term => ({ kind: 'boolean', value });
export const ref = (terms: readonly Term[]): Ref => ({ kind: 'ref', terms });
export const call = (terms: readonly Term[]): Call => ({ kind: 'call', terms });

/** A reference by its names, `internal` and `member_2` for instance. */
export const refOf = (head: string, ...rest: readonly string[]): Ref =>
  ref([variable(head), ...rest.map(string)]);

export const expression = (content: Content): Expr => ({
  kind: 'expr',
  content,
  withs: [],
  negated: false,
  generated: false,
  inParentheses: false,
});

/** The body of a rule that was written without. */
export const trueBody = (): Body => [{ ...expression(boolean(true)), generated: true }];

export const EMPTY_HEAD: Head = {
  name: '',
  ref: [],
  args: [],
  key: null,
  value: null,
  assign: false,
  keywords: [],
  size: 0,
};

/** `data` and `input`, which are references and no variables. */
export const isRootDocument = (term: Term): boolean =>
  term.kind === 'var' && (term.name === 'data' || term.name === 'input');

/** The names of a reference, joined by points; null for one that has others than names in it. */
export function nameOf(term: Term | undefined): string | null {
  if (term?.kind !== 'ref') return null;
  const [head, ...rest] = term.terms;
  if (head?.kind !== 'var') return null;
  let name = head.name;
  for (const part of rest) {
    if (part.kind !== 'string' || part.value.includes('.')) return null;
    name += `.${part.value}`;
  }
  return name;
}

/** What goes through a tree gives up here; a parser nests no deeper than its half, but `a + b + c` is nested to the left. */
export const DEEPEST = 500;

/** The depth below. Throws BuiltinError where it gets too deep. */
export function below(depth: number): number {
  if (depth >= DEEPEST) throw new BuiltinError(`the module is nested deeper than ${DEEPEST}`);
  return depth + 1;
}
