import t from 'tap';
import { quote } from '../../../../src/policy/builtins/go/quote.ts';
import {
  baseOf,
  type Flags,
  formatBigInteger,
  formatCharacter,
  formatDouble,
  formatHex,
  formatInteger,
  formatQuoted,
  formatQuotedCharacter,
  formatString,
  formatUnicode,
  noFlags,
  rememberedDigits,
  rememberedLiterals,
  pad,
} from '../../../../src/policy/builtins/go/verb.ts';

/** Flags as a format has them: `#+5.2`. */
function flags(text: string): Flags {
  const [, signs = '', width, precision] = /^([-#+ 0]*)(\d+)?(?:\.(\d+))?$/.exec(text) ?? [];
  return {
    ...noFlags(),
    sharp: signs.includes('#'),
    plus: signs.includes('+'),
    minus: signs.includes('-'),
    space: signs.includes(' '),
    zero: signs.includes('0'),
    width: width === undefined ? null : Number(width),
    precision: precision === undefined ? null : Number(precision),
  };
}

t.test('a width counts characters', async (t) => {
  t.equal(pad(flags('4'), 'é😀'), '  é😀');
  t.equal(pad(flags('-4'), 'é😀'), 'é😀  ');
  t.equal(pad(flags('04'), 'é'), '000é');
  t.equal(pad(flags('-04'), 'é'), 'é   ');
  t.equal(pad(flags('1'), 'abc'), 'abc');
  t.equal(pad(flags(''), 'abc'), 'abc');
});

t.test('integers of 64 bits', async (t) => {
  for (const [given, value, verb, text] of [
    ['', 42n, 'd', '42'],
    ['05', -42n, 'd', '-0042'],
    ['-05', 42n, 'd', '42   '],
    ['+', 42n, 'd', '+42'],
    [' ', 42n, 'd', ' 42'],
    ['8.5', -42n, 'd', '  -00042'],
    ['08.5', 42n, 'd', '   00042'],
    ['.0', 0n, 'd', ''],
    ['3.0', 0n, 'd', '   '],
    ['#', 10n, 'b', '0b1010'],
    ['#', 10n, 'o', '012'],
    ['#.3', 10n, 'o', '012'],
    ['', 10n, 'O', '0o12'],
    ['#', 255n, 'x', '0xff'],
    ['#08', 255n, 'X', '0X000000FF'],
    ['', -(2n ** 63n), 'x', '-8000000000000000'],
  ] as const)
    t.equal(formatInteger(flags(given), value, baseOf(verb) ?? 10, verb), text, `%${given}${verb}`);
});

t.test('integers beyond 64 bits', async (t) => {
  const big = 2n ** 64n;
  for (const [given, value, verb, text] of [
    ['', big, 'd', '18446744073709551616'],
    ['+25', big, 'v', '    +18446744073709551616'],
    ['025', -big, 's', '-000018446744073709551616'],
    ['-25', big, 'd', '18446744073709551616     '],
    ['.22', big, 'd', '0018446744073709551616'],
    ['# ', big, 'x', ' 0x10000000000000000'],
    ['#', -big, 'X', '-0X10000000000000000'],
    ['#', big, 'o', '02000000000000000000000'],
    ['', big, 'O', '0o2000000000000000000000'],
    ['', big, 'q', '%!q(big.Int=18446744073709551616)'],
  ] as const)
    t.equal(formatBigInteger(flags(given), value, verb), text, `%${given}${verb}`);
  t.equal(formatBigInteger({ ...noFlags(), sharpV: true, plusV: true }, big, 'v'), `+${big}`);
});

t.test('literals that are remembered are those of the text', async (t) => {
  const literalOf = rememberedLiterals();
  for (let time = 0; time < 2; time++)
    for (const text of ['é', 'é'.repeat(1_000), '\n'.repeat(1_000)])
      for (const ascii of [true, false]) t.equal(literalOf(text, ascii), quote(text, ascii));
  const long = '\t'.repeat(1_000);
  t.equal(literalOf(long), quote(long));
});

t.test('digits that are remembered are those of the integer in the base', async (t) => {
  const digitsOf = rememberedDigits();
  for (let time = 0; time < 2; time++)
    for (const value of [5n, -5n, 2n ** 5_000n, 2n ** 5_000n + 1n, -(2n ** 5_000n)])
      for (const base of [2, 8, 10, 16]) t.equal(digitsOf(value, base), value.toString(base));
});

t.test('characters by their codes', async (t) => {
  t.equal(formatCharacter(flags('3'), 0x1f600n), '  😀');
  for (const code of [-1n, 0x110000n, 0xd800n, 2n ** 62n])
    t.equal(formatCharacter(flags(''), code), '\ufffd');
  t.equal(formatQuotedCharacter(flags('5'), 0xe9n), "  'é'");
  t.equal(formatQuotedCharacter(flags('+'), 0xe9n), String.raw`'\u00e9'`);
  t.equal(formatUnicode(flags(''), 65n), 'U+0041');
  t.equal(formatUnicode(flags('#'), 0x1f600n), "U+1F600 '😀'");
  t.equal(formatUnicode(flags('#012.6'), 10n), '    U+00000A');
  t.equal(formatUnicode(flags('#'), -1n), 'U+FFFFFFFFFFFFFFFF');
});

t.test('doubles', async (t) => {
  for (const [given, value, form, text] of [
    ['', 1.5, 'g', '1.5'],
    ['8.2', -1.005, 'f', '   -1.00'],
    ['08.2', -1.005, 'f', '-0001.00'],
    ['-08.2', 1.005, 'f', '1.00    '],
    ['+', 1, 'g', '+1'],
    [' 06', 1, 'g', ' 00001'],
    ['06', 1, 'g', '000001'],
    ['#', 1, 'g', '1.00000'],
    ['#', 0, 'g', '0.00000'],
    ['#.3', 1234.5, 'g', '1.23e+03'],
    ['#.0', 5, 'f', '5.'],
    ['#.0', 5, 'e', '5.e+00'],
    ['#', 1, 'x', '0x1.0000p+00'],
    ['#', 1, 'b', '4503599627370496p-52'],
  ] as const)
    t.equal(
      formatDouble(flags(given), value, form, form === 'f' || form === 'e' ? 6 : -1),
      text,
      `%${given}${form}`,
    );
});

t.test('strings, as long as the precision says', async (t) => {
  t.equal(formatString(flags('5.2'), 'é😀x'), '   é😀');
  t.equal(formatString(flags('.9'), 'é'), 'é');
  t.equal(formatQuoted(flags('.1'), 'a"b'), '"a"');
  t.equal(formatQuoted(flags('#'), 'a"b'), '`a"b`');
  t.equal(formatQuoted(flags('#'), 'a`b'), '"a`b"');
  t.equal(formatQuoted(flags('+'), 'é'), String.raw`"\u00e9"`);
});

t.test('strings by their bytes', async (t) => {
  t.equal(formatHex(flags(''), 'hé', 'x'), '68c3a9');
  t.equal(formatHex(flags('# '), 'hé', 'X'), '0X68 0XC3 0XA9');
  t.equal(formatHex(flags('#.2'), 'hé', 'x'), '0x68c3');
  t.equal(formatHex(flags(' '), 'hé', 'x'), '68 c3 a9');
  t.equal(formatHex(flags('-4'), 'h', 'x'), '68  ');
  t.equal(formatHex(flags('#3'), '', 'x'), '   ');
});

t.test('only verbs for integers have a base', async (t) => {
  t.equal(baseOf('o'), 8);
  t.equal(baseOf('e'), undefined);
});
