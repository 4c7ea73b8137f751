import t from 'tap';
import { html, js, urlquery } from '../../../../src/policy/builtins/template/escapes.ts';

t.test('html escapes what means something in it', async (t) => {
  t.equal(html(`<a href="x" id='y'>&\0é`), '&lt;a href=&#34;x&#34; id=&#39;y&#39;&gt;&amp;\ufffdé');
});

t.test('js escapes what ends a string or a script, and what cannot be seen', async (t) => {
  t.equal(js(`</a> "b" 'c' \\ = &`), String.raw`\u003C/a\u003E \"b\" \'c\' \\ \u003D \u0026`);
  t.equal(js('\n\u0001\u007fé😀'), '\\u000A\\u0001\u007fé😀');
  t.equal(js('\u2028\u{e0001}'), String.raw`\u2028\uE0001`);
  t.equal(js('\udcff'), '\udcff', 'a byte that is of no character stays');
});

t.test('urlquery escapes what is not unreserved, byte by byte', async (t) => {
  t.equal(urlquery('a b+c/é?~_.-'), 'a+b%2Bc%2F%C3%A9%3F~_.-');
  t.equal(urlquery('\udcff'), '%FF');
});
