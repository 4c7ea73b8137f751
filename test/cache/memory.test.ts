import * as fc from 'fast-check';
import t from 'tap';
import { type Bounds, memoryStore } from '../../src/cache/memory.ts';

fc.configureGlobal({ seed: 9111 });

type Value = { readonly name: string };
const one: Value = { name: 'one' };
const two: Value = { name: 'two' };

/** A store whose clock is the test's. */
function storeAt(time: number, bounds: Partial<Bounds> = {}) {
  const clock = { time };
  const store = memoryStore<Value>({ entries: 10, bytes: 1_000, late: 0, ...bounds }, () => clock.time);
  return { clock, store };
}

t.test('a value is given out until its time is over, and not at that moment', async (t) => {
  const { clock, store } = storeAt(1_000);
  store.set('a', one, 50, 1);
  t.equal(store.get('a'), one);
  clock.time = 1_049;
  t.equal(store.get('a'), one);
  t.equal(store.late('a'), undefined, 'nor is it late before');
  clock.time = 1_050;
  t.equal(store.get('a'), undefined);
  t.equal(store.size(), 0, 'what is over is not kept');
});

t.test('what was never kept is not there', async (t) => {
  t.equal(storeAt(0).store.get('a'), undefined);
  t.equal(storeAt(0).store.late('a'), undefined);
});

t.test('a newer value replaces an older one, and its time and size count', async (t) => {
  const { clock, store } = storeAt(0);
  store.set('a', one, 10, 700);
  store.set('a', two, 100, 7);
  clock.time = 50;
  t.equal(store.get('a'), two);
  t.equal(store.bytes(), 7);
});

t.test('a time that is not positive keeps nothing, what was there before included', async (t) => {
  const { store } = storeAt(0);
  for (const ttl of [0, -1, Number.NEGATIVE_INFINITY, Number.NaN]) {
    store.set('a', one, 10, 1);
    store.set('a', two, ttl, 1);
    t.equal(store.size(), 0, 'not even until it is asked for');
    t.equal(store.get('a'), undefined, String(ttl));
  }
});

t.test('least recently used goes first, and being asked for is use', async (t) => {
  const { store } = storeAt(0, { entries: 2 });
  store.set('a', one, 10, 1);
  store.set('b', one, 10, 1);
  store.get('a');
  store.set('c', one, 10, 1);
  t.equal(store.size(), 2);
  t.equal(store.get('b'), undefined);
  t.equal(store.get('a'), one);
  t.equal(store.get('c'), one);
});

t.test('least recently used goes first too when there are too many bytes', async (t) => {
  const { store } = storeAt(0, { bytes: 100 });
  store.set('a', one, 10, 40);
  store.set('b', one, 10, 40);
  t.equal(store.bytes(), 80);
  store.set('c', one, 10, 50);
  t.equal(store.get('a'), undefined);
  t.equal(store.get('b'), one);
  t.equal(store.get('c'), one);
  t.equal(store.bytes(), 90);
});

t.test('what is larger than the whole store is not kept, and costs nobody else', async (t) => {
  const { store } = storeAt(0, { bytes: 100 });
  store.set('a', one, 10, 1);
  store.set('b', one, 10, 1);
  store.set('b', two, 10, 101);
  t.equal(store.get('b'), undefined, 'nor does an older value stay in its place');
  t.equal(store.get('a'), one);
  t.equal(store.bytes(), 1);
});

t.test('what has no size counts as one byte', async (t) => {
  const { store } = storeAt(0);
  store.set('a', one, 10, 0);
  t.equal(store.get('a'), one);
  t.equal(store.bytes(), 1);
});

t.test('a value whose time is over is held for as long as late ones are, and is no other’s', async (t) => {
  const { clock, store } = storeAt(0, { late: 20 });
  store.set('a', one, 10, 1);
  clock.time = 10;
  t.equal(store.get('a'), undefined);
  t.strictSame(store.late('a'), { value: one, by: 0 });
  clock.time = 29;
  t.equal(store.get('a'), undefined);
  t.strictSame(store.late('a'), { value: one, by: 19 });
  clock.time = 30;
  t.equal(store.late('a'), undefined);
  t.equal(store.size(), 0);
});

t.test('where late ones are held, a time that is not positive is over at once', async (t) => {
  const { store } = storeAt(0, { late: 20 });
  for (const ttl of [0, -5, Number.NaN]) {
    store.set('a', one, ttl, 1);
    t.equal(store.get('a'), undefined);
    t.strictSame(store.late('a'), { value: one, by: 0 }, String(ttl));
  }
});

t.test('a clock that is set back does not lengthen the life of what was kept before', async (t) => {
  const { clock, store } = storeAt(1_000_000, { late: 20 });
  store.set('a', one, 30, 1);
  store.set('b', one, 30, 1);
  clock.time = 1_000;
  t.equal(store.get('a'), undefined);
  t.equal(store.late('b'), undefined);
  clock.time = 1_000_001;
  t.equal(store.get('a'), undefined, 'nor does it come back when the clock is put right');
  t.equal(store.get('b'), undefined);
});

t.test('what is deleted is gone, its bytes too', async (t) => {
  const { clock, store } = storeAt(0, { late: 20 });
  store.set('a', one, 10, 5);
  store.set('b', one, 10, 6);
  store.delete('a');
  store.delete('c');
  t.equal(store.get('a'), undefined);
  t.equal(store.get('b'), one);
  t.equal(store.bytes(), 6);
  clock.time = 15;
  store.delete('b');
  t.equal(store.late('b'), undefined);
  t.equal(store.bytes(), 0);
});

