import * as fc from 'fast-check';
import t from 'tap';
import { AnswerError } from '../../src/oauth/facts.ts';
import { decodeText, isObject, parseObject } from '../../src/oauth/json.ts';

fc.configureGlobal({ seed: 7493 });

const TWICE = 'its answer has two members of one name';

t.test('an object is read as JSON.parse reads it', async (t) => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
      fc.constantFrom('', ' ', '\n  '),
      (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        try {
          t.strictSame(parseObject(text), JSON.parse(text));
          return true;
        } catch (error) {
          return (error as Error).message === 'its answer is not Unicode text' && /\\ud/.test(text);
        }
      },
    ),
  );
});

t.test('names that are strings elsewhere, or the same at another place, are not twice there', async (t) => {
  for (const text of [
    '{}',
    '{"a":"a","b":["a","a",{"a":1},{"a":2}],"c":{"a":{"a":{}}}}',
    String.raw`{"a":"\",\"a\":1","b":"}{\"a\":"}`,
    String.raw`{"\\":1,"\\\\":2,"\"":3,"":4}`,
    '{"a" : 1, "A"\n:2}',
  ])
    t.strictSame(parseObject(text), JSON.parse(text), text);
});

t.test('CVE-2022-25757: two members of one name are refused at every depth', async (t) => {
  for (const text of [
    '{"a":1,"a":1}',
    '{"a":1,"b":2,"a" \t\r\n:1}',
    String.raw`{"role":1,"\u0072ole":2}`,
    String.raw`{"/":1,"\/":2}`,
    '{"":1,"":2}',
    '{"a":{"b":1,"b":2}}',
    '{"a":[[{"b":1,"c":{},"b":2}]]}',
    '{"b":{"c":{}},"b":1}',
    '{"__proto__":1,"__proto__":2}',
  ])
    t.throws(() => parseObject(text), new AnswerError(TWICE), text);
});

t.test('a member that is repeated is found wherever it stands', async (t) => {
  const value = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 });
  fc.assert(
    fc.property(value, fc.jsonValue(), fc.nat(), (object, other, at) => {
      const members = Object.entries(object).map(([name, value]) =>
        JSON.stringify({ [name]: value }).slice(1, -1),
      );
      const name = Object.keys(object)[at % members.length] as string;
      members.push(JSON.stringify({ [name]: other }).slice(1, -1));
      const text = `{${members.join(',')}}`;
      for (const nested of [text, `{"x":[0,${text}]}`])
        try {
          parseObject(nested);
          return false;
        } catch (error) {
          if (!(error instanceof AnswerError)) throw error;
        }
      return true;
    }),
  );
  t.pass('held for all members');
});

t.test('__proto__ is a name like any other', async (t) => {
  const read = parseObject('{"__proto__":{"active":true}}');
  t.equal(read['active'], undefined);
  t.ok(Object.hasOwn(read, '__proto__'));
});

t.test('half a surrogate pair is refused, as a name and as a value', async (t) => {
  for (const text of [String.raw`{"sub":"\ud800"}`, String.raw`{"\uDC00":1}`, String.raw`{"a":["x\ud83dx"]}`])
    t.throws(() => parseObject(text), new AnswerError('its answer is not Unicode text'), text);
  t.strictSame(parseObject(String.raw`{"sub":"\ud83d\ude00"}`), { sub: '😀' });
});

t.test('what is no JSON object is refused', async (t) => {
  for (const text of ['', '{', '{"a":1,}', "{'a':1}", '{"a":undefined}', '{"a":NaN}', '<html>', '\u{FEFF}{}'])
    t.throws(() => parseObject(text), new AnswerError('its answer is not JSON'), text);
  for (const text of ['[]', 'null', '1', '"{}"'])
    t.throws(() => parseObject(text), new AnswerError('its answer is not a JSON object'), text);
  t.notOk(isObject([]));
});

t.test('a large answer is read in a time that grows with its size alone', async (t) => {
  const long = JSON.stringify({ a: '\\"'.repeat(60_000) });
  t.ok(parseObject(long)['a']);
  const many = JSON.stringify(Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`name ${i}`, i])));
  t.equal(Object.keys(parseObject(many)).length, 20_000);
  const deep = `{"a":${'['.repeat(120_000)}${']'.repeat(120_000)}}`;
  t.ok(parseObject(deep)['a']);
});

t.test('bytes are UTF-8, and a byte order mark says nothing', async (t) => {
  t.equal(decodeText(Buffer.from('\u{FEFF}{"a":"é"}')), '{"a":"é"}');
  for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82]])
    t.throws(() => decodeText(Uint8Array.from(bytes)), new AnswerError('its answer is not UTF-8'));
});
