import t from 'tap';
import { LimitError } from '../../../../src/policy/builtins/builtin.ts';
import type { Node } from '../../../../src/policy/builtins/yaml/nodes.ts';
import { parseDocuments } from '../../../../src/policy/builtins/yaml/parser.ts';

/** Mappings are `{…}`, sequences `[…]`, aliases `*name`; tags are shown where they are not those of the scalar's look. */
function show(node: Node): string {
  if (node.kind === 'alias') return `*${node.name}`;
  if (node.kind === 'scalar')
    return node.isImplicit || node.tag === '!!str' ? node.value || '~' : `${node.tag} ${node.value}`;
  const content = node.content.map(show).join(' ');
  return node.kind === 'mapping' ? `{${content}}` : `[${content}]`;
}
const parse = (text: string): string => parseDocuments(text).map(show).join(' | ');

t.test('block collections', async (t) => {
  t.equal(parse('a: 1\nb:\n  - 2\n  -\n  - c: 3\n    d:'), '{a 1 b [2 ~ {c 3 d ~}]}');
  t.equal(parse('a:\n- 1\n-\n- 2\nb: 3'), '{a [1 ~ 2] b 3}', 'sequences need no indentation in mappings');
  t.equal(parse('? a\n? - b\n: c'), '{a ~ [b] c}');
  t.equal(parse('? - a\n: - b'), '{[a] [b]}');
});

t.test('flow collections', async (t) => {
  t.equal(parse('[a, [], {}, {b: c, d, e: , ? f : g, ? h}]'), '[a [] {} {b c d ~ e ~ f g h ~}]');
  t.equal(parse('[a: b, c: , ? d : e]'), '[{a b} {c ~} {d e}]');
  t.equal(parse('[a, ]'), '[a]');
  t.equal(parse('{a: b, }'), '{a b}');
  t.equal(parse('{? : a}'), '{~ a}');
});

t.test('a question mark alone in brackets loses what follows, as in libyaml', async (t) => {
  t.throws(() => parse('[?]'), { message: "yaml: line 1: did not find expected ',' or ']'" });
  t.throws(() => parse('[? : a]'), { message: "yaml: line 1: did not find expected ',' or ']'" });
  t.equal(parse('[? , : a]'), '[{~ a}]');
});

t.test('documents', async (t) => {
  t.equal(parse(''), '');
  t.equal(parse('# nothing'), '');
  t.equal(parse('a\n---\nb\n...\n...\n---\n---\n...\n%YAML 1.1\n--- c'), 'a | b | ~ | ~ | c');
  t.equal(parse('---'), '~');
  t.throws(() => parse('a\n...\nb'), { message: 'yaml: line 3: did not find expected <document start>' });
  t.throws(() => parse('%YAML 1.1\na'), { message: 'yaml: line 2: did not find expected <document start>' });
  t.throws(() => parse('...\na'), { message: 'yaml: line 1: did not find expected node content' });
});

t.test('tags by handles, of one document each', async (t) => {
  t.equal(parse('%TAG !e! tag:example.com,2026:\n--- !e!a b'), 'tag:example.com,2026:a b');
  t.equal(parse('%TAG !! !own-\n--- !!a b'), '!own-a b');
  t.equal(parse('!!int 1'), '!!int 1');
  t.equal(parse('! 1'), '1', 'says nothing');
  t.equal(parse('!<tag:yaml.org,2002:int> 1'), '!!int 1');
  t.equal(parse('- !own\n- !!str\n- &x !own\n- !own &y'), '[!own  ~ !own  !own ]');
  t.throws(() => parse('--- !e!a b'), { message: 'yaml: line 1: found undefined tag handle' });
  t.throws(() => parse('%TAG !e! tag:e,2026:\n--- a\n--- !e!a b'), {
    message: 'yaml: line 3: found undefined tag handle',
  });
  t.throws(() => parse('%TAG !e! a\n%TAG !e! b\n--- c'), {
    message: 'yaml: line 2: found duplicate %TAG directive',
  });
  t.throws(() => parse('%YAML 1.1\n%YAML 1.1\n--- c'), {
    message: 'yaml: line 2: found duplicate %YAML directive',
  });
  t.throws(() => parse('%YAML 1.2\n--- c'), { message: 'yaml: line 1: found incompatible YAML document' });
});

t.test('anchors, of the whole stream', async (t) => {
  t.equal(parse('[&a 1, *a, &b [*b]]'), '[1 *a [*b]]');
  t.equal(parse('&a x\n--- *a'), 'x | *a');
  t.equal(parse('- &a !!int 1\n- !!int &b 2\n- &c'), '[!!int 1 !!int 2 ~]');
  t.throws(() => parse('*a'), { message: "yaml: line 1: unknown anchor 'a' referenced" });
  t.throws(() => parse('&a &b c'), { message: /^yaml: line 1: did not find expected/ });
});

t.test('what does not fit is an error', async (t) => {
  for (const [text, message] of [
    ['[a', "line 1: did not find expected ',' or ']'"],
    ['[a b: c: d]', "line 1: did not find expected ',' or ']'"],
    ['{a', "line 1: did not find expected ',' or '}'"],
    ['{a]', "line 1: did not find expected ',' or '}'"],
    ['[,]', 'line 1: did not find expected node content'],
    ['- a\nb: c', "line 2: did not find expected '-' indicator"],
    ['a: b\n- c', 'line 2: did not find expected key'],
    [': a', 'line 1: did not find expected key'],
    ['[a]b', 'line 1: did not find expected <document start>'],
  ] as const)
    t.throws(() => parse(text), { message: `yaml: ${message}` }, text);
});

t.test('collections nest no deeper than 2,000', async (t) => {
  t.equal(parse('['.repeat(2_000) + ']'.repeat(2_000)).length, 4_000);
  for (const text of ['[', '{a: ', '- ', '? '])
    t.throws(() => parse(text.repeat(2_001)), new LimitError('yaml: nested deeper than 2000'), text);
});
