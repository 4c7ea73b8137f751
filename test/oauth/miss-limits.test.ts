import * as fc from 'fast-check';
import t from 'tap';
import { missLimits } from '../../src/oauth/miss-limits.ts';
import { settled } from '../support/held-introspection.ts';

fc.configureGlobal({ seed: 9114 });

const SETTINGS = { misses_per_address: 2, burst: 3, misses: 10, concurrency: 4 };

/** Limits whose clock is the test's. */
function start(settings: Partial<typeof SETTINGS> = {}) {
  const clock = { time: 1_000_000 };
  return { clock, limits: missLimits({ ...SETTINGS, ...settings }, () => clock.time) };
}

const from = (address: string, more: object = {}) => ({ address, known: false, called: true, ...more });
/** One of each of so many addresses. */
const each = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, host) => from(`198.51.100.${host}`, more));

t.test('an address has its burst, then its rate', async (t) => {
  const { limits, clock } = start({ concurrency: 100 });
  const admitted = (address = '192.0.2.1') => limits.admit(from(address)) === null;
  t.strictSame(
    Array.from({ length: 5 }, () => admitted()),
    [true, true, true, false, false],
  );
  t.ok(admitted('192.0.2.2'), 'another address has its own');
  clock.time += 499;
  t.notOk(admitted());
  clock.time += 1;
  t.ok(admitted());
  t.notOk(admitted());
  clock.time += 3_600_000;
  t.strictSame(
    Array.from({ length: 4 }, () => admitted()),
    [true, true, true, false],
    'no more than the burst',
  );
});

t.test('whoever has one network has one rate', async (t) => {
  const { limits } = start({ burst: 1, concurrency: 100 });
  const excess = (address: string) => {
    const said = limits.admit(from(address));
    return said !== null && 'of' in said ? said.of : null;
  };
  t.equal(excess('2001:db8::1'), null);
  t.equal(excess('2001:db8:0:0:ffff::2'), 'address');
  t.equal(excess('2001:db8:0:1::1'), null);
  t.equal(excess('192.0.2.1'), null);
  t.equal(excess('::ffff:192.0.2.1'), 'address');
});

t.test('a rate below one a second lets one through when its time has come', async (t) => {
  const { limits, clock } = start({ misses_per_address: 0.1, burst: 1, concurrency: 100 });
  t.equal(limits.admit(from('192.0.2.1')), null);
  t.strictSame(limits.admit(from('192.0.2.1')), { of: 'address', retry_after: 10 }, 'and it is said when');
  clock.time += 2_500;
  t.strictSame(limits.admit(from('192.0.2.1')), { of: 'address', retry_after: 8 });
  clock.time += 7_499;
  t.strictSame(limits.admit(from('192.0.2.1')), { of: 'address', retry_after: 1 });
  clock.time += 1;
  t.equal(limits.admit(from('192.0.2.1')), null);
});

t.test('all addresses together have a rate: a second’s worth at once, and the wait is said', async (t) => {
  const { limits, clock } = start({ concurrency: 100 });
  const ask = (host: number) => limits.admit(from(`192.0.2.${host}`));
  for (let host = 0; host < 10; host++) t.equal(ask(host), null);
  t.strictSame(ask(10), { of: 'server', retry_after: 1 });
  clock.time += 100;
  t.equal(ask(10), null);
  t.strictSame(ask(11), { of: 'server', retry_after: 1 });

  const slow = start({ misses: 0.1, concurrency: 100 });
  t.equal(slow.limits.admit(from('192.0.2.1')), null, 'one at least');
  t.strictSame(slow.limits.admit(from('192.0.2.2')), { of: 'server', retry_after: 10 });
  slow.clock.time += 8_500;
  t.strictSame(slow.limits.admit(from('192.0.2.2')), { of: 'server', retry_after: 2 });
});

t.test('who is refused for what others do is not counted', async (t) => {
  const { limits, clock } = start({ burst: 1, concurrency: 1 });
  const one = from('192.0.2.1');
  t.equal(limits.admit(one), null);
  for (let i = 0; i < 20; i++) t.match(limits.admit(from('192.0.2.2')), { of: 'concurrency' });
  limits.left(one);
  t.equal(limits.admit(from('192.0.2.2')), null, 'its burst is still there');
  for (let i = 0; i < 20; i++) t.match(limits.admit(from('192.0.2.1')), { of: 'address' });
  clock.time += 500;
  limits.left(from('192.0.2.2'));
  t.equal(limits.admit(from('192.0.2.1')), null, 'nor does asking on keep its rate from filling');
});

