import * as fc from 'fast-check';
import t from 'tap';
import { circuitBreaker, circuitBreakers } from '../../src/oauth/breaker.ts';

fc.configureGlobal({ seed: 9113 });

/** A breaker of three failures and five seconds, whose clock is the test's; `changes` is what it told. */
function start() {
  const clock = { time: 1_000_000 };
  const changes: string[] = [];
  const settings = { failures: 3, open_for: 5_000 };
  const breaker = circuitBreaker(
    settings,
    () => clock.time,
    (state) => changes.push(state),
  );
  const calls = (...ill: boolean[]): void => ill.forEach((one) => breaker.begin()(one));
  return { clock, changes, breaker, calls };
}

t.test('it stays closed until there were so many failures in a row', async (t) => {
  const { breaker, calls, changes } = start();
  calls(true, true, false, true, true);
  t.equal(breaker.state(), 'closed');
  t.equal(breaker.wait(), null);
  calls(true);
  t.equal(breaker.state(), 'open');
  t.strictSame(changes, ['open']);
});

t.test('while it is open it says how long to wait, in whole seconds, at least one', async (t) => {
  const { breaker, calls, clock } = start();
  calls(true, true, true);
  for (const [passed, seconds] of [
    [0, 5],
    [1, 5],
    [1_000, 4],
    [4_001, 1],
    [4_999, 1],
  ] as const) {
    clock.time = 1_000_000 + passed;
    t.equal(breaker.wait(), seconds, String(passed));
    t.equal(breaker.state(), 'open');
  }
  clock.time = 1_005_000;
  t.equal(breaker.wait(), null);
  t.equal(breaker.state(), 'half_open');
});

t.test('then one call tries, and the others wait', async (t) => {
  const { breaker, calls, clock } = start();
  calls(true, true, true);
  clock.time += 5_000;
  const settle = breaker.begin();
  t.equal(breaker.state(), 'half_open');
  t.equal(breaker.wait(), 1);
  settle(false);
  t.equal(breaker.state(), 'closed');
  t.equal(breaker.wait(), null);
});

t.test('a call that shows that the server is back closes it, and failures count anew', async (t) => {
  const { breaker, calls, clock, changes } = start();
  calls(true, true, true);
  clock.time += 5_000;
  calls(false, true, true);
  t.equal(breaker.state(), 'closed');
  t.strictSame(changes, ['open', 'closed']);
  calls(true);
  t.equal(breaker.state(), 'open');
  t.strictSame(changes, ['open', 'closed', 'open']);
});

t.test('one that fails opens it for as long again, and is no news', async (t) => {
  const { breaker, calls, clock, changes } = start();
  calls(true, true, true);
  clock.time += 6_000;
  calls(true);
  t.equal(breaker.state(), 'open');
  t.equal(breaker.wait(), 5);
  t.strictSame(changes, ['open']);
  clock.time += 5_000;
  t.equal(breaker.wait(), null, 'and then there is another trial');
});

t.test('a call that began before it opened says nothing of how things stand now', async (t) => {
  const { breaker, calls, clock, changes } = start();
  const [late, later, latest] = [breaker.begin(), breaker.begin(), breaker.begin()];
  calls(true, true, true);
  clock.time += 2_000;
  late(false);
  t.equal(breaker.state(), 'open', 'it is not closed by one that was lucky');
  later(true);
  t.equal(breaker.wait(), 3, 'nor kept open for longer');
  clock.time += 3_000;
  const trial = breaker.begin();
  latest(true);
  t.equal(breaker.wait(), 1, 'nor is another trial let in');
  trial(false);
  t.equal(breaker.state(), 'closed');
  t.strictSame(changes, ['open', 'closed']);
});

t.test('a clock that is set back does not keep it open', async (t) => {
  const { breaker, calls, clock } = start();
  calls(true, true, true);
  clock.time -= 3_600_000;
  t.equal(breaker.state(), 'half_open');
  t.equal(breaker.wait(), null);
});

t.test('nobody has to listen', async (t) => {
  const breaker = circuitBreaker({ failures: 1, open_for: 1_000 }, () => 0);
  breaker.begin()(true);
  t.equal(breaker.state(), 'open');
  const two = circuitBreakers({ failures: 1, open_for: 1_000 }, () => 0);
  two.begin(true)(true);
  t.equal(two.state(), 'open');
});

