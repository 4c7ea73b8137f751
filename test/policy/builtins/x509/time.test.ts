import * as fc from 'fast-check';
import t from 'tap';
import { DerReader, TAG } from '../../../../src/policy/builtins/x509/der.ts';
import { decodeTime, readTime } from '../../../../src/policy/builtins/x509/time.ts';
import { der } from '../../../support/der.ts';

const utc = (text: string) => decodeTime(TAG.utcTime, Buffer.from(text));
const generalized = (text: string) => decodeTime(TAG.generalizedTime, Buffer.from(text));

t.test('a UTCTime is of 1950 to 2049, with or without seconds', async (t) => {
  t.equal(utc('491231235959Z')?.text, '2049-12-31T23:59:59Z');
  t.equal(utc('500101000000Z')?.text, '1950-01-01T00:00:00Z');
  t.equal(utc('7001010000Z')?.text, '1970-01-01T00:00:00Z');
  t.equal(utc('700101000001Z')?.instant, 1_000_000_000n);
});

t.test('a GeneralizedTime is of any year of four digits, with seconds', async (t) => {
  t.equal(generalized('00000229123456Z')?.text, '0000-02-29T12:34:56Z');
  t.equal(generalized('99991231235959Z')?.text, '9999-12-31T23:59:59Z');
  t.equal(generalized('196912312359Z'), null);
});

t.test('a time may be of a zone, which its text keeps', async (t) => {
  t.strictSame(utc('700101000000+0130'), {
    instant: -5_400_000_000_000n,
    text: '1970-01-01T00:00:00+01:30',
  });
  t.strictSame(generalized('19700101000000-0001'), {
    instant: 60_000_000_000n,
    text: '1970-01-01T00:00:00-00:01',
  });
});

t.test('a zone that is 24 hours off has no text', async (t) => {
  t.strictSame(generalized('19700102000000+2400'), { instant: 0n, text: null });
});

t.test('a fraction of a second is read where it may be, without zeros at its end', async (t) => {
  const fraction = (text: string) => decodeTime(TAG.generalizedTime, Buffer.from(text), { fraction: true });
  t.strictSame(fraction('19700101000001.02Z'), { instant: 1_020_000_000n, text: '1970-01-01T00:00:01.02Z' });
  t.equal(fraction('19700101000001.000000001Z')?.instant, 1_000_000_001n);
  for (const text of [
    '19700101000001.0Z',
    '19700101000001.Z',
    '19700101000001,5Z',
    '19700101000001.0000000001Z',
  ])
    t.equal(fraction(text), null, text);
  t.equal(generalized('19700101000001.5Z'), null);
  t.equal(fraction('19700101000001Z')?.instant, 1_000_000_000n);
});

t.test('what is not written as Go writes it is no time', async (t) => {
  for (const text of [
    '',
    '19000229000000Z',
    '20230431000000Z',
    '20231301000000Z',
    '20230001000000Z',
    '20230100000000Z',
    '20230101240000Z',
    '20230101236000Z',
    '20230101235960Z',
    '20230101000000',
    '20230101000000z',
    '20230101000000+0000',
    '20230101000000-0000',
    '20230101000000+0060',
    '20230101000000+2500',
    '20230101000000+01:00',
    ' 20230101000000Z',
  ])
    t.equal(generalized(text), null, text);
  t.equal(decodeTime(TAG.octetString, Buffer.from('700101000000Z')), null);
});

t.test('a reader reads the next time', async (t) => {
  const reader = new DerReader(
    Buffer.concat([der(0x17, '700101000000Z'), der(0x17, 'x')]),
    'it is malformed',
  );
  t.equal(readTime(reader).instant, 0n);
  t.throws(() => readTime(reader), { message: 'it is malformed' });
});

t.test('every second of these years is read as what it is', async () => {
  const seconds = fc.integer({ min: Date.UTC(1950) / 1000, max: Date.UTC(2050) / 1000 - 1 });
  fc.assert(
    fc.property(seconds, (second) => {
      const digits = new Date(second * 1000).toISOString().replaceAll(/[-:T]|\.000/g, '');
      const expected = BigInt(second) * 1_000_000_000n;
      return generalized(digits)?.instant === expected && utc(digits.slice(2))?.instant === expected;
    }),
  );
});
