import t from 'tap';
import { parseValue } from '../../../../src/policy/value-text.ts';
import { valueString } from '../../../../src/policy/builtins/go/value-string.ts';

t.test('a value is written as Rego writes it, with strings as Go quotes them', async (t) => {
  for (const [text, written] of [
    ['{"b": [1.50, null], "a": {3, "x"}, 1: true}', '{1: true, "a": {3, "x"}, "b": [1.50, null]}'],
    ['[set(), {}, []]', '[set(), {}, []]'],
    ['"é\\n\\u0000\\u200b"', String.raw`"é\n\x00\u200b"`],
  ] as const)
    t.equal(valueString(parseValue(text)), written);
});

t.test('values are as deep as values can be', async (t) => {
  const deep = `${'[{"a": '.repeat(990)}1${'}]'.repeat(990)}`;
  t.equal(valueString(parseValue(deep)), deep);
});
