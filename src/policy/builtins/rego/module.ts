/** A whole module: its package, imports and rules, with what Rego v1 asks of them. */
import type { Import, Package, Rule } from './ast.ts';
import { BuiltinError } from '../builtin.ts';
import type { Comments } from './parser.ts';
import { V1_KEYWORDS } from './scanner.ts';
import { ruleOfQuery } from './query-rules.ts';
import { parseStatements, type Statement } from './statements.ts';

export type Module = {
  readonly package: Package;
  readonly imports: readonly Import[];
  readonly rules: readonly Rule[];
  readonly comments: Comments | null;
};

/** As OPA's `ast.ParseModule` reads it without options, annotations are comments. Throws BuiltinError. */
export function parseModule(source: string): Module {
  const { statements, comments } = parseStatements(source);
  const [first, ...rest] = statements;
  if (first === undefined) throw new BuiltinError('rego_parse_error: empty module');
  if (first.kind !== 'package') throw new BuiltinError('rego_parse_error: package expected');
  const imports: Import[] = [];
  const rules: Rule[] = [];
  for (const statement of rest) {
    if (statement.kind === 'package') throw new BuiltinError('rego_parse_error: unexpected package');
    if (statement.kind === 'import') imports.push(statement);
    else for (const rule of rulesOf(statement)) rules.push(rule);
  }
  for (const rule of rules) check(rule);
  return { package: first, imports, rules, comments };
}

const rulesOf = (statement: Statement & { kind: 'rules' | 'query' }): readonly Rule[] =>
  statement.kind === 'rules' ? statement.rules : [ruleOfQuery(statement.body)];

/** OPA's `CheckRegoV1`, of which the rest is no rule at all here. */
function check(rule: Rule): void {
  for (let each: Rule | null = rule; each; each = each.otherwise) {
    const { head, isDefault, generatedBody } = each;
    if (head.ref.length < 2 && V1_KEYWORDS.has(head.name))
      throw new BuiltinError(`rego_parse_error: ${head.name} keyword cannot be used for rule name`);
    if (!generatedBody && !isDefault && !head.keywords.includes('if'))
      throw new BuiltinError('rego_parse_error: `if` keyword is required before rule body');
  }
}
