import t from 'tap';
import { LimitError } from '../../../../src/policy/builtins/builtin.ts';
import { allMatches, compilePattern, hasMatch } from '../../../../src/policy/builtins/regex/pattern.ts';

t.test('a pattern is compiled once, as long as it is not too large', async (t) => {
  t.equal(compilePattern('(a|b)+'), compilePattern('(a|b)+'));
  t.not(compilePattern('(a{1000}){1}'.repeat(6)), compilePattern('(a{1000}){1}'.repeat(6)));
});

t.test('of many patterns those stay that were used last', async (t) => {
  const first = compilePattern('first');
  for (let count = 0; count < 100; count++) compilePattern(`other ${count}`);
  t.not(compilePattern('first'), first);
});

t.test('groups have numbers by their names, several of one name too', async (t) => {
  t.strictSame(
    [...compilePattern('(?P<a>x)(y)(?<b>z)(?P<a>x)').names],
    [
      ['a', [1, 4]],
      ['b', [3]],
    ],
  );
});

t.test('what is no pattern is an error, in the words of Go', async (t) => {
  for (const [source, message] of Object.entries({
    'a**': 'invalid nested repetition operator: `**`',
    'a{1001}': 'invalid repeat count: `{1001}`',
    '(?=a)': 'invalid or unsupported Perl syntax: `(?=`',
    '\\1': 'invalid escape sequence: `\\1`',
    '[b-a]': 'invalid character class range: `b-a`',
    'a\\': 'trailing backslash at end of expression',
  }))
    t.throws(
      () => compilePattern(source),
      { name: 'Error', message: `error parsing regexp: ${message}` },
      source,
    );
  t.throws(() => compilePattern('('.repeat(2_000)), {
    message: /expression nests too deeply|missing closing \)/,
  });
  t.throws(
    () => compilePattern('a{1000}'.repeat(1_400)),
    new LimitError('error parsing regexp: expression too large'),
    'what Go might still take ends the evaluation',
  );
});

t.test('a match is anywhere in the text', async (t) => {
  t.ok(hasMatch(compilePattern('b$'), 'ab'));
  t.notOk(hasMatch(compilePattern('^b'), 'ab'));
  t.ok(hasMatch(compilePattern('(?m)^b'), 'a\nb'));
});

t.test('matches are given one by one, and no more than are asked for', async (t) => {
  const places = (source: string, text: string, most?: number): [number, number][] =>
    Array.from(allMatches(compilePattern(source), text, most), (match) => [match.start(), match.end()]);
  t.strictSame(places('a', 'aba'), [
    [0, 1],
    [2, 3],
  ]);
  t.strictSame(places('a', 'aba', 1), [[0, 1]]);
  t.strictSame(places('a', 'aba', 0), []);
  t.strictSame(places('x?', '😀'), [
    [0, 0],
    [2, 2],
  ]);
});

t.test('neither patterns nor texts make it take more than linear time', async (t) => {
  const started = performance.now();
  t.notOk(hasMatch(compilePattern('^(a|a)*(a*)*b$'), 'a'.repeat(20_000)));
  t.equal([...allMatches(compilePattern('(?:zz[0-9]yy|a)'), 'a'.repeat(50_000))].length, 50_000);
  t.ok(performance.now() - started < 5_000);
});

t.test('what costs more than a text and a pattern should ends the evaluation', async (t) => {
  const count = (source: string, text: string): number =>
    [...allMatches(compilePattern(source), text)].length;
  const again = new LimitError('a regular expression reads too much of the text again');
  t.throws(() => count('(a*)*b|a', 'a'.repeat(10_000)), again);
  t.equal(count('\\w+@|\\w+', 'word '.repeat(20_000)), 20_000);
  const large = new LimitError('a regular expression is too large for so long a text');
  t.throws(() => count('(?:a?){1000}', 'a'.repeat(500_000)), large);
  t.throws(() => hasMatch(compilePattern('(?:a?){1000}'), 'a'.repeat(500_000)), large);
  t.throws(
    () => compilePattern('a'.repeat(65_537)),
    new LimitError('a regular expression is longer than 65536 characters'),
  );
});
