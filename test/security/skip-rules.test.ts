/**
 * Advisories about requests that skipped authentication: by what followed the path, by a header that told the proxy of another path or
 * method, by looking like a probe, or by making the policy fail. Nothing but the route decides whether a token is needed.
 */
import t, { type Test } from 'tap';
import { brief, get, type Judged, passed, plain, refused, startJudged, words } from '../support/judged.ts';

const routes = `
  - { name: public, match: { path: "/public/**" }, service: api, token: none, policy: none }
  - { name: foo, match: { path: "/foo/{page}/bar" }, service: api, token: none, policy: none }
  - { name: root, match: { path: "/", methods: [OPTIONS] }, service: api, token: none, policy: none }
  - { name: secret, match: { path: "/secret/**" }, service: api, policy: judge/admins, identity_headers: { jwt: false } }
  - { name: faulty, match: { path: "/faulty" }, service: api, policy: judge/faulty, identity_headers: { jwt: false } }`;
const policy = `
level := 1 if input.request.headers["x-a"]
level := 2 if input.request.headers["x-b"]

# METADATA
# entrypoint: true
faulty := admitted if level != 3

# METADATA
# entrypoint: true
unused := admitted
`;
const direct = await startJudged(t, { routes, policy });
const behind = await startJudged(t, { routes, policy, listener: 'trusted_proxies: [127.0.0.1]' });
const both = [direct, behind];

/** A guarded request stays guarded, whatever is said beside it, and whoever says so. */
async function guards(t: Test, request: string, gateways: readonly Judged[] = both): Promise<void> {
  for (const { ask } of gateways) t.strictSame(brief(await ask(request)), refused(401), request);
}

t.test('CVE-2025-54576 (oauth2-proxy): what stands in the query opens no path', async (t) => {
  for (const query of words`x=/public /public /public/ x=/public/a &/public/ /public/../public/ //public x=%2Fpublic%2F ;/public
    ?/public x=/foo/a/bar x=%0a/public/ x=%23/public`)
    for (const path of ['/secret', '/secret/', '/secret/a'])
      await guards(t, get(`${path}?${query}`), [direct]);
  const { lines } = await direct.ask(get('/public/a?x=/secret'));
  t.strictSame(lines, plain('/public/a?x=/secret'));
});

t.test('CVE-2026-41059 (oauth2-proxy): nor does a # after it, raw or encoded', async (t) => {
  for (const target of words`/foo/secret%23/bar /foo/secret#/bar /secret%23/public/a /secret#/public /secret/%23/../../public /secret%2523
    /foo/%23/bar /public/%23/../../secret /secret/a%0a/public /secret/a%0d%0a/public /secret%00/public`)
    t.strictSame(brief(await direct.ask(get(target))), refused(400), target);
  t.strictSame(brief(await direct.ask(get('/foo/secret/x/bar'))), refused(404));
});

t.test('CVE-2026-34457 (oauth2-proxy): looking like a health check opens nothing', async (t) => {
  const agents = [
    'GoogleHC/1.0',
    'kube-probe/1.31',
    'ELB-HealthChecker/2.0',
    'Prometheus/3.0',
    'Consul Health Check',
    'ping',
    '',
  ];
  for (const agent of agents) {
    await guards(t, get('/secret', `User-Agent: ${agent}`));
    await guards(t, get('/secret', `User-Agent: x`, `User-Agent: ${agent}`), [direct]);
  }
  await guards(t, get('/secret', 'X-Health-Check: 1', 'X-Kubernetes-Probe: 1', 'Purpose: prefetch'));
});

t.test(
  'CVE-2022-24797 (Pomerium): the public port has no probes, metrics, profiles or pages of its own',
  async (t) => {
    for (const path of words`/livez /readyz /healthz /health /ping /ready /metrics /status /debug/pprof /debug/pprof/heap /admin /console
    /api/status /stats /config_dump /server-info /.pomerium /.well-known/pomerium /.well-known/jwks.json /oauth2/sign_in /v1/data
    /v1/data/judge/unused /v1/policies /__health /favicon.ico`)
      t.strictSame(brief(await direct.ask(get(path))), refused(404), path);
  },
);

