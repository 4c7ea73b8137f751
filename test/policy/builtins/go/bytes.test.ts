import * as fc from 'fast-check';
import t from 'tap';
import { LimitError } from '../../../../src/policy/builtins/builtin.ts';
import {
  byteLength,
  byteString,
  fromBytes,
  ofByteString,
  rejoined,
  replacedText,
  textValue,
  toBytes,
} from '../../../../src/policy/builtins/go/bytes.ts';

const character = fc
  .integer({ min: 0, max: 0x10ffff })
  .map((code) => String.fromCodePoint(code))
  .filter((text) => text.isWellFormed());

t.test('a byte that is of no character is half a surrogate pair, and itself again', async (t) => {
  t.equal(fromBytes(Buffer.from('61c3', 'hex')), 'a\udcc3');
  t.equal(fromBytes(Buffer.from('e282ff80', 'hex')), '\udce2\udc82\udcff\udc80', 'each for itself');
  t.equal(
    fromBytes(Buffer.from('f09f9880eda080', 'hex')),
    '😀\udced\udca0\udc80',
    'a surrogate is no character',
  );
  t.equal(toBytes('a\udcc3é').toString('hex'), '61c3c3a9');
  t.equal(byteLength('é\udcc3'), 3);
  t.equal(byteLength('日本'), 6);
});

t.test('bytes that meet again are the character that they were of', async (t) => {
  t.equal(rejoined('\udcc3\udca9'), 'é');
  t.equal(rejoined('x\udca9'), 'x\udca9');
});

t.test('no byte is lost', async () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => toBytes(fromBytes(bytes)).equals(bytes)));
  fc.assert(fc.property(fc.string({ unit: character }), (text) => fromBytes(toBytes(text)) === text));
});

t.test('a value is text: bytes that are of no character end the evaluation', async (t) => {
  t.equal(textValue('aé😀'), 'aé😀');
  t.equal(textValue('\udcc3\udca9'), 'é', 'bytes may have met');
  const noText = new LimitError('the result is no text: it has bytes that are not UTF-8');
  t.throws(() => textValue('a\udcff'), noText);
  t.throws(() => textValue(fromBytes(Buffer.from('c3', 'hex'))), noText);
});

t.test('where Go replaces them, each byte that is of no character becomes U+FFFD', async (t) => {
  const text = (hex: string): string => replacedText(Buffer.from(hex, 'hex'));
  t.equal(text('61ff62'), 'a\ufffdb');
  t.equal(text('e28261'), '\ufffd\ufffda', 'TextDecoder would make one of these two');
  t.equal(text('f09f98'), '\ufffd\ufffd\ufffd', 'cut off');
  t.equal(text('c080'), '\ufffd\ufffd', 'longer than it must be');
  t.equal(text('eda080'), '\ufffd\ufffd\ufffd', 'half a surrogate pair');
  t.equal(text('f4908080'), '\ufffd\ufffd\ufffd\ufffd', 'beyond Unicode');
  t.equal(text('80f09f9880'), '\ufffd😀');
  t.equal(
    replacedText(Buffer.from('abc').subarray(1, 2)),
    'b',
    'a part of a larger buffer is only that part',
  );
});

t.test('a byte string has a character for each byte', async (t) => {
  t.equal(byteString('aé€😀').length, 1 + 2 + 3 + 4);
  t.equal(byteString('é'), '\u00c3\u00a9');
  t.equal(ofByteString('\u00c3\u00a9\u00ff'), 'é\udcff');
  fc.assert(fc.property(fc.string({ unit: character }), (text) => ofByteString(byteString(text)) === text));
});
