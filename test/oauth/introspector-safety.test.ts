/**
 * Whatever the server says, in whatever order its answers come, however the clock moves and whoever purges: nobody is let in but on the
 * ground of an active answer that may still be used. Told from outside: the test keeps what was said, and no cache.
 */
import * as fc from 'fast-check';
import t from 'tap';
import { introspection } from '../../src/chain/3-introspection.ts';
import { scope } from '../../src/chain/4-scope.ts';
import type { Answer } from '../../src/chain/ports.ts';
import type { Denial } from '../../src/denial.ts';
import type { Identity } from '../../src/exchange.ts';
import { bearing, route } from '../support/exchange.ts';
import { type HeldCall, heldIntrospection, settled } from '../support/held-introspection.ts';

fc.configureGlobal({ seed: 7663 });

const MAX_TTL = 10_000;
const STALE = 20_000;
const SUBJECTS: Readonly<Record<string, string>> = { a: 'alice', b: 'bob', c: 'alice' };

/** Stage 4, where nobody is known as a consumer. */
const required = scope([], Date.now);

/** What the server says of a token. `exp` in seconds from when it says so; `max_age` too. */
type Said = {
  readonly kind: 'active' | 'bound' | 'inactive' | 'foreign' | 'faulty' | 'ill' | 'gone';
  readonly scope: 'read' | 'write';
  readonly exp: number | null;
  readonly max_age: number | null;
};
type Purge = { readonly token: string } | { readonly subject: string } | { readonly client: string };

