import * as fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { type Chain, chain } from '../../src/chain/index.ts';
import type { Ports, Sink } from '../../src/chain/ports.ts';
import type { Observer, StageName } from '../../src/chain/stage.ts';
import { type Denial, isDenial } from '../../src/denial.ts';
import type { Answered } from '../../src/exchange.ts';
import { buildRouteTable } from '../../src/http/route-table.ts';
import { phantom } from '../../src/oauth/phantom.ts';
import { readBundle } from '../../src/policy/bundle.ts';
import { loadPolicies } from '../../src/policy/policies.ts';
import { fields, identity, NOW, received, route, target } from '../support/exchange.ts';

const root = new URL('../../', import.meta.url);
const policies = await loadPolicies(await readBundle(readFileSync(new URL('policies/bundle.tar.gz', root))));
const sink = {} as Sink;

/** A chain whose upstream answers 200 to all that reaches it, and what did reach it. */
function chained(changes: Partial<Ports> = {}): Chain & { reached: string[] } {
  const reached: string[] = [];
  return {
    reached,
    ...chain({
      table: buildRouteTable([route()]),
      ownNames: new Set(['authorization']),
      via: 'gw',
      consumers: [],
      introspect: () => identity(),
      policies: () => policies,
      phantom: phantom(null),
      send: async ({ target }) => {
        reached.push(target);
        return { status: 200, aborted: false };
      },
      now: () => NOW,
      ...changes,
    }),
  };
}

/** Runs a chain, and gives how it ended and which stages it was seen to go through. */
async function seen<R>(run: (observer: Observer) => R): Promise<{ result: Awaited<R>; stages: StageName[] }> {
  const stages: StageName[] = [];
  const observer: Observer = {
    stage(name, step) {
      stages.push(name);
      return step();
    },
  };
  return { result: await run(observer), stages };
}

/** The names of the numbered files, by number. */
const listed = readdirSync(new URL('src/chain', root))
  .map((file) => /^(?<number>\d+)-(?<name>.+)\.ts$/.exec(file)?.groups)
  .filter((groups) => groups !== undefined)
  .toSorted((a, b) => Number(a['number']) - Number(b['number']))
  .map(({ name }) => name ?? '');

t.test('a listing of src/chain is the order in which a request meets the stages', async (t) => {
  const { result, stages } = await seen((observer) => chained().serve(received(), sink, observer));
  t.strictSame(result, { status: 200, aborted: false });
  t.strictSame(stages, listed);
});

t.test('to decide is all of it but to forward', async (t) => {
  const { decide, reached } = chained();
  const { result, stages } = await seen((observer) => decide(received(), observer));
  t.match(result, { route: { name: 'account' }, decision: { allow: true } });
  t.strictSame(stages, listed.slice(0, -1));
  t.strictSame(reached, []);
});

t.test('each stage can end it: what comes after does not run, and nothing is sent', async (t) => {
  const bob = received({ target: target('/accounts/1002') });
  const cases: Record<string, [Denial['denial'], Partial<Ports>, ReturnType<typeof received>]> = {
    route: ['no_route', {}, received({ target: target('/nowhere') })],
    credential: ['credential_missing', {}, received({ fields: fields() })],
    introspection: ['invalid_token', { introspect: () => identity({ expires_at: 0 }) }, received()],
    scope: ['insufficient_scope', { introspect: () => identity({ scopes: [] }) }, received()],
    policy: ['policy_denied', {}, bob],
    forward: ['phantom_unavailable', { introspect: () => identity({ jwt: null }) }, received()],
  };
  for (const [index, name] of listed.entries()) {
    const [denial, ports, exchange] = cases[name]!;
    const { serve, reached } = chained(ports);
    const { result, stages } = await seen((observer) => serve(exchange, sink, observer));
    t.match(result, { denial });
    t.strictSame(stages, listed.slice(0, index + 1));
    t.strictSame(reached, []);
  }
});

t.test('a stage that breaks ends it as an exception, and nothing is sent', async (t) => {
  const bug = new Error('a bug');
  const introspect = (): never => {
    throw bug;
  };
  const { serve, reached } = chained({ introspect });
  await t.rejects(
    seen((observer) => serve(received(), sink, observer)),
    bug,
  );
  t.strictSame(reached, []);
});

t.test('whatever the request, it is sent exactly if every stage of its route would let it pass', async () => {
  const mostly = fc.constantFrom(true, true, true, false);
  const anything = fc.record({
    setting: fc.constantFrom('required', 'optional', 'none'),
    credential: fc.constantFrom('good', 'good', 'none', 'malformed', 'basic'),
    answer: fc.constantFrom('active', 'active', 'active', 'expired', 'inactive', 'unavailable'),
    scope: mostly,
    audience: mostly,
    jwt: mostly,
    result: fc.constantFrom<unknown[]>(true, true, { allow: true }, false, undefined, null, 'true', {
      allow: 1,
    }),
    policy: fc.boolean(),
    later: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(anything, async (given) => {
      const { setting, credential, answer, scope, audience, jwt, result, policy, later } = given;
      const written = { good: 'Bearer opaque', malformed: 'Bearer a b', basic: 'Basic YTpi' };
      const known = identity({
        scopes: scope ? ['accounts:read'] : [],
        audience: audience ? ['accounts-api'] : [],
        expires_at: NOW / 1_000 + (answer === 'expired' ? 0 : 1),
        jwt: jwt ? 'phantom.jwt.signature' : null,
      });
      const said = {
        ...known,
        ...(answer === 'inactive' ? { refused: { fault: 'inactive', detail: '' } as const } : {}),
        ...(answer === 'unavailable' ? { unavailable: 'it is away' } : {}),
      };
      const evaluate = (): unknown => result;
      const { serve, reached } = chained({
        table: buildRouteTable([route({ token: setting, policy: policy ? 'a/b' : null })]),
        introspect: () => (later ? Promise.resolve(said) : said),
        policies: () => ({
          revision: 'r',
          entrypoints: new Set(['a/b']),
          evaluate,
          evaluateWithin: async () => result,
          close: async () => {},
        }),
      });
      const sent = credential === 'none' ? fields() : fields('Authorization', written[credential]);
      const { result: outcome } = await seen((observer): Promise<Answered | Denial> =>
        serve(received({ fields: sent }), sink, observer),
      );

      const nobody = setting === 'none' || (setting === 'optional' && credential === 'none');
      const identified = credential === 'good' && answer === 'active' && scope && audience && jwt;
      const admitted = !policy || result === true || (result as { allow?: unknown } | null)?.allow === true;
      const passes = (nobody || identified) && admitted;
      return isDenial(outcome) === !passes && reached.length === (passes ? 1 : 0);
    }),
    { numRuns: 300 },
  );
});
