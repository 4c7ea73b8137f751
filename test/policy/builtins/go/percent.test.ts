import * as fc from 'fast-check';
import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { byteString, ofByteString } from '../../../../src/policy/builtins/go/bytes.ts';
import { escape, type Part, unescape } from '../../../../src/policy/builtins/go/percent.ts';

const decoded = (text: string, part: Part): string => ofByteString(unescape(byteString(text), part));
const encoded = (text: string, part: Exclude<Part, 'zone'>): string => escape(byteString(text), part);

t.test('what a part may not have bare is escaped by its UTF-8, with upper-case digits', async (t) => {
  t.equal(encoded('a/ö ~', 'path'), 'a/%C3%B6%20~');
  t.equal(encoded('a/ö ~', 'query'), 'a%2F%C3%B6+~');
  t.equal(encoded("!'()*", 'path'), '%21%27%28%29%2A', 'and these, which RFC 3986 would leave');
  t.equal(encoded('$&+,:;=@', 'path'), '$&+,:;=@');
  t.equal(encoded("a?!'/@", 'fragment'), 'a?!%27/@');
  t.equal(encoded('u:w@/&', 'userinfo'), 'u%3Aw%40%2F&');
  t.equal(encoded('[::1]<"> /', 'host'), '[::1]<">%20%2F');
});

t.test('escapes are read in either case, and + is a space only in a query', async (t) => {
  t.equal(decoded('%c3%B6+', 'query'), 'ö ');
  t.equal(decoded('%c3%B6+', 'path'), 'ö+');
  t.equal(decoded('%2B', 'query'), '+');
  t.equal(decoded('%ff', 'query'), '\udcff', 'a byte of no character');
});

t.test('an escape that is none is an error, which shows what was there', async (t) => {
  t.throws(() => decoded('a%', 'path'), new BuiltinError('invalid URL escape "%"'));
  t.throws(() => decoded('a%4', 'path'), new BuiltinError('invalid URL escape "%4"'));
  t.throws(() => decoded('a%4g%', 'path'), new BuiltinError('invalid URL escape "%4g"'));
});

t.test('a host has only what is beyond ASCII escaped, and percent signs', async (t) => {
  t.equal(decoded('b%C3%BCcher%25', 'host'), 'bücher%');
  t.throws(() => decoded('%41', 'host'), new BuiltinError('invalid URL escape "%41"'));
  t.throws(() => decoded('a b', 'host'), new BuiltinError('invalid character " " in host name'));
  t.throws(
    () => decoded('a\\%zz', 'host'),
    new BuiltinError(String.raw`invalid character "\\" in host name`),
  );
});

t.test('a zone has escaped what it could have bare, and spaces', async (t) => {
  t.equal(decoded('%25eth%30%20', 'zone'), '%eth0 ');
  t.throws(() => decoded('%2F', 'zone'), new BuiltinError('invalid URL escape "%2F"'));
  t.throws(() => decoded('%C3', 'zone'), new BuiltinError('invalid URL escape "%C3"'));
  t.throws(() => decoded('/', 'zone'), new BuiltinError('invalid character "/" in host name'));
});

t.test('what was escaped is read again', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom('path', 'query'), (any, part) => {
      const written = encoded(any, part);
      return decoded(written, part) === any && /^[!-~]*$/.test(written);
    }),
  );
});
