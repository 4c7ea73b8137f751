/**
 * Advisories about headers that say who calls. Whatever a client sends under a name that the gateway sets, on any route and in any
 * spelling that some upstream reads as that name, nothing of it arrives.
 */
import t from 'tap';
import { brief, get, passed, plain, refused, startJudged, words } from '../support/judged.ts';

const { ask } = await startJudged(t, {
  policy: `
# METADATA
# entrypoint: true
tenant := object.union(admitted, {"headers": {"X-Tenant": "acme"}}) if input.claims.role == "admin"
else := admitted

# METADATA
# entrypoint: true
tier := admitted if input.request.headers["x-tier"] == "user"
else := refused
`,
  routes: `
  - { name: open, match: { path: "/open" }, service: api, token: none, policy: judge/all }
  - { name: bare, match: { path: "/bare" }, service: api, token: none, policy: none }
  - { name: tier, match: { path: "/tier" }, service: api, token: none, policy: judge/tier }
  - { name: user, match: { path: "/user" }, service: api, policy: judge/tenant, policy_headers: [X-Tenant],
      identity_headers: { claims: { sub: X-User, role: X-Role }, jwt: X-Phantom } }
  - { name: optional, match: { path: "/optional" }, service: api, token: optional, policy: judge/tenant,
      identity_headers: { claims: { sub: X-User-2 } } }`,
});

const SET_HERE = words`X-User X-Role X-Tenant X-Phantom X-User-2`;
const RESERVED = words`X-Credential-Sub X-Credential-Scope X-Credential- X-Consumer-Username X-Consumer-ID X-Anonymous-Consumer
  X-Portcullis-Decision X-Userinfo X-Access-Token X-ID-Token X-Authenticated-Userid X-Authenticated-Scope X-Authenticated-Groups
  X-Forwarded-User X-Forwarded-Email X-Forwarded-Groups X-Forwarded-Preferred-Username X-Forwarded-Access-Token
  X-Forwarded-Tls-Client-Cert X-Forwarded-Tls-Client-Cert-Info Proxy`;

/** A name as upstreams behind CGI, WSGI, PHP or a lenient proxy may still read it. */
const spellings = (name: string): string[] => [
  name,
  name.toLowerCase(),
  name.toUpperCase(),
  name.replaceAll('-', '_'),
  name.replace('-', '_'),
  name.toLowerCase().replaceAll('-', '_'),
  name.replaceAll('-', '.'),
  ..."!#$%&'*+^`|~".split('').map((mark) => name.replaceAll('-', mark)),
];
const FRAMING = /^(?:content-length: 3|transfer-encoding: chunked)$/i;
const token = (of: string): string => `Authorization: Bearer ${of}`;
const admins = ['X-Tenant: acme', 'X-User: admin', 'X-Role: admin', 'X-Phantom: JWT'];

t.test(
  'CVE-2026-39858 (Traefik), CVE-2025-64484 (oauth2-proxy): X_User is X-User, on routes that ask for no token too',
  async (t) => {
    for (const name of [...SET_HERE, ...RESERVED]) {
      for (const spelled of new Set(spellings(name))) {
        const { status, lines, seen } = await ask(get('/open', `${spelled}: root`, 'X-Own: 1'));
        t.strictSame({ status, lines }, passed(plain('/open', { client: ['X-Own: 1'] })), spelled);
        t.strictSame(seen?.headers, { host: 'api.example.com', 'x-own': '1' }, `${spelled} is not judged`);
      }
      const sent = [`${name}: root`, `${name.replace('-', '_')}: root`];
      const twoWays = name.includes('-') ? refused(400) : passed(plain('/bare'));
      t.strictSame(brief(await ask(get('/bare', ...sent))), twoWays, `${name}, spelled in two ways`);
      t.strictSame(
        brief(await ask(get('/bare', `${name}: a`, 'X-Own: 1', `${name.toUpperCase()}: b`))),
        passed(plain('/bare', { client: ['X-Own: 1'] })),
        `${name}, twice`,
      );
    }
  },
);

