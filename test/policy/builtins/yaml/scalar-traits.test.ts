import t from 'tap';
import {
  analyse,
  escaped,
  isBreakCharacter,
  mayBePlain,
} from '../../../../src/policy/builtins/yaml/scalar-traits.ts';

t.test('what would be something else without quotes may not be plain', async (t) => {
  for (const text of [
    '',
    '1',
    '1.5',
    'true',
    'null',
    '~',
    '0x1',
    '2001-01-01',
    'yes',
    'NO',
    'on',
    'y',
    '1:30',
    '-1:30:59.5',
    '.inf',
  ])
    t.notOk(mayBePlain(text), encodeURIComponent(text));
  for (const text of ['a', 'yEs', '1:60', '1.2.3', '<<', '=', 'truely'])
    t.ok(mayBePlain(text), encodeURIComponent(text));
});

t.test('what reads as it is written is allowed plain', async (t) => {
  for (const text of [
    'a',
    'a b',
    'a:b',
    'a#b',
    '-a',
    '?a',
    ':a',
    'é',
    'a, [b] {c}',
    '--',
    'a ---',
    '<<',
    'a"b',
  ])
    t.ok(analyse(text).isPlainAllowed, encodeURIComponent(text));
  for (const text of [
    ' a',
    'a ',
    '- a',
    '-',
    '?',
    ': a',
    'a: b',
    'a:',
    'a #b',
    '#a',
    '---',
    '...a',
    '"a',
    "'a",
    '@a',
    '`a',
    '%a',
    '&a',
    '*a',
    '!a',
    '|',
    '>',
    ',',
    '[',
    ']',
    '{',
    '}',
    'a\nb',
    'a\u2028b',
    'a\tb',
    '😀',
    '\ufeff',
  ])
    t.notOk(analyse(text).isPlainAllowed, encodeURIComponent(text));
});

t.test('single quotes keep all but what cannot be seen, and spaces beside line breaks', async (t) => {
  for (const text of [' a', '# a', 'a: b', 'a\u2028b'])
    t.ok(analyse(text).isSingleAllowed, encodeURIComponent(text));
  for (const text of ['a\tb', 'a \u2028b', 'a\u2028 b', '\u0007', '\u0085', '😀', '\ufeff', '\r'])
    t.notOk(analyse(text).isSingleAllowed, encodeURIComponent(text));
});

t.test('a literal keeps tabs and spaces, but none at the end', async (t) => {
  for (const text of ['a\nb', 'a\n\tb\n', ' a\n  b'])
    t.ok(analyse(text).isLiteralAllowed, encodeURIComponent(text));
  for (const text of ['', 'a\nb ', 'a \nb', 'a\n😀', 'a\r\nb'])
    t.notOk(analyse(text).isLiteralAllowed, encodeURIComponent(text));
  t.ok(analyse('a\nb').isMultiline);
  t.notOk(analyse('ab').isMultiline);
});

t.test('line breaks are those of YAML 1.1', async (t) => {
  for (const character of ['\r', '\n', '\u0085', '\u2028', '\u2029']) t.ok(isBreakCharacter(character));
  t.notOk(isBreakCharacter('\v'));
});

t.test('double quotes have escapes for what is not printed', async (t) => {
  t.equal(escaped('a"\\é\u00a0'), 'a\\"\\\\é\u00a0');
  t.equal(escaped('\0\u0007\b\t\n\v\f\r\u001b\u0085\u2028\u2029'), String.raw`\0\a\b\t\n\v\f\r\e\N\L\P`);
  t.equal(
    escaped('\u0001\u007f\ue000x\ufeff\uffff😀'),
    String.raw`\x01\x7F${'\ue000'}x\uFEFF\uFFFF\U0001F600`,
  );
  t.equal(escaped('\ufeffa "\u00a0'), String.raw`\uFEFF\x61\x20\"\_`, 'all of them behind a byte order mark');
});
