import * as fc from 'fast-check';
import t from 'tap';
import { BuiltinError, LimitError } from '../../../src/policy/builtins/builtin.ts';
import { numbers } from '../../../src/policy/builtins/numbers.ts';
import { caller, evaluation } from '../../support/builtin.ts';

const call = caller(numbers);
const range = (...operands: readonly [string, string, string]): string | undefined =>
  call('numbers.range_step', ...operands);

t.test('a range goes up or down to its last number, in steps', async (t) => {
  t.equal(range('1', '6', '2'), '[1, 3, 5]');
  t.equal(range('6', '-1', '3'), '[6, 3, 0]');
  t.equal(range('4', '4', '9'), '[4]');
  t.equal(range('1.0', '3e0', '1'), '[1, 2, 3]', 'an integer is one however it is written');
  t.equal(
    range('100000000000000000000', '100000000000000000002', '2'),
    '[100000000000000000000, 100000000000000000002]',
  );
});

t.test('a step that does not go on is refused, and what is no integer', async (t) => {
  for (const step of ['0', '-1', '-0.0'])
    t.throws(
      () => range('1', '2', step),
      new BuiltinError('numbers.range_step: step must be a positive integer'),
    );
  t.throws(
    () => range('1', '2.5', '1'),
    new BuiltinError('operand 2 must be integer number but got floating-point number'),
  );
  t.throws(() => range('"1"', '2', '1'), new BuiltinError('operand 1 must be integer but got string'));
});

t.test('a range of more than a million numbers ends the evaluation', async (t) => {
  t.throws(
    () => range('1', '1000001', '1'),
    new LimitError('numbers.range_step: a range of more than 1000000 numbers'),
  );
  t.throws(() => range('0', '1e300', '1'), LimitError);
  t.equal(range('0', '1e300', '1e300')?.length, `[0, 1${'0'.repeat(300)}]`.length);
});

t.test('a random number is the same for the same name and bound, all through an evaluation', async (t) => {
  let drawn = 0;
  const shared = evaluation({
    randomBytes: (size) => {
      drawn++;
      return new Uint8Array(size).fill(drawn);
    },
  });
  const random = caller(numbers, shared);
  const first = random('rand.intn', '"a"', '1000000007');
  t.equal(random('rand.intn', '"a"', '1000000007'), first);
  t.equal(random('rand.intn', '"a"', '-1000000007'), first, 'the bound’s sign does not count');
  t.equal(drawn, 1);
  t.not(random('rand.intn', '"b"', '1000000007'), first);
  random('rand.intn', '"a"', '1000000008');
  t.equal(drawn, 3);
});

t.test('a random number is not less than 0 and less than the bound', async (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.integer({ min: 1, max: 20 }),
      (bytes, bound) => {
        const random = caller(numbers, evaluation({ randomBytes: () => bytes }));
        const number = Number(random('rand.intn', '"x"', String(bound)));
        return number >= 0 && number < bound;
      },
    ),
  );
  t.equal(call('rand.intn', '"x"', '0'), '0');
  t.equal(call('rand.intn', '"x"', '1.0'), '0');
  t.throws(
    () => call('rand.intn', '"x"', '1.5'),
    new BuiltinError('operand 2 must be integer number but got floating-point number'),
  );
});

t.test('a range of many digits ends the evaluation before it is computed', async (t) => {
  t.equal(range('1', '1000000', '1')?.length, 7_888_896, 'a million ordinary numbers are no such');
  t.throws(
    () => range('1e999', `1${'0'.repeat(994)}99999`, '1'),
    new LimitError('numbers.range_step: a range of more than 33554432 digits'),
  );
  t.throws(
    () => range('0', '1e1000000', '1e999995'),
    new LimitError('operand 2 is an integer of more than 1000 digits'),
  );
});
