import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import {
  below,
  call,
  DEEPEST,
  expression,
  isCompound,
  isRootDocument,
  nameOf,
  ref,
  refOf,
  string,
  trueBody,
  variable,
} from '../../../../src/policy/builtins/rego/ast.ts';

t.test('a reference of names has a name', async (t) => {
  t.equal(nameOf(refOf('io', 'jwt', 'decode')), 'io.jwt.decode');
  t.equal(nameOf(refOf('io', 'jwt.decode')), null);
  t.equal(nameOf(ref([variable('io'), variable('x')])), null);
  t.equal(nameOf(ref([call([]), string('x')])), null);
  t.equal(nameOf(variable('x')), null);
  t.equal(nameOf(undefined), null);
});

t.test('data and input are root documents', async (t) => {
  t.ok(isRootDocument(variable('data')) && isRootDocument(variable('input')));
  t.notOk(isRootDocument(variable('rego')) || isRootDocument(string('data')));
});

t.test('a body that was not written is true', async (t) => {
  t.match(trueBody(), [{ content: { kind: 'boolean', value: true }, generated: true, negated: false }]);
});

t.test('some contents are of expressions only', async (t) => {
  t.ok(isCompound({ kind: 'some', symbols: [] }));
  t.notOk(isCompound(expression(variable('x')).content));
});

t.test('trees have a bottom', async (t) => {
  t.equal(below(0), 1);
  t.throws(() => below(DEEPEST), new BuiltinError('the module is nested deeper than 500'));
});
