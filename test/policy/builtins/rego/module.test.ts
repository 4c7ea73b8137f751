// What OPA takes for a module, found out by asking it.
import t from 'tap';
import { parseModule } from '../../../../src/policy/builtins/rego/module.ts';

const message = (source: string): string => {
  try {
    const { imports, rules } = parseModule(source);
    return `${imports.length} imports, ${rules.length} rules`;
  } catch (error) {
    return (error as Error).message;
  }
};

t.test('a package, imports and rules in any order', async (t) => {
  t.equal(message('package a'), '0 imports, 0 rules');
  t.equal(
    message('package a\np := 1\nimport data.b\nq if { x } { y }\ndefault r := 1\ns contains 1'),
    '1 imports, 5 rules',
  );
});

t.test('what Rego v1 asks for', async (t) => {
  for (const [source, fault] of [
    ['', 'empty module'],
    ['p := 1', 'package expected'],
    ['package a\npackage b', 'unexpected package'],
    ['package a\np', 'expression cannot be used for rule head'],
    ['package a\np { x }', '`if` keyword is required before rule body'],
    ['package a\np if { x } else { y }', '`if` keyword is required before rule body'],
    ['package a\np[x] { y }', '`if` keyword is required before rule body'],
    ['package a\nimport data.b\nif := 1', 'if keyword cannot be used for rule name'],
    ['package a\np[1] if x\nq[x]', 'expression cannot be used for rule head'],
    ['package a\ncontains contains 1', 'at 2:1: contains keyword cannot be used for rule name'],
  ] as const)
    t.equal(message(source), `rego_parse_error${fault.startsWith('at') ? ' ' : ': '}${fault}`, source);
});
