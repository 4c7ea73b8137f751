import * as fc from 'fast-check';
import t from 'tap';
import {
  canBackquote,
  quote,
  quoteCharacter,
  unquote,
  unquoteCharacter,
} from '../../../../src/policy/builtins/go/quote.ts';

const character = fc
  .integer({ min: 0, max: 0x10ffff })
  .map((code) => String.fromCodePoint(code))
  .filter((text) => text.isWellFormed());

t.test('a string is quoted as in Go’s source', async (t) => {
  for (const [text, quoted, ascii] of [
    ['a"b\\c\'', String.raw`"a\"b\\c'"`, String.raw`"a\"b\\c'"`],
    ['\u0007\b\f\n\r\t\v', String.raw`"\a\b\f\n\r\t\v"`, String.raw`"\a\b\f\n\r\t\v"`],
    ['\u0000\u007f', String.raw`"\x00\x7f"`, String.raw`"\x00\x7f"`],
    ['é😀', '"é😀"', String.raw`"\u00e9\U0001f600"`],
    ['\u200b\u{e0001}', String.raw`"\u200b\U000e0001"`, String.raw`"\u200b\U000e0001"`],
    ['\udcff', String.raw`"\xff"`, String.raw`"\xff"`],
  ] as const) {
    t.equal(quote(text), quoted);
    t.equal(quote(text, true), ascii);
  }
});

t.test('a character is quoted alike, but for the marks', async (t) => {
  t.equal(quoteCharacter("'", false), String.raw`'\''`);
  t.equal(quoteCharacter('"', false), `'"'`);
  t.equal(quoteCharacter('é', true), String.raw`'\u00e9'`);
});

t.test('backquotes take what is on one line, and visible', async (t) => {
  for (const text of ['a\tb', 'é', '"']) t.ok(canBackquote(text));
  for (const text of ['`', '\n', '\u007f', '\ufeff', '\udc80', '\u0000']) t.notOk(canBackquote(text));
});

t.test('a literal is read as Go reads it', async (t) => {
  for (const [literal, text] of [
    [String.raw`"\a\b\f\n\r\t\v\\\""`, '\u0007\b\f\n\r\t\v\\"'],
    [String.raw`"\x41\101\u00e9\U0001F600'"`, "AAé😀'"],
    [String.raw`"\xc3\xa9\377"`, 'é\udcff'],
    ['`\\n\r\n`', '\\n\n'],
    ['""', ''],
    [String.raw`"\'"`, null],
    [String.raw`"\q"`, null],
    [String.raw`"\400"`, null],
    [String.raw`"\ud800"`, null],
    [String.raw`"\U00110000"`, null],
    [String.raw`"\x4"`, null],
    ['"\n"', null],
    ['"a"b"', null],
    ['`a`b`', null],
    ['"', null],
    ["'a'", null],
    ['a', null],
  ] as const)
    t.equal(unquote(literal), text, literal);
});

t.test('a literal of a character is its code', async (t) => {
  for (const [literal, code] of [
    ["'a'", 97],
    ["'é'", 233],
    [String.raw`'\n'`, 10],
    [String.raw`'\''`, 39],
    [String.raw`'\xff'`, 255],
    [`'"'`, 34],
    ["''", null],
    ["'ab'", null],
    [String.raw`'\"'`, null],
    ["'a", null],
  ] as const)
    t.equal(unquoteCharacter(literal), code, literal);
});

t.test('what is quoted is read as what it was', async () => {
  fc.assert(
    fc.property(
      fc.string({ unit: character }),
      fc.boolean(),
      (text, ascii) => unquote(quote(text, ascii)) === text,
    ),
  );
});

t.test('a text is quoted as its characters are', async () => {
  fc.assert(
    fc.property(fc.string({ unit: character }), fc.boolean(), (text, ascii) => {
      const each = Array.from(text, (one) =>
        one === '"' ? String.raw`\"` : one === "'" ? one : quoteCharacter(one, ascii).slice(1, -1),
      );
      return quote(text, ascii) === `"${each.join('')}"`;
    }),
  );
});
