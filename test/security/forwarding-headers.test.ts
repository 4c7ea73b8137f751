/**
 * Advisories about headers that say where a request came from. They are built anew for every upstream; of a client nothing of them is
 * believed, and of a trusted proxy those five that it has to say, where each says one thing.
 */
import t, { type Test } from 'tap';
import { brief, get, type Judged, passed, plain, refused, startJudged, words } from '../support/judged.ts';

const routes = `
  - { name: open, match: { path: "/**" }, service: api, token: none, policy: judge/all }
  - { name: api, match: { path: "/api/**" }, service: api, token: none, policy: judge/all, strip_prefix: /api }
  - { name: admin, match: { hosts: [admin.example.com], path: "/**" }, service: api, policy: judge/admins }`;
const direct = await startJudged(t, { routes });
const behind = await startJudged(t, { routes, listener: 'trusted_proxies: [127.0.0.1, 10.0.0.0/8]' });

const NAMES = words`X-Forwarded-For X-Forwarded-Host X-Forwarded-Port X-Forwarded-Proto X-Forwarded-Prefix X-Forwarded-Path Forwarded
  X-Real-IP`;
const OTHERS = words`X-Forwarded X-Forwarded-Protocol X-Forwarded-Scheme X-Forwarded-Ssl X-Forwarded-Server X-Forwarded-By
  X-Forwarded-Uri X-Forwarded-Method X-Forwarded-Client-Cert X-Forwarded-Anything X-Original-Forwarded-For X-Original-Host
  X-Original-URL X-Original-Method X-Original-URI X-Rewrite-URL`;
const VALUES = [
  '203.0.113.7',
  'evil.test',
  'https',
  '443',
  '/admin',
  'for=203.0.113.7;host=evil.test;proto=https',
  '',
];

/** A name in spellings that one or another upstream takes for it. */
const spellings = (name: string): string[] => [
  name,
  name.toUpperCase(),
  name.replaceAll('-', '_'),
  name.toLowerCase().replace('-', '_'),
  name.replaceAll('-', '.'),
];

/** The request with these lines goes on, and is judged, as the one without them. */
async function ignored(t: Test, { ask }: Judged, lines: readonly string[]): Promise<void> {
  const outcome = await ask(get('/open', ...lines));
  t.strictSame(brief(outcome), passed(plain('/open')), lines.join(' | '));
  t.match(outcome.seen, { client_ip: '127.0.0.1', scheme: 'http', host: 'api.example.com', path: '/open' });
  t.strictSame(outcome.seen?.headers, { host: 'api.example.com' }, 'the policy does not see it either');
}

t.test(
  'CVE-2026-35051, CVE-2026-54764, CVE-2024-52003 (Traefik): every X-Forwarded-*, Forwarded and X-Real-IP is built anew',
  async (t) => {
    for (const name of [...NAMES, ...OTHERS])
      for (const [index, spelled] of spellings(name).entries())
        await ignored(t, direct, [`${spelled}: ${VALUES[index % VALUES.length]}`]);
    for (const value of VALUES) {
      await ignored(
        t,
        direct,
        [...NAMES, ...OTHERS].map((name) => `${name}: ${value}`),
      );
      for (const name of NAMES)
        await ignored(t, direct, [`${name}: ${value}`, `${name.toLowerCase()}: 10.0.0.1`]);
    }
    const moved = ['X-Forwarded-Prefix: /api', 'X-Forwarded-Path: /api/v1'];
    t.strictSame(
      brief(
        await direct.ask(
          get('/api/v1', 'X-Forwarded-Prefix: /evil', 'X-Forwarded-Path: /evil', 'x_forwarded_prefix_: /a'),
        ),
      ),
      passed(plain('/v1', { moved })),
      'where a prefix was stripped, it is the gateway that says which',
    );
  },
);

