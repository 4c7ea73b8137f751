import { readFile } from 'node:fs/promises';
import t from 'tap';
import { policy } from '../../src/chain/5-policy.ts';
import { readBundle } from '../../src/policy/bundle.ts';
import { EvaluationStopped } from '../../src/policy/confinement.ts';
import { EvaluationError } from '../../src/policy/engine.ts';
import { loadPolicies, type Policies } from '../../src/policy/policies.ts';
import { facts, fields, identity, received, route, scoped, target } from '../support/exchange.ts';

/** The repository's own policies, as WASM. */
const real = await loadPolicies(
  await readBundle(await readFile(new URL('../../policies/bundle.tar.gz', import.meta.url))),
);
const { run } = policy(() => real, new Set(['x-user']));

/** The stage over a policy that gives this result for any input; `inputs` are what it was shown. */
function giving(result: unknown): { run: typeof run; inputs: object[] } {
  const inputs: object[] = [];
  const evaluate: Policies['evaluate'] = (_entrypoint, input) => {
    inputs.push(input);
    return result;
  };
  const policies: Policies = {
    revision: 'r1',
    entrypoints: new Set(['accounts/allow']),
    evaluate,
    evaluateWithin: async (timeout, entrypoint, input) => evaluate(entrypoint, { ...input, timeout }),
    close: async () => {},
  };
  return { run: policy(() => policies, new Set(['x-user'])).run, inputs };
}

const bobsAccount = { target: target('/accounts/1002'), params: { id: '1002' } };

t.test('what the policy allows goes on, with the decision and who made it', async (t) => {
  const exchange = scoped();
  t.match(await run(exchange), {
    ...exchange,
    decision: { allow: true, entrypoint: 'accounts/allow', revision: real.revision, fields: [] },
  });
});

t.test('what the policy does not allow is a denial', async (t) => {
  t.strictSame(await run(scoped(bobsAccount)), {
    denial: 'policy_denied',
    entrypoint: 'accounts/allow',
    revision: real.revision,
    undefined: false,
    reason: null,
    status: null,
    message: null,
    body: null,
    fields: [],
    anonymous: false,
    challenge: { scopes: ['accounts:read'], resource_metadata: null },
  });
});

t.test('a denial carries what the policy says, to the client and to the log', async (t) => {
  const approval = {
    ...received({ method: 'POST', target: target('/transactions/t-1/approval') }),
    params: { id: 't-1' },
    route: route({ policy: 'transactions/decision' }),
  };
  t.match(await run(scoped(approval)), {
    denial: 'policy_denied',
    reason: 'separation_of_duty',
    message: 'Nobody approves their own transaction.',
  });
  const told = { status: 401, body: { try: 'again' }, headers: { 'X-Why': 'because' } };
  t.match(await giving({ allow: false, ...told }).run(scoped()), {
    denial: 'policy_denied',
    status: 401,
    body: { try: 'again' },
    fields: ['X-Why', 'because'],
    challenge: { scopes: ['accounts:read'], resource_metadata: null },
  });
});

t.test('nobody is nobody to the policy, and to its denial', async (t) => {
  const nobody = { token: null, identity: null, route: route({ token: 'optional' }) };
  t.match(await run(scoped(nobody)), { denial: 'policy_denied', anonymous: true });
  const { run: admit, inputs } = giving(true);
  t.match(await admit(scoped(nobody)), { decision: { allow: true } });
  const [{ authenticated, claims, scopes, client_id, token }] = inputs as [Record<string, unknown>];
  t.strictSame([authenticated, claims, scopes, client_id, token], [false, null, null, null, null]);
});

t.test('the policy sees who calls what on which route, and no credential', async (t) => {
  const { run: admit, inputs } = giving(true);
  const sent = fields('Authorization', 'Bearer opaque', 'Cookie', 's=1', 'X-User', 'root', 'Accept', 'a/b');
  await admit(scoped({ fields: sent, method: 'HEAD' }));
  t.match(inputs, [
    {
      request: {
        method: 'HEAD',
        path: '/accounts/1001',
        segments: ['accounts', '1001'],
        query: { view: ['full'] },
        headers: { host: 'api.example.com', accept: 'a/b' },
      },
      authenticated: true,
      claims: facts().claims,
      scopes: ['accounts:read'],
      client_id: 'app',
      route: { name: 'account', params: { id: '1001' }, service: 'accounts' },
    },
  ]);
  t.notMatch(JSON.stringify(inputs), /opaque|s=1|root|phantom\.jwt/);
});

