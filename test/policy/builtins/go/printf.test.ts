import * as fc from 'fast-check';
import t from 'tap';
import { LimitError } from '../../../../src/policy/builtins/builtin.ts';
import { Byte, type Printable } from '../../../../src/policy/builtins/go/print.ts';
import { sprintf } from '../../../../src/policy/builtins/go/printf.ts';

const formatted = (format: string, ...operands: readonly Printable[]): string =>
  sprintf(format, operands, 'int');

t.test('verbs take operands one after the other', async (t) => {
  t.equal(formatted('%s is %d%% of %v', 'it', 5n, 1.5), 'it is 5% of 1.5');
  t.equal(formatted(''), '');
  t.equal(formatted('é😀'), 'é😀');
  t.equal(formatted('%5%|%', 1n), '%|%!(NOVERB)%!(EXTRA int=1)');
});

t.test('flags, width and precision stand before the verb', async (t) => {
  t.equal(
    formatted('%+d %05d %-5d| %#x % d %6.2f %.3s', 1n, 2n, 3n, 4n, 5n, 6.005, 'abcd'),
    '+1 00002 3    | 0x4  5   6.00 abc',
  );
  t.equal(formatted('%#v %+v %#+v', 'a', 1n, 'b'), '"a" 1 "b"');
  t.equal(formatted('%.d %.f', 0n, 2.5), ' 2', 'a point alone is a precision of 0');
});

t.test('width and precision may be operands', async (t) => {
  t.equal(formatted('%*d|%-*d|%.*f', 4n, 1n, 3n, 2n, 1n, 0.25), '   1|2  |0.2');
  t.equal(formatted('%*d|', -4n, 1n), '1   |');
  t.equal(formatted('%0*d|', -4n, 1n), '1   |');
  t.equal(formatted('%*d', new Byte(3), 1n), '  1');
  t.equal(formatted('%*d', 'x', 1n), '%!(BADWIDTH)1');
  t.equal(formatted('%*d', 1_000_001n, 1n), '%!(BADWIDTH)1');
  t.equal(formatted('%.*d', -1n, 1n), '%!(BADPREC)1');
  t.equal(formatted('%*', 1n), '%!(NOVERB)');
  t.equal(formatted('%*d'), '%!(BADWIDTH)%!d(MISSING)');
});

t.test('an index names the operand', async (t) => {
  t.equal(formatted('%[2]d %[1]d', 1n, 2n), '2 1');
  t.equal(formatted('%[2]*[1]d', 1n, 3n), '  1');
  t.equal(formatted('%[3]*.[2]*[1]f', 1.5, 2n, 6n), '  1.50');
  t.equal(formatted('%.[2]*[1]f', 1.5, 3n), '1.500');
  t.equal(formatted('%[3]d', 1n), '%!d(BADINDEX)');
  t.equal(formatted('%[0]d %[x]d %[]d', 1n), '%!d(BADINDEX) %!d(BADINDEX) %!d(BADINDEX)');
  t.equal(formatted('%[99999999999]d|%[00000000001]d', 1n), '%!d(BADINDEX)|1');
  t.equal(formatted('%[1', 1n), '%!(NOVERB)');
  t.equal(formatted('%[1]2d %[1].2d', 1n), '%!d(BADINDEX) %!d(BADINDEX)', 'not before a width');
  t.equal(formatted('%[1]d', 1n, 2n), '1', 'then nobody counts the operands');
});

t.test('what is missing, and what is too much, is told', async (t) => {
  t.equal(formatted('%d %s', 1n), '1 %!s(MISSING)');
  t.equal(formatted('x', 1n, null, 'a'), 'x%!(EXTRA int=1, <nil>, string=a)');
  t.equal(formatted('%!', 1n), '%!!(int=1)');
  t.equal(formatted('%é', 1n), '%!é(int=1)');
});

t.test('a width is as large as Go’s', async (t) => {
  t.equal(formatted('%10000009d', 1n).length, 10_000_009);
  t.equal(
    formatted('%10000010d tail', 1n),
    '%!(NOVERB)%!(EXTRA int=1)',
    'a larger one is none, and nothing follows',
  );
  t.throws(() => sprintf('%10000000d'.repeat(7), [1n, 1n, 1n, 1n, 1n, 1n, 1n], 'int'), LimitError);
});

t.test('a string that has no verbs is itself, and %s of it too', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      return formatted('%s', text) === text && formatted(text.replaceAll('%', '%%')) === text;
    }),
  );
});

t.test('many brackets that nothing closes are read once', async (t) => {
  const text = formatted('%['.repeat(200_000));
  t.ok(text === '%['.repeat(100_000));
});

t.test('a large integer, and a long text, may be named often', async (t) => {
  const large = 10n ** 9_999n;
  t.equal(formatted('%[1]d'.repeat(2_000), large).length, 20_000_000);
  t.equal(formatted('%[1]x%[1]d', large), large.toString(16) + String(large));
  t.equal(formatted('%[1]q'.repeat(100), '\u0001'.repeat(10_000)).length, 100 * 40_002);
  t.throws(() => formatted('%[1]q'.repeat(2_000), '\u0001'.repeat(10_000)), LimitError);
});