t.test(
  'CVE-2026-40575, oauth2-proxy#3506: no header says which path or method is meant, not even a trusted proxy’s',
  async (t) => {
    const paths = words`X-Forwarded-Uri X-Forwarded-Path X-Forwarded-Prefix X-Original-URL X-Original-URI X-Rewrite-URL X-Auth-Request-Redirect
      X-Forwarded-Url X-Envoy-Original-Path X-Replaced-Path X-Accel-Redirect X-Sendfile Location Refresh X_Forwarded_Uri x_original_url`;
    for (const name of paths)
      for (const value of ['/public', '/public/a', '/', 'http://api.example.com/public/a'])
        await guards(t, get('/secret', `${name}: ${value}`));
    for (const name of words`X-Forwarded-Method X-Original-Method X-Forwarded-Verb X_Forwarded_Method`)
      for (const value of ['OPTIONS', 'GET']) await guards(t, get('/secret', `${name}: ${value}`));
    for (const name of words`X-HTTP-Method-Override X-Method-Override X-HTTP-Method X_HTTP_Method_Override x-http_method-override`)
      for (const { ask } of both)
        for (const target of ['/secret', '/public/a', '/nowhere'])
          t.strictSame(
            brief(await ask(get(target, `${name}: OPTIONS`))),
            refused(400),
            `${name} on ${target}`,
          );
    t.strictSame(
      brief(await behind.ask(get('/public/a', 'X-Forwarded-Uri: /secret', 'X-Original-URL: /secret'))),
      passed(plain('/public/a')),
    );
  },
);

t.test('oauth2-proxy#735 (spoofed preflight): OPTIONS is guarded like any other method', async (t) => {
  const origin = 'Origin: https://evil.test';
  const asks = 'Access-Control-Request-Method: GET';
  for (const lines of [
    [],
    [origin],
    [asks],
    [origin, asks],
    [origin, asks, 'Access-Control-Request-Headers: authorization'],
    [origin, 'Access-Control-Request-Method: OPTIONS'],
    ['Origin: null', asks],
  ])
    await guards(t, get('/secret', ...lines).replace('GET', 'OPTIONS'));
  for (const method of ['HEAD', 'POST', 'PROPFIND', 'MKCALENDAR', 'BREW'])
    t.strictSame(
      (
        await direct.ask(
          get('/secret').replace('GET', method).replace('\r\n\r\n', '\r\nContent-Length: 0\r\n\r\n'),
        )
      ).status,
      method === 'BREW' ? 400 : 401,
      method,
    );
  t.equal((await direct.ask(get('*').replace('GET', 'OPTIONS'))).status, 400, 'OPTIONS * is for nobody');
});

t.test('CVE-2024-23324 (Envoy): a policy that a request brings to fail admits nobody', async (t) => {
  const alice = 'Authorization: Bearer alice';
  t.equal((await direct.ask(get('/faulty', alice, 'X-A: 1'))).status, 200);
  t.equal((await direct.ask(get('/faulty', alice, 'X-B: 1'))).status, 200);
  t.strictSame(brief(await direct.ask(get('/faulty', alice))), refused(403), 'undefined is no admission');
  t.strictSame(
    brief(await direct.ask(get('/faulty', alice, 'X-A: 1', 'X-B: 1'))),
    refused(500),
    'nor is a conflict',
  );
  // What would make an invalid gRPC message of the request, and what may be hard to hand to a policy.
  for (const line of [
    'X-C: \x80\xff',
    'X-C: \xc0\xaf',
    'X-C: \xed\xa0\x80',
    `X-C: ${'{"a":['.repeat(500)}`,
    '__proto__: 1',
    'constructor: 1',
  ])
    t.strictSame(
      brief(await direct.ask(get('/secret', alice, line))),
      refused(403),
      JSON.stringify(line.slice(0, 20)),
    );
  for (const query of [
    '%00=%00',
    '%ff=%fe',
    '%ed%a0%80=1',
    '__proto__[role]=admin',
    'a=1&'.repeat(1_000),
    '__proto__=1&constructor=2',
  ])
    t.strictSame(brief(await direct.ask(get(`/secret?${query}`, alice))), refused(403), query.slice(0, 20));
});