t.test(
  'CVE-2025-64484 (oauth2-proxy): beside what the gateway says, nothing of the client is read',
  async (t) => {
    for (const name of SET_HERE.slice(0, 4))
      for (const spelled of new Set(spellings(name)))
        for (const lines of [
          [`${spelled}: root`, token('admin')],
          [token('admin'), `${spelled}: root`, `${spelled}: admin`],
        ])
          t.strictSame(
            brief(await ask(get('/user', ...lines))),
            passed(plain('/user', { own: admins })),
            spelled,
          );
  },
);

t.test(
  'krakend-jose#62, krakend-jose#103, lura#500, CVE-2026-31908, CVE-2026-39998, CVE-2026-44087, CVE-2026-49231 (APISIX): an absent claim lets no client header through',
  async (t) => {
    const forged = ['X-User: root', 'x_role: admin', 'X-TENANT: acme', 'X-Phantom: a.b.c', 'X-User-2: root'];
    t.strictSame(
      brief(await ask(get('/user', ...forged, token('nobody')))),
      passed(plain('/user', { own: ['X-Phantom: JWT'] })),
      'a token without sub and role, a policy that sets nothing',
    );
    t.strictSame(
      brief(await ask(get('/user', token('alice'), ...forged))),
      passed(plain('/user', { own: ['X-User: alice', 'X-Role: user', 'X-Phantom: JWT'] })),
      'claims, and a policy that sets nothing',
    );
    t.strictSame(
      brief(await ask(get('/optional', ...forged))),
      passed(plain('/optional')),
      'no token where none is needed',
    );
    t.strictSame(
      brief(await ask(get('/optional', ...forged, token('nobody')))),
      passed(plain('/optional', { own: ['authorization: Bearer JWT'] })),
      'a token without sub where none is needed',
    );
    t.strictSame(brief(await ask(get('/optional', ...forged, token('stolen')))), refused(401), 'a bad token');
  },
);

t.test(
  'CVE-2026-31908 (APISIX): Authorization goes upstream as the gateway wrote it, or not at all',
  async (t) => {
    for (const path of ['/open', '/bare'])
      for (const authorization of ['Bearer admin', 'Basic cm9vdDpyb290', 'DPoP x', 'Bearer'])
        t.strictSame(
          brief(await ask(get(path, `Authorization: ${authorization}`))),
          passed(plain(path)),
          path,
        );
    for (const lines of [
      [token('admin'), token('alice')],
      [token('nobody'), 'X-A: b', `aUTHORIZATION: Bearer admin`],
      [token('admin'), 'Authorization:'],
      ['Authorization: Basic cm9vdDpyb290', token('admin')],
      [token('admin'), 'Authori_zation: x', 'Authorization : x'],
    ])
      for (const path of ['/user', '/bare', '/optional'])
        t.strictSame(brief(await ask(get(path, ...lines))), refused(400), lines.join(' | '));
  },
);

/** A POST of `abc` with these header lines, and these names as trailers. */
const chunked = (path: string, lines: readonly string[], trailers: readonly string[]): string => {
  const head = [`POST ${path} HTTP/1.1`, 'Host: api.example.com', ...lines, 'Transfer-Encoding: chunked'];
  return [...head, '', '3', 'abc', '0', ...trailers.map((name) => `${name}: root`), '', ''].join('\r\n');
};

