import t from 'tap';
import { LimitError } from '../../../../src/policy/builtins/builtin.ts';
import { decode, keyText, resolveScalar, toValue } from '../../../../src/policy/builtins/yaml/decode.ts';
import { scalar } from '../../../../src/policy/builtins/yaml/nodes.ts';
import { parseDocuments } from '../../../../src/policy/builtins/yaml/parser.ts';
import { parseTimestamp, type Timestamp } from '../../../../src/policy/builtins/yaml/timestamp.ts';
import { writeValue } from '../../../../src/policy/value-text.ts';

const of = (text: string): string => {
  const [document] = parseDocuments(text);
  return document ? writeValue(toValue(decode(document))) : '';
};

t.test('a document is a value', async (t) => {
  t.equal(
    of('a: [1, 2.5, true, ~, x, "1", !own 1]\nb: {}'),
    '{"a": [1, 2.5, true, null, "x", "1", "1"], "b": {}}',
  );
  t.equal(
    of('[0x10, 18446744073709551615, 1e21, -0.0, 1e-7]'),
    '[16, 18446744073709551615, 1e+21, -0, 1e-7]',
  );
  t.equal(of('__proto__: {a: b}'), '{"__proto__": {"a": "b"}}');
  t.equal(of('[&a [1], *a, *a]'), '[[1], [1], [1]]');
});

t.test('binary data are text', async (t) => {
  t.equal(of('!!binary |\n  aGVs\n  bG8='), '"hello"');
});

t.test('keys are the text that they have in JSON', async (t) => {
  t.equal(
    of('{1: a, 0x10: b, true: c, 1.50: d, 0.1: e, 1e6: f, .inf: g, -.inf: h, .nan: i}'),
    '{"-.inf": "h", ".inf": "g", ".nan": "i", "0.1": "e", "1": "a", "1.5": "d", "16": "b", "1e+06": "f", "true": "c"}',
  );
  t.equal(keyText(16_777_217), '1.6777216e+07', 'doubles are as exact as 32 bits allow');
  t.equal(keyText(1e300), '.inf');
  t.equal(keyText(-0), '-0');
  t.equal(keyText(null), null);
  t.equal(keyText(parseTimestamp('2001-01-01') as Timestamp), null);
  t.throws(() => of('~: a'), { message: 'unsupported map key: null' });
  t.throws(() => of('!!timestamp 2001-01-01: a'), { message: 'unsupported map key: a timestamp' });
});

t.test('collections are no keys', async (t) => {
  for (const text of ['? [a]\n: b', '? {a: b}\n: c', '{&a {b: c}: d}', 'a: &a [1]\n*a : b', '<<: {[a]: b}'])
    t.throws(
      () => of(text),
      { message: /^yaml: (?:invalid map key|cannot unmarshal a collection into string)$/ },
      text,
    );
});

t.test('a key is there once, by its text', async (t) => {
  t.throws(() => of('{a: 1, "a": 2}'), { message: 'yaml: mapping key "a" already defined' });
  t.throws(() => of('- &a b\n- {*a : 1, *a : 2}'), { message: 'yaml: mapping key "a" already defined' });
  t.equal(of('{1: a, 0x1: b}'), '{"1": "b"}', 'of equal values the last counts');
  t.equal(of('- &a b\n- {b: 1, *a : 2}'), '["b", {"b": 2}]');
});

t.test('what JSON has not is an error', async (t) => {
  t.throws(() => of('[.inf]'), { message: 'json: unsupported value: Infinity' });
  t.throws(() => of('a: .nan'), { message: 'json: unsupported value: NaN' });
  t.throws(() => of('!!timestamp 2001-01-01T00:00:00+24:00'), {
    message: 'json: timezone hour outside of range [0,23]',
  });
  t.equal(of('!!timestamp 2001-01-01'), '"2001-01-01T00:00:00Z"');
});

