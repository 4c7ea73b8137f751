// The JSON that OPA writes of modules, found out by asking it.
import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { parseModule } from '../../../../src/policy/builtins/rego/module.ts';
import { moduleValue } from '../../../../src/policy/builtins/rego/tree-value.ts';
import { toPlain } from '../../../../src/policy/value-text.ts';

const tree = (source: string, file = 'a.rego'): unknown =>
  toPlain(moduleValue(parseModule(source), source, file));
const V2 = 'package a\nimport rego.v2\n';
type Json = Record<string, unknown>;
/** What is in the first rule's body. */
const expression = (source: string): Json =>
  (tree(`${V2}p if ${source}`) as { rules: { body: Json[] }[] }).rules[0]?.body[0] as Json;
const value = (source: string): unknown =>
  (tree(`${V2}p := ${source}`) as { rules: { head: { value: unknown } }[] }).rules[0]?.head.value;

const variable = (name: string): Json => ({ type: 'var', value: name });
const number = (of: number): Json => ({ type: 'number', value: of });
const string = (of: string): Json => ({ type: 'string', value: of });
const alone = (terms: unknown): Json[] => [{ index: 0, terms }];
const TRUE = { type: 'boolean', value: true };

t.test('a module', async (t) => {
  t.strictSame(tree('package a'), { package: { path: [variable('data'), string('a')] } });
  t.strictSame(tree('package a\nimport input.b as c\n# d\n'), {
    package: { path: [variable('data'), string('a')] },
    imports: [{ path: { type: 'ref', value: [variable('input'), string('b')] }, alias: 'c' }],
    comments: [{ Text: 'IGQ=', Location: { file: 'a.rego', row: 3, col: 1 } }],
  });
});

t.test('rules', async (t) => {
  const { rules } = tree('package a\ndefault p := 1\nf(x) := 2 if x else := 3\nq contains x if x') as Json;
  t.strictSame(rules, [
    {
      default: true,
      head: { name: 'p', ref: [variable('p')], value: number(1), assign: true },
      body: [{ index: 0, generated: true, terms: TRUE }],
    },
    {
      head: { name: 'f', ref: [variable('f')], args: [variable('x')], value: number(2), assign: true },
      body: alone(variable('x')),
      else: {
        head: { name: 'f', ref: [variable('f')], args: [variable('x')], value: number(3), assign: true },
        body: [{ index: 0, generated: true, terms: TRUE }],
      },
    },
    { head: { name: 'q', ref: [variable('q')], key: variable('x') }, body: alone(variable('x')) },
  ]);
});

t.test('terms', async (t) => {
  const body = alone(variable('y'));
  for (const [source, shown] of [
    ['null', { type: 'null', value: {} }],
    ['false', { type: 'boolean', value: false }],
    ['[x]', { type: 'array', value: [variable('x')] }],
    ['{2, 1}', { type: 'set', value: [number(1), number(2)] }],
    ['{x: 1}', { type: 'object', value: [[variable('x'), number(1)]] }],
    ['f(x)', { type: 'call', value: [{ type: 'ref', value: [variable('f')] }, variable('x')] }],
    ['[x | y]', { type: 'arraycomprehension', value: { term: variable('x'), body } }],
    ['{x | y}', { type: 'setcomprehension', value: { term: variable('x'), body } }],
    ['{x: 1 | y}', { type: 'objectcomprehension', value: { key: variable('x'), value: number(1), body } }],
    ['$"a{y}"', { type: 'templatestring', value: { parts: [string('a'), ...body], multi_line: false } }],
    ['$``', { type: 'templatestring', value: { parts: null, multi_line: true } }],
  ] as const)
    t.strictSame(value(source), shown, source);
});

t.test('expressions', async (t) => {
  const body = alone(variable('y'));
  for (const [source, shown] of [
    ['f(x)', { index: 0, terms: [{ type: 'ref', value: [variable('f')] }, variable('x')] }],
    ['some x', { index: 0, terms: { symbols: [variable('x')] } }],
    [
      'every x in z {y}',
      { index: 0, terms: { key: null, value: variable('x'), domain: variable('z'), body } },
    ],
    [
      'every k, x in z {y}',
      { index: 0, terms: { key: variable('k'), value: variable('x'), domain: variable('z'), body } },
    ],
    ['not y', { index: 0, terms: { type: 'not', body, explicit_body: false } }],
    ['y and {y}', { index: 0, terms: { type: 'and', lhs: body, rhs: body, explicit_rhs: true } }],
    ['{y} or y', { index: 0, terms: { type: 'or', lhs: body, rhs: body, explicit_lhs: true } }],
    [
      'y with x as 1',
      { index: 0, terms: variable('y'), with: [{ target: variable('x'), value: number(1) }] },
    ],
  ] as const)
    t.strictSame(expression(source), shown, source);
  const { rules } = tree('package a\np if {\n x\n not y }') as { rules: Json[] };
  t.strictSame(rules[0]?.['body'], [
    { index: 0, terms: variable('x') },
    { index: 1, negated: true, terms: variable('y') },
  ]);
});

t.test('what OPA cannot write, or read again', async (t) => {
  t.throws(() => value('.5'), new BuiltinError('invalid number literal .5'));
  t.throws(() => value('-.5'), new BuiltinError('invalid number literal -.5'));
  t.throws(() => value(String.raw`"\ufeff"`), new BuiltinError('illegal byte-order mark'));
  t.throws(() => tree('package a', '\ufeff'), new BuiltinError('illegal byte-order mark'));
  t.throws(
    () => value('x + '.repeat(600).concat('1')),
    new BuiltinError('the module is nested deeper than 500'),
  );
});
