import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { isGround } from '../../../../src/policy/builtins/rego/ground.ts';
import { parseInfix } from '../../../../src/policy/builtins/rego/operators.ts';
import { parserOn } from '../../../support/rego-tree.ts';

const ground = (source: string): boolean | null => {
  const term = parseInfix(parserOn(source, 'and', 'or', 'not'));
  return term && isGround(term);
};

t.test('constants and what is made of them', async (t) => {
  for (const source of [
    'null',
    'true',
    '1',
    '"a"',
    '[1, {2}]',
    '{"a": [1]}',
    'set()',
    'input',
    'input.a[1]',
    'f(1)',
    '1 + 2',
    '[1 | 2; f(1)]',
    '{1 | not {2}}',
    '{1: 2 | 3 and 4}',
    '{1 | 2 or f(x.y)}',
  ])
    t.equal(ground(source), true, source);
});

t.test('variables, and whatever may have some', async (t) => {
  for (const source of [
    'x',
    '_',
    '[x]',
    '{x}',
    '{"a": x}',
    '{x: 1}',
    'input[x]',
    'f(x)',
    '$"a"',
    '[x | 1]',
    '[1 | x]',
    '{1: x | 2}',
    '{1: 2 | x}',
    '{1 | not {x}}',
    '{1 | x and 2}',
    '{1 | 2 or x}',
    '{1 | some y}',
    '{1 | every y in [] {1}}',
    '{1 | f(x)}',
  ])
    t.equal(ground(source), false, source);
});

t.test('what is nested too deep is no question', async (t) => {
  t.throws(
    () => ground('1 + '.repeat(600).concat('1')),
    new BuiltinError('the module is nested deeper than 500'),
  );
});
