// Statements as OPA reads them, found out by asking it.
import t from 'tap';
import { parseStatements } from '../../../../src/policy/builtins/rego/statements.ts';

const kinds = (source: string): string[] => parseStatements(source).statements.map(({ kind }) => kind);
const message = (source: string): string => {
  try {
    return kinds(source).join(' ');
  } catch (error) {
    return (error as Error).message;
  }
};

t.test('declarations, rules and queries', async (t) => {
  t.strictSame(kinds('package a\nimport data.b\np if x\nq := 1; r\n'), [
    'package',
    'import',
    'rules',
    'query',
  ]);
  t.strictSame(kinds('package.a = 1 import.b = 1'), ['query', 'query']);
  t.strictSame(kinds(' # nothing'), []);
  t.equal(parseStatements('# a\n# b').comments?.before?.text, '# a');
});

t.test('faults say where they are', async (t) => {
  for (const [source, fault] of [
    ['package a\np := )', '2:6: unexpected ) token'],
    ['package a\nif := 1', '2:1: if keyword cannot be used for rule name'],
    ['package(x)', '1:1: package keyword cannot be used for rule name'],
    ['package a - b', '1:11: unexpected - token'],
    ['import data.a - b', '1:15: unexpected - token'],
    ['import foo', '1:11: unexpected import path, must begin with one of: data, future, input, rego'],
    ['p if )', '1:6: unexpected ) token'],
    ['p é', '1:3: illegal character "é"'],
    ['p\0', '1:2: illegal character'],
    ['# \ufeff', '1:3: illegal character'],
  ] as const)
    t.equal(message(source), `rego_parse_error at ${fault}`, source);
});

t.test('a byte order mark may be first', async (t) => t.strictSame(kinds('\ufeffpackage a'), ['package']));