t.test('where no call was made after all, nothing follows, and another may try', async (t) => {
  const { breaker, calls, clock, changes } = start();
  calls(true, true);
  for (let i = 0; i < 5; i++) breaker.begin()(null);
  t.equal(breaker.state(), 'closed', 'it is no failure');
  calls(true);
  t.equal(breaker.state(), 'open', 'nor does it end a row of them');
  clock.time += 5_000;
  const trial = breaker.begin();
  t.equal(breaker.wait(), 1);
  trial(null);
  t.equal(breaker.state(), 'half_open');
  t.equal(breaker.wait(), null);
  t.strictSame(changes, ['open']);
});

t.test('two for one server', async (t) => {
  const both = () => {
    const clock = { time: 1_000_000 };
    const changes: string[] = [];
    const told = (state: string): void => void changes.push(state);
    const breakers = circuitBreakers({ failures: 2, open_for: 5_000 }, () => clock.time, told);
    const call = (known: boolean, ...ill: boolean[]): void =>
      ill.forEach((one) => breakers.begin(known)(one));
    return { clock, changes, breakers, call };
  };

  await t.test('what new tokens bring about is theirs, and known ones are asked about', async (t) => {
    const { breakers, call, clock, changes } = both();
    for (let round = 0; round < 3; round++) {
      call(false, true, true);
      t.equal(breakers.wait(false), 5);
      t.equal(breakers.wait(true), null);
      t.equal(breakers.state(), 'open', 'the worse of the two');
      clock.time += 5_000;
    }
    t.equal(breakers.state(), 'half_open');
    const trial = breakers.begin(false);
    t.equal(breakers.wait(true), null, 'a trial does not keep them waiting either');
    trial(true);
    t.strictSame(changes, ['open']);
  });

  await t.test('on which the server fails, too, it is left alone with all', async (t) => {
    const { breakers, call, clock, changes } = both();
    call(true, true, true);
    t.strictSame([breakers.wait(false), breakers.wait(true)], [5, 5]);
    t.strictSame(changes, ['open'], 'which is told once');
    clock.time += 5_000;
    call(false, false);
    t.equal(breakers.state(), 'half_open');
    t.strictSame(changes, ['open']);
    call(true, false);
    t.equal(breakers.state(), 'closed');
    t.strictSame(changes, ['open', 'closed']);
  });

  await t.test(
    'any answer ends a row of failures, and none but a known one’s is a trial for those',
    async (t) => {
      const { breakers, call, clock } = both();
      call(true, true);
      call(false, false);
      call(true, true);
      t.equal(breakers.state(), 'closed');
      const before = breakers.begin(false);
      call(true, true);
      t.equal(breakers.wait(true), 5);
      before(false);
      t.equal(breakers.wait(true), 5, 'nor does one that began before it opened');
      clock.time += 5_000;
      call(false, false);
      t.equal(breakers.state(), 'half_open');
      const trial = breakers.begin(true);
      t.equal(breakers.wait(true), 1);
      call(false, false);
      t.equal(breakers.wait(true), 1);
      trial(false);
      t.equal(breakers.state(), 'closed');
    },
  );

  await t.test('a known one that is answered says that the server is back for all', async (t) => {
    const { breakers, call, changes } = both();
    call(false, true, true);
    call(true, false);
    t.equal(breakers.wait(false), null);
    call(false, true);
    call(true, false);
    call(false, true);
    t.equal(breakers.state(), 'closed', 'and ends a row of failures');
    t.strictSame(changes, ['open', 'closed']);
  });
});

t.test(
  'in any order of calls and time, one call at most reaches a server that it knows to be ill',
  async (t) => {
    const step = fc.oneof(
      fc.constant('begin' as const),
      fc.record({ end: fc.nat({ max: 5 }), ill: fc.boolean() }),
      fc.record({ move: fc.integer({ min: -2_000, max: 7_000 }) }),
    );
    let opened = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) => {
        const { breaker, clock, changes } = start();
        const underWay: ((ill: boolean) => void)[] = [];
        let trials = 0;
        for (const step of steps) {
          if (step === 'begin') {
            const state = breaker.state();
            const wait = breaker.wait();
            if (state === 'open' && wait === null) return false;
            if (wait !== null && (wait < 1 || !Number.isInteger(wait))) return false;
            if (wait !== null) continue;
            if (state === 'half_open' && ++trials > 1) return false;
            const settle = breaker.begin();
            underWay.push((ill) => {
              if (state === 'half_open') trials--;
              settle(ill);
            });
          } else if ('move' in step) clock.time += step.move;
          else underWay.splice(step.end, 1)[0]?.(step.ill);
        }
        opened += changes.filter((change) => change === 'open').length;
        return changes.every((change, index) => change === (index % 2 === 0 ? 'open' : 'closed'));
      }),
      { numRuns: 500 },
    );
    t.ok(opened > 20, `it opened ${opened} times`);
  },
);
