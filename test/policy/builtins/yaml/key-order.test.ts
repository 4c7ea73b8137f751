import * as fc from 'fast-check';
import t, { type Test } from 'tap';
import { compareKeys } from '../../../../src/policy/builtins/yaml/key-order.ts';

const inOrder = (t: Test, ...keys: readonly string[]): void => {
  for (const [at, key] of keys.entries())
    for (const [other, another] of keys.entries())
      t.equal(Math.sign(compareKeys(key, another)), Math.sign(at - other), `${key} and ${another}`);
};

t.test('numbers in keys count as numbers', async (t) => {
  inOrder(t, 'a1', 'a2', 'a10', 'a10b', 'a11');
  inOrder(t, '9', '10', '100');
  inOrder(t, 'a1.2', 'a1.10', 'a10.1');
  inOrder(t, 'x18446744073709551615', 'x5', 'x6');
});

t.test('zeros before a number count where the numbers are equal', async (t) => {
  inOrder(t, 'a0', 'a1', 'a01', 'a2');
  inOrder(t, 'a100', 'a101', 'a1000');
  inOrder(t, 'a100b', 'a1000b');
});

t.test('letters are behind other signs, but before them behind a digit', async (t) => {
  inOrder(t, '', '-', '1', 'A', 'B', 'a', 'b', 'é');
  inOrder(t, 'a1b', 'a1-');
  inOrder(t, 'a-', 'ab');
  inOrder(t, '😀', '😁', 'ａ');
  inOrder(t, '\u{10400}', '\u{10401}');
});

t.test('what is the beginning of another is before it', async (t) => {
  inOrder(t, 'a', 'ab', 'abc');
  inOrder(t, '١', '٢', 'x');
});

t.test('there is one order of two keys', async () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'B', '0', '1', '9', '-', 'é', '😀', '٣') });
  fc.assert(
    fc.property(key, key, (a, b) => {
      const order = Math.sign(compareKeys(a, b));
      return order === -Math.sign(compareKeys(b, a)) && (order === 0) === (a === b);
    }),
  );
});
