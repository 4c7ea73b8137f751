import t from 'tap';
import { attempt, BuiltinError, excerpt, LimitError, operand } from '../../../src/policy/builtins/builtin.ts';
import { parseValue } from '../../../src/policy/value-text.ts';

t.test('an operand of the right type is what it is', async (t) => {
  t.equal(operand(1, 'a', 'string'), 'a');
  t.equal(operand(1, null, 'null'), null);
  t.equal(operand(2, false, 'string', 'boolean'), false);
  for (const [text, type] of Object.entries({
    '1': 'number',
    '[]': 'array',
    '{}': 'object',
    'set()': 'set',
  } as const)) {
    const value = parseValue(text);
    t.equal(operand(1, value, type), value);
  }
});

t.test("an operand of another type is an error in OPA's words", async (t) => {
  t.throws(
    () => operand(3, parseValue('{1}'), 'string'),
    new BuiltinError('operand 3 must be string but got set'),
  );
  t.throws(
    () => operand(1, null, 'string', 'array', 'set'),
    new BuiltinError('operand 1 must be one of {array, set, string} but got null'),
  );
});

t.test('what fails as a builtin may is null; a limit and a bug are none of these failures', async (t) => {
  const failing = (error: Error) => (): never => {
    throw error;
  };
  t.equal(
    attempt(() => 1),
    1,
  );
  t.equal(attempt(failing(new BuiltinError('no'))), null);
  t.throws(() => attempt(failing(new LimitError('too much'))), new LimitError('too much'));
  t.throws(() => attempt(failing(new TypeError('a bug'))), new TypeError('a bug'));
});

t.test('a limit of ours is told from an error of OPA', async (t) => {
  t.notOk(new LimitError('too much') instanceof BuiltinError);
  t.equal(new LimitError('too much').name, 'LimitError');
});

t.test('an excerpt has a hundred characters of a longer text, and no half of one', async (t) => {
  t.equal(excerpt('a'.repeat(100)), 'a'.repeat(100));
  t.equal(excerpt('a'.repeat(101)), `${'a'.repeat(100)}…`);
  t.equal(excerpt(`${'a'.repeat(99)}😀`), `${'a'.repeat(99)}\ufffd…`);
});
