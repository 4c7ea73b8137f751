import t from 'tap';
import { constant } from '../../../../src/policy/builtins/template/constant.ts';

t.test('integers are ints, whatever they are written in', async (t) => {
  for (const [literal, value] of [
    ['0', 0n],
    ['-0', 0n],
    ['+7', 7n],
    ['1_000', 1000n],
    ['0x1F', 31n],
    ['0x_1f', 31n],
    ['0xE', 14n],
    ['0b11', 3n],
    ['-0o17', -15n],
    ['017', 15n],
    ['0_17', 15n],
    ['9223372036854775807', 2n ** 63n - 1n],
    ['-9223372036854775808', -(2n ** 63n)],
    ["'a'", 97n],
    [String.raw`'\n'`, 10n],
  ] as const)
    t.equal(constant(literal), value, literal);
});

t.test('with a point or an exponent they are floats', async (t) => {
  for (const [literal, value] of [
    ['1.5', 1.5],
    ['.5', 0.5],
    ['1.', 1],
    ['1e3', 1000],
    ['-1_0E-1', -1],
    ['0x1p-2', 0.25],
    ['0x1.8P1', 3],
    ['-0x.8p0', -0.5],
    ['-0x1e', -30],
    ['+0xE', 14],
  ] as const)
    t.equal(constant(literal), value, literal);
  t.ok(Object.is(constant('-0.0'), -0));
});

t.test('what Go can write but not use, or not here', async (t) => {
  for (const literal of ['9223372036854775808', '0xFFFFFFFFFFFFFFFF', '1i', '1+2i'])
    t.equal(constant(literal), undefined, literal);
});

t.test('what is no number', async (t) => {
  const none =
    '08 1__0 1_ _1 0x 0b2 0o8 1e 1e_5 1_.5 1e999 - + 0x1.8 0xp1 0b1.1 18446744073709551616 -9223372036854775809';
  for (const literal of [...none.split(' '), '+9223372036854775808', "'ab'", "''"])
    t.equal(constant(literal), null, literal);
});
