import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { fromBase64, pemBlocks } from '../../../../src/policy/builtins/x509/encoded.ts';
import { pem } from '../../../support/issuing.ts';

t.test('base64 needs its padding', async (t) => {
  t.equal(fromBase64('AQI=\n').toString('hex'), '0102');
  t.throws(() => fromBase64('AQI'), new BuiltinError('illegal base64 data'));
});

t.test('all blocks of PEM are found, whatever is between them', async (t) => {
  const text = `${pem('A', Buffer.from([1]))}between\n${pem('B C', Buffer.from([2, 3]))}after`;
  const found = pemBlocks(text).map(({ type, der }) => [type, der.toString('hex')]);
  t.strictSame(found, [
    ['A', '01'],
    ['B C', '0203'],
  ]);
  t.strictSame(pemBlocks('none'), []);
});
