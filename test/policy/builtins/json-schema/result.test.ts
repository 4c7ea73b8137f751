import t from 'tap';
import { LimitError } from '../../../../src/policy/builtins/builtin.ts';
import { better, fieldOf, Result, ROOT } from '../../../../src/policy/builtins/json-schema/result.ts';

const budget = () => ({ spent: 0 });

t.test('a field is the names on the way to a place, or the root', async (t) => {
  t.equal(fieldOf(ROOT), '(Root)');
  t.equal(fieldOf({ name: '0', parent: { name: 'a.b', parent: ROOT } }), 'a.b.0');
  t.equal(fieldOf({ name: '', parent: ROOT }), '');
});

t.test('failures count against the score, steps for it', async (t) => {
  const result = new Result(budget());
  t.equal(result.valid, true);
  result.step();
  result.fail('type', ROOT, 'It is wrong');
  t.equal(result.valid, false);
  t.equal(result.score, -1);
  const whole = new Result(budget());
  whole.merge(result);
  whole.step();
  t.strictSame(whole.failures, [{ type: 'type', field: '(Root)', description: 'It is wrong' }]);
  t.equal(whole.score, 0);
});

t.test('of two results the one with the higher score is better, the first of equal ones', async (t) => {
  const [first, second, third] = [new Result(budget()), new Result(budget()), new Result(budget())];
  third.step();
  t.equal(better(null, first), first);
  t.equal(better(first, second), first);
  t.equal(better(first, third), third);
});

t.test('what costs too much ends the evaluation, over all results of a validation', async (t) => {
  const shared = budget();
  const fail = (): void => new Result(shared).fail('type', ROOT, 'x'.repeat(1 << 20));
  for (let at = 0; at < 14; at++) fail();
  t.doesNotThrow(() => new Result(shared).spend(1 << 20));
  t.throws(fail, new LimitError('json.match_schema: it costs too much to judge the document'));
});
