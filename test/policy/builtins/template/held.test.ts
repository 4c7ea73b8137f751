import t from 'tap';
import { Byte } from '../../../../src/policy/builtins/go/print.ts';
import { isTrue, RenderError, textOf } from '../../../../src/policy/builtins/template/held.ts';
import { RegoNumber } from '../../../../src/policy/number.ts';
import { RegoObject } from '../../../../src/policy/value.ts';

t.test('what is empty is false', async (t) => {
  for (const empty of [undefined, null, false, '', 0n, 0, -0, new Byte(0), [], RegoObject.of({})])
    t.equal(isTrue(empty), false);
  for (const full of [true, 'a', 1n, 0.1, new Byte(1), [null], RegoObject.of({ a: null })])
    t.equal(isTrue(full), true);
  t.equal(isTrue(new RegoNumber('0')), true, 'a number of Rego is a text');
  t.equal(isTrue(new RegoNumber('')), false, 'and so it can be empty, when it is sliced');
});

t.test('strings and numbers of Rego have a text', async (t) => {
  t.equal(textOf('a'), 'a');
  t.equal(textOf(new RegoNumber('1.0')), '1.0');
  for (const other of [undefined, null, true, 1n, 1, [], new Byte(1)]) t.equal(textOf(other), null);
});

t.test('an error tells why', async (t) => {
  t.equal(new RenderError('why').message, 'why');
});
