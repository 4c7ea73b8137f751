import * as fc from 'fast-check';
import t from 'tap';
import { regex } from '../../../src/policy/builtins/regex.ts';
import { caller } from '../../support/builtin.ts';

const call = caller(regex);
const of = (name: string, ...operands: readonly unknown[]): unknown =>
  JSON.parse(call(name, ...operands.map((operand) => JSON.stringify(operand))) as string);

t.test('so many matches are found as are asked for, and all for a negative number', async (t) => {
  t.strictSame(of('regex.find_n', 'a.', 'ab ac ad', 2), ['ab', 'ac']);
  t.strictSame(of('regex.find_n', 'a.', 'ab ac ad', -1), ['ab', 'ac', 'ad']);
  t.strictSame(of('regex.find_n', 'a.', 'ab ac ad', 0), []);
  t.strictSame(of('regex.find_n', 'z', 'ab', -1), []);
  t.equal(
    call('regex.find_n', '"a"', '"aa"', '1.0'),
    '["a"]',
    'a number is an integer with zeros behind its point too',
  );
  t.throws(() => of('regex.find_n', 'a', 'a', 1.5), {
    message: 'operand 3 must be integer number but got floating-point number',
  });
});

t.test('the first alternative that matches counts, not the longest', async (t) => {
  t.strictSame(of('regex.find_n', 'a|ab', 'ab', -1), ['a']);
  t.strictSame(of('regex.find_n', 'a*?', 'aa', -1), ['', '', '']);
});

t.test('an empty match is none where another ended', async (t) => {
  t.strictSame(of('regex.find_n', 'a*', 'baab', -1), ['', 'aa', '']);
  t.strictSame(of('regex.find_n', '', 'é😀', -1), ['', '', ''], 'one for each character');
  t.equal(of('regex.replace', 'baab', 'a*', '-'), '-b-b-');
});

t.test('a text is split at the matches, and at empty ones within', async (t) => {
  t.strictSame(of('regex.split', '[,;] *', 'a, b;c,'), ['a', 'b', 'c', '']);
  t.strictSame(of('regex.split', '', 'a😀b'), ['a', '😀', 'b']);
  t.strictSame(of('regex.split', 'z*', 'azb'), ['a', 'b']);
  t.strictSame(of('regex.split', ',', ''), ['']);
  t.strictSame(of('regex.split', '', ''), []);
  t.strictSame(of('regex.split', '^', 'ab'), ['ab']);
});

t.test('matches are replaced, with what the groups matched', async (t) => {
  t.equal(of('regex.replace', 'john smith', '(\\w+) (?P<last>\\w+)', '${last}, $1$$$3'), 'smith, john$');
  t.equal(
    of('regex.replace', 'ab', '(?P<x>a)|(?P<x>b)', '[$x]'),
    '[a][b]',
    'of groups of one name, that which matched',
  );
  t.equal(of('regex.replace', 'ab', '(a)|(b)', '<$1|$2>'), '<a|><|b>');
  t.equal(of('regex.replace', 'foo', '^.', 'F'), 'Foo');
  t.equal(of('regex.replace', 'foo', 'x', 'y'), 'foo');
});

t.test('a text that gets too long ends the evaluation', async (t) => {
  t.throws(() => of('regex.replace', 'a'.repeat(20_000), 'a', 'b'.repeat(20_000)), {
    name: 'LimitError',
    message: 'regex.replace: the text would be longer than 134217728',
  });
  t.throws(() => of('regex.replace', 'a'.repeat(10_000), '(a)(b)?(c)?', '$2'.repeat(5_000)), {
    name: 'LimitError',
    message: 'regex.replace: the replacements have more than 5000000 pieces',
  });
});

t.test('a template matches the whole text', async (t) => {
  const match = (template: string, text: string): unknown =>
    of('regex.template_match', template, text, '{', '}');
  t.equal(match('urn:{[a-z]+}.{\\d{2}}', 'urn:a.12'), true);
  t.equal(match('urn:{[a-z]+}.{\\d{2}}', 'urn:ax12'), false, 'what is outside of the delimiters is as it is');
  t.equal(match('{.*}', 'a\n'), false);
});

t.test('delimiters are one byte each', async (t) => {
  t.throws(() => of('regex.template_match', 'a', 'a', '', '}'), {
    message: 'start delimiter has to be exactly one character long but is 0 long',
  });
  t.throws(() => of('regex.template_match', 'a', 'a', '{', 'é'), {
    message: 'end delimiter has to be exactly one character long but is 2 long',
  });
});

t.test('what is no pattern, and no text, is an error', async (t) => {
  const message = 'error parsing regexp: missing closing ): `(`';
  t.throws(() => of('regex.find_n', '(', 'a', 1), { message });
  t.throws(() => of('regex.split', '(', ''), { message });
  t.throws(() => of('regex.replace', 'a', '(', ''), { message });
  for (const [name, operands] of [
    ['regex.find_n', ['a', 'a', 1]],
    ['regex.split', ['a', 'a']],
    ['regex.replace', ['a', 'a', 'a']],
    ['regex.template_match', ['a', 'a', '{', '}']],
  ] as const)
    for (const [at, operand] of operands.entries())
      t.throws(
        () => of(name, ...(operands as readonly unknown[]).with(at, null)),
        { message: `operand ${at + 1} must be ${typeof operand} but got null` },
        `${name} ${at + 1}`,
      );
});

t.test('what was split is together again with what split it', async () => {
  const letters = fc.array(fc.constantFrom('a', 'b', ',', 'é', '😀'));
  fc.assert(
    fc.property(letters, (all) => {
      const text = all.join('');
      return (of('regex.split', ',', text) as string[]).join(',') === text;
    }),
  );
});

t.test('what is replaced is what is found', async () => {
  const patterns = fc.constantFrom('a*', 'a|ab', 'b?', '[^a]', '\\b', '', '(a)(b)?', '(?i)B+');
  fc.assert(
    fc.property(patterns, fc.array(fc.constantFrom('a', 'b', 'B', ' ', 'é', '😀')), (pattern, all) => {
      const text = all.join('');
      const count = (of('regex.find_n', pattern, text, -1) as string[]).length;
      return (
        of('regex.replace', text, pattern, '$0') === text &&
        (of('regex.replace', text, pattern, '§$0') as string).split('§').length === count + 1
      );
    }),
  );
});
