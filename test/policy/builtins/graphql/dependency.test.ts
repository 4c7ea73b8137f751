import * as fc from 'fast-check';
import t from 'tap';
import { inDependencyOrder } from '../../../../src/policy/builtins/graphql/dependency.ts';

const order = (graph: Record<string, readonly string[]>): readonly string[] | null =>
  inDependencyOrder(Object.keys(graph), (name) => graph[name] ?? []);

t.test('what is depended on comes first', async (t) => {
  t.strictSame(order({ a: ['b', 'c'], b: ['c'], c: [] }), ['c', 'b', 'a']);
  t.strictSame(order({ a: ['b', 'b'], b: [] }), ['b', 'a'], 'twice is once');
  t.strictSame(order({ a: ['elsewhere'] }), ['a'], 'what is not among them does not count');
  t.strictSame(order({}), []);
});

t.test('there is no order where something depends on itself', async (t) => {
  t.equal(order({ a: ['a'] }), null);
  t.equal(order({ a: ['b'], b: ['c'], c: ['a'], d: [] }), null);
});

t.test('a chain of any length has an order', async (t) => {
  const names = Array.from({ length: 20_000 }, (_, at) => String(at));
  const found = inDependencyOrder(names, (name) => [String(Number(name) + 1)]);
  t.equal(found?.[0], '19999');
  t.equal(found?.at(-1), '0');
});

t.test('graphs whose edges all lead to smaller numbers have one', async () => {
  const edges = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 30 });
  fc.assert(
    fc.property(edges, (pairs) => {
      const graph: Record<string, string[]> = {};
      for (let at = 0; at < 10; at++)
        graph[at] = pairs.filter(([from, to]) => from === at && to < at).map(([, to]) => String(to));
      const found = order(graph) ?? [];
      return (
        found.length === 10 &&
        Object.entries(graph).every(([name, needed]) =>
          needed.every((one) => found.indexOf(one) < found.indexOf(name)),
        )
      );
    }),
  );
});
