import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { arrayIndex } from '../../../../src/policy/builtins/json/array-index.ts';
import { parseValue } from '../../../../src/policy/value-text.ts';

const index = (key: string): number => arrayIndex(parseValue(key), 7);

t.test('an index is an integer, as a number or text', async (t) => {
  for (const key of ['3', '"3"', '3.0', '"3."', '"+3"', '"3.00"']) t.equal(index(key), 3, key);
  for (const key of ['"0"', '0', '"+0"', '"."', '".0"', '"+00"']) t.equal(index(key), 0, key);
  t.equal(index('-2'), -2);
  t.equal(index('"99"'), 99, 'within the array or not');
});

t.test('a dash is the end of the array', async (t) => {
  t.equal(index('"-"'), 7);
});

t.test('nothing else is one', async (t) => {
  for (const [key, message] of [
    ['"01"', 'leading zeros are not allowed in JSON paths'],
    ['"x"', 'invalid string for indexing'],
    ['""', 'invalid string for indexing'],
    ['"1e0"', 'invalid string for indexing'],
    ['"1.5"', 'invalid string for indexing'],
    ['0.5', 'invalid number for indexing'],
    ['"12345678901234567890"', 'invalid string for indexing'],
    ['[0]', 'invalid type for indexing'],
  ] as const)
    t.throws(() => index(key), new BuiltinError(message), key);
});