t.test(
  'GHSA-vhr5-ggp3-qq85 (Oathkeeper): X-Forwarded-Proto of a client that nobody trusts is ignored',
  async (t) => {
    for (const value of ['https', 'HTTPS', 'https, http', 'http', 'wss', 'https\u00a0', '"https"'])
      await ignored(t, direct, [`X-Forwarded-Proto: ${value}`, `Forwarded: proto=${value}`]);
  },
);

/** What goes on of a request from the trusted proxy, as lines that differ from `plain`. */
const told = (
  changes: Readonly<Record<string, string>>,
  target = '/open',
  moved: readonly string[] = [],
): string[] =>
  plain(target, { moved }).map((line) => {
    const name = line.slice(0, Math.max(0, line.indexOf(':')));
    return name in changes ? `${name}: ${changes[name]}` : line;
  });

t.test('GHSA-vhr5-ggp3-qq85 (Oathkeeper): of a trusted proxy one value of each is believed', async (t) => {
  const proxied = [
    'X-Forwarded-For: 203.0.113.7',
    'X-Forwarded-Proto: HTTPS',
    'X-Forwarded-Host: Shop.example.com:8443',
  ];
  const outcome = await behind.ask(
    get('/api/v1', ...proxied, 'X-Forwarded-Prefix: /app', 'X-Forwarded-Port: 444'),
  );
  t.strictSame(
    brief(outcome),
    passed(
      told(
        {
          'X-Forwarded-For': '203.0.113.7, 127.0.0.1',
          'X-Forwarded-Host': 'shop.example.com',
          'X-Forwarded-Port': '444',
          'X-Forwarded-Proto': 'https',
          'X-Real-IP': '203.0.113.7',
          Forwarded: 'for=203.0.113.7;host=shop.example.com;proto=https, for=127.0.0.1',
        },
        '/v1',
        ['X-Forwarded-Prefix: /app/api', 'X-Forwarded-Path: /api/v1'],
      ),
    ),
  );
  t.match(outcome.seen, { client_ip: '203.0.113.7', scheme: 'https', host: 'api.example.com' });
  for (const lines of [
    ['X-Forwarded-Proto: https, http'],
    ['X-Forwarded-Proto: https', 'x-forwarded-proto: http'],
    ['X-Forwarded-Proto: https,'],
    ['X-Forwarded-Proto: wss'],
    ['X_Forwarded_Proto: https'],
    ['Forwarded: proto=https;for=203.0.113.7;host=evil.test'],
    ['X-Forwarded-Host: a, b'],
    ['X-Forwarded-Host: a', 'X-Forwarded-Host: b'],
    ['X-Forwarded-Host: a;for=1.2.3.4'],
    ['X-Forwarded-Host: a/b'],
    ['X-Forwarded-Port: 443, 80'],
    ['X-Forwarded-Port: 0'],
    ['X-Forwarded-Port: 65536'],
    ['X-Forwarded-Port: 443;x'],
    ['X-Forwarded-Port: 0443'],
    ['X-Forwarded-Prefix: //evil.test'],
    ['X-Forwarded-Prefix: /a/../b'],
    ['X-Forwarded-Prefix: /a/%2e%2e/b'],
    ['X-Forwarded-Prefix: /a, /b'],
    ['X-Forwarded-Prefix: /a', 'X-Forwarded-Prefix: /b'],
    ['X-Forwarded-Prefix: javascript:alert(1)'],
    ['X-Forwarded-Prefix: \\evil.test'],
    ['X-Forwarded-Prefix: /a%2fb'],
    ['X-Forwarded-Path: /admin', 'X-Forwarded-Uri: /admin', 'X-Original-URL: /admin'],
  ])
    await ignored(t, behind, lines);
});

