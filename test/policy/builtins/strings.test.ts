import * as fc from 'fast-check';
import t from 'tap';
import { BuiltinError } from '../../../src/policy/builtins/builtin.ts';
import { strings } from '../../../src/policy/builtins/strings.ts';
import { caller } from '../../support/builtin.ts';

fc.configureGlobal({ seed: 1965, numRuns: 500 });

const call = caller(strings);
const text = JSON.stringify;
/** Few characters, so that one text is often found in another. */
const word = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀'), maxLength: 12 });

t.test('indexof_n gives the places of all occurrences, in characters, overlaps too', async (t) => {
  t.equal(call('indexof_n', '"banana"', '"ana"'), '[1, 3]');
  t.equal(call('indexof_n', '"😀é😀é😀"', '"😀é😀"'), '[0, 2]');
  t.equal(call('indexof_n', '"abc"', '"d"'), '[]');
  t.throws(() => call('indexof_n', '"abc"', '""'), new BuiltinError('empty search character'));
  t.throws(() => call('indexof_n', '1', '"a"'), new BuiltinError('operand 1 must be string but got number'));
});

t.test(
  'strings.count counts occurrences without overlaps, and the empty one around each character',
  async (t) => {
    t.equal(call('strings.count', '"aaaa"', '"aa"'), '2');
    t.equal(call('strings.count', '"aaa"', '"b"'), '0');
    t.equal(call('strings.count', '"é😀"', '""'), '3');
    t.equal(call('strings.count', '""', '""'), '1');
  },
);

t.test('both find what splitting finds', async () => {
  fc.assert(
    fc.property(
      word,
      word.filter((part) => part !== ''),
      (base, part) => {
        const characters = Array.from(base);
        const starts = characters.flatMap((_, at) =>
          characters.slice(at).join('').startsWith(part) ? [at] : [],
        );
        return (
          call('indexof_n', text(base), text(part)) === `[${starts.join(', ')}]` &&
          call('strings.count', text(base), text(part)) === String(base.split(part).length - 1)
        );
      },
    ),
  );
});

t.test('looking for a part takes a time in proportion to the text, whatever the part is', async (t) => {
  const base = 'a'.repeat(400_000);
  const part = `${'a'.repeat(100_000)}b${'a'.repeat(100_000)}`;
  const started = performance.now();
  t.equal(call('strings.count', text(base), text(part)), '0');
  t.equal(call('indexof_n', text(base), text(`b${'a'.repeat(200_000)}`)), '[]');
  t.ok(performance.now() - started < 10_000, 'quadratic, it would take minutes');
});

t.test('strings.split_n gives the first parts, or the last', async (t) => {
  const split = (base: string, delimiter: string, count: string): string | undefined =>
    call('strings.split_n', text(base), text(delimiter), count);
  t.equal(split('a.b.c', '.', '2'), '["a", "b"]');
  t.equal(split('a.b.c', '.', '-2'), '["b", "c"]');
  t.equal(split('a.b.c', '.', '0'), '[]');
  t.equal(split('a.b.c', '.', '9223372036854775807'), '["a", "b", "c"]');
  t.equal(split('a.b.c', '.', '-9223372036854775808'), '["a", "b", "c"]');
  t.equal(split('a', '.', '5'), '["a"]');
  t.equal(split('é😀x', '', '2'), '["é", "😀"]', 'between nothing are the characters');
  t.equal(split('', '', '1'), '[]');
  t.equal(split('', '.', '1'), '[""]');
  t.equal(split('a.b', '.', '1.0'), '["a"]', 'zeros behind the point are no fraction');
  for (const count of ['1.5', '1e0', '9223372036854775808'])
    t.throws(
      () => split('a.b', '.', count),
      new BuiltinError('operand 3 must be integer number but got floating-point number'),
    );
});

t.test('a text matches by its beginning or its end, of one or of many', async (t) => {
  t.equal(call('strings.any_prefix_match', '"/api/users"', '["/admin", "/api"]'), 'true');
  t.equal(call('strings.any_prefix_match', '"/api"', '"/api/"'), 'false');
  t.equal(call('strings.any_prefix_match', '{"x", "/api/users", "y"}', '{"/api", "z"}'), 'true');
  t.equal(call('strings.any_suffix_match', '["a.example", "b.test"]', '[".test", ".org"]'), 'true');
  t.equal(call('strings.any_suffix_match', '"a.test"', '{".test"}'), 'true');
  t.equal(call('strings.any_prefix_match', '[]', '[""]'), 'false', 'of nothing, nothing');
  t.equal(call('strings.any_suffix_match', '"a"', 'set()'), 'false');
});

t.test('an operand of another type is refused in OPA’s words, the texts first', async (t) => {
  for (const [operands, message] of [
    [['1', '2'], 'operand 1 must be one of {string, set, array} but got number'],
    [['"a"', 'null'], 'operand 2 must be one of {string, set, array} but got null'],
    [['["a", 1]', 'null'], 'operand 1 must be array of strings but got array containing number'],
    [['"a"', '{"a", [1]}'], 'operand 2 must be set of strings but got set containing array'],
  ] as const)
    for (const name of ['strings.any_prefix_match', 'strings.any_suffix_match'])
      t.throws(() => call(name, ...operands), new BuiltinError(message));
});

t.test('many match as one after the other would', async () => {
  const words = fc.array(word, { maxLength: 6 });
  fc.assert(
    fc.property(words, words, (texts, affixes) => {
      const some = (has: (base: string, affix: string) => boolean): string =>
        String(texts.some((base) => affixes.some((affix) => has(base, affix))));
      const [a, b] = [text(texts), text(affixes)];
      return (
        call('strings.any_prefix_match', a, b) === some((base, affix) => base.startsWith(affix)) &&
        call('strings.any_suffix_match', a, b) === some((base, affix) => base.endsWith(affix))
      );
    }),
  );
});
