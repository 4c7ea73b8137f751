import * as fc from 'fast-check';
import t from 'tap';
import { memoryStore } from '../../src/cache/memory.ts';

fc.configureGlobal({ seed: 9111 });

type Value = { readonly name: string };
const one: Value = { name: 'one' };
const two: Value = { name: 'two' };

/** A store whose clock is the test's. */
function storeAt(time: number, maxEntries = 10) {
  const clock = { time };
  return { clock, store: memoryStore<Value>(maxEntries, () => clock.time) };
}

t.test('a value is given out until its time is over, and not at that moment', async (t) => {
  const { clock, store } = storeAt(1_000);
  store.set('a', one, 50);
  t.equal(store.get('a'), one);
  clock.time = 1_049;
  t.equal(store.get('a'), one);
  clock.time = 1_050;
  t.equal(store.get('a'), undefined);
  t.equal(store.size(), 0, 'what is over is not kept');
});

t.test('what was never kept is not there', async (t) => {
  t.equal(storeAt(0).store.get('a'), undefined);
});

t.test('a newer value replaces an older one, and its time counts', async (t) => {
  const { clock, store } = storeAt(0);
  store.set('a', one, 10);
  store.set('a', two, 100);
  clock.time = 50;
  t.equal(store.get('a'), two);
});

t.test('a time that is not positive keeps nothing', async (t) => {
  const { store } = storeAt(0);
  for (const ttl of [0, -1, Number.NEGATIVE_INFINITY, Number.NaN]) {
    store.set('a', one, ttl);
    t.equal(store.get('a'), undefined, String(ttl));
  }
  t.equal(store.size(), 0);
});

t.test('least recently used goes first, and being asked for is use', async (t) => {
  const { store } = storeAt(0, 2);
  store.set('a', one, 10);
  store.set('b', one, 10);
  store.get('a');
  store.set('c', one, 10);
  t.equal(store.size(), 2);
  t.equal(store.get('b'), undefined);
  t.equal(store.get('a'), one);
  t.equal(store.get('c'), one);
});

t.test('a clock that is set back does not lengthen the life of what was kept before', async (t) => {
  const { clock, store } = storeAt(1_000_000);
  store.set('a', one, 30);
  clock.time = 1_000;
  t.equal(store.get('a'), undefined);
  clock.time = 1_000_001;
  t.equal(store.get('a'), undefined, 'nor does it come back when the clock is put right');
});

t.test(
  'in any order of keeping, asking and clock moves, nothing old, foreign or beyond the bound shows',
  async (t) => {
    const step = fc.oneof(
      fc.record({ set: fc.constantFrom('a', 'b', 'c', 'd'), ttl: fc.integer({ min: -5, max: 30 }) }),
      fc.record({ get: fc.constantFrom('a', 'b', 'c', 'd') }),
      fc.record({ move: fc.integer({ min: -20, max: 20 }) }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), (bound, steps) => {
        const { clock, store } = storeAt(1_000, bound);
        const kept = new Map<string, { value: Value; since: number; until: number }>();
        for (const step of steps) {
          if ('set' in step) {
            const value = { name: `${step.set}, the ${kept.size}th` };
            store.set(step.set, value, step.ttl);
            if (step.ttl > 0) kept.set(step.set, { value, since: clock.time, until: clock.time + step.ttl });
          } else if ('get' in step) {
            const found = store.get(step.get);
            const entry = kept.get(step.get);
            const good = entry !== undefined && entry.since <= clock.time && clock.time < entry.until;
            if (found !== undefined && !(good && found === entry.value)) return false;
            // With room for every key nothing is evicted: what is good must then be there.
            if (bound === 4 && good && found === undefined) return false;
            if (!good) kept.delete(step.get);
          } else clock.time += step.move;
          if (store.size() > bound) return false;
        }
        return true;
      }),
    );
    t.pass('held for every sequence');
  },
);
