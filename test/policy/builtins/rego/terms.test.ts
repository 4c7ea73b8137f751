// Terms as OPA reads them, found out by asking it.
import t from 'tap';
import { parseRef, parseTerm } from '../../../../src/policy/builtins/rego/terms.ts';
import { variable } from '../../../../src/policy/builtins/rego/ast.ts';
import { advance } from '../../../../src/policy/builtins/rego/parser.ts';
import { outcome, parserOn, showTerm } from '../../../support/rego-tree.ts';

const read = (source: string, ...future: string[]): string =>
  outcome(parserOn(source, ...future), parseTerm, showTerm);

t.test('values, variables and references', async (t) => {
  for (const [source, shown] of [
    ['null', 'null'],
    ['true', 'true'],
    ['false', 'false'],
    ['x', 'x'],
    ['contains', 'contains'],
    ['_', '$0'],
    ['input', '<input>'],
    ['a.b["c"][x]', 'a."b"."c".x'],
    ['a.if.not', 'a."if"."not"'],
    ['a[i].b .c', 'a.i."b" and then .'],
    ['[1][0]', '[1].0'],
    ['{"a": 1}.a', '{"a": 1}."a"'],
    ['(x)', 'x'],
    ['(x.y).z', 'fault: illegal ref (head cannot be ref)'],
    ['"a".b', 'fault: illegal ref (head cannot be string)'],
    ['a.1', 'fault: unexpected number token: expected identifier'],
    ['a[1', 'fault: unexpected eof token: expected ]'],
    ['(1', 'fault: non-terminated expression'],
    ['*', 'fault: unexpected * token'],
  ] as const)
    t.equal(read(source), shown, source);
});

t.test('a head is read on from the token behind it', async (t) => {
  const p = parserOn('a.b');
  advance(p);
  t.equal(
    outcome(p, () => parseRef(p, variable('x')), showTerm),
    'x."b"',
  );
});

t.test('calls, and the empty set', async (t) => {
  t.equal(read('f(x, 1)'), 'f(x, 1)');
  t.equal(read('f()'), 'f()');
  t.equal(read('a.b(x).c(y)'), 'a.b(x).c(y)');
  t.equal(read('set()'), 'set()');
  t.equal(read('set(1)'), 'set(1)');
  t.equal(read('f(x'), 'fault: unexpected eof token: expected , or )');
  t.equal(read('f(x) '), 'f(x)');
});

t.test('`and` and `or` are functions of sets where a term is expected', async (t) => {
  t.equal(read('or(x, y)', 'or'), 'or(x, y)');
  t.equal(read('or (x)', 'or'), 'fault: unexpected or token');
});

t.test('with `and` as a keyword, OPA takes & for a name', async (t) => {
  t.equal(read('a.&', 'and'), 'a.""');
  t.equal(read('a.&'), 'fault: unexpected & token: expected identifier');
});

t.test('numbers keep their text', async (t) => {
  for (const [source, shown] of [
    ['1.50', '1.50'],
    ['-1', '-1'],
    ['- 1', '-1'],
    ['-x', 'minus(0, x)'],
    ['-a.b', 'minus(0, a."b")'],
    ['.5', '.5'],
    ['-.5', '-.5'],
    ['0', '0'],
    ['0.1e5', '0.1e5'],
    ['0E5', '0E5'],
    ['01', 'fault: unexpected number token: expected number without leading zero'],
    ['.x', 'fault: unexpected identifier token: expected number'],
    ['-"a"', 'fault: unexpected string token: expected number'],
    ['1e99999', 'fault: number too big'],
  ] as const)
    t.equal(read(source), shown, source);
});

t.test('strings are unescaped as JSON, those in backquotes not', async (t) => {
  t.equal(read(String.raw`"a\u00e9\n"`), String.raw`"aé\n"`);
  t.equal(read('`\\n`'), String.raw`"\\n"`);
  t.equal(read('"a\tb"'), String.raw`"a\tb"`);
  t.equal(read(String.raw`"a	\n"`), 'fault: illegal string literal');
});