t.test('CVE-2026-88004 (Traefik): nothing of a trailer reaches the upstream, announced or not', async (t) => {
  const names = [
    ...SET_HERE,
    ...RESERVED,
    ...words`X_User x.role Authorization Cookie Host Connection X-Forwarded-For Forwarded X-Real-IP
      Content-Type X-Tier traceparent X-Own`,
  ];
  for (const [path, own, ...credentials] of [
    ['/open', []],
    ['/user', admins, token('admin')],
  ] as const)
    for (const [announcement, ...trailers] of [
      [`Trailer: ${names.join(', ')}`, ...names],
      [`Connection: close, X-User`, ...names],
      ...names.map((name) => ['X-Own: 1', name] as const),
    ] as const) {
      const { status, sent, lines } = await ask(chunked(path, [...credentials, announcement], trailers));
      const client = announcement === 'X-Own: 1' ? [announcement] : [];
      t.strictSame(
        { status, head: lines.slice(0, lines.indexOf('')).filter((line) => !FRAMING.test(line)) },
        { status: 200, head: plain(path, { method: 'POST', client, own }).slice(0, -2) },
        trailers.join(', '),
      );
      t.match(sent, { body: 'abc', trailers: { length: 0 } }, 'with its body, and no trailer');
      t.notMatch(sent?.raw, /root/);
    }
  for (const name of words`Content-Length Transfer-Encoding`)
    t.strictSame(
      brief(await ask(chunked('/open', [], [name]))),
      refused(400),
      `${name} frames no message twice`,
    );
});

t.test(
  'CVE-2021-32777 (Envoy): of a header sent twice the policy sees both values, in their order',
  async (t) => {
    for (const [tier, ...lines] of [
      ['user, admin', 'X-Tier: user', 'X-Tier: admin'],
      ['admin, user', 'X-Tier: admin', 'X-Tier: user'],
      ['user, user', 'X-Tier: user', 'x-TIER: user'],
      ['user, x, admin', 'X-Tier: user', 'X-A: 1', 'x-tier: x', 'X-B: 2', 'X-Tier: admin'],
      ['user, ', 'X-Tier: user', 'X-Tier:'],
      [', user', 'X-Tier:', 'X-Tier: user'],
      ['user,admin', 'X-Tier: user,admin'],
      ['user;admin', 'X-Tier: user;admin'],
      ['User', 'X-Tier: User'],
      ['user\u00a0', 'X-Tier: user\u00a0'],
    ] as const) {
      const judged = await ask(get('/tier', ...lines));
      t.strictSame(brief(judged), refused(403), `${lines.join(' | ')} is not user`);
      t.equal(judged.seen?.headers['x-tier'], tier);
      const outcome = await ask(get('/open', ...lines));
      t.equal(outcome.seen?.headers['x-tier'], tier);
      const client = lines.map((line) => (line.endsWith(':') ? `${line} ` : line));
      t.strictSame(brief(outcome), passed(plain('/open', { client })), 'which the upstream gets, too');
    }
    for (const line of ['X-Tier: user', 'x-tier:user', 'X-TIER:\t user \t'])
      t.equal((await ask(get('/tier', line))).status, 200, line);
    for (const lines of [
      ['X-Tier: user', 'X_Tier: admin'],
      ['x_tier: admin', 'X-Tier: user'],
      ['X.Tier: admin', 'X-Tier: user'],
    ])
      t.strictSame(brief(await ask(get('/tier', ...lines))), refused(400), lines.join(' | '));
  },
);

t.test('CVE-2019-9900 (Envoy): NUL and other controls in a header are refused', async (t) => {
  const controls = Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).concat('\x7f');
  for (const c of controls) {
    const places = [
      `X-Tier: us${c}er`,
      `X-Tier: ${c}user`,
      `X-Tier: user${c}`,
      `X-Ti${c}er: user`,
      `X-Tier${c}: user`,
    ];
    for (const line of c === '\t' ? places.slice(3) : places)
      for (const path of ['/tier', '/bare'])
        t.strictSame(brief(await ask(get(path, line))), refused(400), JSON.stringify(line));
  }
  for (const line of [
    'X-Tier : user',
    ' X-Tier: user',
    '\tX-Tier: user',
    ': user',
    'X-Tier',
    'X-T\u00e4r: user',
    ':path: /admin',
  ])
    t.strictSame(brief(await ask(get('/bare', line))), refused(400), JSON.stringify(line));
});
