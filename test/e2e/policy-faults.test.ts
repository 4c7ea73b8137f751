/** The policy is not there, or answers nonsense: nobody is let in, and operators read why. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startScriptedServer } from '../support/authorization-server.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { call, startUpstream, type Upstream } from '../support/http.ts';
import { reasons } from '../support/open-gateway.ts';
import { bundleOf, ENTRYPOINT } from '../support/rego.ts';

async function start(
  t: Test,
  policies: string,
  entrypoints: readonly string[],
  setting = '',
): Promise<{ gateway: Gateway; upstream: Upstream }> {
  const { issuer } = await startScriptedServer(t, () => ({ body: '{"active":true,"sub":"alice"}' }));
  const upstream = await startUpstream(t);
  const routes = entrypoints.map(
    (entrypoint) => `
  - name: ${entrypoint.replace('/', '-')}
    match: { path: /${entrypoint} }
    service: api
    policy: ${entrypoint}
    identity_headers: { jwt: false }
    policy_headers: [X-Role]
${setting}
`,
  );
  const gateway = await startGateway(t, {
    issuer,
    upstream: upstream.url,
    policies,
    routes: routes.join(''),
  });
  return { gateway, upstream };
}

t.test('a policy that answers nonsense is 500, and named in the log alone', async (t) => {
  const nonsense: Record<string, { rego: string; detail: RegExp }> = {
    number: { rego: '1', detail: /result is a number/ },
    text: { rego: '"true"', detail: /result is a string/ },
    list: { rego: '[true]', detail: /result is a list/ },
    empty: { rego: 'null', detail: /result is null/ },
    truthy: { rego: '{"allow": "yes"}', detail: /allow is a string/ },
    unknown: { rego: '{"allow": true, "headrs": {}}', detail: /unknown key "headrs"/ },
    undeclared: { rego: '{"allow": true, "headers": {"X-Other": "a"}}', detail: /sets X-Other/ },
    split: {
      rego: '{"allow": true, "headers": {"X-Role": "a\\r\\nX-User: root"}}',
      detail: /no header value/,
    },
    status: { rego: '{"allow": false, "status": 200}', detail: /status is no whole number/ },
  };
  const rules = Object.entries(nonsense).map(([name, { rego }]) => `${ENTRYPOINT}${name} := ${rego}\n`);
  const bundle = join(t.testdir(), 'bundle.tar.gz');
  writeFileSync(bundle, await bundleOf(t, `package wrong\n\n${rules.join('\n')}`));
  const names = Object.keys(nonsense).map((name) => `wrong/${name}`);
  const { gateway, upstream } = await start(t, bundle, names);
  t.equal((await call(gateway.health, { path: '/readyz' })).status, 200, 'it cannot be known before');
  for (const [name, { detail }] of Object.entries(nonsense)) {
    const answer = await call(gateway.url, { path: `/wrong/${name}`, token: 'a' });
    t.match(answer.json(), { status: 500, detail: 'The policy gave no usable decision.' }, name);
    const line = gateway.logged().findLast(({ message }) => message === 'refused');
    t.match(line, { reason: 'policy_error', detail, decision_id: answer.json()['decision_id'] });
  }
  t.strictSame(upstream.requests, []);
});

t.test('without policies every route that needs one is 503, and it is not ready', async (t) => {
  const { gateway, upstream } = await start(t, '/nowhere', ['a/allow']);
  const { status, headers } = await call(gateway.url, { path: '/a/allow', token: 'a' });
  t.match({ status, headers }, { status: 503, headers: { 'retry-after': '1' } });
  t.strictSame(reasons(gateway), ['policy_unavailable']);
  t.equal((await call(gateway.health, { path: '/readyz' })).status, 503);
  t.equal((await call(gateway.health, { path: '/livez' })).status, 200, 'a restart would mend nothing');
  t.match(JSON.stringify(gateway.logged()), /"level":"error".*there are no policies at/);
  t.strictSame(upstream.requests, []);
});

t.test('an entrypoint that is not in the bundle is 503 for its route alone', async (t) => {
  const bundle = join(t.testdir(), 'bundle.tar.gz');
  writeFileSync(bundle, await bundleOf(t, `package a\n\n${ENTRYPOINT}allow := true\n`));
  const { gateway, upstream } = await start(t, bundle, ['a/allow', 'a/misspelt']);
  t.match(await call(gateway.url, { path: '/a/misspelt', token: 'a' }), {
    status: 503,
    headers: { 'retry-after': '1' },
  });
  t.match(JSON.stringify(gateway.logged()), /policy_unavailable.*the bundle has no entrypoint a\/misspelt/);
  t.equal((await call(gateway.health, { path: '/readyz' })).status, 503);
  t.equal((await call(gateway.url, { path: '/a/allow', token: 'a' })).status, 200);
  t.strictSame(
    upstream.requests.map(({ target }) => target),
    ['/a/allow'],
  );
});

t.test(
  'a policy that does not come to an end is stopped, 503 and named, while others are served',
  async (t) => {
    const endless = `endless if {
	some a in input.request.query.n
	some b in input.request.query.n
	some c in input.request.query.n
	a == "never"
}
`;
    const bundle = join(t.testdir(), 'bundle.tar.gz');
    const allow = `${ENTRYPOINT}allow if input.claims.sub == "alice"\n`;
    writeFileSync(bundle, await bundleOf(t, `package a\n\n${allow}\n${ENTRYPOINT}${endless}`));
    const { gateway } = await start(t, bundle, ['a/allow', 'a/endless'], '    policy_timeout: 200ms');
    const token = 'a';
    t.equal(
      (await call(gateway.url, { path: '/a/endless', token })).status,
      403,
      'it comes to an end with less',
    );

    const path = `/a/endless?${'n&'.repeat(3_000)}n`;
    const stopped = Array.from({ length: 2 }, async () => call(gateway.url, { path, token }));
    t.equal((await call(gateway.health, { path: '/livez' })).status, 200, 'nothing stands still');
    for (const { status, headers, json } of await Promise.all(stopped)) {
      t.match({ status, headers }, { status: 503, headers: { 'retry-after': '1' } });
      t.match(json(), { detail: 'The policy took too long.' });
    }
    t.strictSame(new Set(reasons(gateway)), new Set(['policy_denied', 'policy_timeout']));
    t.match(JSON.stringify(gateway.logged()), /a\/endless was stopped after 200 ms/);
    let again = 503;
    while (again === 503) again = (await call(gateway.url, { path: '/a/allow', token })).status;
    t.equal(again, 200, 'new threads take the place of those that were ended');
  },
);