const token = fc.constantFrom('a', 'b', 'c');
const said: fc.Arbitrary<Said> = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant('active' as const) },
    { weight: 3, arbitrary: fc.constantFrom('ill', 'gone' as const) },
    { weight: 3, arbitrary: fc.constantFrom('bound', 'inactive', 'foreign', 'faulty' as const) },
  ),
  scope: fc.constantFrom('read', 'read', 'write'),
  exp: fc.oneof(fc.constant(null), fc.integer({ min: -2, max: 40 })),
  max_age: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, fc.integer({ min: 0, max: 15 })),
});
const purge: fc.Arbitrary<Purge> = fc.oneof(
  fc.record({ token }),
  fc.record({ subject: fc.constantFrom('alice', 'bob') }),
  fc.record({ client: fc.constantFrom('app', 'other') }),
);
const needs = fc.constantFrom('read', 'read', 'write');
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ ask: token, needs }) },
  { weight: 8, arbitrary: fc.record({ end: fc.nat({ max: 2 }), said }) },
  { weight: 3, arbitrary: fc.record({ move: fc.integer({ min: -1_000, max: 12_000 }) }) },
  { weight: 1, arbitrary: fc.record({ purge }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
const ACTIVE: Said = { kind: 'active', scope: 'read', exp: null, max_age: null };
/** Active, then over, then asked about of a server that is gone: what chance hardly ever comes upon. */
const outage = fc
  .record({ token, needs, said, move: fc.integer({ min: 9_000, max: 32_000 }) })
  .map(({ token: ask, needs: scopes, said: other, move }): Step[] => [
    { ask, needs: scopes },
    { end: 0, said: ACTIVE },
    { move },
    { ask, needs: scopes },
    { end: 0, said: { ...other, kind: other.kind === 'active' ? 'gone' : other.kind } },
  ]);
const steps = fc
  .array(fc.oneof({ weight: 12, arbitrary: step.map((one): Step[] => [one]) }, outage), {
    minLength: 10,
    maxLength: 50,
  })
  .map((several) => several.flat());

/** A call, as the test saw it: numbers are places in one order of all that happened. */
type Call = {
  readonly token: string;
  readonly begun: number;
  readonly epoch: number;
  ended: number;
  said: Said | null;
  at: number;
};

t.test(
  'nobody is let in who is expired, inactive, purged, bound, foreign or without the scope',
  async (t) => {
    const seen = { admitted: 0, hit: 0, stale: 0, coalesced: 0, refused: 0, purgedInFlight: 0 };
    const one = async (daring: boolean, steps: readonly Step[]) => {
      const cache = { max_ttl: `${MAX_TTL}ms`, dangerously_serve_stale: daring ? `${STALE}ms` : '0s' };
      const held = heldIntrospection({ cache, breaker: { failures: 2, open_for: '5s' } });
      const { clock } = held;
      const calls: Call[] = [];
      const purges: { readonly at: number; readonly whose: Purge }[] = [];
      const faults: string[] = [];
      let order = 0;

      const concerns = (whose: Purge, name: string): boolean =>
        'token' in whose
          ? whose.token === name
          : 'subject' in whose
            ? SUBJECTS[name] === whose.subject
            : whose.client === 'app';
      /** Milliseconds until when an answer may be used by its own word and ours. */
      const until = (call: Call): number =>
        call.at +
        Math.min(MAX_TTL, (call.said?.exp ?? Infinity) * 1_000, (call.said?.max_age ?? Infinity) * 1_000);
      const expired = (call: Call): boolean =>
        call.said?.exp !== null && clock.time >= call.at + (call.said?.exp ?? 0) * 1_000;

      /** Why this answer is no ground to let somebody in who asked at `since`; null when it is. */
      const flaw = (
        call: Call,
        name: string,
        needs: string,
        since: number,
        how: Answer['cache'],
      ): string | null => {
        if (call.token !== name || call.said === null) return 'another token';
        if (call.said.kind !== 'active') return call.said.kind;
        if (call.said.scope !== needs) return 'scope';
        if (expired(call)) return 'expired';
        const purged = purges.findLast(({ at, whose }) => at < since && concerns(whose, name));
        if (purged && call.begun < purged.at) return 'purged';
        // Who waited for the call itself has its answer.
        if (call.ended > since) return how === 'hit' ? 'a hit that was not there' : null;
        const refuted = calls.some(
          (other) =>
            other.token === name &&
            other.ended > call.ended &&
            other.ended < since &&
            (other.said?.kind === 'inactive' || other.said?.kind === 'foreign'),
        );
        if (refuted) return 'refuted';
        if (clock.time < call.at) return 'the clock was set back';
        if (how === 'stale') return daring && clock.time < until(call) + STALE ? null : 'too stale';
        return clock.time < until(call) ? null : 'too old';
      };

      const ask = (name: string, needs: string): void => {
        const since = ++order;
        const before = held.calls.length;
        const reading = route({ scopes: [[needs]], audience: [] });
        const stage = introspection(
          (question) => held.introspector.introspect(question),
          () => clock.time,
        );
        const judge = async (): Promise<void> => {
          const identified = await stage.run(bearing({ token: name, route: reading }));
          const result: Denial | { readonly identity: Identity | null } =
            'denial' in identified ? identified : await required.run(identified);
          if ('denial' in result) {
            seen.refused++;
            return;
          }
          const cached = result.identity?.cache ?? 'hit';
          seen.admitted++;
          if (cached !== 'miss') seen[cached]++;
          const flaws = calls.map((call) => flaw(call, name, needs, since, cached));
          if (!flaws.includes(null)) faults.push(`${name} let in (${cached}): ${flaws.join(', ')}`);
        };
        pending.push(judge());
        for (let index = before; index < held.calls.length; index++) begin(held.calls[index]?.token ?? '');
      };
      const pending: Promise<void>[] = [];
      const begin = (name: string): void => {
        const epoch = purges.length;
        const twice = calls.some((call) => call.token === name && call.said === null && call.epoch === epoch);
        if (twice) faults.push(`two calls for ${name}`);
        calls.push({ token: name, begun: order, epoch, ended: Infinity, said: null, at: 0 });
      };
      const end = async (index: number, says: Said): Promise<void> => {
        const open = calls.filter((call) => call.said === null);
        const call = open[index % Math.max(open.length, 1)];
        if (!call) return;
        Object.assign(call, { said: says, at: clock.time, ended: ++order });
        if (call.epoch < purges.length) seen.purgedInFlight++;
        say(held.calls[calls.indexOf(call)], call.token, says, clock.time);
        await settled();
      };

      for (const step of steps) {
        if ('ask' in step) {
          ask(step.ask, step.needs);
          await settled();
          while (calls.length < held.calls.length) begin(held.calls[calls.length]?.token ?? '');
        } else if ('end' in step) await end(step.end, step.said);
        else if ('move' in step) clock.time += step.move;
        else {
          purges.push({ at: ++order, whose: step.purge });
          held.introspector.purge(step.purge);
        }
      }
      while (calls.some((call) => call.said === null)) await end(0, ACTIVE);
      await Promise.all(pending);
      return faults;
    };

    await fc.assert(
      fc.asyncProperty(fc.boolean(), steps, async (daring, steps) => {
        const faults = await one(daring, steps);
        if (faults.length > 0) throw new Error(faults.join('\n'));
      }),
      { numRuns: 150 },
    );
    for (const [what, count] of Object.entries(seen)) t.ok(count > 20, `${what}: ${count}`);
  },
);

function say(
  call: HeldCall | undefined,
  name: string,
  { kind, scope, exp, max_age }: Said,
  now: number,
): void {
  if (kind === 'gone') return call?.fail();
  if (kind === 'ill') return call?.answer(503);
  if (kind === 'faulty') return call?.answer({ active: 'true' });
  return call?.answer(
    {
      active: kind !== 'inactive',
      iss: kind === 'foreign' ? 'https://other.example' : 'https://as.example',
      sub: SUBJECTS[name],
      client_id: 'app',
      scope,
      ...(exp === null ? {} : { exp: now / 1_000 + exp }),
      ...(kind === 'bound' ? { cnf: { jkt: 'x' } } : {}),
    },
    max_age === null ? {} : { 'cache-control': `max-age=${max_age}` },
  );
}
