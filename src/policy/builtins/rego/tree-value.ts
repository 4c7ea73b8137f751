/** A module's tree as a value: the JSON that OPA writes of it. */
import { RegoNumber } from '../../number.ts';
import { RegoObject, type Value } from '../../value.ts';
import { BuiltinError } from '../builtin.ts';
import {
  below,
  type Body,
  type Content,
  type Expr,
  type Head,
  type Import,
  isCompound,
  type Rule,
  type Term,
} from './ast.ts';
import { commentsValue } from './comments.ts';
import type { Module } from './module.ts';

/** The tree; its comments say that they are in `file`. Throws BuiltinError for a tree that OPA cannot write or read again. */
export function moduleValue(module: Module, source: string, file: string): Value {
  const { imports, rules, comments } = module;
  return RegoObject.of({
    package: RegoObject.of({ path: termValues(module.package.path, 0) }),
    imports: present(imports.map(importValue)),
    rules: present(rules.map((rule) => ruleValue(rule, 0))),
    comments: present(commentsValue(comments, source, text(file))),
  });
}

/** What is empty is left out. */
const present = (values: readonly Value[]): readonly Value[] | undefined =>
  values.length > 0 ? values : undefined;

const importValue = ({ path, alias }: Import): Value =>
  RegoObject.of({ path: termValue(path, 0), alias: alias ?? undefined });

function ruleValue({ head, body, otherwise, isDefault }: Rule, depth: number): Value {
  return RegoObject.of({
    head: headValue(head),
    body: bodyValue(body, 0),
    default: isDefault || undefined,
    else: otherwise ? ruleValue(otherwise, below(depth)) : undefined,
  });
}

function headValue({ name, ref, args, key, value, assign }: Head): Value {
  return RegoObject.of({
    name: name === '' ? undefined : name,
    ref: termValues(ref, 0),
    args: present(termValues(args, 0)),
    key: key ? termValue(key, 0) : undefined,
    value: value ? termValue(value, 0) : undefined,
    assign: assign || undefined,
  });
}

const bodyValue = (body: Body, depth: number): readonly Value[] =>
  body.map((expr, index) => exprValue(expr, index, depth));

function exprValue({ content, withs, negated, generated }: Expr, index: number, depth: number): Value {
  const next = below(depth);
  return RegoObject.of({
    terms: contentValue(content, next),
    index: RegoNumber.of(index),
    generated: generated || undefined,
    negated: negated || undefined,
    with: present(
      withs.map(({ target, value }) =>
        RegoObject.of({ target: termValue(target, next), value: termValue(value, next) }),
      ),
    ),
  });
}

function contentValue(content: Content, depth: number): Value {
  if (content.kind === 'call') return termValues(content.terms, depth);
  if (!isCompound(content)) return termValue(content, depth);
  const { kind } = content;
  switch (kind) {
    case 'some':
      return RegoObject.of({ symbols: termValues(content.symbols, depth) });
    case 'every':
      return RegoObject.of({
        key: content.key && termValue(content.key, depth),
        value: termValue(content.value, depth),
        domain: termValue(content.domain, depth),
        body: bodyValue(content.body, depth),
      });
    case 'not':
      return RegoObject.of({
        type: kind,
        body: bodyValue(content.body, depth),
        explicit_body: content.explicit,
      });
    case 'and':
    case 'or':
      return RegoObject.of({
        type: kind,
        lhs: bodyValue(content.left.body, depth),
        rhs: bodyValue(content.right.body, depth),
        explicit_lhs: content.left.explicit || undefined,
        explicit_rhs: content.right.explicit || undefined,
      });
  }
}

const termValues = (terms: readonly Term[], depth: number): readonly Value[] =>
  terms.map((term) => termValue(term, depth));

const termValue = (term: Term, depth: number): Value =>
  RegoObject.of({ type: term.kind, value: valueOf(term, below(depth)) });

function valueOf(term: Term, depth: number): Value {
  switch (term.kind) {
    case 'null':
      // What Go writes of an empty struct.
      return RegoObject.of({});
    case 'boolean':
      return term.value;
    case 'number':
      return numberOf(term.value);
    case 'string':
      return text(term.value);
    case 'var':
      return term.name;
    case 'ref':
    case 'call':
    case 'array':
    case 'set':
      return termValues(term.terms, depth);
    case 'object':
      return term.entries.map((entry) => termValues(entry, depth));
    case 'templatestring': {
      const parts = term.parts.map((part) =>
        part.kind === 'expr' ? exprValue(part, 0, depth) : termValue(part, depth),
      );
      return RegoObject.of({ parts: present(parts) ?? null, multi_line: term.multiLine });
    }
    case 'objectcomprehension':
      return RegoObject.of({
        key: termValue(term.key, depth),
        value: termValue(term.value, depth),
        body: bodyValue(term.body, depth),
      });
    case 'arraycomprehension':
    case 'setcomprehension':
      return RegoObject.of({ term: termValue(term.term, depth), body: bodyValue(term.body, depth) });
  }
}

/** Numbers that begin with a point are none of JSON. */
function numberOf(value: RegoNumber): RegoNumber {
  if (/^-?\./.test(value.text)) throw new BuiltinError(`invalid number literal ${value.text}`);
  return value;
}

/** OPA reads the JSON that it wrote as Rego, which has no byte order marks. */
function text(value: string): string {
  if (value.includes('\ufeff')) throw new BuiltinError('illegal byte-order mark');
  return value;
}
