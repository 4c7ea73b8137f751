// Template strings as OPA reads them, found out by asking it.
import t from 'tap';
import { parseTemplateString } from '../../../../src/policy/builtins/rego/template-string.ts';
import { outcome, parserOn, showTerm } from '../../../support/rego-tree.ts';
import { parseTerm } from '../../../../src/policy/builtins/rego/terms.ts';

const read = (source: string, ...future: string[]): string =>
  outcome(parserOn(source, ...future), parseTerm, showTerm);

t.test('constants are terms in it, all else is an expression', async (t) => {
  t.equal(read('$"a{x}b{1}{"s"}"'), 'line("a", expr x, "b", 1, "s")');
  t.equal(read('$"{x == 1}"'), 'line(expr equal(x, 1))');
  t.equal(read('$"{input.x with input as 1}"'), 'line(expr input."x" with <input> as 1)');
  t.equal(read('$"{ # why\n 1}"'), 'line(expr 1)');
  t.equal(read('$"{not {x}}"', 'not'), 'line(expr not {x})');
  t.equal(read('$""'), 'line()');
});

t.test('text is as that of strings', async (t) => {
  t.equal(read(String.raw`$"\{\n"`), String.raw`line("{\n")`);
  t.equal(read('$`\n\\n\\{{x}`'), String.raw`lines("\n\\n{", expr x)`);
  t.equal(read('$"\t\\n"'), 'fault: illegal template-string part');
  t.equal(read('$"a{x}\n"'), 'fault: non-terminated string');
});

t.test('what is no value cannot be in it', async (t) => {
  for (const [source, what] of [
    ['$"{not x}"', 'negation'],
    ['$"{x = 1}"', "unification ('=')"],
    ['$"{x := 1}"', "assignment (':=')"],
    ['$"{eq(x, 1)}"', "unification ('=')"],
    ['$"{some x in y}"', 'some'],
    ['$"{every x in y {x}}"', 'every'],
  ] as const)
    t.equal(read(source), `fault: unexpected ${what} in template-string expression`, source);
  t.equal(read('$"{x y}"'), 'fault: expected } to end template string expression');
  t.equal(read('$"{}"'), 'fault: unexpected } token');
});

t.test('an unreadable part is none', async (t) => t.equal(parseTemplateString(parserOn('x')), null));
