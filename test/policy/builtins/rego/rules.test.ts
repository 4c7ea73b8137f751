// Rules as OPA reads them, found out by asking it.
import t from 'tap';
import type { Rule } from '../../../../src/policy/builtins/rego/ast.ts';
import { parseRules, RULE_NAME_FOLLOWERS } from '../../../../src/policy/builtins/rego/rules.ts';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { outcome, parserOn, showBody, showTerm } from '../../../support/rego-tree.ts';

const show = ({ head, body, otherwise, isDefault, generatedBody }: Rule): string => {
  const { name, ref, args, key, value, keywords } = head;
  const parts = [
    `${isDefault ? 'default ' : ''}${name || '-'}`,
    ref.map(showTerm).join('.'),
    args.length > 0 && `(${args.map(showTerm).join(', ')})`,
    key && `key ${showTerm(key)}`,
    value && `value ${showTerm(value)}`,
    keywords.join(' '),
    generatedBody ? 'no body' : `{${showBody(body)}}`,
    otherwise && `else ${show(otherwise)}`,
  ];
  return parts.filter(Boolean).join(', ');
};
const read = (source: string): string =>
  outcome(parserOn(source), parseRules, (rules) => rules.map(show).join(' / '));

t.test('with if', async (t) => {
  for (const [source, shown] of [
    ['p if x', 'p, p, value true, if, {x}'],
    ['p if { x; y }', 'p, p, value true, if, {x; y}'],
    ['p if {x}', 'p, p, value true, if, {x}'],
    ['p if {x: 1}', 'p, p, value true, if, {{x: 1}}'],
    ['p if {x | y}', 'p, p, value true, if, {{x | y}}'],
    ['p if {}', 'p, p, value true, if, {{}}'],
    ['p := 1 if x', 'p, p, value 1, if, {x}'],
    ['p[x] if y', '-, p.x, key x, value true, if, {y}'],
    ['p["a"] if y', '-, p."a", value true, if, {y}'],
    ['p[input.x] if y', '-, p.input."x", key input."x", value true, if, {y}'],
    ['p[x] := 1 if y', 'p, p.x, key x, value 1, if, {y}'],
    ['a.f(x) if y', 'a, a."f", (x), value true, if, {y}'],
    ['p contains x if y', 'p, p, key x, contains if, {y}'],
    ['p contains x', 'p, p, key x, contains, no body'],
    ['not.p if x', '-, not."p", value true, if, {x}'],
  ] as const)
    t.equal(read(source), shown, source);
});

t.test('without if, which the module finds fault with', async (t) => {
  t.equal(read('p { x }'), 'p, p, value true, {x}');
  t.equal(read('p[x] { y }'), 'p, p, key x, {y}');
  t.equal(read('p[x] = 1 { y }'), 'p, p.x, key x, value 1, {y}');
});

t.test('with more bodies, each with wildcards of its own', async (t) => {
  t.equal(
    read('f(_, x) if { _ } { y } { z }'),
    'f, f, ($0, x), value true, if, {$1} / f, f, ($2, x), value true, if, {y} / f, f, ($3, x), value true, if, {z}',
  );
  t.equal(read('p if x { }'), 'fault: found empty body');
});

t.test('with else', async (t) => {
  for (const [source, shown] of [
    ['p if x else := 2', 'p, p, value true, if, {x}, else p, p, value 2, no body'],
    ['p if x else = 2 if { y }', 'p, p, value true, if, {x}, else p, p, value 2, if, {y}'],
    ['p := 1 if x else if y', 'p, p, value 1, if, {x}, else p, p, value true, if, {y}'],
    ['p if x else { y }', 'p, p, value true, if, {x}, else p, p, value true, {y}'],
    [
      'f(_) if x else := 2 if y else := 3',
      'f, f, ($0), value true, if, {x}, else f, f, ($1), value 2, if, {y}, else f, f, ($2), value 3, no body',
    ],
    ['p if x else.q := 1', 'p, p, value true, if, {x} and then identifier'],
  ] as const)
    t.equal(read(source), shown, source);
});

t.test('default', async (t) => {
  t.equal(read('default p := 1'), 'default p, p, value 1, {true}');
  t.equal(read('default if.x := 1'), 'default -, if."x", value 1, {true}');
  t.equal(
    read('default p := x'),
    'fault: illegal default rule (value cannot contain variables, references and calls)',
  );
  t.equal(read('default every := 1'), 'fault: every keyword cannot be used for rule name');
  t.equal(read('default 1'), 'nothing');
});

t.test('what is no rule here may be one that is written as an expression', async (t) => {
  for (const source of ['p := 1', 'p', 'f(x) := 1', 'f(x).y := 1 if z', 'f(x)[y]']) {
    const p = parserOn(source);
    t.equal(parseRules(p), null, source);
    t.equal(p.place.fault, null, source);
  }
  t.equal(read('f(x).y.z if w'), '-, f(x)."y"."z", value true, if, {w}', 'as OPA takes it');
});

t.test('faults', async (t) => {
  for (const [source, fault] of [
    ['p if', 'unexpected eof token'],
    ['p if { x', 'unexpected eof token: expected \\n or ; or }'],
    ['p { }', 'found empty body'],
    ['p.1 if x', 'unexpected number token: expected identifier'],
    ['p[x] if y else := 1', 'else keyword cannot be used on rules with variables in head'],
    ['p contains x if y else := 1', 'else keyword cannot be used on multi-value rules'],
    ['p if x else', 'unexpected eof token: expected else value term or rule body'],
    ['p if x else := )', 'unexpected ) token'],
    ['p if x else if', 'unexpected eof token: rule body expected'],
    ['p if x else if )', 'unexpected ) token'],
    ['p if x else { }', 'found empty body'],
    ['p if x else := 1 if y else', 'unexpected eof token: expected else value term or rule body'],
    ['p if x else := 1 { y } { z }', 'expected else keyword'],
  ] as const)
    t.equal(read(source), `fault: ${fault}`, source);
});

t.test('heads are not copied out of proportion', async (t) => {
  const args = Array.from({ length: 1_000 }, (_, at) => `x${at}`).join(', ');
  t.throws(
    () => read(`f(${args}) if x ${'{y} '.repeat(1_000)}`),
    new BuiltinError('the module has too many readings to try'),
  );
});

t.test('keywords are no names of rules', async (t) => {
  t.ok(RULE_NAME_FOLLOWERS.if?.includes(':='));
  t.notOk(RULE_NAME_FOLLOWERS.not?.includes('('));
});
