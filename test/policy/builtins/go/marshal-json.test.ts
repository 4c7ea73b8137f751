import * as fc from 'fast-check';
import t from 'tap';
import { LimitError } from '../../../../src/policy/builtins/builtin.ts';
import {
  goJson,
  goJsonString,
  keyName,
  namedMembers,
} from '../../../../src/policy/builtins/go/marshal-json.ts';
import { equal, type RegoObject } from '../../../../src/policy/value.ts';
import { fromPlain, parseValue } from '../../../../src/policy/value-text.ts';

const written = (text: string, layout?: { prefix: string; indent: string }): string =>
  goJson(parseValue(text), layout);

t.test('it is compact JSON, with numbers as they are', async (t) => {
  t.equal(
    written('{"b": [1.50, 1e3, -0], "a": {"x": null, "y": true}}'),
    '{"a":{"x":null,"y":true},"b":[1.50,1e3,-0]}',
  );
  t.equal(written('{3, "a"}'), '[3,"a"]');
  t.equal(written('set()'), '[]');
});

t.test('what HTML and JavaScript would take for theirs is escaped', async (t) => {
  t.equal(
    goJsonString('<a href="x">&\u2028\u2029'),
    String.raw`"\u003ca href=\"x\"\u003e\u0026\u2028\u2029"`,
  );
  t.equal(goJsonString('\u0001\b\f\n\r\t\u007fé'), '"\\u0001\\b\\f\\n\\r\\t\u007fé"');
});

t.test('keys that are no strings are their JSON; of two with the same name the later counts', async (t) => {
  t.equal(
    written('{1: "number", "1": "text", ["<"]: 2, null: 3}'),
    String.raw`{"1":"text","[\"\\u003c\"]":2,"null":3}`,
  );
  t.equal(keyName(parseValue('{"a": {1}}')), '{"a":[1]}');
  t.strictSame(namedMembers(parseValue('{"a": null, true: false}') as RegoObject), [
    ['a', null],
    ['true', false],
  ]);
});

t.test('keys in keys, each of which is escaped once more, are not deeper than eight', async (t) => {
  const within = (depth: number): string => `${'{'.repeat(depth)}0${': 1}'.repeat(depth)}`;
  t.equal(written(within(3)), String.raw`{"{\"{\\\"0\\\":1}\":1}":1}`);
  t.match(written(within(8)), /^\{/);
  const deeper = new LimitError('the JSON has keys within keys deeper than 8');
  for (const depth of [9, 1_900]) t.throws(() => written(within(depth)), deeper);
  t.throws(() => keyName(parseValue(within(9))), deeper);
  t.throws(() => namedMembers(parseValue(within(9)) as RegoObject), deeper);
});

t.test('a layout breaks lines between members, and not in what is empty', async (t) => {
  const value = '{"a": [1, {}, []], "b": {"c": set()}}';
  t.equal(
    written(value, { prefix: '> ', indent: '  ' }),
    [
      '{',
      '>   "a": [',
      '>     1,',
      '>     {},',
      '>     []',
      '>   ],',
      '>   "b": {',
      '>     "c": []',
      '>   }',
      '> }',
    ].join('\n'),
  );
  t.equal(written('7', { prefix: '> ', indent: '  ' }), '7');
});

t.test('JavaScript reads the same from it, with a layout and without', async () => {
  const layout = fc.constantFrom(null, { prefix: '\t', indent: ' ' });
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), layout, (plain, layout) => {
      const value = fromPlain(plain);
      return equal(fromPlain(JSON.parse(goJson(value, layout))), value);
    }),
  );
});

t.test('what a layout makes too long ends the evaluation', async (t) => {
  const deep = '['.repeat(1_990) + ']'.repeat(1_990);
  t.throws(
    () => written(deep, { prefix: '', indent: ' '.repeat(10_000) }),
    new LimitError('the JSON is longer than 64 Mi characters'),
  );
  t.equal(written(deep).length, 3_980);
});
