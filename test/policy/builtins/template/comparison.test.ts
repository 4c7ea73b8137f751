import * as fc from 'fast-check';
import t from 'tap';
import { Byte } from '../../../../src/policy/builtins/go/print.ts';
import { eq, lt } from '../../../../src/policy/builtins/template/comparison.ts';
import { RenderError } from '../../../../src/policy/builtins/template/held.ts';
import { RegoNumber } from '../../../../src/policy/number.ts';
import { compareStrings, RegoObject } from '../../../../src/policy/value.ts';

const object = RegoObject.of({});

t.test('values of one kind are equal or not, to any of several', async (t) => {
  t.equal(eq('a', 'b', 'a'), true);
  t.equal(eq('a', 'b'), false);
  t.equal(eq(new RegoNumber('5'), '5'), true, 'a number of Rego is a text');
  t.equal(eq(new RegoNumber('5'), new RegoNumber('5.0')), false);
  t.equal(eq(97n, new Byte(97)), true);
  t.equal(eq(true, true), true);
  t.equal(eq(true, false), false);
  t.equal(eq(0, -0), true);
  t.equal(eq('a', 'a', 1n), true, 'what comes after an equal one is not looked at');
});

t.test('nil is equal to nil, and to nothing else', async (t) => {
  t.equal(eq(null, undefined), true);
  for (const other of ['', 0n, false, [], object]) {
    t.equal(eq(other, null), false);
    t.equal(eq(undefined, other), false);
  }
});

t.test('what cannot be compared is refused', async (t) => {
  for (const [a, b, reason] of [
    ['a', 1n, 'incompatible types for comparison: string and int'],
    [1n, 1, 'incompatible types for comparison: int and float64'],
    [new RegoNumber('1'), 1n, 'incompatible types for comparison: json.Number and int'],
    [[], 'a', 'incompatible types for comparison: []interface {} and string'],
    [[], object, 'incompatible types for comparison: []interface {} and map[string]interface {}'],
    [[], [], 'non-comparable type'],
    [object, object, 'non-comparable type'],
  ] as const)
    t.throws(() => eq(a, b), new RenderError(reason));
  t.throws(() => eq('a'), new RenderError('missing argument for comparison'));
});

t.test('numbers and strings have an order', async (t) => {
  t.equal(lt(1n, 2n), true);
  t.equal(lt(new Byte(2), 1n), false);
  t.equal(lt(1, 1.5), true);
  t.equal(lt(new RegoNumber('10'), new RegoNumber('9')), true, 'numbers of Rego that of texts');
  t.equal(lt('\u{ffff}', '😀'), true, 'by bytes');
  t.equal(lt('\udcc3', '\udcc4'), true);
  for (const [a, b, reason] of [
    [true, false, 'invalid type for comparison'],
    [null, 'a', 'invalid type for comparison'],
    ['a', [], 'invalid type for comparison'],
    ['a', 1n, 'incompatible types for comparison: string and int'],
    [undefined, undefined, 'invalid type for comparison'],
  ] as const)
    t.throws(() => lt(a, b), new RenderError(reason));
});

t.test('strings are in the order of Rego', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 4 });
  fc.assert(fc.property(text, text, (a, b) => lt(a, b) === compareStrings(a, b) < 0));
});
