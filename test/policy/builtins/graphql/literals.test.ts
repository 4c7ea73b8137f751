import * as fc from 'fast-check';
import t from 'tap';
import { KINDS, node, type Node } from '../../../../src/policy/builtins/graphql/ast.ts';
import { isReadable } from '../../../../src/policy/builtins/graphql/literals.ts';

const value = (Kind: bigint, Raw = ''): Node<'Value'> => node('Value', { Kind, Raw });
const holding = (Kind: bigint, ...values: Node<'Value'>[]): Node<'Value'> =>
  node('Value', { Kind, Children: values.map((Value) => node('ChildValue', { Value })) });

t.test('integers of 64 bits can be read, others cannot', async (t) => {
  for (const raw of ['0', '-0', '+7', '007', '2147483648', '9223372036854775807', '-9223372036854775808'])
    t.ok(isReadable(value(KINDS.int, raw)), raw);
  for (const raw of ['', '-', '1.5', 'a', '9223372036854775808', '-9223372036854775809', '9'.repeat(100_000)])
    t.notOk(isReadable(value(KINDS.int, raw)), raw.slice(0, 30));
});

t.test('floats can be read if a double holds them, however small they are', async (t) => {
  for (const raw of ['0.0', '-1.5', '1e308', '1e-999', '1.7976931348623157e308', '5.', '.5', '+1'])
    t.ok(isReadable(value(KINDS.float, raw)), raw);
  for (const raw of ['1e309', '-1e999', '', '.', 'e5', '1e', 'Infinity', '0x10'])
    t.notOk(isReadable(value(KINDS.float, raw)), raw);
});

t.test('booleans are those of Go', async (t) => {
  for (const raw of ['true', 'false', '1', 'T', 'FALSE']) t.ok(isReadable(value(KINDS.boolean, raw)), raw);
  for (const raw of ['tRUE', 'yes', '']) t.notOk(isReadable(value(KINDS.boolean, raw)), raw);
});

t.test(
  'strings, names, variables and null can be read whatever they say; kinds that do not exist cannot',
  async (t) => {
    for (const kind of [KINDS.string, KINDS.block, KINDS.enum, KINDS.variable, KINDS.null])
      t.ok(isReadable(value(kind, '9'.repeat(30))));
    t.notOk(isReadable(value(10n)));
    t.notOk(isReadable(value(-1n)));
  },
);

t.test('lists and objects can be read if all that is in them can', async (t) => {
  const good = value(KINDS.int, '1');
  const bad = value(KINDS.int, '9'.repeat(20));
  t.ok(isReadable(holding(KINDS.list)));
  t.ok(isReadable(holding(KINDS.object, good, holding(KINDS.list, good))));
  const outer = holding(KINDS.object, good, holding(KINDS.list, good, bad));
  t.notOk(isReadable(outer));
  t.notOk(isReadable(outer), 'nor is it the second time');
  t.ok(isReadable(node('Value', { Kind: KINDS.list, Children: [node('ChildValue', {})] })));
});

t.test('every int64 can be read', async () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (integer) =>
      isReadable(value(KINDS.int, String(integer))),
    ),
  );
});
