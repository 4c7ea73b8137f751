import t from 'tap';
import { LimitError } from '../../../../src/policy/builtins/builtin.ts';
import {
  Byte,
  goType,
  output,
  print,
  type Printable,
  sprint,
  sprintln,
} from '../../../../src/policy/builtins/go/print.ts';
import { noFlags } from '../../../../src/policy/builtins/go/verb.ts';
import { RegoNumber } from '../../../../src/policy/number.ts';
import { RegoObject } from '../../../../src/policy/value.ts';

const number = new RegoNumber('1.50');
const object = RegoObject.of({ b: [null, number], a: 'x' });

function printed(value: Printable, verb: string, changes = {}): string {
  const to = output();
  print(to, { ...noFlags(), ...changes }, value, verb, 'int');
  return to.text();
}

t.test('each value has Go’s type', async (t) => {
  for (const [value, type] of [
    [null, '<nil>'],
    [true, 'bool'],
    ['', 'string'],
    [1, 'float64'],
    [1n, 'int'],
    [2n ** 63n, '*big.Int'],
    [new Byte(1), 'uint8'],
    [number, 'json.Number'],
    [object, 'map[string]interface {}'],
    [[], '[]interface {}'],
  ] as const) {
    t.equal(goType(value, 'int'), type);
    t.equal(printed(value, 'T'), type);
  }
  t.equal(goType(1n, 'int64'), 'int64');
});

t.test('values by %v, and by %#v as in Go’s source', async (t) => {
  for (const [value, plain, source] of [
    [null, '<nil>', '<nil>'],
    [true, 'true', 'true'],
    ['é"', 'é"', String.raw`"é\""`],
    [1.5, '1.5', '1.5'],
    [-7n, '-7', '-7'],
    [2n ** 64n, '18446744073709551616', '18446744073709551616'],
    [new Byte(97), '97', '0x61'],
    [number, '1.50', '"1.50"'],
    [
      object,
      'map[a:x b:[<nil> 1.50]]',
      'map[string]interface {}{"a":"x", "b":[]interface {}{interface {}(nil), "1.50"}}',
    ],
    [[], '[]', '[]interface {}{}'],
  ] as const) {
    t.equal(printed(value, 'v'), plain);
    t.equal(printed(value, 'v', { sharpV: true }), source);
  }
  t.equal(printed([1n, 'a'], 'v', { width: 3 }), '[  1   a]', 'the flags are those of each member');
});

t.test('numbers and strings by other verbs', async (t) => {
  for (const [value, verb, text] of [
    [true, 't', 'true'],
    [97n, 'c', 'a'],
    [97n, 'q', "'a'"],
    [97n, 'U', 'U+0061'],
    [new Byte(97), 'x', '61'],
    [1.5, 'b', '6755399441055744p-52'],
    [1.5, 'X', '0X1.8P+00'],
    [1.5, 'e', '1.500000e+00'],
    [1.5, 'F', '1.500000'],
    [number, 's', '1.50'],
    [number, 'x', '312e3530'],
    ['a', 'q', '"a"'],
    [['a', 'b'], 'x', '[61 62]'],
  ] as const)
    t.equal(printed(value, verb), text, verb);
});

t.test('a verb that is not for a value is printed with its type and itself', async (t) => {
  for (const [value, verb, text] of [
    [null, 'd', '%!d(<nil>)'],
    [true, 'd', '%!d(bool=true)'],
    ['x', 'd', '%!d(string=x)'],
    [1.5, 'd', '%!d(float64=1.5)'],
    [5n, 's', '%!s(int=5)'],
    [2n ** 64n, 'c', '%!c(big.Int=18446744073709551616)'],
    [number, 'd', '%!d(json.Number=1.50)'],
    [['x', 1n], 'd', '[%!d(string=x) 1]'],
    [5n, '😀', '%!😀(int=5)'],
    [5n, 'p', '%!p(int=5)'],
    [[1n], 'w', '%!w([]interface {}=[1])'],
    [-(2n ** 64n), 'w', '%!w(*big.Int=&{true [0 1]})'],
  ] as const)
    t.equal(printed(value, verb), text, verb);
  t.equal(printed(2n ** 64n, 'w', { plusV: true }), '%!w(*big.Int=&{neg:false abs:[0 1]})');
  t.equal(
    printed(2n ** 64n, 'w', { sharpV: true }),
    '%!w(*big.Int=&big.Int{neg:false, abs:big.nat{0x0, 0x1}})',
  );
  t.equal(printed([], 'p'), '0xc000000000', 'an address, which is another one in Go each time');
});

t.test('operands are printed with a space between two that are no strings', async (t) => {
  t.equal(sprint([1n, 2n, 'a', 3n, 'b', 'c', true, null, number, 4n], 'int'), '1 2a3bctrue <nil>1.504');
  t.equal(sprint([], 'int'), '');
  t.equal(sprintln([1n, 'a', null], 'int'), '1 a <nil>\n');
});

t.test('text of more than 64 Mi characters ends the evaluation', async (t) => {
  const to = output();
  const piece = 'x'.repeat(2 ** 24);
  for (let i = 0; i < 4; i++) to.write(piece);
  t.throws(() => to.write('x'), new LimitError('text of more than 64 Mi characters'));
});

t.test('arrays may be 2,000 deep', async (t) => {
  let deep: Printable = 1n;
  for (let i = 0; i < 2_000; i++) deep = [deep];
  t.equal(printed(deep, 'd'), `${'['.repeat(2_000)}1${']'.repeat(2_000)}`);
});
