import t from 'tap';
import { Byte } from '../../../../src/policy/builtins/go/print.ts';
import { index, len, slice } from '../../../../src/policy/builtins/template/collections.ts';
import { RenderError } from '../../../../src/policy/builtins/template/held.ts';
import { RegoNumber } from '../../../../src/policy/number.ts';
import { RegoObject } from '../../../../src/policy/value.ts';

const object = RegoObject.of({ a: ['x', null], n: null });
const upTo = (length: number): string[] => Array.from({ length }, (_, at) => String(at));

t.test('index gives a member of a member', async (t) => {
  t.equal(index(object, 'a', 0n), 'x');
  t.equal(index(object, 'b'), null);
  t.equal(index(object), object);
  t.strictSame(index('é', 1n), new Byte(0xa9), 'of a string, a byte');
  t.strictSame(index(new RegoNumber('42'), new Byte(0)), new Byte(0x34));
});

t.test('index refuses what has no such member', async (t) => {
  for (const [operands, reason] of [
    [[undefined], 'index of untyped nil'],
    [[null, 1n], 'index of untyped nil'],
    [[object, 'n', 1n], 'index of nil pointer'],
    [[object, 1n], 'value has type int; should be string'],
    [[object, new RegoNumber('1')], 'value has type json.Number; should be string'],
    [[object, undefined], 'value has type nil; should be string'],
    [[['x'], 1n], 'index out of range: 1'],
    [[['x'], -1n], 'index out of range: -1'],
    [['', 0n], 'index out of range: 0'],
    [[['x'], new RegoNumber('0')], 'cannot index slice/array with type json.Number'],
    [[['x'], undefined], 'cannot index slice/array with type nil'],
    [[true, 0n], "can't index item of type bool"],
  ] as const) {
    const [item, ...places] = operands;
    t.throws(() => index(item, ...places), new RenderError(reason), reason);
  }
});

t.test('slice gives a part of a string, by bytes, or of an array', async (t) => {
  t.equal(slice('abc', 1n, 2n), 'b');
  t.equal(slice('abc', 1n), 'bc');
  t.equal(slice('abc'), 'abc');
  t.equal(slice('é', 0n, 1n), '\udcc3');
  t.strictSame(slice(new RegoNumber('12.5'), 0n, 2n), new RegoNumber('12'));
  t.strictSame(slice(['a', 'b', 'c'], 1n, 3n), ['b', 'c']);
});

t.test('slice refuses what has no such part', async (t) => {
  for (const [operands, reason] of [
    [[null], 'slice of untyped nil'],
    [[undefined], 'slice of untyped nil'],
    [[object], "can't slice item of type map[string]interface {}"],
    [['abc', 0n, 1n, 2n], 'cannot 3-index slice a string'],
    [['abc', 0n, 1n, 2n, 3n], 'too many slice indexes: 4'],
    [['abc', 4n], 'index out of range: 4'],
    [['abc', 2n, 1n], 'invalid slice index: 2 > 1'],
    [[['a', 'b', 'c'], 0n, 3n, 2n], 'invalid slice index: 3 > 2'],
    [['abc', '1'], 'cannot index slice/array with type string'],
  ] as const) {
    const [item, ...places] = operands;
    t.throws(() => slice(item, ...places), new RenderError(reason), reason);
  }
});

t.test('an array can be sliced beyond its length, up to what Go allocates for it', async (t) => {
  t.strictSame(slice(['a', 'b', 'c'], 2n, 4n), ['c', null]);
  t.throws(() => slice(['a', 'b', 'c'], 0n, 5n), new RenderError('index out of range: 5'));
  const part = slice(['a', 'b', 'c'], 0n, 1n);
  t.strictSame(slice(part, 0n, 4n), ['a', 'b', 'c', null], 'what was cut off is still there');
  t.throws(() => slice(slice(['a', 'b', 'c'], 0n, 1n, 2n), 0n, 3n), new RenderError('index out of range: 3'));
  for (const [length, allocated] of [
    [0, 0],
    [1, 1],
    [5, 8],
    [33, 71],
    [513, 591],
    [1024, 1535],
    [5000, 5120],
    [5121, 6656],
    [6700, 8704],
    [20_000, 23_552],
  ] as const) {
    t.equal(len(slice(upTo(length), 0n, BigInt(allocated))), BigInt(allocated));
    t.throws(
      () => slice(upTo(length), 0n, BigInt(allocated + 1)),
      new RenderError(`index out of range: ${allocated + 1}`),
    );
  }
});

t.test('len counts members, and the bytes of a string', async (t) => {
  t.equal(len('é'), 2n);
  t.equal(len(new RegoNumber('12.5')), 4n);
  t.equal(len(object), 2n);
  t.equal(len([null]), 1n);
  for (const [value, type] of [
    [undefined, 'nil'],
    [null, '<nil>'],
    [1n, 'int'],
    [true, 'bool'],
  ] as const)
    t.throws(() => len(value), new RenderError(`len of type ${type}`));
});
