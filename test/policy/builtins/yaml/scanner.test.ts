import t from 'tap';
import { scan } from '../../../../src/policy/builtins/yaml/scanner.ts';

const tokens = (text: string): string =>
  scan(text)
    .map((token) =>
      'value' in token
        ? JSON.stringify(token.value)
        : 'name' in token
          ? `${token.type} ${token.name}`
          : token.type,
    )
    .join(' ');

t.test('blocks begin and end with their columns', async (t) => {
  t.equal(tokens('a: b'), 'block mapping key "a" value "b" block end end');
  t.equal(
    tokens('a:\n  - b\n  -\nc:'),
    'block mapping key "a" value block sequence - "b" - block end key "c" value block end end',
  );
  t.equal(tokens('a:\n- b\nc: d'), 'block mapping key "a" value - "b" key "c" value "d" block end end');
  t.equal(tokens('- - a'), 'block sequence - block sequence - "a" block end block end end');
  t.equal(tokens('? a\n: b'), 'block mapping key "a" value "b" block end end');
  t.equal(tokens(''), 'end');
});

t.test('flow collections are between brackets', async (t) => {
  t.equal(tokens('[a, {b: c}, "d":e]'), '[ "a" , { key "b" value "c" } , key "d" value "e" ] end');
  t.equal(tokens('{? a, [b]: c}'), '{ key "a" , key [ "b" ] value "c" } end');
  t.equal(tokens('[a\n,\tb]'), '[ "a" , "b" ] end');
  t.equal(tokens(']'), '] end');
});

t.test('documents are between indicators', async (t) => {
  t.equal(
    tokens('%YAML 1.1\n---\na\n...\n--- b'),
    'version document start "a" document end document start "b" end',
  );
  t.equal(tokens('a:\n  b\n---\nc'), 'block mapping key "a" value "b" block end document start "c" end');
});

t.test('what stands before a node is before its key', async (t) => {
  t.equal(tokens('&x !!str a: *x'), 'block mapping key anchor x tag "a" value alias x block end end');
});

t.test('scalars are written in five ways', async (t) => {
  t.equal(
    tokens('- a\n- "b"\n- \'c\'\n- |\n d\n- >-\n e'),
    'block sequence - "a" - "b" - "c" - "d\\n" - "e" block end end',
  );
  t.equal(tokens('-a'), '"-a" end');
  t.equal(tokens('?a :b'), '"?a :b" end');
});

t.test('comments are left out, wherever they are', async (t) => {
  t.equal(tokens('# a\n\n # b\na: # c\n  b # d\n#e'), 'block mapping key "a" value "b" block end end');
  t.equal(tokens('"a"#b'), '"a" end', 'without a space too');
  t.equal(tokens('- # a\n  b'), 'block sequence - "b" block end end');
  t.equal(tokens('#a\n\t#b\nc'), '"c" end', 'and behind the first, after tabs');
  t.equal(tokens(`a${' '.repeat(600)}#b`), '"a" end');
});

t.test('a byte order mark may be there twice', async (t) => {
  t.equal(tokens('\ufeff\ufeffa'), '"a" end');
});

t.test('tokens know their lines', async (t) => {
  t.strictSame(
    scan('a:\n "b\n  c"').map(({ line }) => line),
    [1, 1, 1, 1, 2, 3, 3],
  );
});

t.test('what is not where it may be is an error', async (t) => {
  for (const [text, message] of [
    ['a: b: c', 'line 1: mapping values are not allowed in this context'],
    ['a: - b', 'line 1: block sequence entries are not allowed in this context'],
    ['a: ? b', 'line 1: mapping keys are not allowed in this context'],
    ['a:\n\tb: c', 'line 2: found character that cannot start any token'],
    ['@a', 'line 1: found character that cannot start any token'],
    ['`a', 'line 1: found character that cannot start any token'],
    [' %a', 'line 1: found character that cannot start any token'],
    ['[|]', 'line 1: found character that cannot start any token'],
    ['a: b\nc', "line 2: could not find expected ':'"],
    ['a: b\nc\nd: e', "line 3: could not find expected ':'"],
    [`a: b\n${'c'.repeat(1_025)}: d`, "line 2: could not find expected ':'"],
    ['"a', 'line 1: found unexpected end of stream'],
  ] as const)
    t.throws(() => scan(text), { message: `yaml: ${message}` }, text.slice(0, 20));
});
