/**
 * Hostile requests without end, over bare sockets: whatever the upstream gets is what the policy judged, and under no reading of its
 * path does it lead to where another route, which asks for more, should have led. `FUZZ_RUNS` asks for more of them, other ones each
 * time.
 */
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { hostileRequest, type HostileRequest, MARK, written } from '../support/hostile-requests.ts';
import { type Seen, startJudged, words } from '../support/judged.ts';
import { okay, type RecordedBytes, valuesOf } from '../support/recording.ts';
import { readings } from '../support/readings.ts';
import { openWire } from '../support/wire.ts';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 0);
if (RUNS > 0) t.setTimeout(0);
fc.configureGlobal(RUNS > 0 ? { numRuns: RUNS } : { numRuns: 2_000, seed: 9110 });

const OPEN = 'service: api, token: none, policy: judge/echo, policy_headers: [X-Judged-Path, X-Judged-Route]';
const { gateway, upstream } = await startJudged(t, {
  policy: `
# METADATA
# entrypoint: true
echo := object.union(admitted, {"headers": {"X-Judged-Path": input.request.path, "X-Judged-Route": input.route.name}})
`,
  routes: `
  - { name: all, match: { path: "/**" }, ${OPEN} }
  - { name: status, match: { path: /status }, ${OPEN} }
  - { name: file, match: { path: "/files/{id}" }, ${OPEN} }
  - { name: public, match: { path: "/public/**" }, ${OPEN} }
  - { name: raw, match: { path: "/raw/**" }, ${OPEN}, ambiguous_paths: { allow: ["%2F", "%3F", "%23", "%25", ";", "//"] } }
  - { name: api, match: { path: "/api/v1/**" }, ${OPEN}, strip_prefix: /api }
  - { name: user, match: { path: "/users/{id}" }, ${OPEN}, rewrite: "/v2/people/{id}" }
  - { name: old, match: { path: "/old/**" }, ${OPEN}, rewrite: "/store/**" }
  - { name: settings, match: { path: "/files/{id}/settings" }, ${OPEN} }
  - { name: admin, match: { path: "/admin/**" }, ${OPEN} }
  - { name: internal, match: { hosts: [internal.example.com], path: "/**" }, ${OPEN} }
  - { name: mine, match: { path: /mine }, service: api, policy: none, identity_headers: { claims: { sub: X-User } } }`,
  answer: ({ line }) =>
    line.startsWith('HEAD ') ? 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n' : okay('{}'),
});

/** What a route takes, what its upstream gets of a judged path, and the space in which that has to stay however it is read. */
type Expected = { readonly asked: RegExp; readonly sent?: (path: string) => string; readonly space?: RegExp };
const ROUTES: Readonly<Record<string, Expected>> = {
  all: { asked: /^(?!)/, space: /^/ },
  internal: { asked: /^(?!)/, space: /^/ },
  status: { asked: /^\/status$/ },
  file: { asked: /^\/files\/[^/]+$/ },
  settings: { asked: /^\/files\/[^/]+\/settings$/ },
  public: { asked: /^\/public(?:\/|$)/ },
  raw: { asked: /^\/raw(?:\/|$)/ },
  admin: { asked: /^\/admin(?:\/|$)/ },
  api: {
    asked: /^\/api\/v1(?:\/|$)/,
    sent: (path) => path.replace('/api', ''),
    space: /^\/v1(?:\/|$)/,
  },
  user: {
    asked: /^\/users\/[^/]+$/,
    sent: (path) => path.replace('/users', '/v2/people'),
    space: /^\/v2\/people\/[^/]+$/,
  },
  old: {
    asked: /^\/old(?:\/|$)/,
    sent: (path) => path.replace('/old', '/store'),
    space: /^\/store(?:\/|$)/,
  },
};

type Outcome = { readonly status: number; readonly seen: Seen | null; readonly sent: RecordedBytes | null };

const received = (): number => upstream.connections().reduce((sum, { length }) => sum + length, 0);

async function ask({ method, bytes }: HostileRequest): Promise<Outcome> {
  const before = received();
  const wire = await openWire(t, gateway.url);
  wire.send(bytes);
  const bodyless = method === 'HEAD' ? 'bodyless' : undefined;
  let reply = await wire.reply(bodyless);
  if (reply.status === 100) reply = await wire.reply(bodyless);
  wire.socket.destroy();
  const { requests, faults } = upstream.take();
  assert.deepEqual(faults, []);
  assert.ok(requests.length <= 1, 'it is one request to the upstream, or none');
  const [sent = null] = requests;
  assert.equal(received() - before, sent?.raw.length ?? 0, 'and nothing besides');
  const seen = reply.headers['x-seen'];
  return {
    status: reply.status,
    seen: seen === undefined ? null : (JSON.parse(Buffer.from(seen, 'base64').toString()) as Seen),
    sent,
  };
}

/** Fields that the gateway writes itself, and cookies, which no policy sees. */
const OURS =
  /^(?:host|connection|via|cookie|content-length|transfer-encoding|traceparent|forwarded|x-(?:forwarded|judged)-.*|x-real-ip)$/;
const REFUSALS = new Set([400, 401, 404, 405, 413, 414, 417, 431, 501]);

/** A path without escapes, as bytes: two that are alike here are one to whoever decodes. */
const decoded = (path: string): string =>
  path.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));

