import t, { type Test } from 'tap';
import { LimitError } from '../../../../src/policy/builtins/builtin.ts';
import { FUNCTION_NAMES } from '../../../../src/policy/builtins/template/functions.ts';
import { type Held, RenderError } from '../../../../src/policy/builtins/template/held.ts';
import { parseTemplate } from '../../../../src/policy/builtins/template/parse.ts';
import { render } from '../../../../src/policy/builtins/template/render.ts';
import { parseValue } from '../../../../src/policy/value-text.ts';

const DATA = parseValue(`{
  "s": "x", "n": 0, "none": null, "a": ["p", null, "q"], "m": {"k": "v", "b": {"c": 1}}, "ea": [], "em": {}, "t": true
}`) as Held;
const rendered = (text: string, data: Held = DATA): string =>
  render(parseTemplate(text, FUNCTION_NAMES), data);

const each = (t: Test, cases: readonly (readonly [template: string, text: string])[]): void => {
  for (const [template, text] of cases) t.equal(rendered(template), text, template);
};

t.test('members, variables and constants', async (t) => {
  each(t, [
    ['{{.s}}{{.m.b.c}}{{$.s}}{{(.m).k}}', 'x1xv'],
    ['{{.no}} {{.no.way}} {{.none}}', '<no value> <no value> <no value>'],
    ['{{1}} {{1.0}} {{"a"}} {{true}} {{\'a\'}} {{0x10}}', '1 1 a true 97 16'],
    ['{{.m}} {{.a}}', 'map[b:map[c:1] k:v] [p <nil> q]'],
    ['{{$x := .s}}{{$x}}{{$x = "y"}}{{$x}}', 'xy'],
    ['{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{$x = 3}}{{end}}{{$x}}', '21'],
    ['{{$x := 1}}{{with 2}}{{$x = .}}{{end}}{{$x}}', '2'],
    ['{{with $x := .m}}{{$x.k}}{{end}}', 'v'],
  ]);
});

t.test('conditions', async (t) => {
  each(t, [
    ['{{if .s}}a{{else}}b{{end}}{{if .ea}}a{{else}}b{{end}}', 'ab'],
    ['{{if .no}}a{{else if .none}}b{{else if .t}}c{{else}}d{{end}}', 'c'],
    ['{{with .m}}{{.k}}{{else}}b{{end}}{{with .no}}a{{else}}{{.s}}{{end}}', 'vx'],
    ['{{with .ea}}a{{else with .s}}{{.}}{{end}}', 'x'],
    ['{{if .n}}a{{end}}', 'a'],
  ]);
});

t.test('ranges', async (t) => {
  each(t, [
    ['{{range .a}}[{{.}}]{{end}}', '[p][<no value>][q]'],
    ['{{range $i, $e := .a}}{{$i}}={{$e}} {{end}}', '0=p 1=<no value> 2=q '],
    ['{{range $e := .m.b}}{{$e}}{{.}}{{end}}', '11'],
    ['{{range $k, $v := .m}}{{$k}},{{end}}', 'b,k,'],
    ['{{range .ea}}a{{else}}b{{end}}{{range .none}}a{{else}}{{.s}}{{end}}', 'bx'],
    ['{{range 3}}{{.}}{{end}}{{range $i := 2}}{{$i}}{{end}}{{range -1}}x{{else}}e{{end}}', '01201e'],
    [
      '{{range index "\x03" 0}}{{.}}{{end}}{{range $b := index "\x02" 0}}{{printf "%T" $b}}{{end}}',
      '012uint8uint8',
    ],
    ['{{$x := 0}}{{range $x = .a}}{{end}}{{$x}}', 'q'],
    ['{{$i := 0}}{{$x := 0}}{{range $i, $x = .a}}{{end}}{{$i}}{{$x}}', '2q'],
    ['{{$x := 0}}{{range $x = .ea}}{{end}}{{$x}}', '[]'],
    ['{{range .a}}{{if eq . "p"}}{{continue}}{{end}}{{.}}{{break}}{{end}}', '<no value>'],
  ]);
  t.throws(
    () => rendered('{{range $i, $e := 3}}{{end}}'),
    new RenderError("can't iterate over more than one variable"),
  );
  for (const value of ['.s', '.n', '.t', '1.5'])
    t.throws(() => rendered(`{{range ${value}}}{{end}}`), new RenderError("range can't iterate over it"));
});

t.test(
  'as in Go, a break in the else of a range does not end the range around it, but a continue goes on with it',
  async (t) => {
    each(t, [
      ['{{range 3}}{{.}}{{range $.ea}}{{else}}{{break}}{{end}}!{{end}}', '0!1!2!'],
      ['{{range 3}}{{.}}{{range $.ea}}{{else}}{{continue}}{{end}}!{{end}}', '012'],
    ]);
  },
);

