import * as fc from 'fast-check';
import t from 'tap';
import { LimitError } from '../../../../src/policy/builtins/builtin.ts';
import { containsMatches } from '../../../../src/policy/builtins/cidr/matches.ts';
import { parseValue, writeValue } from '../../../../src/policy/value-text.ts';

const matches = (outer: string, inner: string): string =>
  writeValue(containsMatches(parseValue(outer), parseValue(inner)));

t.test('what contains what is told by the indices of each collection', async (t) => {
  t.equal(matches('"10.0.0.0/8"', '"10.1.2.3"'), '{["10.0.0.0/8", "10.1.2.3"]}');
  t.equal(
    matches('["10.0.0.0/8", "10.1.0.0/16", "11.0.0.0/8"]', '["10.1.0.0/24", "11.0.0.1"]'),
    '{[0, 0], [1, 0], [2, 1]}',
  );
  t.equal(matches('{"10.0.0.0/8"}', '{"a": "10.0.0.1", "b": "12.0.0.1"}'), '{["10.0.0.0/8", "a"]}');
  t.equal(matches('[["10.0.0.0/8", "office"]]', '{["10.0.0.1", 7, null]}'), '{[0, ["10.0.0.1", 7, null]]}');
  t.equal(
    matches('["10.0.0.0/8", "10.255.0.0/8"]', '"10.0.0.1"'),
    '{[0, "10.0.0.1"], [1, "10.0.0.1"]}',
    'twice the same',
  );
});

t.test('a network contains itself and what is smaller, of its own family', async (t) => {
  t.equal(
    matches('"10.0.0.0/8"', '["10.0.0.0/8", "10.0.0.0/7", "::ffff:10.1.0.0/112", "::ffff:10.1.0.1"]'),
    '{["10.0.0.0/8", 0], ["10.0.0.0/8", 2], ["10.0.0.0/8", 3]}',
  );
  t.equal(
    matches('["::/0", "::/80", "::ffff:0:0/96"]', '["10.0.0.1", "::1", "::/80", "::fffe:0:0"]'),
    '{[0, 1], [0, 2], [0, 3], [1, 1], [1, 2], [1, 3], [2, 0]}',
  );
});

t.test('what is no collection is empty, and what is compared to nothing is not looked at', async (t) => {
  for (const empty of ['[]', '{}', 'set()', '7', 'null', 'true']) {
    t.equal(matches(empty, '["x"]'), 'set()', empty);
    t.equal(matches('["x"]', empty), 'set()', empty);
  }
  t.equal(matches('[]', '[[]]'), 'set()');
});

t.test('elements have to be networks; in the second operand, or addresses', async (t) => {
  const element = 'element must be string or non-empty array';
  t.throws(() => matches('[1]', '[]'), { message: `operand 1: ${element}` });
  t.throws(() => matches('"10.0.0.0/8"', '{"a": []}'), { message: `operand 2: ${element}` });
  t.throws(() => matches('{[7]}', '"10.0.0.1"'), { message: 'operand 1 must be string but got number' });
  t.throws(() => matches('"10.0.0.0/8"', '[[null]]'), { message: 'operand 1 must be string but got null' });
  t.throws(() => matches('"10.0.0.1"', '"10.0.0.1"'), { message: 'invalid CIDR address: 10.0.0.1' });
  t.throws(() => matches('"10.0.0.0/8"', '"10.0.0"'), {
    message: 'not a valid textual representation of an IP address or CIDR: 10.0.0',
  });
});

t.test('a pair is found among many as it is alone', async () => {
  const some = fc
    .tuple(fc.constantFrom('10.0', '11.0', '2001:db8:', '::ffff:10.0'), fc.nat(3), fc.nat(8))
    .map(([begin, at, less]) =>
      begin.endsWith(':')
        ? `${begin}:${at}/${128 - less}`
        : `${begin}.0.${at}/${(begin.includes(':') ? 128 : 32) - less}`,
    );
  fc.assert(
    fc.property(fc.array(some), fc.array(some), (outer, inner) => {
      const alone = outer.flatMap((a, i) =>
        inner.flatMap((b, j) =>
          matches(JSON.stringify(a), JSON.stringify(b)) === 'set()' ? [] : [`[${i}, ${j}]`],
        ),
      );
      const all = matches(JSON.stringify(outer), JSON.stringify(inner));
      return all === writeValue(parseValue(alone.length === 0 ? 'set()' : `{${alone.join(', ')}}`));
    }),
    { numRuns: 50 },
  );
});

t.test('many of each are quick', async (t) => {
  const outer = Array.from({ length: 10_000 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24`);
  const inner = Array.from({ length: 10_000 }, (_, at) => `10.${at >> 8}.${at & 255}.7`);
  const start = performance.now();
  const found = containsMatches(outer, inner);
  t.equal(found.size, 10_000);
  t.ok(performance.now() - start < 1_000, 'a hundred million comparisons would take minutes');
});

t.test('there are no more than half a million pairs', async (t) => {
  const outer = Array.from({ length: 707 }, () => '10.0.0.0/8');
  const inner = Array.from({ length: 707 }, () => '10.1.2.3');
  t.equal(containsMatches(outer, inner).size, 499_849);
  t.throws(
    () => containsMatches(outer, [...inner, '10.1.2.3']),
    new LimitError('net.cidr_contains_matches: more than 500000 matches'),
  );
});