function hold({ method, target, host }: HostileRequest, { status, seen, sent }: Outcome): void {
  if (sent === null) {
    assert.ok(REFUSALS.has(status), `a refusal is no ${status}`);
    return;
  }
  assert.equal(status, 200);
  assert.ok(seen, 'nothing goes on that the policy has not judged');
  assert.equal(seen.method, method);
  assert.equal(sent.line, `${method} ${sent.target} HTTP/1.1`);
  const origin = target.replace(/^https?:\/\/[^/?]*/i, '');
  const [, path = '', query = ''] = /^([^?]*)(.*)$/s.exec(origin) ?? [];
  const [, sentPath = '', sentQuery = ''] = /^([^?]*)(.*)$/s.exec(sent.target) ?? [];
  const route = ROUTES[seen.route];
  assert.ok(route, seen.route);

  assert.equal(decoded(seen.path), decoded(path || '/'), 'what was judged is what was asked for');
  assert.deepEqual(seen.segments.join('/'), decodeURIComponent(seen.path.slice(1)));
  assert.equal(sentPath, route.sent?.(seen.path) ?? seen.path, 'what was sent is what was judged');
  assert.equal(sentQuery, query, 'the query is the client’s');
  assert.deepEqual(valuesOf(sent, 'x-judged-path'), [seen.path]);
  assert.deepEqual(valuesOf(sent, 'x-judged-route'), [seen.route]);
  assert.deepEqual(valuesOf(sent, 'x-forwarded-path'), sentPath === seen.path ? [] : [seen.path]);
  assert.deepEqual(valuesOf(sent, 'host'), [new URL(upstream.url).host]);
  assert.deepEqual(valuesOf(sent, 'x-forwarded-for'), ['127.0.0.1']);
  assert.ok(!sent.raw.includes(MARK), 'nothing that only the gateway says came from the client');
  for (const name of sent.fields.map(([spelled]) => spelled.toLowerCase()))
    if (!OURS.test(name))
      assert.equal(valuesOf(sent, name).join(', '), seen.headers[name], `${name} is what was judged`);
  const name = host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
  assert.deepEqual(valuesOf(sent, 'x-forwarded-host'), [name]);
  assert.equal(seen.route === 'internal', name === 'internal.example.com');
  for (const reading of readings(sentPath)) {
    assert.match(reading, route.space ?? route.asked, `${sentPath} leads out of the route ${seen.route}`);
    if (seen.route !== 'all') continue;
    for (const [name, { asked }] of Object.entries(ROUTES))
      assert.doesNotMatch(reading, asked, `${sentPath} leads past the route ${name}`);
  }
}

/** Targets of advisories, and what this test found. */
const CORPUS = words`//admin/people /public/../admin/people /public/%2e%2e/admin /public/%2E%2E%2Fadmin /public/..%2fadmin /public/..%5cadmin
  /public/..;/admin /public/..;x=y/admin /public/%252e%252e/admin /public/.%00./admin /public/%c0%ae%c0%ae/admin /public%2f..%2fadmin
  /raw//admin /raw/..//admin /raw/%2e%2e%2fadmin /raw/%252e%252e%252fadmin /raw/a%2f..%2f..%2fadmin /raw;/../admin /raw/..;/admin
  /raw/a%3f/../../admin /raw/a%23/../../admin /raw/%ef%bc%8f..%ef%bc%8fadmin /raw/%25%32%65%25%32%65/admin
  /api/v1//admin /api/v1/..%2f..%2fadmin /api/v1/../../admin /api/v1/ /api/v1 /api/v1/api/v1 /api//v1/a /api/v1/?/api/v1
  /users/..%2fadmin /users/%2e%2e /users/.. /users/a%2fb /users/ /users/{id} /users/%7Bid%7D /users/%ef%bc%8e%ef%bc%8e /users/%e2%80%a5
  /old/../admin /old//admin /old /old/ /old/old/old /ADMIN/people /Admin /admin/ /admin /%61dmin /adm%69n/people /admin;x/people
  /admin%2fpeople /admin%5cpeople /admin%00 /admin%23 /admin%3f /admin%0a /admin? /admin?/../public /%ef%bd%81dmin /adm%c4%b1n /%61%64min
  /files/1/SETTINGS /files/1/settings/ /files/1/%73ettings /files/1/settings;a /files/1/%e2%84%80 /files/1%2fsettings /files//settings
  /files/1/%c5%bfettings /status/ /Status /%73tatus /a%e2%81%84..%e2%81%84admin /%e2%84%aa /%ef%bb%bfadmin /a/%ef%bc%85%32%65/b
  /adm%c2%adin/people /admi%e2%80%8bn /%ef%b8%8fadmin /files/1/settin%e2%80%8dgs /status%e2%80%8b /status/%e2%80%8b /files/%ef%b8%8f/settings
  /admin./people /admin%20 /admin.%20./people /status... /files/1/settings%20.
  /%25%ef%bc%961dmin /%25%ef%bc%921%ef%bc%85`;

t.test('what is known already', async (t) => {
  for (const target of CORPUS)
    for (const form of ['', 'http://api.example.com'])
      await t.test(form + target, async () => {
        const request = written(form + target, { lines: [`X_User: ${MARK}`, `x-forwarded.for: ${MARK}`] });
        hold(request, await ask(request));
      });
});

t.test('whatever else there is', { timeout: 0 }, async (t) => {
  const routes = new Set<string>();
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(hostileRequest, async (request) => {
      const outcome = await ask(request);
      statuses.add(outcome.status);
      if (outcome.seen) routes.add(outcome.seen.route);
      hold(request, outcome);
    }),
  );
  t.strictSame(routes, new Set(Object.keys(ROUTES)), 'some of them reached each route');
  t.ok(statuses.has(400) && statuses.has(404), 'and some none');
});
