import t from 'tap';
import { parseValue } from '../../src/policy/value-text.ts';
import type { Case } from './cases.ts';
import { type Answer, judge, type Verdict } from './judge.ts';

const base: Case = { note: 'n', category: 'c', file: 'f.yaml', query: 'data.p = x', modules: null };
const result = (text: string): Answer => ({ kind: 'result', value: parseValue(text) });
const error = (message: string): Answer => ({ kind: 'error', message });
const verdict = (wanted: Partial<Case>, answer: Answer): Verdict['verdict'] =>
  judge({ ...base, ...wanted }, answer).verdict;

t.test('a wanted result is compared by value, whatever the order of the bindings', async (t) => {
  const wanted = { want_result: '[{"x": 1}, {"x": 2}]' };
  t.equal(verdict(wanted, result('{{"x": 2.0}, {"x": 1}}')), 'passed');
  t.equal(verdict(wanted, result('[{"x": 2}, {"x": 1}, {"x": 1}]')), 'passed', 'each counts once');
  t.equal(verdict(wanted, result('{{"x": 1}}')), 'failed');
  t.equal(verdict({ want_result: '[]' }, result('set()')), 'passed');
  t.equal(verdict({ want_result: '[{}]' }, result('set()')), 'failed', 'an empty binding is one');
});

t.test('numbers keep all of their digits', async (t) => {
  const wanted = { want_result: '[{"x": 9007199254740993}]' };
  t.equal(verdict(wanted, result('{{"x": 9007199254740993}}')), 'passed');
  t.equal(verdict(wanted, result('{{"x": 9007199254740992}}')), 'failed');
});

t.test('sets are the arrays that JSON makes of them, keys the strings', async (t) => {
  t.equal(verdict({ want_result: '[{"x": [1, 2]}]' }, result('{{"x": {2, 1}}}')), 'passed');
  t.equal(verdict({ want_result: '[{"x": {"1": "a"}}]' }, result('{{"x": {1: "a"}}}')), 'passed');
});

t.test('an array counts as a set only where the case says so, and only as a whole binding', async (t) => {
  const wanted = { want_result: '[{"x": [1, 2]}]' };
  t.equal(verdict(wanted, result('{{"x": [2, 1]}}')), 'failed');
  t.equal(verdict({ ...wanted, sort_bindings: true }, result('{{"x": [2, 1]}}')), 'passed');
  const deeper = { want_result: '[{"x": [[1, 2]]}]', sort_bindings: true };
  t.equal(verdict(deeper, result('{{"x": [[2, 1]]}}')), 'failed');
});

t.test('a result or none may be all that is wanted', async (t) => {
  t.equal(verdict({ want_defined: true }, result('{{"x": 1}}')), 'passed');
  t.equal(verdict({ want_defined: true }, result('set()')), 'failed');
  t.equal(verdict({ want_defined: false }, result('set()')), 'passed');
  t.equal(verdict({ want_defined: false }, error('out of memory')), 'failed', 'an error is not undefined');
});

t.test('an error has to be the one that is wanted', async (t) => {
  const wanted = { want_error_code: 'eval_conflict_error' };
  t.equal(verdict(wanted, error('evaluation failed: m.rego:3:1: var assignment conflict')), 'passed');
  t.equal(verdict(wanted, error('object insert conflict')), 'passed');
  t.equal(verdict(wanted, error('unreachable')), 'failed');
  t.equal(verdict(wanted, result('set()')), 'failed');
  t.equal(
    verdict({ want_error_code: 'eval_type_error' }, error('eval_type_error')),
    'failed',
    'modules have no others',
  );
});

t.test('what is an error in strict mode only has no result', async (t) => {
  const wanted = { want_error_code: 'eval_builtin_error', strict_error: true };
  t.equal(verdict(wanted, result('set()')), 'passed');
  t.equal(verdict(wanted, result('{{"x": 1}}')), 'failed');
  t.equal(verdict(wanted, error('eval_builtin_error')), 'failed', 'an evaluation that ends is a bug there');
});

t.test('a failed case says what was wanted and what came', async (t) => {
  const said = (wanted: Partial<Case>, answer: Answer): Verdict => judge({ ...base, ...wanted }, answer);
  t.strictSame(said({ want_result: '[{"x": 1}]' }, error('no memory')), {
    verdict: 'failed',
    wanted: '{{"x": 1}}',
    got: 'the error no memory',
  });
  t.strictSame(said({ want_defined: true }, result('[]')), {
    verdict: 'failed',
    wanted: 'a result',
    got: '[]',
  });
  t.match(said({ want_defined: false }, result('[{}]')), { wanted: 'none', got: '[{}]' });
  t.match(said({ want_error: 'broken' }, result('[]')), { wanted: 'the error broken', got: '[]' });
});

t.test('a builtin that is not there is neither a pass nor a failure', async (t) => {
  t.strictSame(judge({ ...base, want_defined: false }, { kind: 'missing', builtins: ['http.send'] }), {
    verdict: 'missing',
    builtins: ['http.send'],
  });
});

t.test('what is no result set is a bug of the engine', async (t) => {
  const wanted = { ...base, want_result: '[]' };
  t.throws(() => judge(wanted, result('{"x": 1}')), { message: 'no result set: {"x": 1}' });
  t.throws(() => judge(wanted, result('[true]')), { message: 'no binding: true' });
});
