import * as fc from 'fast-check';
import t from 'tap';
import { BuiltinError } from '../../../src/policy/builtins/builtin.ts';
import { object } from '../../../src/policy/builtins/object.ts';
import { caller } from '../../support/builtin.ts';

const call = caller(object);
const isSubset = (whole: string, part: string): boolean => call('object.subset', whole, part) === 'true';

t.test('an object is a part of one that has its keys with the same values', async (t) => {
  t.equal(isSubset('{"role": "admin", "team": "red"}', '{"team": "red"}'), true);
  t.equal(isSubset('{"role": "admin", "team": "red"}', '{"team": "blue"}'), false);
  t.equal(isSubset('{"role": "admin"}', '{"team": "red"}'), false);
  t.equal(isSubset('{"role": "admin"}', '{}'), true);
  t.equal(isSubset('{1: null, [2]: 3}', '{1.0: null}'), true, 'keys are of any kind');
});

t.test('its values may be parts too, on any level', async (t) => {
  t.equal(isSubset('{"a": {"b": {"c": 1, "d": 2}}}', '{"a": {"b": {"d": 2}}}'), true);
  t.equal(isSubset('{"a": {"b": {"c": 1, "d": 2}}}', '{"a": {"b": {"d": 3}}}'), false);
  t.equal(isSubset('{"a": {1, 2}}', '{"a": {2}}'), true);
  t.equal(isSubset('{"a": [1, 2, 3]}', '{"a": [2, 3]}'), true);
  t.equal(isSubset('{"a": {1, 2}}', '{"a": [1]}'), false);
  t.equal(isSubset('{"a": [1, 2]}', '{"a": {1}}'), false, 'a set is no part of an array within an object');
});

t.test('the members of sets and arrays are equal or not', async (t) => {
  t.equal(isSubset('{{"a": 1, "b": 2}}', '{{"a": 1}}'), false);
  t.equal(isSubset('[{"a": 1, "b": 2}]', '[{"a": 1}]'), false);
});

t.test('an array is a part where its members follow one another', async (t) => {
  t.equal(isSubset('[1, 2, 3]', '[1, 3]'), false);
  t.equal(isSubset('[1, 1, 2, 1, 1, 3]', '[1, 1, 3]'), true);
  t.equal(isSubset('[1, 2]', '[1, 2, 3]'), false);
  t.equal(isSubset('[]', '[]'), true);
  const member = fc.integer({ min: 0, max: 2 });
  fc.assert(
    fc.property(fc.array(member), fc.array(member, { maxLength: 4 }), (whole, part) => {
      const found = whole.some((_, at) => part.every((value, offset) => whole[at + offset] === value));
      return isSubset(JSON.stringify(whole), JSON.stringify(part)) === (found || part.length === 0);
    }),
  );
});

t.test(
  'a set is a part of an array with as many of its members, the same one as often as it is there',
  async (t) => {
    t.equal(isSubset('[3, 1, 2]', '{2, 3}'), true);
    t.equal(isSubset('[3, 1]', '{2, 3}'), false);
    t.equal(isSubset('[3, 3]', '{2, 3}'), true, 'OPA does not tell');
    t.equal(isSubset('[1]', 'set()'), true);
    t.equal(isSubset('[]', 'set()'), false, 'OPA looks for it at each member');
  },
);

t.test('other pairs have no parts', async (t) => {
  const error = new BuiltinError('both arguments object.subset must be of the same type or array and set');
  for (const [whole, part] of [
    ['{1}', '[1]'],
    ['{}', '[]'],
    ['1', '1'],
    ['"ab"', '"a"'],
  ] as const)
    t.throws(() => isSubset(whole, part), error, `${whole} and ${part}`);
});

t.test('it takes no longer for what nearly matches, and is no deeper than values get', async (t) => {
  const ones = '1, '.repeat(20_000);
  t.equal(isSubset(`[${ones}${ones}2]`, `[${ones}3]`), false);
  const deep = (inner: string): string => '{"a": '.repeat(1_990) + inner + '}'.repeat(1_990);
  t.equal(isSubset(deep('{"b": 1, "c": 2}'), deep('{"c": 2}')), true);
});
