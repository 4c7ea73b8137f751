import * as fc from 'fast-check';
import t from 'tap';
import { extentOf } from '../../../../src/policy/builtins/json/extent.ts';
import type { Value } from '../../../../src/policy/value.ts';
import { fromPlain, parseValue, writeValue } from '../../../../src/policy/value-text.ts';

const extent = (text: string): readonly [characters: number, depth: number] => {
  const { characters, depth } = extentOf(parseValue(text));
  return [characters, depth];
};

t.test('a scalar has its text, and no depth', async (t) => {
  t.strictSame(extent('"four"'), [6, 0]);
  t.strictSame(extent('1.50'), [6, 0]);
  t.strictSame(extent('null'), [2, 0]);
  t.strictSame(extent('true'), [2, 0]);
});

t.test('a composite has its members, keys among them', async (t) => {
  t.strictSame(extent('[]'), [2, 0]);
  t.strictSame(extent('["four", [null]]'), [12, 2]);
  t.strictSame(extent('{"four", {1}}'), [13, 2]);
  t.strictSame(extent('{"k": "v", [[0]]: 1}'), [18, 3]);
});

t.test('a part that is there many times is gone through once', async (t) => {
  let value: Value = 'x';
  for (let level = 0; level < 100; level++) value = [value, value];
  const { characters, depth } = extentOf(value);
  t.equal(depth, 100);
  t.ok(characters > 2 ** 100);
});

t.test('it grows with what is written', async () => {
  fc.assert(
    fc.property(fc.jsonValue(), (plain) => {
      const value = fromPlain(plain);
      const { characters } = extentOf(value);
      const { length } = writeValue(value);
      return characters <= 2 * length && length <= 6 * characters;
    }),
  );
});