t.test(
  'CVE-2022-24112 (APISIX): no header but a trusted proxy’s X-Forwarded-For says who the client is',
  async (t) => {
    const ips = words`X-Real-IP X_Real_IP X-Client-IP True-Client-IP Client-IP X-Cluster-Client-IP CF-Connecting-IP Fastly-Client-IP
    X-Forwarded-For Forwarded-For X-Remote-IP X-Remote-Addr X-ProxyUser-IP Forwarded`;
    for (const name of ips)
      for (const value of ['10.0.0.1', '127.0.0.1', '203.0.113.7, 10.0.0.1', 'for=10.0.0.1', '::1']) {
        const { seen, lines } = await direct.ask(get('/open', `${name}: ${value}`));
        t.equal(seen?.client_ip, '127.0.0.1', name);
        t.ok(lines.includes('X-Real-IP: 127.0.0.1') && lines.includes('X-Forwarded-For: 127.0.0.1'), name);
        if (name === 'X-Forwarded-For') continue;
        const trusted = await behind.ask(get('/open', `${name}: ${value}`, 'X-Forwarded-For: 203.0.113.9'));
        t.equal(trusted.seen?.client_ip, '203.0.113.9', `${name} of a trusted proxy`);
        t.ok(trusted.lines.includes('X-Real-IP: 203.0.113.9'));
      }
  },
);

t.test(
  'CVE-2022-24112 (APISIX): what a client writes before a trusted proxy does is not who it is',
  async (t) => {
    for (const [client_ip, chain, ...lines] of [
      ['203.0.113.7', '203.0.113.7, 127.0.0.1', 'X-Forwarded-For: 10.0.0.1, 203.0.113.7'],
      ['203.0.113.7', '203.0.113.7, 127.0.0.1', 'X-Forwarded-For: 10.0.0.1', 'X-Forwarded-For: 203.0.113.7'],
      ['203.0.113.7', '203.0.113.7, 10.2.3.4, 127.0.0.1', 'X-Forwarded-For: 1.2.3.4,203.0.113.7 ,\t10.2.3.4'],
      ['203.0.113.7', '203.0.113.7, 127.0.0.1', 'X-Forwarded-For: ::ffff:203.0.113.7'],
      ['10.0.0.1', '10.0.0.1, 127.0.0.1', 'X-Forwarded-For: 10.0.0.1'],
      ['127.0.0.1', '127.0.0.1', 'X-Forwarded-For: 203.0.113.7, unknown'],
      ['127.0.0.1', '127.0.0.1', 'X-Forwarded-For: 203.0.113.7:80'],
      ['127.0.0.1', '127.0.0.1', 'X-Forwarded-For: 203.0.113.7,'],
      ['127.0.0.1', '127.0.0.1', 'X-Forwarded-For: 0xcb.0.113.7'],
      ['127.0.0.1', '127.0.0.1', 'X-Forwarded-For: "203.0.113.7"'],
      ['127.0.0.1', '127.0.0.1', 'X-Forwarded-For: 203.0.113.7;evil'],
      ['127.0.0.1', '127.0.0.1', 'X_Forwarded_For: 203.0.113.7'],
    ] as const) {
      const outcome = await behind.ask(get('/open', ...lines));
      const hops = chain
        .split(', ')
        .map((hop, index) => (index === 0 ? `for=${hop};host=api.example.com;proto=http` : `for=${hop}`));
      const changes = { 'X-Forwarded-For': chain, 'X-Real-IP': client_ip, Forwarded: hops.join(', ') };
      t.strictSame(brief(outcome), passed(told(changes)), lines.join(' | '));
      t.equal(outcome.seen?.client_ip, client_ip);
    }
  },
);

t.test(
  'CVE-2024-52003 (Traefik): a forwarded host or prefix chooses no route, not even a trusted proxy’s',
  async (t) => {
    for (const { ask } of [direct, behind]) {
      const guarded = [
        'Host: admin.example.com',
        'X-Forwarded-Host: api.example.com',
        'X-Forwarded-Prefix: /api',
      ];
      t.strictSame(brief(await ask(['GET /x HTTP/1.1', ...guarded, '', ''].join('\r\n'))), refused(401));
      const { seen } = await ask(
        get('/v1', 'X-Forwarded-Prefix: /api', 'X-Forwarded-Host: admin.example.com'),
      );
      t.match(seen, { route: 'open', path: '/v1', host: 'api.example.com' });
    }
  },
);
