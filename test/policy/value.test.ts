import * as fc from 'fast-check';
import t from 'tap';
import { RegoNumber } from '../../src/policy/number.ts';
import {
  compare,
  compareStrings,
  equal,
  RegoObject,
  RegoSet,
  typeName,
  type Value,
} from '../../src/policy/value.ts';
import { parseValue, writeValue } from '../../src/policy/value-text.ts';
import { values } from '../support/values.ts';

t.test("values are in OPA's order: by type, then by value", async (t) => {
  const ordered = [
    'null',
    'false',
    'true',
    '-1',
    '0.5',
    '10',
    '""',
    '"a"',
    '"aa"',
    '"b"',
    '[]',
    '[1]',
    '[1, 1]',
    '[2]',
    '{}',
    '{"a": 1}',
    '{"a": 1, "b": 1}',
    '{"a": 2}',
    'set()',
    '{1}',
    '{1, 2}',
    '{2}',
  ].map(parseValue);
  for (const [i, a] of ordered.entries())
    for (const [j, b] of ordered.entries())
      t.equal(Math.sign(compare(a, b)), Math.sign(i - j), `${writeValue(a)} ${writeValue(b)}`);
});

t.test('strings are in the order of their UTF-8, not of their UTF-16', async (t) => {
  t.ok(compareStrings('\uffff', '\u{1f600}') < 0, 'OPA');
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      (a, b) => Math.sign(compareStrings(a, b)) === Buffer.compare(Buffer.from(a), Buffer.from(b)),
    ),
  );
});

t.test('property: the order is total', async () => {
  fc.assert(
    fc.property(values, values, values, (a, b, c) => {
      if (Math.sign(compare(a, b)) !== -Math.sign(compare(b, a))) return false;
      return !(compare(a, b) <= 0 && compare(b, c) <= 0) || compare(a, c) <= 0;
    }),
  );
});

t.test('a set has each member once, in order, and finds it', async (t) => {
  const set = new RegoSet(['b', 'a', RegoNumber.of(1), new RegoNumber('1.0'), 'a']);
  t.equal(set.size, 3);
  t.equal(writeValue(set), '{1, "a", "b"}');
  t.ok(set.has('b') && set.has(new RegoNumber('1e0')));
  t.notOk(set.has('c'));
});

t.test('an object has each key once, of any kind; the later of two counts', async (t) => {
  const object = new RegoObject([
    ['a', 1 as never],
    [[null], 'x'],
    ['a', 'later'],
    [new RegoSet([]), true],
  ]);
  t.equal(object.size, 3);
  t.equal(object.get('a'), 'later');
  t.equal(object.get([null]), 'x');
  t.ok(object.has(new RegoSet([])));
  t.equal(object.get('__proto__'), undefined);
  t.equal(writeValue(RegoObject.of({ b: null, a: true, none: undefined })), '{"a": true, "b": null}');
});

t.test('property: whatever is put in is found, and nothing else', async () => {
  fc.assert(
    fc.property(fc.array(values, { maxLength: 8 }), values, (members, other) => {
      const set = new RegoSet(members);
      const object = new RegoObject(members.map((member, at) => [member, RegoNumber.of(at)]));
      const last = (value: Value): number => members.findLastIndex((member) => equal(member, value));
      return (
        members.every((member) => set.has(member) && object.has(member)) &&
        set.has(other) === (last(other) !== -1) &&
        members.every((member) => equal(object.get(member) ?? null, RegoNumber.of(last(member)))) &&
        set.size === object.size
      );
    }),
  );
});

t.test('types have the names that Rego gives them', async (t) => {
  const names = ['null', 'true', '1', '""', '[]', '{}', 'set()'].map((text) => typeName(parseValue(text)));
  t.strictSame(names, ['null', 'boolean', 'number', 'string', 'array', 'object', 'set']);
});