t.test('new tokens have three quarters of the calls at once, those known the rest too', async (t) => {
  const { limits } = start({ burst: 100 });
  const [unknown, known] = [from('192.0.2.1'), from('192.0.2.1', { known: true })];
  const others = each(3);
  for (const other of others) t.equal(limits.admit(other), null);
  t.strictSame(limits.admit(unknown), { of: 'concurrency', retry_after: 1 });
  t.equal(limits.admit(known), null);
  limits.left(known);
  t.match(limits.admit(unknown), { of: 'concurrency' });
  t.equal(limits.admit(known), null);
  limits.left(others[0] ?? unknown);
  t.equal(limits.admit(known), null, 'known ones may have all');
  t.match(limits.admit(unknown), { of: 'concurrency' }, 'and then there is nothing left for new ones');
});

t.test('those known wait for their turn, in their order, before any new one', async (t) => {
  const { limits } = start({ burst: 100, concurrency: 2 });
  const [unknown, known] = [from('192.0.2.1'), from('192.0.2.1', { known: true })];
  t.equal(limits.admit(unknown), null);
  t.equal(limits.admit(known), null);
  const order: number[] = [];
  const turns = [1, 2, 3].map(async (place) => {
    await limits.admit(known);
    order.push(place);
  });
  await settled();
  t.strictSame(order, []);
  limits.left(unknown);
  t.match(limits.admit(unknown), { of: 'concurrency' });
  await settled();
  t.strictSame(order, [1]);
  limits.left(known);
  limits.left(known);
  await Promise.all(turns);
  t.strictSame(order, [1, 2, 3]);
  t.match(limits.admit(unknown), { of: 'concurrency' }, 'they have their calls now');
  limits.left(known);
  limits.left(known);
  t.equal(limits.admit(unknown), null);
});

t.test('not more of them wait than sixteen for each call', async (t) => {
  const { limits } = start({ concurrency: 2 });
  const known = from('192.0.2.1', { known: true });
  for (let i = 0; i < 2; i++) t.equal(limits.admit(known), null);
  for (const other of each(32, { known: true })) t.ok(limits.admit(other) instanceof Promise);
  t.strictSame(limits.admit(known), { of: 'concurrency', retry_after: 1 });
  limits.left(known);
  t.ok(limits.admit(known) instanceof Promise, 'one has its turn, and one more waits');
});

t.test('one network has a quarter of the calls for new tokens, and the others are for others', async (t) => {
  const { limits } = start({ burst: 100, misses: 100, concurrency: 32 });
  const busy = { of: 'address', retry_after: 1 } as const;
  const own = (host: number) => from(`2001:db8::${host}`);
  for (let host = 0; host < 6; host++) t.equal(limits.admit(own(host)), null);
  t.strictSame(limits.admit(own(6)), busy);
  t.strictSame(limits.admit(from('2001:DB8:0:00::7')), busy, 'however it spells itself');
  for (const other of each(18)) t.equal(limits.admit(other), null, 'another has its calls');
  t.strictSame(limits.admit(own(6)), busy, 'though no call is left: it is its own fault first');
  limits.left(own(0));
  t.equal(limits.admit(own(6)), null, 'one that is over makes room');
  t.strictSame(limits.admit(own(7)), busy);
  t.equal(limits.admit({ ...own(7), called: false }), null, 'what is verified here is no call');
});

t.test('who has too many calls under way is not counted in a rate', async (t) => {
  const { limits } = start({ burst: 2, concurrency: 4 });
  const one = from('192.0.2.1');
  t.equal(limits.admit(one), null);
  for (let i = 0; i < 10; i++) t.strictSame(limits.admit(one), { of: 'address', retry_after: 1 });
  limits.left(one);
  t.equal(limits.admit(one), null, 'its burst is still there');
});

t.test('of the tokens that wait for their turn, one network has a quarter, its calls included', async (t) => {
  const { limits } = start({ concurrency: 2 });
  const known = from('192.0.2.1', { known: true });
  for (let i = 0; i < 2; i++) t.equal(limits.admit(known), null);
  for (let i = 0; i < 6; i++) t.ok(limits.admit(known) instanceof Promise);
  t.strictSame(limits.admit(known), { of: 'address', retry_after: 1 });
  t.ok(limits.admit(from('192.0.2.2', { known: true })) instanceof Promise, 'others wait for theirs');
  limits.left(known);
  t.ok(limits.admit(known) instanceof Promise, 'one that is over makes room');
  t.strictSame(limits.admit(known), { of: 'address', retry_after: 1 });
  for (let i = 0; i < 8; i++) limits.left(known);
  limits.left(from('192.0.2.2', { known: true }));
  t.equal(limits.admit(known), null, 'and nothing stays counted');
});

