import * as fc from 'fast-check';
import t from 'tap';
import {
  andThen,
  inOrder,
  observe,
  type Observer,
  type Stage,
  type StageName,
} from '../../src/chain/stage.ts';
import { type Denial, isDenial } from '../../src/denial.ts';

type Steps = { readonly steps: readonly StageName[] };
type Kind = 'pass' | 'deny' | 'throw';

const NAMES = ['route', 'credential', 'introspection', 'scope', 'policy'] as const;
const denialOf = (name: StageName): Denial => ({ denial: 'internal_error', detail: name });

/** A stage that adds its name to the exchange, refuses or breaks, at once or later. */
const stage = (name: StageName, kind: Kind, later: boolean): Stage<Steps, Steps> => ({
  name,
  run: ({ steps }) => {
    if (kind === 'throw' && !later) throw new Error(name);
    const result = kind === 'deny' ? denialOf(name) : { steps: [...steps, name] };
    if (!later) return result;
    return kind === 'throw' ? Promise.reject(new Error(name)) : Promise.resolve(result);
  },
});

/** An observer that only notes which stages it was told of. */
function noting(): { observer: Observer; seen: StageName[] } {
  const seen: StageName[] = [];
  const observer: Observer = {
    stage(name, run) {
      seen.push(name);
      return run();
    },
  };
  return { observer, seen };
}

const chainOf = (kinds: readonly Kind[], later: readonly boolean[]) => {
  const [first, second, third, fourth, fifth] = NAMES.map((name, i) => stage(name, kinds[i]!, later[i]!));
  return inOrder(first!, second!, third!, fourth!, fifth!);
};
const ALL_PASS = NAMES.map(() => 'pass' as const);
const AT_ONCE = NAMES.map(() => false);

t.test('each stage gets what the one before it gave', async (t) => {
  const { observer, seen } = noting();
  t.strictSame(await chainOf(ALL_PASS, AT_ONCE)({ steps: [] }, observer), { steps: NAMES });
  t.strictSame(seen, NAMES);
});

t.test('without a promise on the way, nothing is awaited', async (t) => {
  t.notOk(chainOf(ALL_PASS, AT_ONCE)({ steps: [] }, noting().observer) instanceof Promise);
  t.ok(
    chainOf(ALL_PASS, [false, false, true, false, false])({ steps: [] }, noting().observer) instanceof
      Promise,
  );
});

t.test('a stage is run by the observer, and only by it', async (t) => {
  const refusing: Observer = { stage: () => denialOf('route') };
  const untouched: Stage<Steps, Steps> = { name: 'route', run: () => t.fail('it ran') as never };
  t.strictSame(observe(untouched)({ steps: [] }, refusing), denialOf('route'));
});

t.test('what comes after a denial does not run', async (t) => {
  const denied = observe(stage('scope', 'deny', false));
  const next = () => t.fail('it ran') as never;
  t.strictSame(andThen(denied, next)({ steps: [] }, noting().observer), denialOf('scope'));
});

t.test('the first stage that refuses or breaks ends the chain, whatever follows', async () => {
  const kinds = fc.array(fc.constantFrom<Kind[]>('pass', 'pass', 'deny', 'throw'), {
    minLength: 5,
    maxLength: 5,
  });
  const later = fc.array(fc.boolean(), { minLength: 5, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(kinds, later, async (what, when) => {
      const { observer, seen } = noting();
      const stop = what.findIndex((kind) => kind !== 'pass');
      const end = stop < 0 ? 'passed' : `${what[stop]} ${NAMES[stop]}`;
      const reached = await (async () => chainOf(what, when)({ steps: [] }, observer))().then(
        (result) => (isDenial(result) ? `deny ${(result as { detail: string }).detail}` : 'passed'),
        (error: Error) => `throw ${error.message}`,
      );
      return reached === end && seen.length === (stop < 0 ? 5 : stop + 1);
    }),
  );
});
