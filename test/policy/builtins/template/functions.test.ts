import t from 'tap';
import { FUNCTION_NAMES, FUNCTIONS } from '../../../../src/policy/builtins/template/functions.ts';
import { type Held, RenderError } from '../../../../src/policy/builtins/template/held.ts';
import { RegoNumber } from '../../../../src/policy/number.ts';

const call = (name: string, ...operands: readonly Held[]): Held => FUNCTIONS.get(name)?.run(operands);

t.test('there are Go’s functions', async (t) => {
  const names =
    'and call eq ge gt html index js le len lt ne not or print printf println slice urlquery'.split(' ');
  t.strictSame([...FUNCTION_NAMES].toSorted(), names);
});

t.test('comparisons are made of equal and less', async (t) => {
  for (const [name, below, same, above] of [
    ['eq', false, true, false],
    ['ne', true, false, true],
    ['lt', true, false, false],
    ['le', true, true, false],
    ['gt', false, false, true],
    ['ge', false, true, true],
  ] as const)
    t.strictSame([call(name, 1n, 2n), call(name, 2n, 2n), call(name, 3n, 2n)], [below, same, above], name);
});

t.test('what prints shows a nil, and what escapes shows that there is no value', async (t) => {
  t.equal(call('print', 'a', undefined, null, 1n), 'a<nil> <nil> 1');
  t.equal(call('println', 'a', undefined), 'a <nil>\n');
  t.equal(call('printf', '%v %d', undefined, 1n), '<nil> 1');
  t.equal(call('html', undefined), '&lt;no value&gt;');
  t.equal(call('js', '"', new RegoNumber('1')), String.raw`\"1`);
  t.equal(call('urlquery', 'a', 1n, 2n), 'a1+2');
  t.equal(call('print', '\udcc3', '\udca9'), 'é', 'bytes meet again');
});

t.test('the others do what they are for', async (t) => {
  t.equal(call('len', 'ab'), 2n);
  t.equal(call('index', ['a'], 0n), 'a');
  t.equal(call('slice', 'abc', 1n), 'bc');
  t.equal(call('not', ''), true);
});

t.test('what cannot be called is refused', async (t) => {
  t.throws(() => call('call', 'a'), new RenderError('error calling call: non-function'));
  for (const format of [1n, undefined, new RegoNumber('1')])
    t.throws(() => call('printf', format), new RenderError('wrong type for value; expected string'));
});
