/**
 * Advisories about Connection, by which a client told a proxy to remove what the proxy itself had set. A listed name takes away what
 * the client sent under it, from the policy as from the upstream, and nothing else.
 */
import t, { type Test } from 'tap';
import { brief, get, passed, plain, refused, startJudged, words } from '../support/judged.ts';

const { ask } = await startJudged(t, {
  policy: `
# METADATA
# entrypoint: true
tenant := object.union(admitted, {"headers": {"X-Tenant": "acme"}}) if input.claims.role == "admin"

# METADATA
# entrypoint: true
tier := admitted if input.request.headers["x-tier"] == "user"
else := refused
`,
  routes: `
  - { name: open, match: { path: "/open" }, service: api, token: none, policy: judge/all }
  - { name: tier, match: { path: "/tier" }, service: api, token: none, policy: judge/tier }
  - { name: basic, match: { path: "/basic" }, service: api, token: none, policy: none, forward_unverified_authorization: true }
  - { name: user, match: { path: "/api/user" }, service: api, policy: judge/tenant, policy_headers: [X-Tenant], strip_prefix: /api,
      identity_headers: { claims: { sub: X-User, role: X-Role }, jwt: authorization } }`,
  answer: ({ target }) =>
    target === '/answer' || target === '/open'
      ? `HTTP/1.1 200 OK\r\nConnection: X-Seen, via, X-Internal ,\tX_Other\r\nX-Internal: 1\r\nX-Other: 1\r\n${ANSWERED}`
      : `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}`,
});
const ANSWERED = `Keep-Alive: timeout=9\r\nProxy-Authenticate: Basic\r\nProxy-Connection: close\r\nUpgrade: h2c\r\nTE: trailers\r\n\
Trailer: X-Seen\r\nX-Plain: 1\r\nContent-Length: 2\r\n\r\n{}`;

const SET_HERE = words`X-User X-Role X-Tenant Authorization Via X-Forwarded-For X-Forwarded-Host X-Forwarded-Port X-Forwarded-Proto
  X-Forwarded-Prefix X-Forwarded-Path X-Real-IP Forwarded traceparent Host Content-Length Transfer-Encoding Connection`;

/** The ways in which Connection can list this name. */
const listing = (name: string): (readonly string[])[] => [
  [`Connection: ${name}`],
  [`connection: ${name.toLowerCase()}`],
  [`Connection: close, ${name.toUpperCase()}`],
  [`Connection: ${name} , keep-alive`],
  [`Connection: ,,${name},`],
  [`Connection:\tkeep-alive,\t${name}\t`],
  [`Connection: ${name.replaceAll('-', '_')}`],
  ['Connection: close', `CONNECTION: ${name}`],
  [`Connection: ${name}`, 'Connection: close'],
  [`Connection: ${SET_HERE.join(', ')}, ${name}`],
];

t.test(
  'CVE-2024-45410, CVE-2021-32813 (Traefik), CVE-2025-48865 (Fabio): Connection removes nothing that the gateway sets',
  async (t) => {
    const told = passed(
      plain('/user', {
        moved: ['X-Forwarded-Prefix: /api', 'X-Forwarded-Path: /api/user'],
        own: ['X-Tenant: acme', 'X-User: admin', 'X-Role: admin', 'authorization: Bearer JWT'],
      }),
    );
    for (const name of SET_HERE)
      for (const lines of listing(name))
        for (const sent of [
          [...lines, 'Authorization: Bearer admin'],
          ['Authorization: Bearer admin', `X-User: root`, ...lines],
        ])
          t.strictSame(brief(await ask(get('/api/user', ...sent))), told, lines.join(' | '));
  },
);

t.test('CVE-2021-32813 (Traefik): Connection: Authorization makes no caller anonymous', async (t) => {
  for (const lines of listing('Authorization'))
    for (const token of ['stolen', 'alice'])
      t.strictSame(
        brief(await ask(get('/api/user', `Authorization: Bearer ${token}`, ...lines))),
        refused(token === 'alice' ? 403 : 401),
        `${token}: ${lines.join(' | ')}`,
      );
  t.strictSame(
    brief(await ask(get('/basic', 'Authorization: Basic eDp5', 'Connection: authorization'))),
    passed(plain('/basic')),
    'where it is the client’s own to send, it is the client’s to withhold',
  );
});

t.test('CVE-2021-32813 (Traefik): what Connection lists is neither judged nor sent', async (t) => {
  for (const lines of listing('X-Tier')) {
    t.strictSame(brief(await ask(get('/tier', 'X-Tier: user', ...lines))), refused(403), lines.join(' | '));
    const outcome = await ask(get('/open', ...lines, 'X-Tier: user', 'x-tier: admin', 'X-Own: 1'));
    t.strictSame(brief(outcome), passed(plain('/open', { client: ['X-Own: 1'] })), lines.join(' | '));
    t.notOk('x-tier' in (outcome.seen?.headers ?? {}));
  }
  for (const line of [
    'Proxy-Connection: X-Tier',
    'Keep-Alive: X-Tier',
    'X-Connection: X-Tier',
    'Connection: X-Tier2',
  ])
    t.equal((await ask(get('/tier', 'X-Tier: user', line))).status, 200, `${line} lists nothing of the kind`);
});

t.test('CVE-2025-48865 (Fabio): hop-by-hop names end here, listed or not', async (t) => {
  for (const line of [
    'Keep-Alive: timeout=5',
    'Keep_Alive: 5',
    'Proxy-Connection: keep-alive',
    'Proxy-Authorization: Basic eDp5',
    'Proxy-Authenticate: Basic',
    'TE: trailers',
    'te: gzip, trailers',
    'Trailer: X-User',
    'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA',
  ])
    t.strictSame(
      brief(await ask(get('/open', line, 'X-Own: 1'))),
      passed(plain('/open', { client: ['X-Own: 1'] })),
      line,
    );
});

async function posted(t: Test, framing: string, listed: string, body: string): Promise<void> {
  const head = ['POST /open HTTP/1.1', 'Host: api.example.com', `Connection: ${listed}`, framing];
  const { status, sent } = await ask([...head, '', body].join('\r\n'));
  t.match({ status, sent }, { status: 200, sent: { body: 'abc' } }, `${framing}, with Connection: ${listed}`);
}

t.test('CVE-2025-48865 (Fabio): Connection leaves no body without its length', async (t) => {
  for (const listed of words`Content-Length content-length Transfer-Encoding content_length close,Content-Length`) {
    await posted(t, 'Content-Length: 3', listed, 'abc');
    await posted(t, 'Transfer-Encoding: chunked', listed, '3\r\nabc\r\n0\r\n\r\n');
  }
});

t.test(
  'CVE-2024-45410 (Traefik): nor does an upstream’s Connection remove what the gateway answers',
  async (t) => {
    const { status, headers, seen } = await ask(get('/open'));
    t.equal(status, 200);
    t.ok(seen, 'what the policy added is there');
    const { 'x-seen': _seen, date: _date, 'keep-alive': ours, ...others } = headers;
    t.not(ours, 'timeout=9');
    t.strictSame(others, {
      'x-plain': '1',
      'content-length': '2',
      via: '1.1 portcullis',
      connection: 'keep-alive',
    });
  },
);
