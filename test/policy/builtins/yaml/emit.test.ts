import * as fc from 'fast-check';
import t from 'tap';
import { type Decoded, decode, toValue } from '../../../../src/policy/builtins/yaml/decode.ts';
import { emit } from '../../../../src/policy/builtins/yaml/emit.ts';
import { parseDocuments } from '../../../../src/policy/builtins/yaml/parser.ts';
import { writeValue } from '../../../../src/policy/value-text.ts';

const data = (json: string): Decoded => decode(parseDocuments(json)[0]!);
const of = (json: string): string => emit(data(json));

t.test('collections are blocks with an indentation of two, and empty ones are in brackets', async (t) => {
  t.equal(
    of('{"b": [1, {"x": 1, "y": [2]}, [3, [4]], [], {}], "a": {"c": {}, "d": {"e": null}}}'),
    `a:
  c: {}
  d:
    e: null
b:
  - 1
  - x: 1
    "y":
      - 2
  - - 3
    - - 4
  - []
  - {}
`,
  );
  t.equal(of('[]'), '[]\n');
  t.equal(of('{}'), '{}\n');
});

t.test('scalars are as plain as they can be', async (t) => {
  t.equal(
    of('["a b", "1", "", "- a", "it\'s: ", "a\\tb", "\\u2028 ", "é", "😀"]'),
    `- a b
- "1"
- ""
- '- a'
- 'it''s: '
- "a\\tb"
- "\\L "
- é
- "\\U0001F600"
`,
  );
  t.equal(
    of('[true, null, -5, 1.5, 1e6, 1e21, 18446744073709551615, -0.0]'),
    `- true
- null
- -5
- 1.5
- 1e+06
- 1e+21
- 18446744073709551615
- -0
`,
  );
  t.equal(of('"a"'), 'a\n');
});

t.test('lines are a literal', async (t) => {
  t.equal(
    of('{"a": "b\\n  c\\n", "d": ["e\\n\\nf", "g\\n\\n", "\\n", " h\\ni"]}'),
    `a: |
  b
    c
d:
  - |-
    e

    f
  - |+
    g

  - |2+

  - |2-
     h
    i
`,
  );
  t.equal(of('"a\\nb"'), '|-\n  a\n  b\n');
  t.equal(of('"a\\n"'), '|\n  a\n');
  t.equal(of('"a \\nb"'), '"a \\nb"\n', 'unless it would lose something');
  t.equal(of('"a\\n\\u2028b\\u2028"'), '|\n  a\n\u2028  b\u2028', 'with separators of Unicode as they are');
  t.equal(of('["a\\u2028b\\u2028"]'), "- 'a\u2028  b\u2028'\n");
});

t.test('keys that are long or have lines are behind a question mark', async (t) => {
  const [short, long] = ['k'.repeat(128), 'k'.repeat(129)];
  t.equal(of(`{"${short}": 1}`), `${short}: 1\n`);
  t.equal(of(`{"${long}": {"b": [1]}}`), `? ${long}\n: b:\n    - 1\n`);
  t.equal(of('{"é": {"a\\nb": 1}}'), 'é:\n  ? |-\n    a\n    b\n  : 1\n');
  t.equal(of(`{"${'é'.repeat(65)}": 1}`), `? ${'é'.repeat(65)}\n: 1\n`, 'in bytes');
});

t.test('keys are in the order of their numbers', async (t) => {
  t.equal(of('{"a10": 1, "a9": 2, "b": 3, "B": 4}'), 'B: 4\na9: 2\na10: 1\nb: 3\n');
});

t.test('what is written is read as the same', async () => {
  const text = fc.string({
    unit: fc.constantFrom(
      'a',
      ' ',
      '\n',
      ':',
      '#',
      '-',
      '"',
      "'",
      '\\',
      '1',
      '~',
      '\u2028',
      'é',
      '😀',
      '|',
      '\0',
    ),
  });
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'grapheme', maxDepth: 4 }), text, (plain, any) => {
      // As goJson writes it, without what YAML does not read.
      const json = JSON.stringify([any, plain, { [any]: any }])
        .replaceAll('\u2028', String.raw`\u2028`)
        .replaceAll(/[\u007f-\u009f\u2029\ufffe\uffff]/g, '');
      return writeValue(toValue(data(emit(data(json))))) === writeValue(toValue(data(json)));
    }),
    { numRuns: 300 },
  );
});
