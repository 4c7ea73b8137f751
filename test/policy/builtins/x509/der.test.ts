import * as fc from 'fast-check';
import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import {
  constructed,
  context,
  DerReader,
  rightAligned,
  TAG,
} from '../../../../src/policy/builtins/x509/der.ts';
import { bits, boolean, der, integer, octets, oid, sequence } from '../../../support/der.ts';

const reader = (bytes: Buffer | string, highTags = false): DerReader =>
  new DerReader(typeof bytes === 'string' ? Buffer.from(bytes, 'hex') : bytes, 'it is malformed', {
    highTags,
  });
const malformed = new BuiltinError('it is malformed');

t.test('values are read one after the other, with what they hold', async (t) => {
  const values = reader(Buffer.concat([sequence(integer(5)), octets('x')]));
  t.notOk(values.isEmpty());
  t.equal(values.peek(), 0x30);
  t.equal(values.reader().integer(), 5n);
  t.ok(values.isNext(TAG.octetString));
  const { tag, content, whole } = values.any();
  t.strictSame([tag, String(content), whole.toString('hex')], [0x04, 'x', '040178']);
  t.ok(values.isEmpty());
  t.equal(values.peek(), -1);
  t.throws(() => values.any(), malformed, 'at the end');
});

t.test('another value than what is asked for is an error', async (t) => {
  t.throws(() => reader(octets('x')).integer(), malformed);
  t.throws(() => reader(octets('x')).reader(), malformed);
  t.throws(() => reader(octets('x')).content(TAG.oid), malformed);
  t.notOk(reader(octets('x')).isNext(TAG.oid));
  t.notOk(reader('').isNext(TAG.oid));
});

t.test('what a value holds can be read with a message of its own', async (t) => {
  const inner = reader(sequence()).reader(TAG.sequence, 'the inner one is malformed');
  t.throws(() => inner.any(), new BuiltinError('the inner one is malformed'));
});

t.test('everything can be read until the end', async (t) => {
  t.strictSame(
    reader(Buffer.concat([1, 2, 3].map(integer))).all((each) => each.integer()),
    [1n, 2n, 3n],
  );
});

t.test('lengths are as short as can be, definite, and not beyond the end', async (t) => {
  const long = reader(octets('x'.repeat(300))).any();
  t.strictSame([long.content.length, long.whole.length], [300, 304]);
  for (const bytes of [
    '04',
    '0402ff',
    '0480',
    '048101ff',
    '04820081'.padEnd(300, '0'),
    '0485000000000101',
    '0481',
    '048200',
  ])
    t.throws(() => reader(bytes).any(), malformed, bytes);
  t.throws(() => reader('0484ffffffff00').any(), malformed, 'nearly 4 GiB');
});

t.test('identifiers have one octet, save where encoding/asn1 looks over them', async (t) => {
  const value = '1f8148017800';
  t.throws(() => reader(value).any(), malformed);
  t.equal(String(reader(value, true).any().content), 'x');
  for (const bytes of ['1f1e00', '1f800100', '1f8880808000', '1f', '1f81', '1fffffffffff00'])
    t.throws(() => reader(bytes, true).any(), malformed, bytes);
});

t.test('encoding/asn1 reads a header before it sees that it is of something else', async (t) => {
  t.notOk(reader('0480').isNext(TAG.integer));
  t.throws(() => reader('0480', true).isNext(TAG.integer), malformed);
});

t.test('an explicit tag is gone into if what it tags is there', async (t) => {
  const tagged = reader(Buffer.concat([der(0xa0, integer(7)), octets('')]), true);
  t.notOk(tagged.enter(constructed(1), TAG.integer), 'it has another number');
  t.notOk(tagged.enter(constructed(0), TAG.oid), 'it tags something else');
  t.ok(tagged.enter(constructed(0), TAG.integer));
  t.equal(tagged.integer(), 7n);
  t.ok(tagged.isNext(TAG.octetString));
  t.notOk(reader('').enter(constructed(0), TAG.integer));
  t.throws(() => reader('a00004').enter(constructed(0), TAG.integer), malformed, 'it tags nothing');
  t.throws(() => reader('0500').enter(constructed(0), TAG.integer), malformed, 'nothing follows');
});

t.test('an explicit tag that says more than its value has is read as if it did not', async (t) => {
  const tagged = reader('a00502010704', true);
  t.ok(tagged.enter(constructed(0), TAG.integer));
  t.equal(tagged.integer(), 7n);
  t.equal(tagged.peek(), 0x04);
});

t.test('a boolean is 0 or 255', async (t) => {
  t.ok(reader(boolean(true)).boolean());
  t.notOk(reader(boolean(false)).boolean());
  for (const bytes of ['0100', '010101', '01020000'])
    t.throws(() => reader(bytes).boolean(), malformed, bytes);
});

t.test('integers are of any size, or of 64 bits', async (t) => {
  fc.assert(fc.property(fc.bigInt(), (value) => reader(integer(value)).integer() === value));
  t.equal(reader(integer(-(2n ** 63n))).int64(), -(2n ** 63n));
  t.throws(() => reader(integer(2n ** 63n)).int64(), malformed);
  t.equal(reader('800105').int64(context(0)), 5n, 'with a tag of the context');
  for (const bytes of ['0200', '02020001', '0202ffff'])
    t.throws(() => reader(bytes).integer(), malformed, bytes);
  t.equal(reader('02020080').integer(), 128n);
  t.equal(reader('0202ff7f').integer(), -129n);
});

t.test('identifiers of objects have numbers below 2³¹', async (t) => {
  for (const text of ['0.0', '1.39', '2.5.29.17', '2.999.3', '1.2.2147483647', '2.0'])
    t.equal(reader(oid(text)).oid(), text);
  for (const text of ['1.2.2147483648', '1.2.99999999999'])
    t.throws(() => reader(oid(text)).oid(), malformed, text);
  for (const bytes of ['0600', '06022a80', '06038001', '06032a8001'])
    t.throws(() => reader(bytes).oid(), malformed, bytes);
});

t.test('bit strings may leave bits of the last byte unused, which are 0', async (t) => {
  const { bytes, length } = reader(bits('\u00f0\u00a0', 5)).bitString();
  t.strictSame([bytes.toString('hex'), length], ['f0a0', 11]);
  t.equal(reader(bits('')).bitString().length, 0);
  for (const wrong of [bits('\u00a1', 1), bits('', 1), bits('\0', 8), der(3)])
    t.throws(() => reader(wrong).bitString(), malformed, wrong.toString('hex'));
});

t.test('bits are moved to the end', async (t) => {
  const aligned = (hex: string, length: number): string =>
    rightAligned({ bytes: Buffer.from(hex, 'hex'), length }).toString('hex');
  t.equal(aligned('f0a0', 16), 'f0a0');
  t.equal(aligned('f0a0', 11), '0785');
  t.equal(aligned('80', 1), '01');
  t.equal(aligned('', 0), '');
});
