// Rules that are written as expressions, as OPA reads them, found out by asking it.
import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { parseQuery } from '../../../../src/policy/builtins/rego/literals.ts';
import { ruleOfQuery } from '../../../../src/policy/builtins/rego/query-rules.ts';
import { parserOn, showTerm } from '../../../support/rego-tree.ts';

const read = (source: string): string => {
  const { name, ref, args, key, value, assign } = ruleOfQuery(parseQuery(parserOn(source)) ?? []).head;
  const parts = [
    name || '-',
    ref.map(showTerm).join('.'),
    args.length > 0 && `(${args.map(showTerm).join(', ')})`,
  ];
  return [...parts, key && `key ${showTerm(key)}`, value && `value ${showTerm(value)}`, assign && 'assign']
    .filter(Boolean)
    .join(', ');
};

t.test('assignments and calls', async (t) => {
  for (const [source, shown] of [
    ['p := 1', 'p, p, value 1, assign'],
    ['p = 1', 'p, p, value 1'],
    ['p[x] = 1', 'p, p.x, key x, value 1'],
    ['a.b.c := 1', '-, a."b"."c", value 1, assign'],
    ['input = 1', 'input, input, value 1'],
    ['f(x) := 1', 'f, f, (x), value 1, assign'],
    ['a.f(x) = 1', '-, a."f", (x), value 1'],
    ['a + b = c', 'plus, plus, (a, b), value c'],
    ['eq(p, 1)', 'p, p, value 1'],
    ['f(x)', 'f, f, (x), value true'],
    ['io["jwt.decode"](x)', '-, io."jwt.decode", (x), value true'],
  ] as const)
    t.equal(read(source), shown, source);
});

t.test('what is no rule', async (t) => {
  for (const source of [
    'p',
    'p[x]',
    '1',
    'x; y',
    'not f(x)',
    'f(x) with input as 1',
    'some x',
    'f()',
    'eq(x)',
    'count(x)',
    '1 + 2',
    'io.jwt.decode(x)',
    '[x] = 1',
    'f(x).y = 1',
    'f(x).y(z)',
    'f(x).y(z) = 1',
    ')',
  ])
    t.throws(
      () => read(source),
      new BuiltinError('rego_parse_error: expression cannot be used for rule head'),
      source,
    );
});
