import t from 'tap';
import { TemplateError } from '../../../../src/policy/builtins/template/lex.ts';
import { type Pipe, readPipe } from '../../../../src/policy/builtins/template/pipe.ts';
import { readerOf } from '../../../../src/policy/builtins/template/reader.ts';

const variables = (): string[] => ['$', '$x'];

function read(action: string, where = 'command', known = variables()): Pipe {
  const reader = readerOf(`{{${action}}}`);
  reader.next();
  return readPipe(reader, { functions: new Set(['f', 'g']), variables: known }, where, 'right');
}
const commands = (action: string): unknown => read(action).commands;

t.test('operands of every kind', async (t) => {
  t.strictSame(commands('f .a.b $x.c $ . nil 1 1.5 "s" true 1i'), [
    [
      { kind: 'function', name: 'f' },
      { kind: 'field', names: ['a', 'b'] },
      { kind: 'variable', variable: '$x', names: ['c'] },
      { kind: 'variable', variable: '$', names: [] },
      { kind: 'dot' },
      { kind: 'nil' },
      { kind: 'constant', value: 1n },
      { kind: 'constant', value: 1.5 },
      { kind: 'constant', value: 's' },
      { kind: 'constant', value: true },
      { kind: 'unusable', literal: '1i' },
    ],
  ]);
});

t.test('parentheses, and members of what they and functions give', async (t) => {
  t.strictSame(commands('(f .).a.b'), [
    [
      {
        kind: 'chain',
        names: ['a', 'b'],
        operand: {
          kind: 'pipe',
          pipe: {
            variables: [],
            assigns: false,
            commands: [[{ kind: 'function', name: 'f' }, { kind: 'dot' }]],
          },
        },
      },
    ],
  ]);
  t.strictSame(commands('f.a'), [
    [{ kind: 'chain', operand: { kind: 'function', name: 'f' }, names: ['a'] }],
  ]);
});

t.test('commands one after the other', async (t) => {
  t.strictSame(commands('. | f | g 1'), [
    [{ kind: 'dot' }],
    [{ kind: 'function', name: 'f' }],
    [
      { kind: 'function', name: 'g' },
      { kind: 'constant', value: 1n },
    ],
  ]);
  t.strictSame(commands('. |'), [[{ kind: 'dot' }]], 'as Go takes it');
});

t.test('variables are declared, or assigned', async (t) => {
  const known = variables();
  t.match(read('$y := .', 'command', known), { variables: ['$y'], assigns: false });
  t.match(read('$y = 1', 'command', known), { variables: ['$y'], assigns: true });
  t.match(read('$i, $e := .', 'range', known), { variables: ['$i', '$e'], assigns: false });
  t.ok(known.includes('$e'), 'and known from there on');
  t.strictSame(read('$x .a').variables, []);
});

t.test('what is no pipe is refused', async (t) => {
  for (const [action, reason] of [
    ['', 'missing value for command'],
    ['$y :=', 'missing value for command'],
    ['h', 'function "h" not defined'],
    ['$z', 'undefined variable "$z"'],
    ['. | 1', 'non executable command in a later stage of a pipeline'],
    ['. | nil', 'non executable command in a later stage of a pipeline'],
    ['"a".b', 'unexpected . after term'],
    ['..a', 'unexpected . after term'],
    ['1__0', 'illegal number syntax: "1__0"'],
    [String.raw`"\q"`, 'invalid syntax'],
    ['| f', 'unexpected "|" in command'],
    ['. | | f', 'unexpected "|" in command'],
    ['()', 'missing value for parenthesized pipeline'],
    ['.,', 'unexpected "," in operand'],
    ['$a, $b := .', 'too many declarations in command'],
    ['= 1', 'unexpected "=" in command'],
  ] as const)
    t.throws(() => read(action), new TemplateError(`template: template:1: ${reason}`), action);
  t.throws(
    () => read('$a, $b, $c := .', 'range'),
    new TemplateError('template: template:1: too many declarations in range'),
  );
  t.throws(
    () => read('$a, . := .', 'range'),
    new TemplateError('template: template:1: range can only initialize variables'),
  );
});