t.test('templates have their own variables', async (t) => {
  each(t, [
    ['{{define "a"}}<{{.}}{{$}}>{{end}}{{template "a" .s}}{{template "a"}}', '<xx><<no value><no value>>'],
    ['{{block "b" .m}}{{.k}}{{end}}', 'v'],
    ['{{define "d"}}{{if .}}{{len .}}{{template "d" slice . 1}}{{end}}{{end}}{{template "d" "abc"}}', '321'],
    ['{{template "a" $x := .s}}{{$x}}{{define "a"}}{{end}}', 'x'],
  ]);
  t.throws(() => rendered('{{template "no"}}'), new RenderError('template "no" not defined'));
  t.throws(
    () => rendered('{{define "r"}}{{template "r"}}{{end}}{{template "r"}}'),
    new LimitError('strings.render_template: nested deeper than 500'),
  );
});

t.test('functions take operands, and what the command before has given as the last', async (t) => {
  each(t, [
    ['{{printf "%s-%s" "a" "b"}}{{"b" | printf "%s-%s" "a"}}', 'a-ba-b'],
    ['{{.s | len | printf "%03d"}}', '001'],
    ['{{print (len .a) (index .a 0)}}{{(index .m "b").c}}', '3p1'],
    ['{{print nil .none .no}}{{. | index | len}}', '<nil> <nil> <nil>8'],
    ['{{print | len}}', '0'],
    ['{{and .s .ea .no.x}}|{{and 1 2}}|{{or .ea .no "c" (index 1 1)}}|{{or 0 ""}}', '[]|2|c|'],
    ['{{.s | and true}}{{.s | or false}}{{.no | and true}}', 'xx<no value>'],
    ['{{eq .none nil}}{{not .no}}', 'truetrue'],
  ]);
});

t.test('what cannot be evaluated is refused', async (t) => {
  for (const [template, reason] of [
    ['{{nil}}', 'nil is not a command'],
    ['{{.s.x}}', "can't evaluate field x"],
    ['{{.none.x}}', 'nil pointer evaluating interface {}.x'],
    ['{{.s 1}}', 's is not a method but has arguments'],
    ['{{1 | .m.k}}', 'k is not a method but has arguments'],
    ['{{$ 1}}', "can't give argument to non-function"],
    ['{{1 2}}', "can't give argument to non-function"],
    ['{{1 | (2)}}', "can't give argument to non-function"],
    ['{{(2) 1}}', "can't give argument to non-function"],
    ['{{$x = 1}}', 'undefined variable: $x'],
    ['{{len}}', 'wrong number of args for len: got 0'],
    ['{{and}}', 'wrong number of args for and: got 0'],
    ['{{1 | not 2}}', 'wrong number of args for not: got 2'],
    ['{{9223372036854775808}}', '9223372036854775808 is neither an int nor a float64'],
    ['{{1i}}', '1i is neither an int nor a float64'],
  ] as const)
    t.throws(() => rendered(template), new RenderError(reason), template);
  t.equal(
    rendered('{{.no.way 1}}{{if false}}{{9223372036854775808}}{{end}}'),
    '<no value>',
    'where it is evaluated',
  );
});

t.test('what would go on for too long ends the evaluation', async (t) => {
  const defines = Array.from(
    { length: 60 },
    (_, at) => `{{define "${at}"}}{{template "${at + 1}"}}{{template "${at + 1}"}}{{end}}`,
  );
  const doubling = (called: string): string => `{{$x := "&"}}{{range 40}}{{$x = ${called}}}{{end}}{{len $x}}`;
  const steps = 'strings.render_template: more than 1000000 steps';
  const read = 'strings.render_template: its functions take or give too much';
  for (const [template, limit] of [
    ['{{range 1000000000000}}{{end}}', steps],
    [`${'{{range 1000}}'.repeat(10)}${'{{end}}'.repeat(10)}`, steps],
    [`${defines.join('')}{{define "60"}}{{end}}{{template "0"}}`, steps],
    [doubling('html $x $x'), read],
    [doubling('printf "%s%s" $x $x'), read],
    [`{{range 1000}}{{$a := printf "%1000000d" 1}}{{end}}`, read],
    [`${'{{$a := 1}}'.repeat(9_000)}{{$b := 1}}{{range 9000}}{{$}}{{end}}`, read],
  ] as const)
    t.throws(() => rendered(template), new LimitError(limit), template.slice(0, 60));
  t.equal(rendered('{{range 50000}}x{{end}}').length, 50_000);
});
