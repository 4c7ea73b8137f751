import t from 'tap';
import { BuiltinError, LimitError } from '../../../src/policy/builtins/builtin.ts';
import { print } from '../../../src/policy/builtins/print.ts';
import { caller, evaluation } from '../../support/builtin.ts';

/** The lines that a call writes, and its result. */
function written(name: string, operand: string): { lines: string[]; result: string | undefined } {
  const lines: string[] = [];
  const call = caller(print, evaluation({ print: (line) => lines.push(line) }));
  return { result: call(name, operand), lines };
}

t.test('print writes its arguments on one line, strings as they are', async (t) => {
  t.strictSame(written('internal.print', '[{"user"}, {42}, {{"a": ["b"]}}, "plain", null, true, 1.50]'), {
    lines: ['user 42 {"a": ["b"]} plain null true 1.50'],
    result: undefined,
  });
});

t.test('print writes a line for each combination of values, and tells what is undefined', async (t) => {
  t.strictSame(written('internal.print', '[{1, 2}, {"a", "b"}]').lines, ['1 a', '1 b', '2 a', '2 b']);
  t.strictSame(written('internal.print', '[{"x is"}, set()]').lines, ['x is <undefined>']);
  t.strictSame(written('internal.print', '[]').lines, ['']);
});

t.test('what the compiler never gives to print ends the evaluation', async (t) => {
  t.throws(() => written('internal.print', '[[1]]'), new TypeError('print: illegal argument type: array'));
  t.throws(() => written('internal.print', '[{}]'), new TypeError('print: illegal argument type: object'));
  t.throws(() => written('internal.print', '1'), new BuiltinError('operand 1 must be array but got number'));
});

t.test('trace writes its note and is true', async (t) => {
  t.strictSame(written('trace', '"here"'), { lines: ['here'], result: 'true' });
  t.throws(() => written('trace', '1'), new BuiltinError('operand 1 must be string but got number'));
});

t.test('print writes ten thousand lines, and no more', async (t) => {
  const ten = '{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}';
  const { lines } = written('internal.print', `[${ten}, ${ten}, ${ten}, ${ten}]`);
  t.strictSame([lines.length, lines[1234]], [10_000, '1 2 3 4']);
  t.throws(
    () => written('internal.print', `[${Array.from({ length: 8 }, () => ten).join()}]`),
    new LimitError('print: more than 10000 lines'),
  );
  t.throws(
    () => written('internal.print', `[${ten}, ${ten}, ${ten}, {"${'a'.repeat(20_000)}"}]`),
    new LimitError('print: more than 16777216 characters'),
  );
});
