import t from 'tap';
import { readAny } from '../../../../src/policy/builtins/x509/any.ts';
import { DerReader } from '../../../../src/policy/builtins/x509/der.ts';
import { writeJson } from '../../../../src/policy/value-text.ts';
import { bits, boolean, der, integer, octets, oid, sequence, utf8 } from '../../../support/der.ts';

const read = (bytes: Buffer) => readAny(new DerReader(bytes, 'it is malformed'));

t.test('values are shown as the JSON of what Go makes of them', async (t) => {
  for (const [bytes, expected] of [
    [boolean(true), 'true'],
    [integer(-(2n ** 63n)), '-9223372036854775808'],
    [oid('1.2.3'), '[1,2,3]'],
    [octets('id'), '"aWQ="'],
    [bits('\u00f0', 4), '{"BitLength":4,"Bytes":"8A=="}'],
    [der(0x17, '2001010000Z'), '"2020-01-01T00:00:00Z"'],
    [der(0x18, '20200101000000.5+0100'), '"2020-01-01T00:00:00.5+01:00"'],
    [der(5), 'null'],
    [sequence(integer(1)), 'null'],
    [der(0x85, 'x'), 'null'],
  ] as const) {
    const { value, isText } = read(bytes);
    t.equal(writeJson(value), expected);
    t.notOk(isText);
  }
});

t.test('text is text', async (t) => {
  t.strictSame(read(utf8('é')), { value: 'é', isText: true });
  t.strictSame(read(der(0x1e, '\0a')), { value: 'a', isText: true });
});

t.test('what cannot be read is an error', async (t) => {
  t.throws(() => read(der(0x16, '\u00e9')), { message: 'it is malformed' });
  for (const bytes of [integer(2n ** 63n), der(1, '\u0001'), bits('\u0001', 1), der(6), der(0x17, 'x')])
    t.throws(() => read(bytes), { message: 'asn1: syntax error: malformed value' });
  t.throws(() => read(der(0x18, '20200101000000+2400')), { message: /timezone hour outside of range/ });
});
