// What OPA takes for default rules, found out by asking it.
import t from 'tap';
import { EMPTY_HEAD } from '../../../../src/policy/builtins/rego/ast.ts';
import { checkDefault } from '../../../../src/policy/builtins/rego/default-rules.ts';
import { parseHead } from '../../../../src/policy/builtins/rego/heads.ts';
import { parserOn } from '../../../support/rego-tree.ts';

const fault = (source: string): string | undefined => {
  const p = parserOn(source, 'and', 'or', 'not');
  const head = parseHead(p);
  if (head) checkDefault(p, head);
  return p.place.fault?.reason;
};

t.test('a value is constant, but for what is in comprehensions', async (t) => {
  for (const source of [
    'p := 1',
    'p = null',
    'p',
    'p := [true, {"a": {1}}]',
    'p := [x | x]',
    'p := {x: x | x}',
    'p := {x | x}',
    'p := "a"',
    'p := $"{1 with input as 1}"',
    'p := $"a{1}{[1]}{not {1}}{1 and 2}{1 or {2}}"',
  ])
    t.equal(fault(source), undefined, source);
  for (const source of [
    'p := x',
    'p := input',
    'p := [f(1)]',
    'p := {"a": 1 + 2}',
    'p := {x: 1}',
    'p := $"{x}"',
    'p := $"{f(1)}"',
    'p := $"{[1] with input as 1}"',
    'p := $"{not {x}}"',
    'p := $"{1 and x}"',
    'p := $"{x or 1}"',
    'p := $"{not {some x}}"',
    'p := $"{not {every x in [] {1}}}"',
  ])
    t.equal(
      fault(source),
      'illegal default rule (value cannot contain variables, references and calls)',
      source,
    );
  t.equal(checkDefault(parserOn('x'), EMPTY_HEAD), false);
  t.equal(fault('p[1]'), 'illegal default rule (must have a value)');
});

t.test('arguments are variables, each once', async (t) => {
  t.equal(fault('f(x, _, _) := 1'), undefined);
  t.equal(fault('f(x, x) := 1'), 'illegal default rule (arguments cannot be repeated x)');
  t.equal(fault('f([x]) := 1'), 'illegal default rule (arguments cannot contain array)');
});