t.test('a scalar is what its tag says', async (t) => {
  t.equal(resolveScalar(scalar('!!str', '1', true)), '1');
  t.equal(resolveScalar(scalar('!!int', '1', false)), 1n);
  t.equal(resolveScalar(scalar('!!binary', '//8=', true)), '\ufffd\ufffd');
  t.throws(() => resolveScalar(scalar('!!binary', 'a', true)), {
    message: 'yaml: !!binary value contains invalid base64 data',
  });
});

t.test('mappings are merged into another, whose own keys stay', async (t) => {
  const of2 = (mapping: string): string =>
    of(`- &a {x: 1, y: 2}\n- &b {y: 3, z: {<<: *a}}\n- ${mapping}`).replace(/^.*}}, /, '');
  t.equal(of2('{<<: *a, x: 0}'), '{"x": 0, "y": 2}]');
  t.equal(of2('{<<: [*b, *a]}'), '{"x": 1, "y": 3, "z": {"x": 1, "y": 2}}]', 'the first counts');
  t.equal(of2('{<<: {<<: *a, x: 5}}'), '{"x": 5, "y": 2}]');
  t.equal(of2('{<<: {}}'), '{}]');
  t.equal(of2('{"<<": *a}'), '{"<<": {"x": 1, "y": 2}}]', 'no merge key, in quotes');
  t.equal(of2('<<'), '"<<"]');
});

t.test('keys that are merged where all are text become text as they are written', async (t) => {
  t.equal(
    of('- &a {0x10: a, True: b, 1.50: c, e: f}\n- {<<: *a, g: h}'),
    '[{"1.5": "c", "16": "a", "e": "f", "true": "b"}, {"0x10": "a", "1.50": "c", "True": "b", "e": "f", "g": "h"}]',
  );
  t.equal(of('a: {<<: {~: d}}'), '{"a": {}}', 'and null is left out');
  t.equal(of('a: {<<: {0x10: a}, 1: b}'), '{"a": {"1": "b", "16": "a"}}');
  t.equal(of('a: &a k\nb: {<<: {*a : c}}'), '{"a": "k", "b": {"k": "c"}}');
});

t.test('of the number and the text of a key, those of the mapping itself count', async (t) => {
  t.equal(of('{<<: {1: merged}, "1": own, 2: x}'), '{"1": "own", "2": "x"}');
});

t.test('only mappings are merged', async (t) => {
  const message = 'yaml: map merge requires map or sequence of maps as the value';
  for (const text of [
    '<<: 1',
    '<<:',
    '<<: [1]',
    '<<: [[]]',
    '- &a 1\n- <<: *a',
    '- &a [{}]\n- <<: *a',
    '- &a 1\n- <<: [*a]',
  ])
    t.throws(() => of(text), { message }, text);
});

t.test('what contains itself is an error', async (t) => {
  t.throws(() => of('&a [*a]'), { message: "yaml: anchor 'a' value contains itself" });
  t.throws(() => of('&a {b: *a}'), { message: "yaml: anchor 'a' value contains itself" });
  t.throws(() => of('&a {<<: *a}'), { message: "yaml: anchor 'a' value contains itself" });
});

t.test('few words that mean many are refused, as in Go', async (t) => {
  const bomb = Array.from(
    { length: 9 },
    (_, at) =>
      `- &a${at} [${
        at === 0
          ? 'x'
          : Array(9)
              .fill(`*a${at - 1}`)
              .join(', ')
      }]`,
  ).join('\n');
  t.throws(() => of(bomb), { message: 'yaml: document contains excessive aliasing' });
  const merges = `- &a {${Array.from({ length: 500 }, (_, at) => `k${at}: 1`).join(', ')}}\n- {<<: [${Array(500).fill('*a').join(', ')}]}`;
  t.throws(() => of(merges), { message: 'yaml: document contains excessive aliasing' });
});

t.test('aliases go no deeper than 2,000', async (t) => {
  const text = (depth: number): string =>
    `- &a [${'['.repeat(100)}${']'.repeat(100)}]\n- ${'['.repeat(depth)}*a${']'.repeat(depth)}`;
  t.match(of(text(1_890)), /^\[\[/);
  t.throws(() => of(text(1_990)), new LimitError('yaml: nested deeper than 2000'));
});
