import t from 'tap';
import { LimitError } from '../../../../src/policy/builtins/builtin.ts';
import { TemplateError } from '../../../../src/policy/builtins/template/lex.ts';
import { parseTemplate, ROOT } from '../../../../src/policy/builtins/template/parse.ts';

const parsed = (text: string) => parseTemplate(text, new Set(['f']));
const root = (text: string) => parsed(text).get(ROOT);
const dot = { variables: [], assigns: false, commands: [[{ kind: 'dot' }]] };
const text = (of: string) => ({ kind: 'text', text: of });

t.test('text, actions and controls', async (t) => {
  t.strictSame(root('a{{.}}'), [text('a'), { kind: 'action', pipe: dot }]);
  for (const kind of ['if', 'with', 'range'])
    t.strictSame(root(`{{${kind} .}}a{{else}}b{{end}}`), [
      { kind, pipe: dot, list: [text('a')], otherwise: [text('b')] },
    ]);
  t.strictSame(root('{{range .}}{{break}}{{continue}}{{end}}'), [
    { kind: 'range', pipe: dot, list: [{ kind: 'break' }, { kind: 'continue' }], otherwise: [] },
  ]);
});

t.test('else goes on with what it names', async (t) => {
  for (const kind of ['if', 'with'])
    t.strictSame(root(`{{${kind} .}}{{else ${kind} .}}a{{else}}b{{end}}c`), [
      {
        kind,
        pipe: dot,
        list: [],
        otherwise: [{ kind, pipe: dot, list: [text('a')], otherwise: [text('b')] }],
      },
      text('c'),
    ]);
});

t.test('templates are defined, used, or both', async (t) => {
  t.strictSame(
    parsed('{{define "a"}}x{{end}}{{template "a"}}{{template "a" .}}{{block `b` .}}y{{end}}'),
    new Map([
      ['a', [text('x')]],
      ['b', [text('y')]],
      [
        ROOT,
        [
          { kind: 'template', name: 'a', pipe: null },
          { kind: 'template', name: 'a', pipe: dot },
          { kind: 'template', name: 'b', pipe: dot },
        ],
      ],
    ]),
  );
});

t.test('a template may be defined again while it is empty', async (t) => {
  t.strictSame(
    parsed('{{define "a"}} \n{{end}}{{define "a"}}x{{end}}{{define "a"}}{{/* */}}{{end}}').get('a'),
    [text('x')],
  );
  t.strictSame(root('{{define "template"}}x{{end}} '), [text('x')], 'even the one that has no name');
});

t.test('what is no template is refused', async (t) => {
  for (const [template, reason] of [
    ['{{end}}', 'unexpected {{end}}'],
    ['{{else}}', 'unexpected {{else}}'],
    ['{{if .}}', 'unexpected EOF'],
    ['{{if .}}{{else}}{{else}}{{end}}', 'expected end; found {{else}}'],
    ['{{range .}}{{else if .}}{{end}}', 'unexpected "if" in input'],
    ['{{end .}}', 'unexpected "." in end'],
    ['{{if}}{{end}}', 'missing value for if'],
    ['{{break}}', '{{break}} outside {{range}}'],
    ['{{range .}}{{else}}{{continue}}{{end}}', '{{continue}} outside {{range}}'],
    ['{{range .}}{{block "a" .}}{{break}}{{end}}{{end}}', '{{break}} outside {{range}}'],
    ['{{range .}}{{break 1}}{{end}}', 'unexpected "1" in {{break}}'],
    ['{{define a}}{{end}}', 'unexpected "a" in define clause'],
    ['{{define "a" .}}{{end}}', 'unexpected "." in define clause'],
    ['{{if .}}{{define "a"}}{{end}}{{end}}', 'unexpected "define" in command'],
    ['{{define "a"}}{{else}}{{end}}', 'unexpected {{else}} in a definition'],
    ['{{define "a"}}x{{end}}{{define "a"}}y{{end}}', 'multiple definition of template "a"'],
    [String.raw`{{template "\q"}}`, 'invalid syntax'],
    ['{{template}}', 'unexpected "}}" in template clause'],
    ['{{block "a"}}{{end}}', 'missing value for block clause'],
    ['{{g}}', 'function "g" not defined'],
    ['{{with $x := .}}{{end}}{{$x}}', 'undefined variable "$x"'],
    ['{{$x := .}}{{define "a"}}{{$x}}{{end}}', 'undefined variable "$x"'],
  ] as const)
    t.throws(() => parsed(template), new TemplateError(`template: template:1: ${reason}`), template);
});

t.test('controls may be 200 deep', async (t) => {
  const nested = (depth: number) => parsed('{{if .}}'.repeat(depth) + '{{end}}'.repeat(depth));
  t.doesNotThrow(() => nested(200));
  t.throws(() => nested(201), new LimitError('strings.render_template: nested deeper than 200'));
});
