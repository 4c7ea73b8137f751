import t from 'tap';
import { canonicalText, checkedJson, DocumentError, writtenJson } from '../../src/policy/document.ts';

const half = (what: string): DocumentError =>
  new DocumentError(`${what} has half a surrogate pair, which is no character`);

t.test('plain data is written as JSON, or the error says why it is none', async (t) => {
  t.equal(writtenJson('data', { a: ['é', '\u{1f600}', '\\ud800'] }), '{"a":["é","😀","\\\\ud800"]}');
  t.throws(() => writtenJson('the input', { a: 1n }), {
    constructor: DocumentError,
    message: /^the input cannot be written as JSON: .*BigInt/,
  });
  t.throws(
    () => writtenJson('the input', () => 1),
    new DocumentError('the input cannot be written as JSON: it is a function'),
  );
  for (const torn of ['\ud800', 'a\udc00\ud800', { '\udfff': 1 }])
    t.throws(() => writtenJson('it', torn), half('it'));
});

t.test('text of a value becomes canonical', async (t) => {
  t.equal(canonicalText('it', '{ "b":{2,1,}, "a":"\\ud83d\\ude00", }'), '{"a": "😀", "b": {1, 2}}');
  t.throws(
    () => canonicalText('it', '{'),
    new DocumentError('it is no value: a value was expected at character 1'),
  );
  t.throws(() => canonicalText('it', '["\\uD800\\u0041"]'), half('it'));
});

t.test('bytes of JSON stay as they are, unless OPA would misread them', async (t) => {
  const plain = Buffer.from('{"a": 1.50, "b": "\\u00e9\\\\ud800"}');
  t.equal(checkedJson('data', plain), plain);
  const pair = checkedJson('data', Buffer.from('{"a": "\\ud83d\\uDE00", "n": 1.50}'));
  t.equal(Buffer.from(pair).toString(), '{"a": "😀", "n": 1.50}', 'escaped pairs are written as they are');
  t.throws(() => checkedJson('data', Buffer.from('{"a": "\\uDfff"}')), half('data'));
  for (const bytes of ['', '{"a"', '{} {}', '{"a": 01}'])
    t.throws(() => checkedJson('data', Buffer.from(bytes)), {
      constructor: DocumentError,
      message: /^data cannot be read: /,
    });
  t.throws(() => checkedJson('data', Uint8Array.of(0x7b, 0xff, 0x7d)), {
    constructor: DocumentError,
    message: /^data cannot be read: /,
  });
  for (const none of ['[]', 'null', '1', '"x"'])
    t.throws(
      () => checkedJson('data', Buffer.from(none)),
      new DocumentError('data cannot be read: it is not a JSON object'),
    );
});
