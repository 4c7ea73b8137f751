// Arrays, sets, objects and comprehensions as OPA reads them, found out by asking it.
import t from 'tap';
import {
  parseArray,
  parseSetOrObject,
  parseTermList,
} from '../../../../src/policy/builtins/rego/collections.ts';
import { advance } from '../../../../src/policy/builtins/rego/parser.ts';
import { parseTerm } from '../../../../src/policy/builtins/rego/terms.ts';
import { outcome, parserOn, showTerm } from '../../../support/rego-tree.ts';

const read = (source: string): string => outcome(parserOn(source), parseTerm, showTerm);

t.test('the last token is left', async (t) => {
  const p = parserOn('[1] x');
  parseArray(p);
  t.equal(p.place.kind, ']');
  const set = parserOn('{1} x');
  parseSetOrObject(set);
  t.equal(set.place.kind, '}');
});

t.test('arrays', async (t) => {
  for (const [source, shown] of [
    ['[]', '[]'],
    ['[1]', '[1]'],
    ['[1, 2,]', '[1, 2]'],
    ['[, 1]', '[1]'],
    ['[1 + 2, x in y]', '[plus(1, 2), internal.member_2(x, y)]'],
    ['[x | y]', '[x | y]'],
    ['[x | y; z = 1]', '[x | y; eq(z, 1)]'],
    ['[x | y, z]', '[or(x, y), z]'],
    ['[, x | y]', '[or(x, y)]'],
    ['[(x | y)]', '[or(x, y)]'],
    ['[1 2]', 'fault: unexpected number token: expected , or ]'],
    ['[,]', 'fault: unexpected ] token'],
    ['[x | y z]', 'fault: unexpected identifier token: expected \\n or ; or ]'],
    ['[x | ]', 'fault: found empty body'],
  ] as const)
    t.equal(read(source), shown, source);
});

t.test('sets have their members in order, each once', async (t) => {
  for (const [source, shown] of [
    ['{2, 1, 1.0}', 'set(1, 2)'],
    ['{x}', 'set(x)'],
    ['{, x}', 'set(x)'],
    ['{x + 1}', 'set(plus(x, 1))'],
    ['{x | y}', '{x | y}'],
    ['{x | y, z}', 'set(z, or(x, y))'],
    ['{, x | y}', 'set(or(x, y))'],
    ['{x y}', 'fault: unexpected identifier token: non-terminated set'],
    ['{x | y z}', 'fault: unexpected identifier token: expected \\n or ; or }'],
    ['{,}', 'fault: unexpected } token'],
    ['{x, ', 'fault: unexpected eof token'],
  ] as const)
    t.equal(read(source), shown, source);
});

t.test('objects have their entries in order', async (t) => {
  for (const [source, shown] of [
    ['{}', '{}'],
    ['{"b": 1, "a": 2,}', '{"a": 2, "b": 1}'],
    ['{"a": 1, "a": 2}', '{"a": 1, "a": 2}'],
    ['{x + 1: y + 1}', '{plus(x, 1): plus(y, 1)}'],
    ['{, "a": 1}', '{"a": 1}'],
    ['{x: y | z}', '{x: y | z}'],
    ['{x: y + 1 | z}', '{x: or(plus(y, 1), z)}'],
    ['{x: y | z, w: 1}', '{w: 1, x: or(y, z)}'],
    ['{, x: y | z}', '{x: or(y, z)}'],
    ['{x: 1 y}', 'fault: unexpected identifier token: non-terminated object'],
    ['{x: 1, y}', 'fault: unexpected } token: expected :'],
    ['{x: 1, y: 2 z}', 'fault: unexpected identifier token: expected , or }'],
    ['{x: }', 'fault: unexpected } token'],
    ['{x: 1, y: }', 'fault: unexpected } token'],
    ['{x: 1, )', 'fault: unexpected ) token'],
  ] as const)
    t.equal(read(source), shown, source);
});

t.test('a list goes on with what was read before', async (t) => {
  const p = parserOn('f(x, y)');
  advance(p);
  advance(p);
  t.equal(parseTermList(p, ')', [])?.length, 2);
  t.equal(parseTermList(p, ')', [{ kind: 'null' }])?.length, 1);
});
