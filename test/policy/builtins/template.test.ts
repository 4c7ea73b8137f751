import * as fc from 'fast-check';
import t from 'tap';
import { BuiltinError, LimitError } from '../../../src/policy/builtins/builtin.ts';
import { template } from '../../../src/policy/builtins/template.ts';
import { caller } from '../../support/builtin.ts';

const call = caller(template);
const rendered = (text: string, variables = '{}'): unknown =>
  JSON.parse(call('strings.render_template', JSON.stringify(text), variables) ?? 'null');

t.test('variables stand where the template names them', async (t) => {
  t.equal(rendered('Hello {{.name}}, {{.n}}!', '{"name": "Ada", "n": 1.50}'), 'Hello Ada, 1.50!');
  t.equal(
    rendered(
      '{{range $i, $u := .users}}{{if $i}}, {{end}}{{$u.name | printf "%q"}}{{end}}',
      '{"users": [{"name": "a"}, {"name": "b"}]}',
    ),
    '"a", "b"',
  );
});

t.test('what is not there is undefined, and so is null', async (t) => {
  t.equal(rendered('{{.a}} {{.b.c}} {{.n}}', '{"n": null}'), '<undefined> <undefined> <undefined>');
  t.equal(rendered('<no value>{{.s}}', '{"s": "<no value>"}'), '<undefined><undefined>', 'whoever writes it');
  t.equal(rendered('{{.__proto__}} {{.constructor}}'), '<undefined> <undefined>');
});

t.test('a template that cannot be read or rendered is a builtin’s error', async (t) => {
  t.throws(() => rendered('line\n{{.a'), new BuiltinError('template: template:2: unclosed action'));
  t.throws(() => rendered('{{index .a 1}}'), new BuiltinError('index of untyped nil'));
});

t.test('variables must be what JSON has', async (t) => {
  for (const variables of [
    '{"a": {1}}',
    '{"a": set()}',
    '{"a": {1: 2}}',
    '{"a": "\\u0000"}',
    '{"a": "\\u007f"}',
  ])
    t.throws(() => rendered('', variables), new BuiltinError('the variables are not JSON'), variables);
  t.equal(rendered('{{.a}}', '{"a": "\\n\\u200b"}'), '\n\u200b');
});

t.test('bytes that are of no character end the evaluation, unless they meet again', async (t) => {
  t.equal(rendered('{{slice .s 0 1}}{{slice .s 1}}', '{"s": "é"}'), 'é');
  t.throws(
    () => rendered('{{slice .s 0 2}}|', '{"s": "日"}'),
    new LimitError('the result is no text: it has bytes that are not UTF-8'),
  );
});

t.test('operands of other types are refused', async (t) => {
  t.throws(
    () => call('strings.render_template', '1', '{}'),
    new BuiltinError('operand 1 must be string but got number'),
  );
  t.throws(
    () => call('strings.render_template', '""', '[]'),
    new BuiltinError('operand 2 must be object but got array'),
  );
});

t.test('more than 64 Mi characters end the evaluation', async (t) => {
  t.throws(() => rendered('{{range 70}}{{printf "%1000000d" 1}}{{end}}'), LimitError);
});

t.test('no text does anything but render or be refused', async () => {
  const piece = fc.constantFrom(
    ' ',
    ' -}}',
    '\n',
    ...'{{ }} {{- . .a $ $x := = , | ( ) "a" ` \' 1 -1.5 /* */ é {{.}} {{end}} nil true'.split(' '),
    ...'range if else end with define block template break and index len printf eq slice'.split(' '),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      try {
        return typeof rendered(pieces.join(''), '{"a": [1, {"a": null}]}') === 'string';
      } catch (error) {
        return error instanceof BuiltinError;
      }
    }),
    { numRuns: 5_000 },
  );
});
