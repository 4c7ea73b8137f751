// How gqlparser v2.5 reads tokens, found out by asking OPA; where the specification says otherwise, the tests say so.
import * as fc from 'fast-check';
import t from 'tap';
import { lexer, type Token } from '../../../../src/policy/builtins/graphql/lexer.ts';
import { faultOf } from '../../../support/graphql.ts';

function tokens(source: string): Token[] {
  const next = lexer(source);
  const all: Token[] = [];
  for (let token = next(); token.kind !== 'the end'; token = next()) all.push(token);
  return all;
}
const read = (source: string): string[] => tokens(source).map(({ kind, value }) => `${kind} ${value}`.trim());
const fault = (source: string): string | null => faultOf(() => tokens(source));

t.test('names and punctuators', async (t) => {
  t.equal(
    read('{_a1 ...B}!$&()|:=@[]').join(', '),
    '{, Name _a1, ..., Name B, }, !, $, &, (, ), |, :, =, @, [, ]',
  );
});

t.test('spaces, commas, line ends and byte order marks are nothing', async (t) => {
  t.strictSame(read('\ufeff a,\t\r\n,,\ufeffb\r'), ['Name a', 'Name b']);
  t.strictSame(read(''), []);
});

t.test('comments are kept with the token that they stand before', async (t) => {
  const [a, b] = tokens('# one\n #two\r\n,a b');
  t.strictSame(a?.comments, ['# one', '#two']);
  t.strictSame(b?.comments, []);
  const next = lexer('#é\t😀');
  t.strictSame(next().comments, ['#é\t😀'], 'the end has them too');
  t.equal(next().kind, 'the end');
});

t.test('numbers', async (t) => {
  t.equal(
    read('0 -0 12 -3.50 1e5 1E+5 1.5e-7').join(', '),
    'Int 0, Int -0, Int 12, Float -3.50, Float 1e5, Float 1E+5, Float 1.5e-7',
  );
  t.strictSame(
    read('1a 2.5b'),
    ['Int 1', 'Name a', 'Float 2.5', 'Name b'],
    'where the specification says no',
  );
  t.strictSame(read('1.5...'), ['Float 1.5', '...']);
  t.strictSame(read('1e5...'), ['Float 1e5', '...']);
  for (const wrong of ['01', '00', '-', '-a', '1.', '12.', '1...', '1.e5', '1e', '12e+', '1.5e'])
    t.equal(fault(wrong), 'nothing begins with this character in GraphQL at 1:1', wrong);
});

t.test('strings mean what their escapes say', async (t) => {
  t.strictSame(read(String.raw`"" "a\"\\\/\b\f\n\r\t\u00e9é😀"`), ['String', 'String a"\\/\b\f\n\r\téé😀']);
  t.strictSame(read('"\t\u007f"'), ['String \t\u007f']);
  t.strictSame(
    read(String.raw`"\ud83d\ude00"`),
    ['String \ufffd\ufffd'],
    'escaped halves of a pair are replaced, as Go does',
  );
});

t.test('a string must end on its line and have no other escapes', async (t) => {
  for (const wrong of [
    '"',
    '"a',
    '"a\n"',
    '"a\r"',
    '"\u0000"',
    '"\\',
    '"\\x"',
    '"\\u12"',
    '"\\u12g4"',
    '"\\u{61}"',
  ])
    t.match(fault(wrong), /^a string does not end, or has what it may not have in GraphQL at 1:\d$/, wrong);
});

t.test('block strings have no escape but that of their quotes', async (t) => {
  t.strictSame(read('"""a\\n"b" \\""" c"""'), ['BlockString a\\n"b" """ c']);
  t.strictSame(read('""""""'), ['BlockString']);
  t.strictSame(read('"""a""""" b'), ['BlockString a""', 'Name b'], 'the last three of many quotes end it');
  for (const wrong of ['"""', '"""a""', '"""\\"""', '"""\u0001"""'])
    t.match(fault(wrong), /^a string does not end, or has what it may not have in GraphQL at/, wrong);
});

t.test('block strings lose the indentation of all their lines, and blank lines around', async (t) => {
  t.strictSame(read('"""\n    a\n      b\r\n\n    c\r  \n"""'), ['BlockString a\n  b\n\nc']);
  t.strictSame(
    read('"""a\n  b"""'),
    ['BlockString a\n  b'],
    'the first line counts, which it does not in the specification',
  );
  t.strictSame(read('"""  a\n    b\n \n   c"""'), ['BlockString   a\n  b\n\n c']);
  t.strictSame(read('""" \n\t\n"""'), ['BlockString']);
});

t.test('what begins nothing is named by its place, in characters', async (t) => {
  const at = (place: string): string => `nothing begins with this character in GraphQL at ${place}`;
  t.equal(fault('a\r\n"😀" ?'), at('2:5'));
  t.equal(fault('..'), at('1:1'));
  t.equal(fault("'a'"), at('1:1'));
  t.equal(fault('#a\u0001'), at('1:3'), 'a comment ends before a control character');
  t.equal(fault('é'), at('1:1'));
});

t.test('a string that JSON writes is read as what it means', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const [token] = tokens(JSON.stringify(text));
      return token?.kind === 'String' && token.value === text;
    }),
  );
});

t.test('a long source is read in no more time than its length takes', async (t) => {
  const nines = '9'.repeat(500_000);
  for (const begin of ['"', '"""', '"\\\\']) t.match(fault(begin + nines), /^a string does not end/);
  for (const begin of ['#', '1', 'a', '-', '1.', '1e']) t.equal(fault(begin + nines), null);
  for (const end of ['.', 'e', '.9e']) t.match(fault(nines + end), /^nothing begins/);
});
