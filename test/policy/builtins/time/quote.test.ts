import t from 'tap';
import { byteString } from '../../../../src/policy/builtins/go/bytes.ts';
import { quote } from '../../../../src/policy/builtins/time/quote.ts';

t.test('what is not printable ASCII is quoted by its bytes', async (t) => {
  t.equal(quote(byteString('a "b" \\c')), '"a \\"b\\" \\\\c"');
  t.equal(quote(byteString('1µs\n\0')), '"1\\xc2\\xb5s\\x0a\\x00"');
  t.equal(quote(''), '""');
});
