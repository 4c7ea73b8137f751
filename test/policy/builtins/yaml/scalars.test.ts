import t from 'tap';
import { scanBlock, scanPlain, scanQuoted } from '../../../../src/policy/builtins/yaml/scalars.ts';
import { Source } from '../../../../src/policy/builtins/yaml/source.ts';

const plain = (text: string, indent = 0, inFlow = false): string =>
  scanPlain(new Source(text), indent, inFlow).value;
const quoted = (text: string): string => scanQuoted(new Source(text), text[0] as '"' | "'");
const block = (text: string, parentIndent = -1): string => scanBlock(new Source(text), parentIndent);

t.test('a plain scalar ends where something else begins', async (t) => {
  t.equal(plain('a b: c'), 'a b');
  t.equal(plain('a:b#c #d'), 'a:b#c');
  t.equal(plain('a:'), 'a');
  t.equal(plain('a, [b] {c}?'), 'a, [b] {c}?');
  for (const end of [',', '?', '[', ']', '{', '}']) t.equal(plain(`a:b${end}c`, 0, true), 'a:b', end);
  t.equal(plain('a\n--- b'), 'a');
  t.equal(plain('a\n---b'), 'a ---b');
  t.equal(plain('a\n...'), 'a');
});

t.test('its lines are joined, as far as they are indented', async (t) => {
  t.equal(plain('a \n  b\n\n  c\n\n\nd'), 'a b\nc\n\nd');
  t.equal(plain('a\n b\nc', 1), 'a b');
  t.equal(plain('a\nb', 1, true), 'a b', 'but not in a flow collection');
  t.equal(plain('a\u2028b'), 'a\u2028b');
  t.throws(() => plain('a\n\tb', 1), {
    message: 'yaml: line 2: found a tab character that violates indentation',
  });
  t.equal(plain('a\n \tb', 1), 'a b');
});

t.test('it says whether line breaks follow', async (t) => {
  t.equal(scanPlain(new Source('a\n# b'), 0, false).endsLine, true);
  t.equal(scanPlain(new Source('a # b'), 0, false).endsLine, false);
  t.equal(scanPlain(new Source('a\nb: c'), 0, false).endsLine, false);
});

t.test('single quotes have only themselves escaped', async (t) => {
  t.equal(quoted("'it''s \\n \"'"), 'it\'s \\n "');
  t.equal(quoted("''"), '');
  t.equal(quoted("'a \n  b\n\n\tc '"), 'a b\nc ');
});

t.test('double quotes have characters escaped, and line breaks', async (t) => {
  t.equal(
    quoted(String.raw`"\0\a\b\t\n\v\f\r\e\ \"\'\\\N\_\L\P"`),
    '\0\u0007\b\t\n\v\f\r\u001b "\'\\\u0085\u00a0\u2028\u2029',
  );
  t.equal(quoted('"a\\\tb"'), 'a\tb');
  t.equal(quoted(String.raw`"\x41\u00e9\U0001F600"`), 'Aé😀');
  t.equal(quoted('"a \\\n  b\\\n\n c"'), 'a b\nc');
  t.equal(quoted('"a\n b"'), 'a b');
  t.equal(quoted('"a \u0085 b"'), 'a b', 'a next line is a line break');
});

t.test('what is wrong in quotes is told', async (t) => {
  t.throws(() => quoted('"a'), { message: /found unexpected end of stream$/ });
  t.throws(() => quoted("'a\n... "), { message: /found unexpected document indicator$/ });
  t.throws(() => quoted('"\\/"'), { message: /found unknown escape character$/ });
  t.throws(() => quoted('"\\x4g"'), { message: /did not find expected hexdecimal number$/ });
  t.throws(() => quoted('"\\u41'), { message: /did not find expected hexdecimal number$/ });
  t.throws(() => quoted('"\\ud83d\\ude00"'), { message: /found invalid Unicode character escape code$/ });
  t.throws(() => quoted('"\\U00110000"'), { message: /found invalid Unicode character escape code$/ });
});

t.test('a literal scalar is as it is written, without its indentation', async (t) => {
  t.equal(block('|\n  a\n   b\n\n  c\n'), 'a\n b\n\nc\n');
  t.equal(block('|\n\n a\n'), '\na\n');
  t.equal(block('|\na'), '', 'at the end of a collection');
  t.equal(block('|\n a\u2028 b'), 'a\u2028b');
});

t.test('a folded one has its lines joined, but for those that are indented more', async (t) => {
  t.equal(block('>\n a\n b\n\n c\n  d\n e\n'), 'a b\nc\n d\ne\n');
  t.equal(block('>\n a\n\n  b\n'), 'a\n\n b\n');
});

t.test('its end is kept, stripped or clipped', async (t) => {
  t.equal(block('|\n a\n\n\nb'), 'a\n');
  t.equal(block('|-\n a\n\n'), 'a');
  t.equal(block('|+\n a\n\n'), 'a\n\n');
  t.equal(block('|+\n\n'), '\n');
  t.equal(block('|'), '');
});

t.test('its indentation can be said, before or after that', async (t) => {
  t.equal(block('|1\n  a\n'), ' a\n');
  t.equal(block('|1-\n  a\n'), ' a');
  t.equal(block('|-1\n  a\n'), ' a');
  t.equal(block('|2 # comment\n    a\n', 1), ' a\n', 'from that of the parent on');
  t.throws(() => block('|0\n a'), { message: 'yaml: line 1: found an indentation indicator equal to 0' });
  t.throws(() => block('|-0\n a'), { message: /equal to 0$/ });
  t.throws(() => block('|+-\n a'), { message: /did not find expected comment or line break$/ });
  t.throws(() => block('| a'), { message: /did not find expected comment or line break$/ });
  t.throws(() => block('|\n\ta'), {
    message: 'yaml: line 2: found a tab character where an indentation space is expected',
  });
});
