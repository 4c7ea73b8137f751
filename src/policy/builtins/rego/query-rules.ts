/** Rules that are written as expressions: `a := 1`, `p[x] = y`, `f(x) = y`. */
import { BuiltinError } from '../builtin.ts';
import { type Body, boolean, EMPTY_HEAD, type Head, nameOf, type Rule, type Term, trueBody } from './ast.ts';
import { BUILTIN_NAMES } from './builtin-names.ts';
import { headOfRef } from './heads.ts';

/** The rule that a query outside of a rule stands for (OPA's `ParseRuleFromBody`). Throws BuiltinError for one that is none. */
export function ruleOfQuery(body: Body): Rule {
  const [expr, second] = body;
  if (!expr || second || expr.withs.length > 0 || expr.negated || expr.content.kind !== 'call')
    throw new BuiltinError('rego_parse_error: expression cannot be used for rule head');
  const [operator, ...operands] = expr.content.terms;
  const name = nameOf(operator);
  const isAssignment = name === 'assign';
  const head = isAssignment || name === 'eq' ? headOfPair(operands) : headOfCall(operator, name, operands);
  if (head === null) throw new BuiltinError('rego_parse_error: expression cannot be used for rule head');
  return {
    head: { ...head, assign: isAssignment },
    body: trueBody(),
    otherwise: null,
    isDefault: false,
    generatedBody: true,
  };
}

/** Of `left = right`. */
function headOfPair([left, value]: readonly Term[]): Head | null {
  if (left === undefined || value === undefined) return null;
  if (left.kind === 'var') return { ...EMPTY_HEAD, name: left.name, ref: [left], value };
  if (left.kind === 'call') {
    const [operator, ...args] = left.terms;
    const head = headOfOperator(operator);
    return head && { ...head, args, value };
  }
  const head = headOfOperator(left);
  const [first, key] = head?.ref ?? [];
  if (!head || first?.kind !== 'var') return null;
  return head.ref.length === 2 ? { ...head, name: first.name, key: key as Term, value } : { ...head, value };
}

/** Of a function by itself, which is true. */
function headOfCall(operator: Term | undefined, name: string | null, args: readonly Term[]): Head | null {
  if (args.length === 0 || (name !== null && BUILTIN_NAMES.has(name))) return null;
  const head = headOfOperator(operator);
  return head && { ...head, args, value: boolean(true) };
}

function headOfOperator(operator: Term | undefined): Head | null {
  return operator?.kind === 'ref' && operator.terms[0]?.kind === 'var' ? headOfRef(operator.terms) : null;
}
