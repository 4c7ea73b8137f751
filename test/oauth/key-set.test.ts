import * as fc from 'fast-check';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import t from 'tap';
import { EndpointError } from '../../src/oauth/fetch.ts';
import { keySet } from '../../src/oauth/key-set.ts';

fc.configureGlobal({ seed: 7517 });

const NOT_THERE = { code: 'ERR_JWKS_NO_MATCHING_KEY' };
const start = 1_790_000_000_000;

const key = async (kid: string): Promise<JWK> => ({
  ...(await exportJWK((await generateKeyPair('ES256', { extractable: true })).publicKey)),
  kid,
});
const [one, two, three] = (await Promise.all(['one', 'two', 'three'].map(key))) as [JWK, JWK, JWK];

/** A key set whose server has these keys, or fails; with a clock of the test's own, and what was asked. */
function serving(...keys: unknown[]) {
  const world = {
    now: start,
    keys: keys as JWK[] | Error,
    fetches: 0,
    /** Resolves when the fetch may end. */
    gate: Promise.resolve(),
  };
  const set = keySet(
    async () => {
      world.fetches++;
      const { keys } = world;
      await world.gate;
      if (keys instanceof Error) throw keys;
      return { keys };
    },
    () => world.now,
  );
  const find = (kid?: string) =>
    set.find({ alg: 'ES256', ...(kid === undefined ? {} : { kid }) }, { payload: '', signature: '' });
  return { world, set, find };
}

t.test('keys are fetched when first needed, once for all who wait', async (t) => {
  const { world, find } = serving(one, two);
  t.equal(world.fetches, 0);
  const found = await Promise.all(['one', 'two', 'one'].map(find));
  t.match(found, [{ type: 'public' }, { type: 'public' }, { type: 'public' }]);
  t.equal(world.fetches, 1);
});

t.test(
  'GHSA-675f-rq2r-jw82: the set is replaced as a whole when a key is asked for that is not there',
  async (t) => {
    const { world, find } = serving(one);
    await find('one');
    world.keys = [two];
    world.now += 1_000;
    t.match(await find('two'), { type: 'public' });
    await t.rejects(find('one'), NOT_THERE, 'what was withdrawn is gone');
    world.now += 1_000;
    await t.rejects(find('one'), NOT_THERE, 'and is not at the server either');
    t.equal(world.fetches, 3);
  },
);

t.test('what was fetched less than a second ago is not fetched again, and then it is', async (t) => {
  const { world, find } = serving(one);
  await find('one');
  world.now += 999;
  await t.rejects(find('two'), NOT_THERE);
  t.equal(world.fetches, 1);
  world.now += 1;
  await t.rejects(find('two'), NOT_THERE);
  t.equal(world.fetches, 2);
});

t.test('a flood of unknown keys makes one fetch a second', async (t) => {
  const { world, find } = serving(one);
  await find('one');
  for (let ms = 0; ms < 10_000; ms += 100) {
    world.now = start + ms;
    const flood = Array.from({ length: 20 }, async (_, i) => t.rejects(find(`random ${ms} ${i}`), NOT_THERE));
    await Promise.all([...flood, find('one')]);
  }
  t.equal(world.fetches, 10);
});

t.test(
  'a flood does not fetch more often while the server fails, and nothing is said of its keys',
  async (t) => {
    const down = new EndpointError('down');
    const { world, find } = serving();
    world.keys = down;
    for (let ms = 0; ms < 5_000; ms += 100) {
      world.now = start + ms;
      await Promise.all(Array.from({ length: 5 }, async (_, i) => t.rejects(find(`random ${i}`), down)));
    }
    t.equal(world.fetches, 5);
    world.keys = [one];
    world.now += 1_000;
    t.match(await find('one'), { type: 'public' }, 'and it comes back by itself');
  },
);

t.test(
  'a key that is known is found while the server fails; of one that is not, nothing is said',
  async (t) => {
    const { world, find } = serving(one);
    await find('one');
    world.keys = new EndpointError('down');
    for (world.now += 1_000; world.now < start + 600_000; world.now += 10_000) {
      t.match(await find('one'), { type: 'public' });
      await t.rejects(find('two'), world.keys);
    }
    world.now = start + 600_000;
    await t.rejects(find('one'), world.keys, 'after ten minutes it is not believed any longer');
  },
);

