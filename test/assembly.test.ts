import { propagation } from '@opentelemetry/api';
import { exportJWK, generateKeyPair } from 'jose';
import t, { type Test } from 'tap';
import { assemble, missingEntrypoints } from '../src/assembly.ts';
import type { UpstreamRequest } from '../src/chain/ports.ts';
import { openLog } from '../src/observe/log.ts';
import { startScriptedServer } from './support/authorization-server.ts';
import { changed, load } from './support/config.ts';
import { fields, NOW, received, target } from './support/exchange.ts';
import { recording } from './support/sink.ts';

const POLICIES = new URL('../policies', import.meta.url).pathname;

/** The chain of a configuration with changes; what it would send is kept, and nothing is sent. */
async function makeChain(t: Test, change: Parameters<typeof changed>[0] = {}) {
  const lines: string[] = [];
  const sent: UpstreamRequest[] = [];
  const gateway = await assemble(load(changed(change)), {
    log: openLog('debug', { write: (line) => void lines.push(line) }),
    env: process.env,
    now: () => NOW,
    send: async (request) => {
      sent.push(request);
      return { status: 204, aborted: false };
    },
  });
  t.teardown(gateway.close);
  const serve = (path: string, ...more: string[]) =>
    gateway.chain.serve(received({ target: target(path), fields: fields(...more) }), recording(), {
      stage: (_name, run) => run(),
    });
  return { gateway, serve, sent, log: () => lines.join('') };
}

t.test('what is permitted goes where it is told to, and nowhere else', async (t) => {
  const server = await startScriptedServer(t, (token) => ({
    body: JSON.stringify(token === 'good' ? { active: true, sub: 'alice' } : { active: false }),
  }));
  const { serve, sent } = await makeChain(t, {
    authorization_servers: { main: { issuer: server.issuer, allow_insecure_requests: true } },
    services: { api: { upstream: 'http://127.0.0.1:1' } },
    defaults: { identity_headers: { jwt: false, claims: { sub: 'X-User' } } },
  });
  t.match(await serve('/a', 'Authorization', 'Bearer bad'), { denial: 'invalid_token' });
  t.match(await serve('/b'), { denial: 'no_route' });
  t.strictSame(sent, []);
  t.strictSame(await serve('/a?x=1', 'Authorization', 'Bearer good'), { status: 204, aborted: false });
  t.match(sent, [{ method: 'GET', target: '/a?x=1', service: { name: 'api' } }]);
  t.match(sent[0]?.fields.join(), 'X-User,alice');
  t.equal(server.asked.length, 2);
});

t.test('what propagators write upstream, no client may have written before', async (t) => {
  propagation.setGlobalPropagator({ inject: () => {}, extract: (context) => context, fields: () => ['b3'] });
  t.teardown(() => propagation.disable());
  const { serve, sent } = await makeChain(t, {
    routes: [{ name: 'a', match: { path: '/a' }, service: 'api', token: 'none' }],
  });
  await serve('/a', 'B3', '0', 'X-Own', 'kept');
  t.match(sent[0]?.fields.join(), 'X-Own,kept');
  t.notMatch(sent[0]?.fields.join().toLowerCase(), 'b3,');
});

t.test('keys are there where they are configured', async (t) => {
  t.equal((await makeChain(t)).gateway.minter, null);
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(privateKey)), kid: 'a' }] });
  const { gateway } = await makeChain(t, { phantom: { issuer: 'https://gateway.example', keys } });
  t.match(gateway.minter?.jwks, { keys: [{ kid: 'a' }] });
  await t.rejects(
    makeChain(t, { phantom: { issuer: 'https://gateway.example', keys: '{}' } }),
    /no list of keys/,
  );
});

t.test('policies that do not load are told, and refuse', async (t) => {
  const routes = [{ name: 'a', match: { path: '/a' }, service: 'api', token: 'none', policy: 'a/allow' }];
  const nowhere = await makeChain(t, { routes, policies: { source: '/nowhere' } });
  t.match(nowhere.gateway.policies, { current: null, missing: ['a/allow'], failure: /no policies at/ });
  t.match(nowhere.log(), /"level":"error".*no policies are in force/);
  const others = await makeChain(t, { routes, policies: { source: POLICIES } });
  t.match(others.gateway.policies, {
    current: { revision: String },
    missing: ['a/allow'],
    failure: /not there: a\/allow$/,
  });
  for (const { serve } of [nowhere, others]) t.match(await serve('/a'), { denial: 'policy_unavailable' });
});

t.test('no policies are looked for where no route has one', async (t) => {
  const { gateway, log } = await makeChain(t, { policies: { source: '/nowhere' } });
  t.strictSame(gateway.policies, { current: null, missing: [], failure: null });
  t.equal(log(), '');
});

t.test('missing entrypoints are named once each', async (t) => {
  const route = (name: string, policy: string) => ({
    name,
    match: { path: `/${name}` },
    service: 'api',
    policy,
  });
  const routes = [route('a', 'x/allow'), route('b', 'x/allow'), route('c', 'y/allow'), route('d', 'none')];
  t.strictSame(missingEntrypoints(load(changed({ routes })), new Set(['y/allow'])), ['x/allow']);
});
