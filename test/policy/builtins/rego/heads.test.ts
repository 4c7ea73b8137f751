// Heads of rules as OPA reads them, found out by asking it.
import t from 'tap';
import type { Head } from '../../../../src/policy/builtins/rego/ast.ts';
import { headOfRef, parseHead } from '../../../../src/policy/builtins/rego/heads.ts';
import { outcome, parserOn, showTerm } from '../../../support/rego-tree.ts';

const show = ({ name, ref, args, key, value, assign, keywords }: Head): string =>
  [
    name && `name ${name}`,
    `ref ${ref.map(showTerm).join('.')}`,
    args.length > 0 && `args ${args.map(showTerm).join(', ')}`,
    key && `key ${showTerm(key)}`,
    value && `value ${showTerm(value)}`,
    assign && 'assign',
    ...keywords,
  ]
    .filter(Boolean)
    .join(', ');
const read = (source: string): string => outcome(parserOn(source), parseHead, show);

t.test('names, references, functions', async (t) => {
  for (const [source, shown] of [
    ['p', 'name p, ref p, value true'],
    ['p := 1', 'name p, ref p, value 1, assign'],
    ['p = 1', 'name p, ref p, value 1'],
    ['p[x]', 'ref p.x'],
    ['p [x] := 1', 'ref p.x, value 1, assign'],
    ['a.b.c', 'ref a."b"."c", value true'],
    ['input', 'name input, ref input, value true'],
    ['f(x)', 'name f, ref f, args x, value true'],
    ['f() = 1', 'name f, ref f, value 1'],
    ['a.f(x, 1) := x', 'ref a."f", args x, 1, value x, assign'],
    ['f(x).y', 'ref f(x)."y"'],
    ['p contains x', 'name p, ref p, key x, contains'],
    ['a.b contains 1 + 2', 'ref a."b", key plus(1, 2), contains'],
  ] as const)
    t.equal(read(source), shown, source);
});

t.test('faults', async (t) => {
  for (const [source, fault] of [
    ['p+ 1', 'unexpected + token'],
    ['p.1', 'unexpected number token: expected identifier'],
    [
      'f(x) contains y',
      'unexpected contains token: the contains keyword can only be used with multi-value rules',
    ],
    ['p contains )', 'unexpected ) token'],
    ['p := )', 'unexpected ) token'],
    ['f(x).y(z)', 'unexpected eof token: rule head ref invalid'],
  ] as const)
    t.equal(read(source), `fault: ${fault}`, source);
  t.equal(read('set()'), 'nothing');
});

t.test('only a reference by itself has a name', async (t) => {
  t.equal(headOfRef([{ kind: 'var', name: 'x' }]).name, 'x');
  t.equal(headOfRef([{ kind: 'var', name: 'x' }, { kind: 'null' }]).name, '');
});
