import t from 'tap';
import { isAlias, visit } from 'yaml';
import { keysTo, readDocument } from '../../src/config/document.ts';

/** What is wrong with the syntax, each as `line:column message`. */
const syntax = (text: string): string[] => {
  const { faults, place } = readDocument(text);
  return faults.map((fault) => {
    const { line, column, message } = place(fault);
    return `${line}:${column} ${message}`;
  });
};

const placeOf = (text: string, path: readonly (string | number)[]): string => {
  const { faults, place } = readDocument(text);
  t.strictSame(faults, []);
  const { line, column } = place({ path, message: '' });
  return `${line}:${column}`;
};

const YAML = `# a comment
server:
  "port": 1
  'trusted proxies': [a, {b: c}]
list:
- x
-   y: 1
    z: 2
`;

t.test('a path lies at its key, or at its item in a list', async (t) => {
  for (const [path, place] of [
    [['server'], '2:1'],
    [['server', 'port'], '3:3'],
    [['server', 'trusted proxies'], '4:3'],
    [['server', 'trusted proxies', 0], '4:23'],
    [['server', 'trusted proxies', 1, 'b'], '4:27'],
    [['list', 0], '6:3'],
    [['list', 1], '7:5'],
    [['list', 1, 'z'], '8:5'],
  ] as const) {
    t.equal(placeOf(YAML, path), place, path.join('.'));
    t.equal(placeOf(YAML.replaceAll('\n', '\r\n'), path), place, `${path.join('.')} with CRLF`);
  }
});

t.test('what is not there lies at the nearest thing above it', async (t) => {
  t.equal(placeOf(YAML, ['server', 'host', 'x']), '2:1');
  t.equal(placeOf(YAML, ['list', 7, 'x']), '5:1');
  t.equal(placeOf(YAML, ['list', 0, 'x']), '6:3', 'under a scalar');
  t.equal(placeOf(YAML, ['nope']), '2:1', 'the first key stands for the whole');
  t.equal(placeOf(YAML, []), '2:1');
  for (const text of ['', '\uFEFF', '# nothing', 'scalar', '- list'])
    t.equal(placeOf(text, ['a', 0]), '1:1', JSON.stringify(text));
});

t.test('a byte order mark is no column', async (t) => {
  t.equal(placeOf('\uFEFFa: 1\nb: 2', ['a']), '1:1');
  t.equal(placeOf('\uFEFFa: 1\nb: 2', ['b']), '2:1');
  t.strictSame(syntax('\uFEFFa: "\\q"'), ['1:5 not an escape sequence of "double quotes"']);
});

t.test('each fault of syntax has its place, and those after a lost way are left out', async (t) => {
  for (const [text, ...expected] of [
    ['a: 1\na: 2\nb: {c: 1, c: 2}', '2:1 this key is there twice', '3:11 this key is there twice'],
    ['1: x\n"1": y', '2:1 this key is there twice'],
    ['"a": x\n? a\n: y', '2:3 this key is there twice'],
    ['a:\n\tb: 1', '2:1 Tabs are not allowed as indentation'],
    ['a: "b', '1:6 Missing closing "quote'],
    ['a: b: c', '1:4 Nested mappings are not allowed in compact mappings'],
    ['a: 1\n---\nb: 2', '2:1 expected one YAML document only'],
    ['? [a]\n: 1', '1:3 expected a plain key'],
    ['%YAML 9\n---\na: 1', '1:7 not a YAML directive'],
    ['a: "\\q"', '1:5 not an escape sequence of "double quotes"'],
    ['a: 1\n]\n}\nb: "\\q"', '2:1 Unexpected flow-seq-end token in YAML stream'],
  ])
    t.strictSame(syntax(text as string), expected, JSON.stringify(text));
});

t.test('an unquoted reference within { } or [ ] is told how to stand there', async (t) => {
  for (const text of ['a: { b: ${X} }', 'a: [ ${X} ]', 'a: [b, ${X}, c]', 'a: {b: "x", c: ${X}}']) {
    const [first = ''] = syntax(text);
    t.match(first, /: inside \{ \} or \[ \], quote "\$\{…\}"$/, text);
  }
  t.notMatch(syntax('a: { b: c d: e }').join(), 'quote', 'another fault is not');
});

