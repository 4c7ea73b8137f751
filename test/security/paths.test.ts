/**
 * Advisories about paths that two programs read differently. Each target is sent as it stands here, over a bare connection, and either
 * it is refused and nothing reaches the upstream, or the upstream gets the very path that the policy was asked about.
 */
import t, { type Test } from 'tap';
import { brief, get, passed, plain, refused, startJudged, words } from '../support/judged.ts';

const { ask } = await startJudged(t, {
  routes: `
  - { name: all, match: { path: "/**" }, service: api, token: none, policy: judge/all }
  - { name: admin, match: { path: "/admin/**" }, service: api, policy: judge/admins }
  - { name: item, match: { path: "/items/{id}" }, service: api, token: none, policy: judge/all }
  - { name: files, match: { path: "/files/**" }, service: api, token: none, policy: judge/all,
      ambiguous_paths: { allow: ["%2F", "%3F", "%23", "%25", ";", "//"] } }`,
});

/** All of these are refused with this status. */
async function refuses(t: Test, status: number, targets: readonly string[]): Promise<void> {
  for (const target of targets)
    t.strictSame(brief(await ask(get(target))), refused(status), `${JSON.stringify(target)} is ${status}`);
}

/** Each is admitted: the upstream gets what stands beside it, of which the policy judged the path, perhaps in these segments. */
type Passed = Readonly<Record<string, string | readonly [target: string, ...segments: string[]]>>;

async function passes(t: Test, targets: Passed): Promise<void> {
  for (const [target, expected] of Object.entries(targets)) {
    const outcome = await ask(get(target));
    const [sent = '', ...segments] = [expected].flat();
    t.strictSame(brief(outcome), passed(plain(sent)), `${target} is forwarded as ${sent}`);
    t.equal(outcome.seen?.path, sent.replace(/\?.*$/, ''), `${target}: the policy judged what was sent`);
    if (segments.length > 0)
      t.strictSame(outcome.seen?.segments, segments, `${target}: it judged these segments`);
  }
}

t.test('CVE-2026-26205 (opa-envoy-plugin): //admin/people is not the path /people of a host', async (t) => {
  await refuses(
    t,
    400,
    words`//admin/people ///admin/people //admin@host/people //api.example.com/admin/people /admin//people /public//admin
      // /public// http://api.example.com//admin/people /\admin/people \\admin/people /%5Cadmin/people /%5c/admin /%2Fadmin/people`,
  );
  await refuses(t, 401, words`/admin/people http://api.example.com/admin/people`);
  await passes(t, {
    '/files//admin/people': ['/files//admin/people', 'files', '', 'admin', 'people'],
    '/people': ['/people', 'people'],
    'HTTP://api.example.com/people?a': ['/people?a', 'people'],
    'http://api.example.com': '/',
    'http://api.example.com?a=/admin': '/?a=/admin',
  });
});

const DOTS = words`.. %2e%2e %2E%2E .%2e %2E. %2e. . %2e %2E`;
const HIDDEN_DOTS = words`%252e%252e %25%32%65%25%32%65 %25252e%25252e ..%00 ..%01 ..; ..;x=1 %2e%2e; ..%3b ..%3Bx .; %c0%ae%c0%ae
  %C0%AE. %e0%80%ae%e0%80%ae %u002e%u002e %uff0e %%32%65%%32%65 %ef%bc%8e%ef%bc%8e %E2%80%A5 .%E2%80%8B. .%C2%AD. ..%20%00 ..%5c
  ..%255c ..\ ..%c0%af`;

t.test(
  'GHSA-p224-6x5r-fjpm (Oathkeeper): /public/../admin/secrets is refused before it is matched',
  async (t) => {
    const places = (dots: string): string[] => [
      `/public/${dots}/admin/secrets`,
      `/files/${dots}/admin/secrets`,
      `/admin/x/${dots}/secrets`,
      `/items/${dots}`,
      `/${dots}/admin/secrets`,
      `/public/${dots}`,
      `/public/${dots}?x=1`,
      `http://api.example.com/public/${dots}/admin/secrets`,
    ];
    await refuses(t, 400, DOTS.flatMap(places));
  },
);

t.test('CVE-2026-42274 (Heimdall): dot segments are refused in any encoding and case', async (t) => {
  const places = (dots: string): string[] => [
    `/public/${dots}/admin/x`,
    `/public/${dots}%2fadmin%2Fx`,
    `/files/${dots}/admin/x`,
    `/files/a%2f${dots}%2F..%2fadmin`,
  ];
  await refuses(t, 400, [...DOTS, ...HIDDEN_DOTS].flatMap(places));
  await passes(t, {
    '/files/...': '/files/...',
    '/files/..a/.b/c..': '/files/..a/.b/c..',
    '/files/%2e%2ea': '/files/..a',
  });
});

t.test('CVE-2026-42272 (Heimdall): %2f is as ambiguous as %2F', async (t) => {
  await refuses(
    t,
    400,
    words`/admin%2Fpeople /admin%2fpeople /public%2f..%2fadmin /public/a%2fb /public/a%2F /%2f /items/a%2fb /items/a%2Fb /items/%2f
      /a%252fb /a%252Fb /a%25%32%46b /a%c0%afb /a%C0%2Fb /a%e2%81%84b /a%EF%BC%8Fb /a%E2%88%95b /a%u2215b`,
  );
  await passes(t, {
    '/files/a%2fb': ['/files/a%2Fb', 'files', 'a/b'],
    '/files/a%2Fb': ['/files/a%2Fb', 'files', 'a/b'],
    '/files/%2Fadmin': ['/files/%2Fadmin', 'files', '/admin'],
  });
});

