import * as fc from 'fast-check';
import t from 'tap';
import { singleFlight } from '../../src/cache/single-flight.ts';

fc.configureGlobal({ seed: 9112 });

/** Calls that end when the test says so. */
function calls() {
  const started: {
    readonly key: string;
    readonly end: (value: string) => void;
    readonly fail: () => void;
  }[] = [];
  const start = (key: string) => () =>
    new Promise<string>((resolve, reject) => {
      started.push({ key, end: resolve, fail: () => reject(new Error('no connection')) });
    });
  return { started, start };
}

/** Joins the call under way for a key, or starts one: as whoever asks does. */
function joining<M>(mark: () => M) {
  const flights = singleFlight<string, M>(mark);
  const join = (key: string, call: () => Promise<string>) => {
    const flight = flights.underWay(key);
    return flight
      ? { promise: flight.promise, joined: { mark: flight.mark } }
      : { promise: flights.start(key, call), joined: null };
  };
  return { join, flights };
}

t.test('all who want the same thing at the same time share one call', async (t) => {
  const { join } = joining(() => 'the span of the first');
  const { started, start } = calls();
  const flights = Array.from({ length: 35 }, () => join('a', start('a')));
  t.equal(started.length, 1);
  started[0]!.end('answer');
  const answers = await Promise.all(flights.map(({ promise }) => promise));
  t.strictSame(new Set(answers), new Set(['answer']));
  t.equal(flights[0]!.joined, null, 'the first started it');
  for (const { joined } of flights.slice(1)) t.strictSame(joined, { mark: 'the span of the first' });
});

t.test('who joins is known to have joined, though the starter left no mark', async (t) => {
  const { join } = joining(() => null);
  const { started, start } = calls();
  const first = join('a', start('a'));
  const second = join('a', start('a'));
  t.equal(first.joined, null);
  t.strictSame(second.joined, { mark: null });
  started[0]!.end('answer');
  await Promise.all([first.promise, second.promise]);
});

t.test('different keys do not wait for each other', async (t) => {
  const { join } = joining(() => null);
  const { started, start } = calls();
  const [a, b] = [join('a', start('a')), join('b', start('b'))];
  t.equal(b.joined, null);
  started[1]!.end('of b');
  t.equal(await b.promise, 'of b');
  started[0]!.end('of a');
  t.equal(await a.promise, 'of a');
});

t.test('a failure is shared by those who wait for it, and by nobody after them', async (t) => {
  const { join } = joining(() => null);
  const { started, start } = calls();
  const waiting = [join('a', start('a')), join('a', start('a'))];
  started[0]!.fail();
  for (const { promise } of waiting) await t.rejects(promise, { message: 'no connection' });
  const later = join('a', start('a'));
  t.equal(later.joined, null);
  started[1]!.end('answer');
  t.equal(await later.promise, 'answer');
});

t.test('an answer is not kept: the next who asks starts a new call', async (t) => {
  const { join } = joining(() => null);
  const { started, start } = calls();
  const first = join('a', start('a'));
  started[0]!.end('old');
  await first.promise;
  const second = join('a', start('a'));
  started[1]!.end('new');
  t.equal(await second.promise, 'new');
});

t.test('what is forgotten answers those who wait, and nobody who comes later', async (t) => {
  const { join, flights } = joining(() => null);
  const { started, start } = calls();
  const before = [join('a', start('a')), join('a', start('a'))];
  flights.forget();
  const after = [join('a', start('a')), join('a', start('a'))];
  t.strictSame(
    after.map(({ joined }) => joined),
    [null, { mark: null }],
  );
  t.equal(started.length, 2);
  started[0]!.end('old');
  for (const { promise } of before) t.equal(await promise, 'old');
  t.strictSame(join('a', start('a')).joined, { mark: null }, 'the end of the old one does not end the new');
  started[1]!.end('new');
  for (const { promise } of after) t.equal(await promise, 'new');
});

t.test(
  'however joins and ends interleave, a key has one call at a time and everyone gets its own',
  async (t) => {
    const key = fc.constantFrom('a', 'b', 'c');
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(key, { minLength: 1, maxLength: 20 }), async (s, keys) => {
        const { join } = joining(() => null);
        const underway = new Map<string, number>();
        let most = 0;
        const ask = async (key: string): Promise<boolean> => {
          const { promise } = join(key, async () => {
            underway.set(key, (underway.get(key) ?? 0) + 1);
            most = Math.max(most, underway.get(key)!);
            await s.schedule(Promise.resolve(), `call for ${key}`);
            underway.set(key, underway.get(key)! - 1);
            return key;
          });
          return (await promise) === key;
        };
        const asked = keys.map(async (key) => {
          await s.schedule(Promise.resolve(), `ask for ${key}`);
          return ask(key);
        });
        await s.waitFor(Promise.all(asked));
        return most === 1 && (await Promise.all(asked)).every(Boolean);
      }),
      { numRuns: 50 },
    );
    t.pass('held for every interleaving');
  },
);
