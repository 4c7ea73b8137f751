import t from 'tap';
import { Source } from '../../../../src/policy/builtins/yaml/source.ts';
import { scanAnchor, scanDirective, scanTag } from '../../../../src/policy/builtins/yaml/tags.ts';

const tag = (text: string): unknown => scanTag(new Source(text));
const directive = (text: string): unknown => scanDirective(new Source(text));

t.test('a tag is a suffix of a handle, or all of a URI', async (t) => {
  t.strictSame(tag('!!str a'), { handle: '!!', suffix: 'str' });
  t.strictSame(tag('!e-1!a/b'), { handle: '!e-1!', suffix: 'a/b' });
  t.strictSame(tag('!own'), { handle: '!', suffix: 'own' });
  t.strictSame(tag('!a:b!c'), { handle: '!', suffix: 'a:b!c' });
  t.strictSame(tag('!'), { handle: '', suffix: '!' });
  t.strictSame(tag('!<tag:example.com,2026:a> '), { handle: '', suffix: 'tag:example.com,2026:a' });
});

t.test('its escapes are bytes of UTF-8', async (t) => {
  t.strictSame(tag('!%41%C3%A9%f0%9f%98%80b'), { handle: '!', suffix: 'Aé😀b' });
  t.throws(() => tag('!%4'), { message: 'yaml: line 1: did not find URI escaped octet' });
  t.throws(() => tag('!%C3x'), { message: /did not find URI escaped octet$/ });
  t.throws(() => tag('!%80'), { message: /found an incorrect leading UTF-8 octet$/ });
  t.throws(() => tag('!%f8'), { message: /found an incorrect leading UTF-8 octet$/ });
  t.throws(() => tag('!%C3%41'), { message: /found an incorrect trailing UTF-8 octet$/ });
  t.throws(() => tag('!%e2%41'), { message: /found an incorrect trailing UTF-8 octet$/ });
});

t.test('what is no tag is an error', async (t) => {
  t.throws(() => tag('!a{'), { message: /did not find expected whitespace or line break$/ });
  t.throws(() => tag('!!'), { message: /did not find expected tag URI$/ });
  t.throws(() => tag('!<>'), { message: /did not find expected tag URI$/ });
  t.throws(() => tag('!<a'), { message: /did not find the expected '>'$/ });
});

t.test('directives say the version and what handles stand for', async (t) => {
  t.strictSame(directive('%YAML  1.1 # comment\n'), { type: 'version', version: '1.1' });
  t.strictSame(directive('%YAML 01.12'), { type: 'version', version: '1.12' });
  t.strictSame(directive('%TAG !e! tag:example.com,2026:'), {
    type: 'tag directive',
    handle: '!e!',
    prefix: 'tag:example.com,2026:',
  });
  t.strictSame(directive('%TAG ! !own-\n'), { type: 'tag directive', handle: '!', prefix: '!own-' });
});

t.test('others are errors', async (t) => {
  for (const [text, message] of [
    ['%', 'could not find expected directive name'],
    ['%YAML: 1.1', 'found unexpected non-alphabetical character'],
    ['%OTHER a', 'found unknown directive name'],
    ['%YAML a', 'did not find expected version number'],
    ['%YAML 1.', 'did not find expected version number'],
    ['%YAML 1', "did not find expected digit or '.' character"],
    ['%YAML 123.1', 'found extremely long version number'],
    ['%YAML 1.1 a', 'did not find expected comment or line break'],
    ['%TAG a b', "did not find expected '!'"],
    ['%TAG !a b', "did not find expected '!'"],
    ['%TAG !a!b', 'did not find expected whitespace'],
    ['%TAG ! {', 'did not find expected tag URI'],
    ['%TAG ! a{', 'did not find expected whitespace or line break'],
  ] as const)
    t.throws(() => directive(text), { message: `yaml: line 1: ${message}` }, text);
});

t.test('an anchor has a name of ASCII', async (t) => {
  t.equal(scanAnchor(new Source('&a-1_ b')), 'a-1_');
  t.equal(scanAnchor(new Source('*a,')), 'a');
  for (const text of ['& a', '&é', '&a[', '&a"'])
    t.throws(() => scanAnchor(new Source(text)), {
      message: 'yaml: line 1: did not find expected alphabetic or numeric character',
    });
});
