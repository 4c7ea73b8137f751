import t from 'tap';
import { LimitError } from '../../../../src/policy/builtins/builtin.ts';
import { compilePattern, hasMatch } from '../../../../src/policy/builtins/regex/pattern.ts';
import { translateSyntax } from '../../../../src/policy/builtins/regex/syntax.ts';

const matches = (source: string, text: string): boolean => hasMatch(compilePattern(source), text);

t.test('groups with names get others, which are all different', async (t) => {
  t.strictSame(translateSyntax('(?P<n>a)(b)(?<m>c)(?P<n>d)'), {
    source: '(?P<g1>a)(b)(?P<g2>c)(?P<g3>d)',
    names: ['n', 'm', 'n'],
  });
  for (const source of [
    '\\Q(?P<n>',
    '\\Qa\\\\E',
    '[(?P<n>]',
    '[]](?P<',
    '[^](?P<n>]',
    '\\(?P<n>',
    '[\\](?P<n>]',
    '(?P<n-m>a)',
  ])
    t.strictSame(translateSyntax(source), { source, names: [] }, source);
  t.strictSame(translateSyntax('\\Q(?P<n>\\E(?P<n>a)').names, ['n']);
  t.strictSame(translateSyntax('[[:alpha:]](?P<n>a)').names, ['n']);
});

t.test("Unicode's classes are known by any case, without the signs between words", async (t) => {
  for (const name of [
    'L',
    'l',
    'Letter',
    'LETTER',
    ' letter',
    'Any',
    'ascii',
    'assigned',
    'LC',
    'lc',
    'Cased_Letter',
    'latin',
    'upper-case letter',
  ])
    t.ok(matches(`\\p{${name}}`, 'A'), name);
  t.ok(matches('\\pl[\\p{^lu}1]\\P{^Nd}', 'ax1'));
  t.ok(matches('[^\\p{greek}]', 'a'));
  t.notOk(matches('\\P{^greek}', 'a'));
});

t.test('what Go does not know is an error, though re2js knows it', async (t) => {
  for (const name of ['Emoji', 'alphabetic', 'Math', 'Garay', 'Old_Persian', 'SignWriting', 'nothing', ''])
    t.throws(
      () => compilePattern(`\\p{${name}}`),
      { message: /^error parsing regexp: invalid character class range: `\\p{/ },
      name,
    );
  t.throws(() => compilePattern('[a\\p{Dash}]'), {
    message: 'error parsing regexp: invalid character class range: `\\p{Dash}`',
  });
  t.throws(() => compilePattern('\\p{L'), {
    message: 'error parsing regexp: invalid character class range: `\\p{L`',
  });
});

t.test('a bracket before a colon is one, unless a name of a class follows', async (t) => {
  t.ok(matches('^[a[:]+$', 'a[:'));
  t.ok(matches('^[\\[:]+$', '[:'));
  t.ok(matches('^[:]$', ':'));
  t.throws(() => compilePattern('[a[:] :]'), {
    message: 'error parsing regexp: invalid character class range: `[:]`',
  });
});

t.test('a long pattern is translated in an instant', async (t) => {
  for (const source of ['['.repeat(65_000), `${'['.repeat(65_000)}\\`, '[]'.repeat(32_000)])
    t.equal(translateSyntax(source).source, source);
  t.equal(translateSyntax('[:'.repeat(30_000)).source, `[:${'\\[:'.repeat(29_999)}`);
  t.throws(() => compilePattern('[:'.repeat(30_000)), {
    message: /^error parsing regexp: missing closing \]/,
  });
  t.throws(() => compilePattern('[[:a'.repeat(10_000)), {
    message: /^error parsing regexp: missing closing \]/,
  });
  t.throws(
    () => translateSyntax('\\p{'.repeat(20_000)),
    new LimitError('a regular expression has more than 1000 classes of Unicode'),
  );
});
