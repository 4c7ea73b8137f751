import * as fc from 'fast-check';
import t from 'tap';
import { BuiltinError } from '../../../src/policy/builtins/builtin.ts';
import { rego } from '../../../src/policy/builtins/rego.ts';
import { runOpa } from '../../../src/policy/opa.ts';
import { caller } from '../../support/builtin.ts';
import { opa } from '../../support/opa.ts';

const call = caller(rego);
const parse = (source: string, file = 'a.rego'): string | undefined =>
  call('rego.parse_module', JSON.stringify(file), JSON.stringify(source));

t.test('a module is given as its syntax tree', async (t) => {
  t.equal(
    parse('package a\np := 1'),
    '{"package": {"path": [{"type": "var", "value": "data"}, {"type": "string", "value": "a"}]}, "rules": [{' +
      '"body": [{"generated": true, "index": 0, "terms": {"type": "boolean", "value": true}}], "head": {"assign": true, ' +
      '"name": "p", "ref": [{"type": "var", "value": "p"}], "value": {"type": "number", "value": 1}}}]}',
  );
});

t.test('what is no module is an error', async (t) => {
  t.throws(
    () => parse('package a.'),
    new BuiltinError('rego_parse_error at 1:11: unexpected eof token: expected identifier'),
  );
  t.throws(
    () => call('rego.parse_module', '"a"', '1'),
    new BuiltinError('operand 1 must be string but got number'),
  );
  t.throws(
    () => call('rego.parse_module', '1', '""'),
    new BuiltinError('operand 1 must be string but got number'),
  );
});

const MODULE = `# METADATA
# title: a
package a.b["c"]

import rego.v2
import data.x as y

default allow := false

allow if {
	some k, v in input.roles # why
	every x in {v | v := y[_]} { x != k }
	not {x; z} and (z or {w}) with input.a as {"b": [1, -x]}
}

f(_, [x, _]) := $"a{x + 1}\\{" if x == "\\u00e9" else := {x: 1 | x} if { y }

p[x].q contains \`raw\` if true
`;

t.test('it is that of opa', async (t) => {
  const query = `rego.parse_module("a.rego", ${JSON.stringify(MODULE)})`;
  const text = await runOpa(await opa(), ['eval', '-f', 'json', query], t.testdir());
  const { result } = JSON.parse(text) as { result: { expressions: { value: unknown }[] }[] };
  t.strictSame(JSON.parse(parse(MODULE) as string), result[0]?.expressions[0]?.value);
});

t.test('whatever is changed in a module, there is a tree or an error', async () => {
  const pieces = MODULE.match(/\w+|\s+|[^]/g) as string[];
  const place = fc.nat(pieces.length - 1);
  fc.assert(
    fc.property(place, place, place, (from, to, removed) => {
      const source = pieces
        .toSpliced(removed, 1)
        .toSpliced(to, 0, pieces[from] as string)
        .join('');
      try {
        return parse(source) !== undefined;
      } catch (error) {
        return error instanceof BuiltinError;
      }
    }),
    { numRuns: 200 },
  );
});

t.test('depth is bounded, whatever it is made of', async (t) => {
  for (const [open, close] of [
    ['[', ']'],
    ['(', ')'],
    ['{', '}'],
    ['{1: ', '}'],
    ['[x | ', ']'],
    ['f(', ')'],
    ['a[', ']'],
    ['$"{', '}"'],
    ['x.f(', ')'],
  ] as const) {
    const nested = (depth: number): string => `package a\np := ${open.repeat(depth)}1${close.repeat(depth)}`;
    t.ok(parse(nested(100)), open);
    t.throws(() => parse(nested(100_000)), new BuiltinError('the module is nested deeper than 250'), open);
  }
});