t.test('a purge deletes all that it is about, late ones too, and says how many', async (t) => {
  const { clock, store } = storeAt(0, { late: 20 });
  store.set('late', one, 1, 1);
  clock.time = 2;
  for (const key of ['a', 'b', 'c']) store.set(key, one, 10, 1);
  store.set('d', two, 10, 1);
  t.equal(
    store.purge(({ name }) => name === 'one'),
    4,
  );
  for (const key of ['a', 'b', 'c', 'late']) {
    t.equal(store.get(key), undefined);
    t.equal(store.late(key), undefined);
  }
  t.equal(store.get('d'), two);
  t.equal(store.size(), 1);
  t.equal(
    store.purge(() => false),
    0,
  );
});

t.test('a group is deleted whole, late ones too, and no other', async (t) => {
  const clock = { time: 0 };
  const bounds = { entries: 3, bytes: 100, late: 20 };
  const store = memoryStore<Value>(
    bounds,
    () => clock.time,
    ({ name }) => name,
  );
  const held = (...keys: string[]) => keys.filter((key) => store.get(key) ?? store.late(key)).join('');
  store.set('a', one, 10, 1);
  store.set('b', one, 100, 1);
  store.set('c', two, 100, 1);
  clock.time = 15;
  store.deleteGroup('one');
  t.equal(held('a', 'b', 'c'), 'c');
  store.deleteGroup('one');
  store.deleteGroup('never');
  t.equal(held('c'), 'c');

  store.set('a', one, 100, 1);
  store.set('a', two, 100, 1);
  store.deleteGroup('one');
  t.equal(held('a', 'c'), 'ac', 'a value is of the group of the newest');
  for (const key of ['d', 'e', 'f']) store.set(key, two, 100, 1);
  store.set('a', one, 100, 1);
  store.deleteGroup('two');
  t.equal(held('a', 'd', 'e', 'f'), 'a', 'what was evicted is of none');
  store.set('a', two, 100, 101);
  store.set('a', one, 100, 1);
  store.deleteGroup('two');
  t.equal(held('a'), 'a', 'nor is what was too large to be kept');
  store.set('a', one, 100, 1);
  store.deleteGroup('one');
  t.equal(store.size(), 0);
});

type Kept = { readonly value: Value; readonly since: number; readonly until: number; readonly size: number };

t.test(
  'in any order of keeping, asking, deleting and clock moves, nothing old, foreign or beyond the bounds shows',
  async (t) => {
    const key = fc.constantFrom('a', 'b', 'c', 'd');
    const set = fc.record({
      set: key,
      ttl: fc.integer({ min: -5, max: 30 }),
      size: fc.integer({ min: 1, max: 12 }),
    });
    const step = fc.oneof(
      { weight: 4, arbitrary: set },
      { weight: 4, arbitrary: fc.record({ get: key }) },
      { weight: 4, arbitrary: fc.record({ late: key }) },
      fc.record({ gone: key }),
      fc.record({ purge: fc.subarray(['a', 'b', 'c', 'd'], { maxLength: 1 }) }),
      { weight: 2, arbitrary: fc.record({ move: fc.integer({ min: -5, max: 20 }) }) },
    );
    const bounds = fc.record({
      entries: fc.integer({ min: 1, max: 4 }),
      bytes: fc.constantFrom(10, 20, 48),
      late: fc.constantFrom(0, 10),
    });
    let hits = 0;
    fc.assert(
      fc.property(bounds, fc.array(step, { minLength: 20, maxLength: 80 }), (bounds, steps) => {
        const { clock, store } = storeAt(1_000, bounds);
        const kept = new Map<string, Kept>();
        const roomy = bounds.entries === 4 && bounds.bytes === 48;
        for (const step of steps) {
          if ('set' in step) {
            const value = { name: step.set };
            store.set(step.set, value, step.ttl, step.size);
            const until = clock.time + Math.max(step.ttl, 0);
            kept.set(step.set, { value, since: clock.time, until, size: step.size });
          } else if ('get' in step || 'late' in step) {
            const asked = 'get' in step ? step.get : step.late;
            const entry = kept.get(asked);
            const past = entry !== undefined && entry.since <= clock.time ? clock.time - entry.until : null;
            const fresh = past !== null && past < 0;
            const late = past !== null && past >= 0 && past < bounds.late;
            const found = 'get' in step ? store.get(asked) : store.late(asked)?.value;
            const good = 'get' in step ? fresh : late;
            if (found !== undefined && !(good && found === entry?.value)) return false;
            // With room for every key nothing is evicted: what is good must then be there.
            if (roomy && good && found === undefined) return false;
            if ('late' in step && found && store.late(asked)?.by !== past) return false;
            if (!fresh && !late) kept.delete(asked);
            if (found !== undefined) hits++;
          } else if ('gone' in step) {
            store.delete(step.gone);
            kept.delete(step.gone);
          } else if ('purge' in step) {
            store.purge(({ name }) => step.purge.includes(name));
            for (const name of step.purge) kept.delete(name);
          } else clock.time += step.move;
          if (store.size() > bounds.entries || store.bytes() > bounds.bytes) return false;
        }
        return true;
      }),
    );
    t.ok(hits > 100, `${hits} found`);
  },
);
