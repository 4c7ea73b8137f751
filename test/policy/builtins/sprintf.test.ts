import t from 'tap';
import { BuiltinError, LimitError } from '../../../src/policy/builtins/builtin.ts';
import { sprintf } from '../../../src/policy/builtins/sprintf.ts';
import { caller } from '../../support/builtin.ts';

const call = caller(sprintf);
const formatted = (format: string, operands: string): unknown =>
  JSON.parse(call('sprintf', JSON.stringify(format), operands) ?? 'null');

t.test('integers are exact, of any size', async (t) => {
  t.equal(formatted('%d', '[9007199254740993]'), '9007199254740993');
  t.equal(
    formatted('%d|%x|%s', '[18446744073709551616, -18446744073709551616, 18446744073709551616]'),
    ['18446744073709551616', '-10000000000000000', '18446744073709551616'].join('|'),
  );
  t.equal(formatted('%s', '[5]'), '%!s(int64=5)', 'those of 64 bits are no strings');
});

t.test('a number with a point or an exponent is a double', async (t) => {
  t.equal(formatted('%v %v %.2f', '[1.0, 1e2, 2.675]'), '1 100 2.67');
  t.equal(formatted('%d', '[2.0]'), '%!d(float64=2)');
  t.equal(formatted('%v', '[1e400]'), '1e400', 'unless no double holds it');
});

t.test('what is neither number nor string is printed as Rego writes it', async (t) => {
  t.equal(
    formatted('%v %s %v %v %v', '[[1, "a\\u0000"], {"k": {2, 1}}, null, set(), true]'),
    String.raw`[1, "a\x00"] {"k": {1, 2}} null set() true`,
  );
  t.equal(formatted('%t', '[true]'), '%!t(string=true)');
});

t.test('operands that are missing or too many are told', async (t) => {
  t.equal(formatted('%d and %d', '[1]'), '1 and %!d(MISSING)');
  t.equal(formatted('%d', '[1, "x"]'), '1%!(EXTRA string=x)');
});

t.test('operands of other types are refused', async (t) => {
  t.throws(() => call('sprintf', '1', '[]'), new BuiltinError('operand 1 must be string but got number'));
  t.throws(() => call('sprintf', '""', '{}'), new BuiltinError('operand 2 must be array but got object'));
});

t.test('an integer of more than ten thousand digits is beyond a limit, a fraction is none', async (t) => {
  const digits = '7'.repeat(10_000);
  t.equal(formatted('%d', `[${digits}]`), digits);
  t.throws(
    () => formatted('%d', `[${digits}7]`),
    new LimitError('sprintf: an integer of more than 10000 digits'),
  );
  t.equal(formatted('%v', `[0.${digits}7]`), '0.7777777777777778');
});
