import t from 'tap';
import { empty, scalar, shortTag } from '../../../../src/policy/builtins/yaml/nodes.ts';

t.test('a scalar without a tag has that of what it looks like, if it is plain', async (t) => {
  t.strictSame(scalar('', '1', true), { kind: 'scalar', tag: '!!int', value: '1', isImplicit: true });
  t.strictSame(scalar('', '1', false), { kind: 'scalar', tag: '!!str', value: '1', isImplicit: false });
  t.strictSame(scalar('!own', '1', true), { kind: 'scalar', tag: '!own', value: '1', isImplicit: false });
  t.equal(scalar('', '<<', true).tag, '!!merge');
  t.equal(scalar('', '<<', false).tag, '!!str');
  t.equal(empty().tag, '!!null');
});

t.test("YAML's own tags are short", async (t) => {
  t.equal(shortTag('tag:yaml.org,2002:int'), '!!int');
  t.equal(shortTag('tag:example.com,2026:int'), 'tag:example.com,2026:int');
  t.equal(shortTag(''), '');
});