t.test('tags, which would change what a value is, are refused; a secret may begin with !', async (t) => {
  const refused = 'no such tag: quote a value that starts with !';
  for (const tag of ['!env', '!!binary', '!!timestamp', '!!set', '!!int', '!<x>'])
    t.strictSame(syntax(`a: ${tag} b`), [`1:4 ${refused}`], tag);
  t.strictSame(syntax('a: !!str 5\nb: "!env c"'), []);
});

t.test('YAML is that of version 1.2, whatever a directive says', async (t) => {
  const text = '%YAML 1.1\n---\na: yes\nb: 010\nc: 2001-01-01\n<<: {d: 1}\n~: null\n1.0: x';
  const { document, faults } = readDocument(text);
  t.strictSame(faults, []);
  t.strictSame(document.toJS(), {
    a: 'yes',
    b: 10,
    c: '2001-01-01',
    '<<': { d: 1 },
    '~': null,
    '1.0': 'x',
  });
});

t.test('an alias is a copy of what it names: nothing is shared', async (t) => {
  const { document, faults } = readDocument('a: &x {k: [1]}\nb: *x\nc: {d: *x}');
  t.strictSame(faults, []);
  const { a, b, c } = document.toJS() as Record<'a' | 'b', { k: number[] }> & { c: { d: { k: number[] } } };
  t.strictSame([a, b, c], [{ k: [1] }, { k: [1] }, { d: { k: [1] } }]);
  t.not(a.k, b.k);
  t.not(a.k, c.d.k);
  visit(document, { Alias: () => void t.fail('an alias is left') });
});

t.test('an alias means the anchor that was written last before it', async (t) => {
  const { document } = readDocument('a: &x {p: &y 1}\nb: &y 2\nc: *x\nd: *y\ne: &x 3\nf: *x');
  t.strictSame(document.toJS(), { a: { p: 1 }, b: 2, c: { p: 1 }, d: 2, e: 3, f: 3 });
});

t.test('what an alias repeats lies where it is written', async (t) => {
  t.equal(placeOf('a: &x\n  port: 1\nb: *x', ['b', 'port']), '2:3');
  t.equal(placeOf('a: &x\n  port: 1\nb: *x', ['b']), '3:1');
  t.equal(placeOf('a: [&x 1]\nb: [2, *x]', ['b', 1]), '1:8');
});

t.test('aliases that lead nowhere or into themselves are refused', async (t) => {
  const nowhere = 'no such anchor above: quote a value that starts with *';
  t.strictSame(syntax('a: *x\nb: &x 1\nc: [*y]'), [`1:4 ${nowhere}`, `3:5 ${nowhere}`]);
  const inItself = 'this alias stands within what it names';
  t.strictSame(syntax('a: &x {b: [*x]}\nc: *x'), [`1:12 ${inItself}`]);
  t.strictSame(readDocument('a: [0, {b: *x}]').faults[0]?.path, ['a', 1, 'b']);
});

t.test('aliases cannot grow a few lines into billions of nodes', async (t) => {
  const ten = (name: string): string => `[${Array.from({ length: 10 }, () => name).join(', ')}]`;
  const lines = Array.from(
    { length: 12 },
    (_, index) => `l${index}: &l${index} ${ten(index ? `*l${index - 1}` : '0')}`,
  );
  t.match(syntax(lines.join('\n')), [/^\d+:\d+ aliases add up to too much$/]);
  t.strictSame(syntax(lines.slice(0, 4).join('\n')), [], 'a thousand is nothing');
});

t.test('the keys to a node are those of the mappings and lists around it', async (t) => {
  const { document } = readDocument('a: [x, {b: [y]}]');
  const found: Record<string, unknown> = {};
  visit(document, {
    Scalar(key, node, ancestors) {
      if (key !== 'key') found[String(node.value)] = keysTo(ancestors, node);
    },
  });
  t.strictSame(found, { x: ['a', 0], y: ['a', 1, 'b', 0] });
  t.notOk(isAlias(document.contents));
});