t.test('`policy: none` asks no policy, not even for a bundle', async (t) => {
  const exchange = scoped({ route: route({ policy: null }) });
  t.strictSame(await policy(() => null, new Set()).run(exchange), { ...exchange, decision: null });
});

t.test('without a bundle, or without the entrypoint in it, the policy is unavailable', async (t) => {
  t.strictSame(await policy(() => null, new Set()).run(scoped()), {
    denial: 'policy_unavailable',
    detail: 'no policy bundle is in force',
  });
  for (const entrypoint of ['accounts/deny', 'accounts', '__proto__/x'])
    t.strictSame(await run(scoped({ route: route({ policy: entrypoint }) })), {
      denial: 'policy_unavailable',
      detail: `the bundle has no entrypoint ${entrypoint}`,
    });
});

t.test('the bundle in force is asked for at each request', async (t) => {
  let current: Policies | null = real;
  const { run: now } = policy(() => current, new Set());
  t.match(await now(scoped()), { decision: { allow: true } });
  current = null;
  t.match(await now(scoped()), { denial: 'policy_unavailable' });
});

t.test('a result that is no decision is an error, and admits nobody', async (t) => {
  const cases: [unknown, string][] = [
    ['true', "the policy's result is a string, neither a boolean nor an object"],
    [[true], "the policy's result is a list, neither a boolean nor an object"],
    [{ allow: 'true' }, 'allow is a string, not a boolean'],
    [{ allow: true, headers: { 'X-Role': 'a' } }, 'headers sets X-Role, which this policy may not set'],
  ];
  for (const [result, detail] of cases)
    t.strictSame(await giving(result).run(scoped()), {
      denial: 'policy_error',
      entrypoint: 'accounts/allow',
      revision: 'r1',
      detail,
    });
});

t.test('undefined, false and an object without allow are a refusal', async (t) => {
  t.match(await giving(undefined).run(scoped()), { denial: 'policy_denied', undefined: true });
  t.match(await giving(false).run(scoped()), { denial: 'policy_denied', undefined: false });
  t.match(await giving({ allowed: true }).run(scoped()), { denial: 'policy_denied', undefined: true });
});

t.test('a policy sets towards the upstream what its route lets it set', async (t) => {
  const { run: admit } = giving({ allow: true, headers: { 'x-role': 'teller' } });
  t.match(await admit(scoped({ route: route({ policy_headers: ['X-Role'] }) })), {
    decision: { fields: ['x-role', 'teller'] },
  });
});

t.test('an evaluation that fails is a policy error, and any other exception a bug', async (t) => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  const failing = await run(scoped({ identity: identity({ claims: cyclic }) }));
  t.match(failing, { denial: 'policy_error', detail: /^the input cannot be written as JSON: / });
  const broken: Policies = {
    ...real,
    evaluate() {
      throw new TypeError('a bug');
    },
  };
  t.throws(() => policy(() => broken, new Set()).run(scoped()), new TypeError('a bug'));
});

t.test('with a time limit the policy decides in a thread, and as it would without', async (t) => {
  const limited = scoped({ route: route({ policy_timeout: 250 }) });
  const { run: admit, inputs } = giving(true);
  t.match(await admit(limited), { decision: { allow: true } });
  t.match(inputs, [{ timeout: 250 }], 'its limit is the route’s');
  t.match(await giving(false).run(limited), { denial: 'policy_denied' });
  t.match(await giving('true').run(limited), { denial: 'policy_error' });
});

t.test(
  'an evaluation that was stopped is a denial that names it; another failure is what it is without a limit',
  async (t) => {
    const limited = scoped({ route: route({ policy_timeout: 250 }) });
    const rejecting = (error: Error): Policies => ({
      ...real,
      async evaluateWithin() {
        throw error;
      },
    });
    const outcome = async (error: Error): Promise<unknown> =>
      policy(() => rejecting(error), new Set()).run(limited);
    const detail = 'accounts/allow was stopped after 250 ms';
    t.strictSame(await outcome(new EvaluationStopped(detail)), {
      denial: 'policy_timeout',
      entrypoint: 'accounts/allow',
      revision: real.revision,
      detail,
    });
    t.match(await outcome(new EvaluationError('a conflict')), {
      denial: 'policy_error',
      detail: 'a conflict',
    });
    await t.rejects(outcome(new TypeError('a bug')), new TypeError('a bug'));
  },
);