t.test(
  'CVE-2019-9901, CVE-2021-29492 (Envoy): no dot segment or escaped slash leads to a prefix',
  async (t) => {
    await refuses(
      t,
      400,
      words`/info/../admin/x /info/%2e%2e/admin/x /info/..%2fadmin /info%2f..%2fadmin /a%2fb /a%5cb /info\..\admin /info/..\admin/x
      /a%5Cb /files/a%5cb /files/..%5Cadmin`,
    );
  },
);

t.test('CVE-2021-32779 (Envoy): a # in the target is refused, wherever it stands', async (t) => {
  await refuses(
    t,
    400,
    words`/a#x /public/a#/../../admin/x /admin/people# /# /a?b#c /a?# # #/admin /files/a#b http://api.example.com#/admin
      http://api.example.com/a#b http://api.example.com?a#b /a%23b /public/%23/../admin /a%2523b`,
  );
  await passes(t, { '/files/a%23b': ['/files/a%23b', 'files', 'a#b'], '/a?b=%23c': '/a?b=%23c' });
});

t.test('CVE-2026-33186 (grpc-go): a target without its leading slash is no path', async (t) => {
  await refuses(
    t,
    400,
    words`admin/people Service/Method admin * ?x=/admin . ../admin %2Fadmin ;/admin \admin api.example.com/admin/people ://admin
      api.example.com:80 @api.example.com/admin http:/admin http:admin http:///admin https://api.example.com/admin
      ftp://api.example.com/ file:///admin javascript://api.example.com/ http://admin.example.com/ http://api.example.com@evil/
      http://u:p@api.example.com/ http://api.example.com:81/ http://api.example.com%2f/ http://api.example.com\@evil/`,
  );
});

t.test(
  'CVE-2025-66490 (Traefik): no encoded slash, backslash, NUL, ; ? or # passes a guarded prefix',
  async (t) => {
    const hidden = [...words`%2F %2f %5C %5c %00 %3B %3b %3F %3f %23 ; \ `, '\0'];
    const places = (c: string): string[] => [
      `/admin${c}people`,
      `/admin${c}`,
      `/${c}admin/people`,
      `/x${c}/admin/people`,
      ...(c.startsWith('%') ? [`/admin%25${c.slice(1)}people`] : []),
    ];
    await refuses(t, 400, hidden.flatMap(places));
    await refuses(
      t,
      400,
      words`/admin%01 /admin%0a /admin%7F /admin%c2%85 /admin%09 /admin% /admin%2 /admin%zz`,
    );
    await refuses(t, 401, words`/admin/%20 /admin/%2D /admin?/x /admin?; /admin?%00`);
    await passes(t, {
      '/files/a;b=c%3Fd': ['/files/a;b=c%3Fd', 'files', 'a;b=c?d'],
      '/files/%2561': ['/files/%2561', 'files', '%61'],
    });
  },
);

t.test('CVE-2026-32811 (Heimdall): a query is no part of the path, and %3F begins none', async (t) => {
  await refuses(t, 401, words`/admin/people?x=1 /admin? /admin??x /admin/people?/../public /admin/?public`);
  await refuses(t, 400, words`/admin/people%3Fx=1 /admin%3fpublic /public%3F/../admin /admin%253Fx`);
  await refuses(t, 400, ['/a?b c', '/a?\u00e4', '/a?\0', '/a?\x7f', '/a?\t']);
  await passes(t, {
    '/public?/../admin//x;%2f': ['/public?/../admin//x;%2f', 'public'],
    '/public?x=%zz&%00=%': ['/public?x=%zz&%00=%', 'public'],
    '/files/a%3Fx=1?y': ['/files/a%3Fx=1?y', 'files', 'a?x=1'],
  });
});

t.test(
  'CVE-2026-22037 (@fastify/express), CVE-2026-14198 (@fastify/middie): an escaped letter is the letter',
  async (t) => {
    await refuses(
      t,
      401,
      words`/%61dmin/people /%61%64%6D%69%6e/people /admi%6E /%61dmin/ /admin/%70eople /admin/ /admin`,
    );
    await refuses(t, 400, words`/%2561dmin/people /admin/a%2Fb /items/a%2Fb /items/..%2Fadmin /%u0061dmin`);
    await refuses(t, 404, words`/Admin /ADMIN/ /%41dmin /adm%C4%B1n /%EF%BD%81dmin /admi%E2%93%9D`);
    await passes(t, {
      '/items/%61%7E%2D': ['/items/a~-', 'items', 'a~-'],
      '/items/a%20b%c3%a4': ['/items/a%20b%C3%A4', 'items', 'a b\u00e4'],
    });
  },
);

t.test(
  'CVE-2021-43557 (APISIX): the canonical path is matched, and never the one that was written',
  async (t) => {
    await refuses(
      t,
      400,
      words`/./admin/people /public/../admin/people //admin/people /public/.%2e/admin /admin/./people /admin/.`,
    );
    await refuses(t, 401, words`/admin/%7Eroot /%61dmin`);
    await passes(t, {
      '/public/%7eroot/a%3a%40': '/public/~root/a%3A%40',
      '/public/[a]|{b}^`': '/public/%5Ba%5D%7C%7Bb%7D%5E%60',
    });
  },
);
