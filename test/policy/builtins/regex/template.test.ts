import t from 'tap';
import { hasMatch } from '../../../../src/policy/builtins/regex/pattern.ts';
import { compileTemplate } from '../../../../src/policy/builtins/regex/template.ts';

const matches = (template: string, text: string, open = '<', close = '>'): boolean =>
  hasMatch(compileTemplate(template, open, close), text);

t.test('what is between delimiters is a pattern, and the rest is itself', async (t) => {
  t.ok(matches('a.b:<[0-9]+|x>/<.>$', 'a.b:x/y$'));
  t.notOk(matches('a.b', 'axb'));
  t.notOk(matches('<a>', 'ab'), 'all of the text');
  t.ok(matches('', ''));
});

t.test('delimiters may nest, and only the outer ones count', async (t) => {
  t.ok(matches('{a{2}}b', 'aab', '{', '}'));
  t.ok(matches('((a|b)c)', 'bc', '(', ')'));
});

t.test('delimiters without their others are an error', async (t) => {
  for (const [template, open, close] of [
    ['<a', '<', '>'],
    ['a>', '<', '>'],
    ['a><', '<', '>'],
    ['|a|', '|', '|'],
  ] as const)
    t.throws(
      () => matches(template, '', open, close),
      { message: `unbalanced braces in "${template}"` },
      template,
    );
});

t.test('what is between them is a pattern by itself', async (t) => {
  t.throws(() => matches('<a)(b>', 'ab'), { message: 'error parsing regexp: unexpected ): `^a)(b$`' });
});
