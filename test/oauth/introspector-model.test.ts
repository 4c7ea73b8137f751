// The cache against a model of it: what the server last said of a token, and when.
import * as fc from 'fast-check';
import t from 'tap';
import { type Scripted, startScriptedServer } from '../support/authorization-server.ts';
import { judged, startIntrospector } from '../support/introspection.ts';

fc.configureGlobal({ seed: 7662 });

const START = 1_700_000_000_000;
const MAX_TTL = 30_000;
const INACTIVE_TTL = 5_000;

/** What the server thinks of a token. `exp` is in seconds from when it says so; `max_age` too. */
type Truth = {
  readonly kind: 'active' | 'phantom' | 'bound' | 'inactive' | 'foreign' | 'broken' | 'down';
  readonly exp: number | null;
  readonly max_age: number | null;
};
type Said = Truth & { readonly at: number };

const truth: fc.Arbitrary<Truth> = fc.record({
  kind: fc.constantFrom('active', 'phantom', 'bound', 'inactive', 'foreign', 'broken', 'down'),
  exp: fc.oneof(fc.constant(null), fc.integer({ min: -2, max: 40 })),
  max_age: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, fc.integer({ min: 0, max: 40 })),
});
const token = fc.constantFrom('a', 'b', 'c');
const step = fc.oneof(
  fc.record({ token, becomes: truth }),
  fc.record({ ask: token, times: fc.integer({ min: 1, max: 4 }) }),
  fc.record({
    move: fc.oneof(fc.integer({ min: -40_000, max: 40_000 }), fc.integer({ min: 0, max: 6_000 })),
  }),
);

/** Until when an answer may be used. */
function usedUntil({ kind, exp, max_age, at }: Said): number {
  if (kind === 'broken' || kind === 'down') return at;
  const allowed = (max_age ?? Infinity) * 1_000;
  if (kind === 'inactive' || kind === 'foreign') return at + Math.min(INACTIVE_TTL, allowed);
  return at + Math.min(MAX_TTL, (exp ?? Infinity) * 1_000, allowed);
}

/** What stage 3 has to say at this moment, on the ground of that answer. */
function verdict({ kind, exp, at }: Said, now: number): string {
  if (kind === 'broken' || kind === 'down') return 'authorization_server_unavailable';
  if (kind === 'inactive') return 'inactive';
  if (kind === 'foreign') return 'wrong_issuer';
  if (exp !== null && now >= at + exp * 1_000) return 'expired';
  return kind === 'bound' ? 'sender_constrained' : 'admitted';
}

t.test(
  'no sequence of answers and clock moves lets an expired, inactive, bound or foreign token through',
  async (t) => {
    const clock = { time: START };
    const now = (): number => clock.time;
    const truths = new Map<string, Truth>();
    const said = new Map<string, Said>();
    let calls = 0;

    const { issuer } = await startScriptedServer(t, async (asked, server): Promise<Scripted> => {
      const [, name = ''] = asked.split('.');
      const is: Truth = truths.get(name) ?? { kind: 'inactive', exp: null, max_age: null };
      calls++;
      said.set(name, { ...is, at: clock.time });
      if (is.kind === 'down') return { status: 503 };
      if (is.kind === 'broken') return { body: '{"active":"true"}' };
      const claims = {
        iss: is.kind === 'foreign' ? 'https://other.example' : issuer,
        sub: asked,
        ...(is.exp === null ? {} : { exp: clock.time / 1_000 + is.exp }),
        ...(is.kind === 'bound' ? { cnf: { jkt: 'x' } } : {}),
      };
      const headers: Record<string, string> =
        is.max_age === null ? {} : { 'cache-control': `max-age=${is.max_age}` };
      if (is.kind === 'phantom') return { type: 'application/jwt', body: await server.sign(claims), headers };
      return { body: JSON.stringify({ active: is.kind !== 'inactive', ...claims }), headers };
    });

    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        clock.time = START;
        truths.clear();
        said.clear();
        run++;
        // What the limits and the breaker keep from the server is not what is asked here.
        const introspection = { limits: { burst: 1_000 }, breaker: { failures: 1_000 } };
        const introspector = startIntrospector(t, issuer, { now, introspection });
        for (const step of steps) {
          if ('move' in step) clock.time += step.move;
          else if ('becomes' in step) truths.set(step.token, step.becomes);
          else {
            const last = said.get(step.ask);
            const hit = last !== undefined && last.at <= clock.time && clock.time < usedUntil(last);
            const before = calls;
            const asked = `run${run}.${step.ask}`;
            const results = await Promise.all(
              Array.from({ length: step.times }, () => judged(introspector, asked, now)),
            );
            // A hit asks nobody; a miss asks once, however many want it.
            if (calls - before !== (hit ? 0 : 1)) return false;
            const expected = verdict(said.get(step.ask)!, clock.time);
            for (const result of results) {
              const is = 'facts' in result ? 'admitted' : 'fault' in result ? result.fault : result.denial;
              if (is !== expected) return false;
              if ('facts' in result && result.facts.claims['sub'] !== asked) return false;
            }
          }
        }
        return true;
      }),
      { numRuns: 40 },
    );
    t.ok(calls > 100, `${calls} calls`);
  },
);