t.test('one call at once is for new tokens too', async (t) => {
  const { limits } = start({ concurrency: 1 });
  t.equal(limits.admit(from('192.0.2.1')), null);
});

t.test('a token that was active until lately takes nothing of the rates', async (t) => {
  const { limits } = start({ burst: 1, misses: 1, concurrency: 1_000 });
  t.equal(limits.admit(from('192.0.2.1')), null);
  for (let i = 0; i < 100; i++) t.equal(limits.admit(from('192.0.2.1', { known: true })), null);
});

t.test('what is verified here costs its address, and the server nothing', async (t) => {
  const { limits } = start({ burst: 50, misses: 1, concurrency: 1 });
  const here = from('192.0.2.1', { called: false });
  for (let i = 0; i < 50; i++) t.equal(limits.admit(here), null);
  t.strictSame(limits.admit(here), { of: 'address', retry_after: 1 });
  t.equal(limits.admit(from('192.0.2.1', { called: false, known: true })), null);
  limits.left(here);
  t.equal(limits.admit(from('192.0.2.2')), null);
  t.match(limits.admit(from('192.0.2.3')), { of: 'concurrency' }, 'and its end frees no call');
});

t.test('a clock that is set back gives nothing, and takes nothing for ever', async (t) => {
  const { limits, clock } = start({ burst: 1, concurrency: 100 });
  const ask = () => limits.admit(from('192.0.2.1'));
  t.equal(ask(), null);
  clock.time -= 3_600_000;
  t.match(ask(), { of: 'address' });
  clock.time += 500;
  t.equal(ask(), null, 'it goes on from there');
});

t.test(
  'addresses without end are forgotten, the oldest first, and stay within what all may cost',
  async (t) => {
    const { limits } = start({ burst: 1, misses: 20_000, concurrency: 100_000 });
    const ask = (index: number) =>
      limits.admit(from(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`)) === null;
    let admitted = 0;
    for (let index = 0; index < 15_000; index++) if (ask(index)) admitted++;
    t.equal(admitted, 15_000);
    t.notOk(ask(14_999), 'the newest is remembered');
    t.ok(ask(0), 'the oldest is not');
    for (let index = 20_000; index < 30_000; index++) if (ask(index)) admitted++;
    t.ok(admitted <= 20_000, `${admitted} were admitted`);
  },
);

t.test('in any order of calls, ends and clock moves, no bound is passed', async (t) => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ host: fc.nat({ max: 3 }), known: fc.boolean(), called: fc.boolean() }),
    },
    { weight: 2, arbitrary: fc.record({ end: fc.nat({ max: 4 }) }) },
    { weight: 1, arbitrary: fc.record({ move: fc.integer({ min: -1_000, max: 2_000 }) }) },
  );
  let refused = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 80 }), (steps) => {
      const { limits, clock } = start();
      const underWay: ReturnType<typeof from>[] = [];
      const waiting: typeof underWay = [];
      const taken = new Map<string, number>();
      let forward = 0;
      let all = 0;
      for (const step of steps) {
        if ('move' in step) {
          clock.time += step.move;
          forward += Math.max(step.move, 0);
        } else if ('end' in step) {
          const [over] = underWay.splice(step.end, 1);
          if (over) limits.left(over);
          const next = over && waiting.shift();
          if (next) underWay.push(next);
        } else {
          const miss = from(`192.0.2.${step.host}`, step);
          const excess = limits.admit(miss);
          if (excess instanceof Promise) {
            waiting.push(miss);
            continue;
          }
          if (excess !== null) {
            refused++;
            continue;
          }
          if (miss.called) underWay.push(miss);
          if (!miss.known) taken.set(miss.address, (taken.get(miss.address) ?? 0) + 1);
          if (!miss.known && miss.called) all++;
        }
        if (waiting.length > 0 && underWay.length < 4) return false;
        const ofOne = (address: string): number =>
          underWay.filter((miss) => !miss.known && miss.address === address).length;
        if (underWay.some(({ address, known }) => !known && ofOne(address) > 1)) return false;
        if (underWay.length > 4 || underWay.filter(({ known }) => !known).length > 3) return false;
        if (all > 10 + (forward / 1_000) * 10) return false;
        for (const count of taken.values()) if (count > 3 + (forward / 1_000) * 2) return false;
      }
      return true;
    }),
    { numRuns: 300 },
  );
  t.ok(refused > 300, `${refused} were refused`);
});
