import * as fc from 'fast-check';
import t from 'tap';
import { LimitError } from '../../../src/policy/builtins/builtin.ts';
import { urlquery } from '../../../src/policy/builtins/urlquery.ts';
import { caller } from '../../support/builtin.ts';

const call = caller(urlquery);

t.test('text becomes a value of a query and is text again', async (t) => {
  t.equal(call('urlquery.encode', '"50% off & more"'), '"50%25+off+%26+more"');
  t.equal(call('urlquery.decode', '"50%25+off%20%26+more"'), '"50% off & more"');
  t.throws(() => call('urlquery.decode', '"50% off"'), { message: 'invalid URL escape "% o"' });
  t.throws(() => call('urlquery.encode', '1'), { message: 'operand 1 must be string but got number' });
  t.throws(() => call('urlquery.decode', 'null'), { message: 'operand 1 must be string but got null' });
});

t.test('an object becomes a query in the order of its names', async (t) => {
  t.equal(
    call('urlquery.encode_object', '{"z": "1", "a b": ["2", "&"], "m": {"y", "x"}}'),
    '"a+b=2&a+b=%26&m=x&m=y&z=1"',
  );
  t.equal(call('urlquery.encode_object', '{"none": [], "empty": ""}'), '"empty="');
  t.equal(call('urlquery.encode_object', '{}'), '""');
  t.equal(
    call('urlquery.encode_object', '{"\uff5e": "1", "😀": "2"}'),
    '"%EF%BD%9E=1&%F0%9F%98%80=2"',
    'by code points',
  );
});

t.test('a name that is no string is its JSON', async (t) => {
  t.equal(call('urlquery.encode_object', '{[1]: "a", true: "b"}'), '"%5B1%5D=a&true=b"');
  t.equal(call('urlquery.encode_object', '{1: "number", "1": "string"}'), '"1=string"');
});

t.test('what is no text is no value', async (t) => {
  const message = 'operand 1 values must be string, array[string], or set[string]';
  for (const value of ['1', 'null', '{"b": "c"}', '["b", 1]', '[["b"]]'])
    t.throws(() => call('urlquery.encode_object', `{"a": ${value}}`), { message }, value);
  t.throws(() => call('urlquery.encode_object', '["a"]'), {
    message: 'operand 1 must be object but got array',
  });
});

t.test('a query becomes an object with all values of each name', async (t) => {
  t.equal(
    call('urlquery.decode_object', '"b=2&a=1&b=%33+&c&=x&&d=e=f"'),
    '{"": ["x"], "a": ["1"], "b": ["2", "3 "], "c": [""], "d": ["e=f"]}',
  );
  t.equal(call('urlquery.decode_object', '"__proto__=a"'), '{"__proto__": ["a"]}');
  t.throws(() => call('urlquery.decode_object', '"a=1;b=2"'), {
    message: 'invalid semicolon separator in query',
  });
  t.throws(() => call('urlquery.decode_object', '"%=1"'), { message: 'invalid URL escape "%"' });
  t.throws(() => call('urlquery.decode_object', '"a=%"'), { message: 'invalid URL escape "%"' });
  t.throws(() => call('urlquery.decode_object', '1'), { message: 'operand 1 must be string but got number' });
});

t.test('a query has 10,000 parameters at most', async (t) => {
  const query = (count: number): string => JSON.stringify(Array(count).fill('a').join('&'));
  t.match(call('urlquery.decode_object', query(10_000)), /^{"a": \["", /);
  t.throws(() => call('urlquery.decode_object', query(10_001)), {
    message: 'number of URL query parameters exceeded limit',
  });
});

t.test('an object with values is the same after it was a query', async (t) => {
  const text = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(fc.uniqueArray(text), fc.array(text, { minLength: 1 }), (names, values) => {
      const object = `{${names.map((name) => `${JSON.stringify(name)}: ${JSON.stringify(values)}`).join(', ')}}`;
      const query = call('urlquery.encode_object', object) as string;
      return call('urlquery.encode_object', call('urlquery.decode_object', query) as string) === query;
    }),
  );
  t.pass('for all of them');
});

t.test('bytes that are no UTF-8 end the evaluation', async (t) => {
  const noText = new LimitError('the result is no text: it has bytes that are not UTF-8');
  t.throws(() => call('urlquery.decode', '"%ff"'), noText);
  t.throws(() => call('urlquery.decode_object', '"%ff=a"'), noText);
  t.throws(() => call('urlquery.decode_object', '"a=%ff"'), noText);
});
