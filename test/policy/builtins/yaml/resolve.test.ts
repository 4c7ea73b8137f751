import * as fc from 'fast-check';
import t from 'tap';
import { type Resolved, resolve } from '../../../../src/policy/builtins/yaml/resolve.ts';
import { Timestamp } from '../../../../src/policy/builtins/yaml/timestamp.ts';

const value = (text: string, tag = ''): Resolved => resolve(tag, text).value;

t.test('words are booleans, nulls and numbers that are none, in three spellings each', async (t) => {
  for (const word of ['true', 'True', 'TRUE']) t.equal(value(word), true, word);
  for (const word of ['false', 'False', 'FALSE']) t.equal(value(word), false, word);
  for (const word of ['', '~', 'null', 'Null', 'NULL']) t.equal(value(word), null, word);
  for (const word of ['.inf', '+.Inf', '.INF']) t.equal(value(word), Infinity, word);
  t.equal(value('-.inf'), -Infinity);
  t.ok(Number.isNaN(value('.NaN')));
  for (const word of ['tRUE', 'yes', 'no', 'on', 'off', 'y', 'nULL', '.iNF', 'NaN', 'inf', '+.nan'])
    t.equal(value(word), word, 'as in YAML 1.2');
});

t.test('integers are written to the bases of 10, 16, 8 and 2, and have 64 bits', async (t) => {
  for (const [text, integer] of [
    ['0', 0n],
    ['-0', 0n],
    ['+12', 12n],
    ['1_000', 1000n],
    ['0x1F', 31n],
    ['-0Xff', -255n],
    ['017', 15n],
    ['0o17', 15n],
    ['-0O17', -15n],
    ['0b101', 5n],
    ['0b+1', 1n],
    ['0o-7', -7n],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['18446744073709551615', 18446744073709551615n],
    ['0xFFFFFFFFFFFFFFFF', 18446744073709551615n],
    [`${'0'.repeat(100)}1`, 1n],
  ] as const)
    t.equal(value(text), integer, text);
});

t.test('what has a point or is too large is a double, if it is decimal', async (t) => {
  for (const [text, double] of [
    ['1.5', 1.5],
    ['1.', 1],
    ['+.5', 0.5],
    ['.5e3', 500],
    ['.1_5', 0.15],
    ['1e3', 1000],
    ['-1_0.2_5E-1', -1.025],
    ['08', 8],
    ['18446744073709551616', 2 ** 64],
    ['+18446744073709551615', 2 ** 64],
    ['-9223372036854775809', -(2 ** 63)],
  ] as const)
    t.equal(value(text), double, text);
});

t.test('all else is text', async (t) => {
  for (const text of [
    'a',
    '-',
    '+',
    '.',
    '..',
    '._1',
    '.1_',
    '.5e',
    '1e',
    '1e400',
    '.1e400',
    '0x',
    '0xg',
    '0b2',
    '0o8',
    '0x1FFFFFFFFFFFFFFFF',
    '--1',
    '0b-',
    '-0b-1',
    '0x-1',
    '0-1',
    '_1',
    '1:30',
    '1 2',
    '=',
    '2001-02-30',
  ])
    t.equal(value(text), text, text);
});

t.test('dates are timestamps, unless a tag says something else', async (t) => {
  t.type(value('2001-01-02'), Timestamp);
  t.equal(resolve('', '2001-01-02').tag, '!!timestamp');
  t.type(value('2001-01-02', '!!timestamp'), Timestamp);
  t.equal(value('2001-01-02', '!!str'), '2001-01-02');
});

t.test('a tag has to be right', async (t) => {
  t.equal(value('5', '!!int'), 5n);
  t.equal(value('5', '!!float'), 5);
  t.equal(value('9223372036854775807', '!!float'), 2 ** 63);
  t.equal(value('', '!!null'), null);
  t.equal(value('1', '!!str'), '1');
  for (const tag of ['!own', '!!binary', '!!seq', '!!merge'])
    t.equal(value('1', tag), '1', `${tag} is not looked into`);
  for (const [tag, text, found] of [
    ['!!int', '1.5', '!!float'],
    ['!!float', 'a', '!!str'],
    ['!!float', '18446744073709551615', '!!int'],
    ['!!bool', 'yes', '!!str'],
    ['!!null', '0', '!!int'],
    ['!!timestamp', '2001-13-01', '!!str'],
    ['!!int', '2001-01-01', '!!str'],
  ] as const)
    t.throws(() => value(text, tag), { message: `yaml: cannot decode ${found} \`${text}\` as a ${tag}` });
});

t.test('every integer of 64 bits and every double is what it was', async () => {
  fc.assert(
    fc.property(fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n), (integer) => value(String(integer)) === integer),
  );
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true, noInteger: true }),
      (double) => value(String(double)) === double,
    ),
  );
});
