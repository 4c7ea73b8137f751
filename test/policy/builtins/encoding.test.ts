import * as fc from 'fast-check';
import t from 'tap';
import { BuiltinError, LimitError } from '../../../src/policy/builtins/builtin.ts';
import { encoding } from '../../../src/policy/builtins/encoding.ts';
import { caller } from '../../support/builtin.ts';

const call = caller(encoding);

t.test('hexadecimal is of the UTF-8, and read in either case', async (t) => {
  t.equal(call('hex.encode', '"aé"'), '"61c3a9"');
  t.equal(call('hex.decode', '"61C3a9"'), '"aé"');
  t.equal(call('hex.decode', '""'), '""');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const encoded = call('hex.encode', JSON.stringify(text)) as string;
      return call('hex.decode', encoded) === JSON.stringify(text);
    }),
  );
});

t.test(
  'bytes that are no UTF-8 end the evaluation: they are no text, and nothing may stand for them',
  async (t) => {
    t.throws(
      () => call('hex.decode', '"e28241ff"'),
      new LimitError('the result is no text: it has bytes that are not UTF-8'),
    );
    t.equal(call('hex.decode', '"efbfbd"'), '"\ufffd"');
  },
);

t.test('the first byte that is no digit is named', async (t) => {
  const fails = (text: string, message: string): void => {
    t.throws(() => call('hex.decode', text), new BuiltinError(`encoding/hex: ${message}`), text);
  };
  fails('"0g1"', "invalid byte: U+0067 'g'");
  fails('" 1"', "invalid byte: U+0020 ' '");
  fails('"1é"', "invalid byte: U+00C3 'Ã'");
  fails('"\\n1"', 'invalid byte: U+000A');
  fails('"012"', 'odd length hex string');
});

t.test('base64 for URLs goes without padding', async (t) => {
  t.equal(call('base64url.encode_no_pad', '"é?>"'), '"w6k_Pg"');
  t.equal(call('base64url.encode_no_pad', '""'), '""');
});

t.test('only strings are encoded and decoded', async (t) => {
  for (const name of Object.keys(encoding))
    t.throws(() => call(name, '1'), new BuiltinError('operand 1 must be string but got number'), name);
});
