/**
 * Advisories about hosts: which route they choose, and what of them reaches the upstream. Names that differ only as DNS does not tell
 * them apart are one host; what is no host, or more than one, is refused.
 */
import t, { type Test } from 'tap';
import { brief, passed, plain, refused, startJudged, words } from '../support/judged.ts';

const { ask } = await startJudged(t, {
  routes: `
  - { name: any, match: { path: "/**" }, service: api, token: none, policy: judge/all }
  - { name: wildcard, match: { hosts: ["*.example.com"], path: "/**" }, service: api, token: none, policy: judge/all }
  - { name: admin, match: { hosts: [admin.example.com, localhost], path: "/**" }, service: api, policy: judge/admins }
  - { name: kept, match: { hosts: [kept.example.com], path: "/**" }, service: api, token: none, policy: judge/all, preserve_host: true }`,
});

/** A request with exactly these lines after the request line. */
const asked = (target: string, ...lines: readonly string[]) =>
  ask([`GET ${target} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
const hosted = (host: string, target = '/x') => asked(target, `Host: ${host}`);

async function refuses(t: Test, status: number, hosts: readonly string[]): Promise<void> {
  for (const host of hosts)
    t.strictSame(brief(await hosted(host)), refused(status), `${JSON.stringify(host)} is ${status}`);
}

t.test(
  'CVE-2026-42273 (Heimdall): a host is one host in any case, with any port and with a trailing dot',
  async (t) => {
    await refuses(
      t,
      401,
      words`admin.example.com Admin.Example.Com ADMIN.EXAMPLE.COM admin.example.com. aDMIN.example.com. admin.example.com:80
      admin.example.com:8080 Admin.example.com.:443 LOCALHOST:3000 localhost.`,
    );
    await refuses(t, 401, ['  admin.example.com\t', 'admin.example.com ']);
    for (const [authority, host] of [
      ['admin.example.com', 'admin.example.com'],
      ['ADMIN.example.com:80', 'ADMIN.example.com:80'],
      ['ADMIN.example.com', 'admin.example.com.:80'],
    ] as const)
      t.strictSame(brief(await asked(`http://${authority}/x`, `Host: ${host}`)), refused(401), authority);
  },
);

t.test(
  'CVE-2026-42273 (Heimdall): the most specific host decides, however the others are spelled',
  async (t) => {
    for (const [host, route] of Object.entries({
      'x.admin.example.com': 'wildcard',
      'X.EXAMPLE.COM.': 'wildcard',
      'xn--dmin-moa.example.com': 'wildcard',
      'admin_.x.example.com': 'wildcard',
      'admin.example.org': 'any',
      'example.com': 'any',
      'xexample.com': 'any',
      'admin.example.com.evil.test': 'any',
      '127.0.0.1:80': 'any',
    })) {
      const outcome = await hosted(host);
      const canonical = host.toLowerCase().replace(/\.?(?::\d+)?$/, '');
      t.match(outcome.seen, { route, host: canonical }, host);
      t.strictSame(brief(outcome), passed(plain('/x', { host: canonical })), host);
    }
    const { lines, seen } = await hosted('[::1]:8080');
    t.match(seen, { route: 'any', host: '[::1]' });
    t.ok(lines.includes('Forwarded: for=127.0.0.1;host="[::1]";proto=http'), 'an IPv6 address is quoted');
  },
);

t.test(
  'CVE-2026-42273 (Heimdall): a preserved host goes on as it was written, beside the canonical one',
  async (t) => {
    const { seen, lines } = await hosted('Kept.Example.COM.:8080');
    t.match(seen, { host: 'kept.example.com', route: 'kept' });
    t.strictSame(
      lines.filter((line) => /^(?:x-forwarded-)?host:/i.test(line)),
      ['host: Kept.Example.COM.:8080', 'X-Forwarded-Host: kept.example.com'],
    );
  },
);

t.test('CVE-2026-42273 (Heimdall): two hosts, none, or one that is no host are refused', async (t) => {
  const [admin, lax] = ['Host: admin.example.com', 'Host: x.example.com'];
  for (const lines of [
    [],
    ['X-Forwarded-Host: x.example.com'],
    [admin, lax],
    [lax, admin],
    [lax, lax],
    [lax, 'A: b', 'hOST: admin.example.com'],
    [lax, 'Host:'],
    ['Host:', admin],
    [lax, 'Host : admin.example.com'],
    [lax, ' admin.example.com'],
    [`${lax}\radmin`],
    [`${lax}\0`],
  ])
    t.strictSame(brief(await asked('/x', ...lines)), refused(400), JSON.stringify(lines));
  await refuses(
    t,
    400,
    words`. .. .example.com admin.example.com.. - * *.example.com admin.example.com: admin.example.com:0 admin.example.com:99999
      admin.example.com:x admin.example.com:80:80 admin.example.com:-1 admin.example.com:+80 %61dmin.example.com
      admin.example.com%00 admin.example.com%2ex u@admin.example.com admin.example.com/x admin.example.com?x
      admin.example.com#x admin.example.com\y http://admin.example.com //admin.example.com [::1 ::1 [::1]x [x] []
      [::1%25eth0]`,
  );
  await refuses(t, 400, ['', '\u00e4.example.com', 'admin.example.com \u00a0']);
});

t.test(
  'CVE-2026-42273 (Heimdall): a target with an authority of its own is refused unless it is the Host',
  async (t) => {
    for (const authority of words`x.example.com admin.example.com:81 admin.example.com@x.example.com x@admin.example.com
    admin.example.com: admin.example.com.. admin.example.com%2f %61dmin.example.com admin.example.com\ admin.example.com;`)
      t.strictSame(
        brief(await asked(`http://${authority}/x`, 'Host: admin.example.com')),
        refused(400),
        authority,
      );
    for (const name of words`X-Forwarded-Host X-Host X-Original-Host Forwarded X-Forwarded-Server X_Forwarded_Host`)
      t.strictSame(
        brief(await asked('/x', 'Host: admin.example.com', `${name}: x.example.com`)),
        refused(401),
        `${name} decides nothing`,
      );
  },
);

t.test('GHSA-4jgr-pg2m-m988 (Heimdall): no Host writes anything into Forwarded but itself', async (t) => {
  await refuses(t, 400, [
    'a;for=1.2.3.4',
    'a,for=1.2.3.4',
    'a, for=1.2.3.4',
    'a;proto=https',
    '"a";for=b',
    'a=b',
  ]);
  const marks = ' !"#$%&\'()*+,/;<=>?@[\\]^`{|}~\t'.split('');
  await refuses(
    t,
    400,
    marks.flatMap((mark) => [`a${mark}b`, `a${mark}:80`]),
  );
  t.strictSame(
    brief(await asked('/x', 'Host: a', 'X-Forwarded-Host: a;for=1.2.3.4', 'Forwarded: for=1.2.3.4')),
    passed(plain('/x', { host: 'a' })),
  );
});

t.test(
  'CVE-2026-55602 (http-proxy-middleware): a host is compared whole, and never with the path',
  async (t) => {
    for (const host of words`evillocalhost:3000 localhost.evil.test localhost.evil.test:3000 evil-admin.example.com localhostx`)
      t.match(
        (await hosted(host, '/localhost')).seen,
        { route: /^(?:any|wildcard)$/, path: '/localhost' },
        host,
      );
    for (const host of words`localhost localhost:1 LocalHost.`)
      t.strictSame(brief(await hosted(host, '/evil.test/x.example.com')), refused(401), host);
    await refuses(t, 400, words`evil.test/localhost localhost/evil.test evil.test:localhost`);
  },
);