t.test('after five minutes the set is fetched anew, and nobody waits for that', async (t) => {
  const { world, find } = serving(one);
  await find('one');
  world.now += 299_999;
  await find('one');
  t.equal(world.fetches, 1);
  world.now += 1;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  Object.assign(world, { gate: promise, keys: [two] });
  t.match(await find('one'), { type: 'public' }, 'the old one serves meanwhile');
  t.equal(world.fetches, 2);
  resolve(undefined);
  t.match(await find('two'), { type: 'public' });
  await t.rejects(find('one'), NOT_THERE);
  t.equal(world.fetches, 2);
});

t.test('a clock that is set back makes no set last, and no failure', async (t) => {
  const { world, find } = serving(one);
  await find('one');
  world.keys = [two];
  world.now -= 3_600_000;
  await t.rejects(find('one'), NOT_THERE);
  const failing = serving();
  failing.world.keys = new Error('down');
  await t.rejects(failing.find('one'), { message: 'down' });
  Object.assign(failing.world, { keys: [one], now: start - 1 });
  t.match(await failing.find('one'), { type: 'public' });
});

t.test('it is renewed at once on demand, though not twice in a second', async (t) => {
  const { world, set, find } = serving(one);
  t.strictSame(await Promise.all([set.renew(), set.renew()]), [true, true]);
  t.equal(world.fetches, 1);
  t.equal(await set.renew(), false);
  world.now += 1_000;
  world.keys = [two];
  t.equal(await set.renew(), true);
  t.match(await find('two'), { type: 'public' });
  t.equal(world.fetches, 2);
});

t.test('a set that is none, or has keys that cannot be used, is the server’s fault', async (t) => {
  for (const keys of [[null], ['one'], [[]]])
    await t.rejects(serving(...keys).find('one'), { code: 'ERR_JWKS_INVALID' }, JSON.stringify(keys));
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const published = { ...(await exportJWK(privateKey)), kid: 'one' };
  await t.rejects(serving(published).find('one'), { code: 'ERR_JWKS_INVALID' }, 'a private key');
  await t.rejects(serving({ ...one, x: 'AAAA' }).find('one'), { name: 'DataError' }, 'a broken key');
  t.match(await serving({ kty: 'new' }, { kty: 'oct', k: 'x', kid: 'one' }, one).find('one'), {
    type: 'public',
  });
});

t.test('several keys that fit are given one by one', async (t) => {
  const { find } = serving(one, two, { ...three, use: 'enc' });
  await t.rejects(find(), { code: 'ERR_JWKS_MULTIPLE_MATCHING_KEYS' });
});

t.test(
  'at no time more than one fetch a second, and no key that was withdrawn ten minutes ago',
  async (t) => {
    const step = fc.record({
      wait: fc.constantFrom(0, 1, 500, 1_000, 100_000, 299_999, 400_000),
      serves: fc.constantFrom<JWK[] | Error>([one], [two], [one, two], new EndpointError('down')),
      asks: fc.constantFrom('one', 'two', 'three'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { world, find } = serving();
        const fetchedAt: number[] = [];
        /** When the server last had a key. */
        const had = new Map<string, number>();
        for (const { wait, serves, asks } of steps) {
          world.now += wait;
          for (const [kid, jwk] of [
            ['one', one],
            ['two', two],
          ] as const)
            if (Array.isArray(world.keys) && world.keys.includes(jwk)) had.set(kid, world.now);
          world.keys = serves;
          for (const kid of ['one', 'two'] as const)
            if (Array.isArray(serves) && serves.includes(kid === 'one' ? one : two)) had.set(kid, world.now);
          const before = world.fetches;
          const found = await find(asks).then(
            () => true,
            () => false,
          );
          if (world.fetches > before) fetchedAt.push(world.now);
          if (world.fetches > before + 1) return false;
          if (found && world.now - (had.get(asks) ?? Number.NEGATIVE_INFINITY) >= 600_000) return false;
        }
        return fetchedAt.every((at, i) => i === 0 || at - (fetchedAt[i - 1] as number) >= 1_000);
      }),
    );
    t.pass('held for all sequences');
  },
);
